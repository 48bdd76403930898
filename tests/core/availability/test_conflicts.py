import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.core.availability import (
    Conflict,
    busy_by_space,
    busy_times,
    find_conflicts,
    free_slots,
    full_times,
)
from booking.core.intervals import Interval, subtract
from booking.core.values import Hold, Space, SpaceKind
from tests.core.availability.helpers import DAY, HOUR, hold, holds, hours, intervals


def room(space_id: int, *, lanes: int = 1, part_ids: tuple[int, ...] = ()) -> Space:
    return Space(space_id, 1, SpaceKind.MEETING_ROOM, "Room", lanes=lanes, part_ids=part_ids)


def test_find_conflicts_pairs_in_order() -> None:
    late, early = hold(11, 12), hold(8.5, 9.5)
    found = find_conflicts([hours(11, 13), hours(9, 11.5)], [late, early, hold(13, 14)])
    assert found == [
        Conflict(hours(9, 11.5), early),
        Conflict(hours(9, 11.5), late),
        Conflict(hours(11, 13), late),
    ]


def test_find_conflicts_of_touching_times_are_none() -> None:
    assert find_conflicts([hours(9, 10)], [hold(8, 9), hold(10, 11)]) == []


def test_find_conflicts_sees_a_hold_that_has_run_for_long() -> None:
    years = Hold(1, Interval(DAY - timedelta(days=999), DAY + timedelta(days=999)))
    assert find_conflicts([hours(9, 10), hours(9, 10, day=7)], [years, hold(8, 9)]) == [
        Conflict(hours(9, 10), years),
        Conflict(hours(9, 10, day=7), years),
    ]


@given(st.lists(intervals, max_size=12), st.lists(holds, max_size=12))
def test_find_conflicts_equals_the_quadratic_definition(
    wanted: list[Interval], held: list[Hold]
) -> None:
    expected = [
        Conflict(each, other)
        for each in sorted(wanted)
        for other in sorted(held, key=lambda it: (it.interval, it.part_id, it.lane))
        if each.overlaps(other.interval)
    ]
    assert find_conflicts(wanted, held) == expected


@given(st.lists(intervals, max_size=10), st.integers(1, 4))
def test_full_times_are_where_as_many_run_as_there_are_lanes(
    running: list[Interval], lanes: int
) -> None:
    full = full_times(running, lanes)
    for quarter in range(130):
        instant = DAY + quarter * HOUR / 4
        number = sum(each.contains(instant) for each in running)
        assert any(each.contains(instant) for each in full) == (number >= lanes)
    assert all(one.end < other.start for one, other in itertools.pairwise(full))


def test_busy_times_of_a_combined_space_are_those_of_all_its_parts() -> None:
    held = [hold(9, 10, part_id=1), hold(9.5, 11, part_id=2), hold(12, 13, part_id=3)]
    assert busy_times(room(4, part_ids=(1, 2)), held) == [hours(9, 11)]


def test_busy_by_space_answers_for_each() -> None:
    spaces = [room(1, part_ids=(1,)), room(4, part_ids=(1, 2)), room(5)]
    held = [hold(9, 10, part_id=1), hold(9.5, 11, part_id=2)]
    assert busy_by_space(spaces, held) == {1: [hours(9, 10)], 4: [hours(9, 11)], 5: []}


def test_busy_times_of_a_shared_space_are_those_without_a_free_lane() -> None:
    held = [hold(9, 11, lane=0), hold(10, 12, lane=1)]
    assert busy_times(room(1, lanes=2), held) == [hours(10, 11)]
    assert busy_times(room(1, lanes=3), held) == []


def test_free_slots_start_at_quarter_hours() -> None:
    window, busy = hours(9.1, 11), [hours(9.5, 9.9)]
    assert free_slots(window, busy, HOUR / 3) == [
        Interval(DAY + start * HOUR, DAY + start * HOUR + HOUR / 3) for start in (10, 10.25, 10.5)
    ]


def test_free_slots_before_1970_keep_to_the_clock() -> None:
    window = hours(9.1, 10).shifted(timedelta(days=-30000))
    (first, *_) = free_slots(window, [], HOUR / 2)
    assert (first.start.hour, first.start.minute) == (9, 15)


@given(intervals, st.lists(intervals, max_size=6), st.integers(1, 8))
def test_free_slots_are_all_that_fit(window: Interval, busy: list[Interval], length: int) -> None:
    long = length * HOUR / 4
    expected = [
        Interval(start, start + long)
        for start in (DAY + quarter * HOUR / 4 for quarter in range(130))
        if any(gap.covers(Interval(start, start + long)) for gap in subtract(window, busy))
    ]
    assert free_slots(window, busy, long) == expected
