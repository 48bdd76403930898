# ruff: noqa: DTZ001  # wall-clock times are naive here

# wall-clock times are naive here

"""Daylight saving time, by the changes of Europe/Paris in 2027."""

from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from booking.core.recurrence import (
    ONCE,
    Instance,
    InvalidRule,
    clock_changes,
    describe_gap,
    expand,
    to_local,
    to_utc,
)
from tests.core.recurrence.helpers import EDGE, HOUR, PARIS, expand_text, starts, utc


def utc_times(instances: list[Instance]) -> list[str]:
    return [f"{each.interval.start:%m-%d %H:%M}-{each.interval.end:%H:%M}" for each in instances]


def test_weekly_0900_stays_0900_over_the_spring_change() -> None:
    found = expand_text("FREQ=WEEKLY;COUNT=2", datetime(2027, 3, 22, 9))
    assert utc_times(found) == ["03-22 08:00-09:00", "03-29 07:00-08:00"]


def test_weekly_0900_stays_0900_over_the_autumn_change() -> None:
    found = expand_text("FREQ=WEEKLY;COUNT=2", datetime(2027, 10, 25, 9))
    assert utc_times(found) == ["10-25 07:00-08:00", "11-01 08:00-09:00"]


def test_daily_0230_in_the_spring_gap_keeps_its_length() -> None:
    found = expand_text(
        "FREQ=DAILY;COUNT=3", datetime(2027, 3, 27, 2, 30), length=timedelta(minutes=45)
    )
    assert utc_times(found) == ["03-27 01:30-02:15", "03-28 01:30-02:15", "03-29 00:30-01:15"]
    assert starts(found)[1] == datetime(2027, 3, 28, 2, 30)


def test_daily_0230_in_the_autumn_overlap_is_the_first_one() -> None:
    found = expand_text(
        "FREQ=DAILY;COUNT=3", datetime(2027, 10, 30, 2, 30), length=timedelta(minutes=45)
    )
    # From the first 02:30 to the only 03:15 an hour more passes.
    assert utc_times(found) == ["10-30 00:30-01:15", "10-31 00:30-02:15", "11-01 01:30-02:15"]


def test_overnight_ends_by_the_wall_clock() -> None:
    spring = expand(datetime(2027, 3, 27, 22), 8 * HOUR, PARIS, until=EDGE)
    autumn = expand(datetime(2027, 10, 30, 22), 8 * HOUR, PARIS, until=EDGE)
    assert [each.interval.length for each in spring + autumn] == [7 * HOUR, 9 * HOUR]


def test_whole_days_of_23_and_25_hours_touch() -> None:
    found = expand_text("FREQ=DAILY;COUNT=3", datetime(2027, 3, 27), length=24 * HOUR)
    assert [each.interval.length for each in found] == [24 * HOUR, 23 * HOUR, 24 * HOUR]
    assert found[1].interval.end == found[2].interval.start


def test_two_and_three_oclock_of_the_spring_gap_are_one_hour() -> None:
    rdates = [datetime(2027, 3, 28, 3)]
    with pytest.raises(InvalidRule, match="overlapping_series"):
        expand(datetime(2027, 3, 28, 2), HOUR, PARIS, rdates=rdates, until=EDGE)


def test_further_dates_keep_the_wall_clock_over_both_changes() -> None:
    rdates = [datetime(2027, 3, 29, 9), datetime(2027, 11, 1, 9)]
    found = expand(datetime(2027, 3, 26, 9), HOUR, PARIS, rule=ONCE, rdates=rdates, until=EDGE)
    assert [each.interval.start for each in found] == [
        utc("2027-03-26T08:00"),
        utc("2027-03-29T07:00"),
        utc("2027-11-01T08:00"),
    ]


def test_until_in_utc_is_read_in_the_zone_of_the_series() -> None:
    text = "FREQ=DAILY;UNTIL=20270706T220000Z"  # midnight of the 7th in Paris
    assert starts(expand_text(text, datetime(2027, 7, 5)))[-1] == datetime(2027, 7, 7)
    assert starts(expand_text(text, datetime(2027, 7, 5, 1)))[-1] == datetime(2027, 7, 6, 1)


def test_until_as_date_counts_as_the_end_of_that_day() -> None:
    found = expand_text("FREQ=DAILY;UNTIL=20270106", datetime(2027, 1, 4, 22))
    assert starts(found)[-1] == datetime(2027, 1, 6, 22)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        (datetime(2027, 3, 28, 1, 59), None),
        (datetime(2027, 3, 28, 2), "gap"),
        (datetime(2027, 3, 28, 2, 59), "gap"),
        (datetime(2027, 3, 28, 3), None),
        (datetime(2027, 10, 31, 1, 59), None),
        (datetime(2027, 10, 31, 2), "overlap"),
        (datetime(2027, 10, 31, 2, 59), "overlap"),
        (datetime(2027, 10, 31, 3), None),
    ],
)
def test_describe_gap(local: datetime, expected: str | None) -> None:
    assert describe_gap(local, PARIS) == expected


def test_to_local_takes_any_aware_instant() -> None:
    assert to_local(utc("2027-07-01T10:00"), PARIS) == datetime(2027, 7, 1, 12)
    new_york = datetime.fromisoformat("2027-07-01T06:00-04:00")
    assert to_local(new_york, PARIS) == datetime(2027, 7, 1, 12)


@given(st.datetimes(datetime(2027, 1, 1), datetime(2028, 1, 1)), st.sampled_from([PARIS, "UTC"]))
def test_to_utc_and_back_where_the_clocks_are_plain(local: datetime, zone: str) -> None:
    assume(describe_gap(local, zone) != "gap")
    assert to_local(to_utc(local, zone), zone) == local


def test_clock_changes_of_dates() -> None:
    nights = [datetime(2027, 3, 27, 2, 30), datetime(2027, 3, 28, 2, 30), datetime(2027, 10, 31, 2)]
    assert clock_changes(nights, HOUR, PARIS) == [
        (datetime(2027, 3, 28, 2, 30), datetime(2027, 3, 28, 3, 30), "gap"),
        (datetime(2027, 10, 31, 2), datetime(2027, 10, 31, 2), "overlap"),
    ]
    assert clock_changes([datetime(2027, 3, 28, 1, 30)], HOUR, PARIS) == [
        (datetime(2027, 3, 28, 2, 30), datetime(2027, 3, 28, 3, 30), "gap")
    ]


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("America/New_York", "2027-03-08T14:00", "2027-03-15T13:00"),
        ("Pacific/Chatham", "2027-03-29T19:15", "2027-04-05T20:15"),
    ],
)
def test_further_dates_keep_the_wall_clock_elsewhere(zone: str, before: str, after: str) -> None:
    first = to_local(utc(before), zone)
    later = first + timedelta(days=7)
    found = expand(first, HOUR, zone, rule=ONCE, rdates=[later], until=EDGE)
    assert [each.interval.start for each in found] == [utc(before), utc(after)]
