"""Which time a lease takes, and which shares: nothing twice, and nothing refused without need."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.core.intervals import Interval, merge
from booking.core.letting import (
    LAST_DAY,
    WEEKDAYS_AHEAD,
    free_lanes,
    lanes_together,
    let_times,
    other_tenants,
    too_full,
)
from booking.core.values import Hold, Layer, Tenancy

DAY = timedelta(days=1)
EPOCH = datetime(2027, 1, 1, tzinfo=UTC)
PARIS = "Europe/Paris"


def days(first: int, last: int) -> Interval:
    return Interval(EPOCH + first * DAY, EPOCH + last * DAY)


def held(lane: int, first: int, last: int, key: int) -> Hold:
    return Hold(1, days(first, last), Layer.LET, lane, lease_id=key, id=key)


def test_whole_lease_is_one_interval_between_midnights_of_the_site() -> None:
    (found,) = let_times(date(2027, 3, 1), date(2027, 3, 31), (), PARIS)
    assert found.start == datetime(2027, 2, 28, 23, tzinfo=UTC)
    assert found.end == datetime(2027, 3, 31, 22, tzinfo=UTC)  # the clocks went forward


def test_open_lease_reaches_to_the_last_day() -> None:
    (found,) = let_times(date(2027, 3, 1), None, frozenset(range(7)), "UTC")
    assert found.end.date() == LAST_DAY + DAY


def test_weekdays_that_follow_each_other_are_one_interval() -> None:
    found = let_times(date(2027, 3, 1), date(2027, 3, 14), {0, 1, 4}, "UTC")
    assert [(each.start.day, each.length.days) for each in found] == [
        (1, 2), (5, 1), (8, 2), (12, 1),
    ]  # fmt: skip


def test_weekdays_without_an_end_are_taken_for_ten_years() -> None:
    found = let_times(date(2027, 3, 1), None, {0}, "UTC")
    assert len(found) == 522
    assert found[-1].start.date() <= date(2027, 3, 1) + WEEKDAYS_AHEAD


@pytest.mark.parametrize(
    ("lanes", "shares", "together"), [(1, 1, 1), (2, 3, 6), (6, 4, 12), (12, 5, 60), (7, 11, None)]
)
def test_lanes_together(lanes: int, shares: int, together: int | None) -> None:
    assert lanes_together(lanes, shares) == together


def test_lease_goes_on_in_another_lane() -> None:
    """No lane is free from end to end, and never more than one of two is taken."""
    busy = [held(0, 0, 10, 1), held(1, 10, 20, 2)]
    assert free_lanes([days(0, 20)], 1, lanes=2, held=busy) == [(0, days(10, 20)), (1, days(0, 10))]


def test_too_full_names_what_is_in_the_way_and_since_when() -> None:
    busy = [held(0, 0, 10, 1), held(1, 5, 20, 2), held(0, 18, 30, 3)]
    assert free_lanes([days(0, 16)], 1, lanes=2, held=busy) is None
    assert too_full([days(0, 16)], 1, lanes=2, held=busy) == {
        1: EPOCH + 5 * DAY,
        2: EPOCH + 5 * DAY,
    }


spans = st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda at: (at[0], at[0] + at[1]))


@given(
    asked=st.lists(st.tuples(spans, st.integers(1, 4)), max_size=12),
    wanted=st.lists(spans, min_size=1, max_size=4),
    count=st.integers(1, 4),
)
def test_shares_are_never_let_twice_and_never_refused_without_need(
    asked: list[tuple[tuple[int, int], int]], wanted: list[tuple[int, int]], count: int
) -> None:
    """Leases come one after the other into four lanes; the last one is looked at closely."""
    lanes, holds, key = 4, list[Hold](), 0
    for (first, last), number in asked:
        for lane, when in free_lanes([days(first, last)], number, lanes=lanes, held=holds) or ():
            key += 1
            holds.append(Hold(1, when, Layer.LET, lane, lease_id=key, id=key))
    times = merge(days(*each) for each in wanted)
    found = free_lanes(times, count, lanes=lanes, held=holds)
    taken_by_day = {
        day: sum(each.interval.contains(EPOCH + day * DAY) for each in holds) for day in range(50)
    }
    asked_for = [
        day for day in range(50) if any(each.contains(EPOCH + day * DAY) for each in times)
    ]
    assert (found is None) == any(lanes - taken_by_day[day] < count for day in asked_for)
    in_way = too_full(times, count, lanes=lanes, held=holds)
    assert bool(in_way) == (found is None)
    for lane, when in found or ():
        assert not any(each.lane == lane and each.interval.overlaps(when) for each in holds)
    if found is not None:
        for day in range(50):
            at = EPOCH + day * DAY
            own = {lane for lane, when in found if when.contains(at)}
            assert len(own) == (count if day in asked_for else 0)


def test_other_tenants() -> None:
    let = [
        Tenancy(1, days(0, 10), 1, "Ours"),
        Tenancy(1, days(10, 20), 2, "Theirs"),
        Tenancy(1, days(15, 20), 1, "Ours"),
    ]
    assert other_tenants([days(2, 3)], let, 1) == []
    assert other_tenants([days(2, 3)], let, 2) == ["Ours"]
    assert other_tenants([days(2, 3)], let, None) == ["Ours"]
    assert other_tenants([days(9, 11)], let, 1) == ["Theirs"]
    assert other_tenants([days(16, 17)], let, 1) == []  # they share it
    assert other_tenants([days(30, 31)], let, None) == []
