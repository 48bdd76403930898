from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from booking.core.availability import (
    Packing,
    assign_lanes,
    fewest_in_the_way,
    full_times,
    repack,
)
from booking.core.intervals import Interval
from booking.core.values import Hold
from tests.core.availability.helpers import hold, hours, intervals


def test_assign_lanes_takes_the_first_free_one() -> None:
    held = [hold(9, 10, lane=0), hold(9, 10, lane=2), hold(10, 11, lane=1)]
    assert assign_lanes(hours(9, 10), 3, held) == 1
    assert assign_lanes(hours(10, 11), 3, held) == 0


def test_assign_lanes_of_a_full_space_is_none() -> None:
    assert assign_lanes(hours(9, 11), 2, [hold(9, 10, lane=0), hold(10, 11, lane=1)]) is None


def test_repack_joins_what_leaves_no_single_lane_free() -> None:
    first, second = hold(9, 10, lane=0), hold(10, 11, lane=1)
    packing = repack(hours(9, 11), 2, movable=[first, second])
    assert packing == Packing(1, ((second, 0),))


def test_repack_moves_nothing_without_need() -> None:
    held = [hold(8, 10, lane=1), hold(10, 12, lane=1), hold(14, 15, lane=1)]
    assert repack(hours(9, 11), 2, movable=held) == Packing(0)


def test_repack_goes_round_what_is_fixed() -> None:
    fixed, movable = hold(9, 10, lane=1), hold(10, 11, lane=0)
    assert repack(hours(9, 11), 2, movable=[movable], fixed=[fixed]) == Packing(0, ((movable, 1),))
    assert repack(hours(9, 11), 2, movable=[], fixed=[fixed, movable]) is None


def test_repack_of_a_full_space_is_none() -> None:
    held = [hold(9, 10, lane=0), hold(9.5, 11, lane=1)]
    assert repack(hours(9, 11), 2, movable=held) is None


def stored(wanted: list[Interval], lanes: int) -> list[Hold]:
    """Holds as they come to be stored: each in its first free lane, or not at all."""
    held: list[Hold] = []
    for each in wanted:
        lane = assign_lanes(each, lanes, held)
        held += [] if lane is None else [Hold(1, each, lane=lane)]
    return held


@given(intervals, st.lists(intervals, max_size=14), st.integers(1, 4))
def test_repack_finds_a_packing_whenever_there_is_one(
    wanted: Interval, asked: list[Interval], lanes: int
) -> None:
    held = stored(asked, lanes)
    packing = repack(wanted, lanes, movable=held)
    full = full_times([each.interval for each in held], lanes)
    assert (packing is None) == any(each.overlaps(wanted) for each in full)
    if packing is not None:
        moves = dict(packing.moves)
        after = [(wanted, packing.lane)]
        after += [(each.interval, moves.get(each, each.lane)) for each in held]
        for number, (one, lane) in enumerate(after):
            assert lane in range(lanes)
            others = after[number + 1 :]
            assert not any(one.overlaps(other) for other, its in others if its == lane)


def test_fewest_in_the_way_is_what_runs_longest() -> None:
    short, long, later = hold(9, 10), hold(9, 12, lane=1), hold(10, 11)
    held = [replace(each, allocation_id=n) for n, each in enumerate((short, long, later))]
    assert fewest_in_the_way(hours(9, 11), 2, held) == [held[1]]
    assert fewest_in_the_way(hours(9, 11), 3, held) == []
    assert fewest_in_the_way(hours(11, 12), 1, held) == [held[1]]
    assert fewest_in_the_way(hours(12, 13), 1, held) == []


def test_fewest_in_the_way_leaves_closures() -> None:
    closed = [hold(9, 10, lane=each) for each in range(2)]
    assert fewest_in_the_way(hours(9, 10), 2, closed) == []


def test_fewest_in_the_way_takes_all_lanes_of_a_booking() -> None:
    whole = [replace(hold(9, 11, lane=each), allocation_id=1) for each in range(2)]
    gone = fewest_in_the_way(hours(9, 10), 2, whole)
    assert {each.allocation_id for each in gone} == {1}


@given(st.lists(intervals, max_size=7), intervals, st.integers(1, 3))
def test_fewest_in_the_way_are_as_few_as_can_be(
    times: list[Interval], wanted: Interval, lanes: int
) -> None:
    """Nobody finds a smaller choice by trying them all; without the found one there is room."""
    held = [Hold(1, each, allocation_id=number) for number, each in enumerate(times)]
    gone = fewest_in_the_way(wanted, lanes, held)

    def has_room(without: Iterable[Hold]) -> bool:
        left = [each.interval for each in held if each not in without]
        return not any(each.overlaps(wanted) for each in full_times(left, lanes))

    assert has_room(gone)
    assert not any(
        has_room(tried) for count in range(len(gone)) for tried in combinations(held, count)
    )
