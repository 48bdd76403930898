from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.core.availability import Alternative, Reason, alternatives
from booking.core.intervals import Interval, subtract
from booking.core.recurrence import to_utc
from booking.core.values import Space, SpaceKind
from tests.core.availability.helpers import DAY, HOUR, hours, intervals

QUARTER = HOUR / 4
OPEN = [hours(8, 20, day) for day in range(4)]
NONE = timedelta(0)


def room(
    space_id: int,
    capacity: int | None = 10,
    *,
    kind: SpaceKind = SpaceKind.MEETING_ROOM,
    setup: timedelta = NONE,
    cleanup: timedelta = NONE,
    part_ids: tuple[int, ...] = (),
    bookable: bool = True,
) -> Space:
    return Space(
        space_id,
        1,
        kind,
        f"Room {space_id}",
        capacity=capacity,
        setup=setup,
        cleanup=cleanup,
        part_ids=part_ids,
        bookable=bookable,
    )


def ask(
    wanted: list[Interval],
    busy: dict[int, list[Interval]],
    *,
    spaces: tuple[Space, ...] = (room(1),),
    others: tuple[Space, ...] = (),
    open_hours: list[Interval] = OPEN,
    now: datetime = DAY,
    attendance: int | None = None,
    most: int = 4,
) -> list[Alternative]:
    return alternatives(
        wanted,
        spaces,
        others=others,
        busy=busy,
        open_hours=open_hours,
        now=now,
        attendance=attendance,
        most=most,
    )


def times(found: list[Alternative]) -> list[Interval]:
    return [each.interval for each in found if each.reason is Reason.OTHER_TIME]


def sets(found: list[Alternative]) -> list[tuple[int, ...]]:
    return [each.space_ids for each in found if each.reason is Reason.OTHER_SPACE]


# --- other times ---


def test_other_times_are_the_nearest_of_each_gap_then_of_the_next_days() -> None:
    busy = {1: [hours(9, 11), hours(13, 14)]}
    assert times(ask([hours(10, 11)], busy)) == [
        hours(11, 12),
        hours(8, 9),
        hours(14, 15),
        hours(10, 11, day=1),
    ]


def test_other_times_name_all_spaces_and_the_reason() -> None:
    spaces = (room(1), room(2))
    busy = {1: [hours(9, 10)], 2: [hours(10, 11)]}
    assert ask([hours(9, 10)], busy, spaces=spaces, most=1) == [
        Alternative((1, 2), hours(8, 9), Reason.OTHER_TIME)
    ]


def test_other_times_are_never_in_the_past() -> None:
    busy = {1: [hours(10, 11)]}
    found = times(ask([hours(10, 11)], busy, now=DAY + 9.3 * HOUR, most=9))
    assert found[0] == hours(11, 12)
    assert min(found) == hours(11, 12)


def test_other_times_keep_the_buffers_free_on_both_sides() -> None:
    spaces = (room(1, setup=HOUR / 2, cleanup=QUARTER),)
    busy = {1: [hours(9.5, 11), hours(14, 15)]}
    found = times(ask([hours(10, 11)], busy, spaces=spaces))
    assert found[:3] == [hours(11.5, 12.5), hours(8.25, 9.25), hours(15.5, 16.5)]


def test_other_times_fit_a_gap_exactly_that_is_no_whole_number_of_quarters() -> None:
    fifty = Interval(DAY + 10 * HOUR, DAY + 10 * HOUR + timedelta(minutes=50))
    busy = {1: [hours(8, 12), Interval(DAY + 12 * HOUR + fifty.length, DAY + 20 * HOUR)]}
    assert times(ask([fifty], busy, most=1)) == [fifty.shifted(2 * HOUR)]


def test_other_times_are_quarter_hours_for_an_uneven_wish() -> None:
    wanted = Interval(DAY + timedelta(hours=10, minutes=7), DAY + 11 * HOUR)
    found = times(ask([wanted], {1: [hours(10, 11)]}))
    assert all(each.start.minute % 15 == 0 for each in found)
    assert found[0].start == DAY + 11 * HOUR


def test_other_times_stay_within_opening_hours() -> None:
    found = times(ask([hours(19, 20)], {1: [hours(17.5, 20)]}))
    assert found[:2] == [hours(16.5, 17.5), hours(19, 20, day=1)]


def test_other_times_for_a_wish_that_reaches_past_closing() -> None:
    assert times(ask([hours(19.5, 20.5)], {1: [hours(20, 21)]}))[0] == hours(19, 20)


def test_other_times_without_opening_hours_are_none() -> None:
    assert ask([hours(10, 11)], {1: [hours(10, 11)]}, open_hours=[]) == []


def test_other_times_of_a_whole_day_are_other_whole_days() -> None:
    wanted, busy = hours(0, 24), {1: [hours(9, 10), hours(9, 10, day=2)]}
    assert times(ask([wanted], busy)) == [hours(0, 24, day=1), hours(0, 24, day=3)]


def test_other_times_keep_the_time_of_day_over_the_spring_change() -> None:
    def at(day: int, start: int, end: int) -> Interval:
        days = [datetime.combine(date(2027, 3, day), time(hour)) for hour in (start, end)]
        return Interval(to_utc(days[0], "Europe/Paris"), to_utc(days[1], "Europe/Paris"))

    busy = {1: [at(27, 8, 20)]}
    found = ask([at(27, 10, 11)], busy, open_hours=[at(27, 8, 20), at(28, 8, 20), at(29, 8, 20)])
    assert times(found) == [at(28, 10, 11), at(29, 10, 11)]


def test_other_times_of_a_series_suit_all_its_dates() -> None:
    wanted = [hours(10, 11, day) for day in range(3)]
    busy = {1: [hours(10, 12), hours(12, 13, day=1), hours(8, 10, day=2)]}
    found = ask(wanted, busy, most=9)
    # 8 to 10 is free on two days, 12 to 13 on two others: none will do.
    assert times(found) == [hours(13, 14)]


def test_other_times_of_a_series_do_not_move_it_to_other_days() -> None:
    wanted = [hours(10, 11, day) for day in range(3)]
    assert times(ask(wanted, {1: [hours(8, 20, day=1)]})) == []


# --- other spaces ---


def test_other_spaces_come_smallest_sufficient_first() -> None:
    others = (room(2, 50), room(3, 12), room(4, 4), room(5, None), room(6, 10), room(7, 8))
    found = ask([hours(10, 11)], {1: [hours(10, 11)]}, others=others, most=9)
    assert sets(found) == [(6,), (3,), (2,), (7,), (4,), (5,)]


def test_other_spaces_hold_the_attendance() -> None:
    others = (room(2, 50), room(3, 12), room(4, 4), room(5, None), room(6, 8))
    found = ask([hours(10, 11)], {1: [hours(10, 11)]}, others=others, attendance=8, most=9)
    assert sets(found) == [(6,), (3,), (2,), (5,)]


def test_other_spaces_are_free_with_their_own_buffers() -> None:
    others = (room(2, setup=QUARTER), room(3, cleanup=QUARTER), room(4))
    busy = {1: [hours(10, 11)]} | {n: [hours(9, 10), hours(11, 12)] for n in (2, 3, 4)}
    assert sets(ask([hours(10, 11)], busy, others=others)) == [(4,)]


def test_other_spaces_are_of_the_same_kind_and_bookable() -> None:
    others = (room(2, kind=SpaceKind.EQUIPMENT), room(3, bookable=False))
    assert sets(ask([hours(10, 11)], {1: [hours(10, 11)]}, others=others)) == []


def test_other_spaces_suit_all_dates_of_a_series() -> None:
    wanted = [hours(10, 11, day) for day in range(3)]
    busy = {1: [hours(10, 11)], 2: [hours(10, 11, day=2)]}
    assert sets(ask(wanted, busy, others=(room(2), room(3)))) == [(3,)]


def test_other_spaces_replace_only_those_that_are_taken() -> None:
    spaces = (room(1), room(9, kind=SpaceKind.EQUIPMENT))
    found = ask([hours(10, 11)], {1: [hours(10, 11)]}, spaces=spaces, others=(room(2), room(3)))
    assert sets(found) == [(2, 9), (3, 9)]


def test_other_spaces_replace_several_by_different_ones() -> None:
    busy = {1: [hours(10, 11)], 2: [hours(10, 11)]}
    others = (room(3), room(4), room(5))
    found = ask([hours(10, 11)], busy, spaces=(room(1), room(2)), others=others)
    assert sets(found) == [(3, 4), (5, 3)]


def test_other_spaces_are_none_where_not_all_can_be_replaced() -> None:
    busy = {1: [hours(10, 11)], 2: [hours(10, 11)]}
    assert sets(ask([hours(10, 11)], busy, spaces=(room(1), room(2)), others=(room(3),))) == []


def test_other_spaces_share_no_part_with_those_that_stay() -> None:
    combined = room(7, part_ids=(2, 3))
    busy = {1: [hours(10, 11)]}
    found = ask([hours(10, 11)], busy, spaces=(room(1), room(2)), others=(combined, room(4)))
    assert sets(found) == [(4, 2)]


def test_other_spaces_for_a_time_in_the_past_are_none() -> None:
    late = DAY + 10.5 * HOUR
    assert sets(ask([hours(10, 11)], {1: [hours(10, 11)]}, others=(room(2),), now=late)) == []


def test_alternatives_of_nothing_are_none() -> None:
    assert ask([], {}) == []


# --- properties ---

busy_days = st.dictionaries(st.integers(1, 4), st.lists(intervals, max_size=8))
buffers = st.sampled_from([NONE, timedelta(minutes=10), QUARTER, HOUR])


@given(
    st.lists(intervals, min_size=1, max_size=1) | st.just([hours(10, 11, day) for day in range(3)]),
    busy_days,
    buffers,
    buffers,
    st.integers(0, 48),
)
def test_no_alternative_meets_anything_busy(
    wanted: list[Interval],
    busy: dict[int, list[Interval]],
    setup: timedelta,
    cleanup: timedelta,
    quarter: int,
) -> None:
    spaces = {number: room(number, setup=setup, cleanup=cleanup) for number in range(1, 5)}
    now = DAY + quarter * QUARTER
    asked, others = (spaces[1], spaces[2]), (spaces[3], spaces[4])
    found = ask(wanted, busy, spaces=asked, others=others, now=now, most=50)
    assert found == ask(list(wanted), busy, spaces=asked, others=others[::-1], now=now, most=50)
    for each in found:
        shift = each.interval.start - wanted[0].start
        for interval in (one.shifted(shift) for one in wanted):
            assert interval.start >= now
            held = [
                taken
                for space_id in each.space_ids
                for taken in busy.get(space_id, [])
                if taken.overlaps(interval.padded(setup, cleanup))
            ]
            assert held == []
            if each.reason is Reason.OTHER_TIME and interval.length <= 12 * HOUR:
                assert any(day.covers(interval) for day in OPEN)


@given(intervals.filter(hours(0, 24).covers), st.lists(intervals, max_size=8))
def test_another_time_is_found_exactly_where_a_day_has_one(
    wanted: Interval, others: list[Interval]
) -> None:
    busy = [*others, wanted]
    longest = max(gap.length for day in OPEN for gap in subtract(day, busy))
    assert bool(times(ask([wanted], {1: busy}))) == (wanted.length <= longest)


@pytest.mark.parametrize("number", [1, 3])
def test_at_most_so_many_of_each_sort(number: int) -> None:
    others = tuple(room(n) for n in range(2, 9))
    found = ask([hours(10, 11)], {1: [hours(10, 11)]}, others=others, most=number)
    assert (len(times(found)), len(sets(found))) == (number, number)
