# ruff: noqa: DTZ001  # wall-clock times are naive here

# wall-clock times are naive here

from datetime import UTC, date, datetime, timedelta
from time import perf_counter

import pytest

from booking.core.intervals import Interval
from booking.core.recurrence import (
    Instance,
    InvalidRule,
    daily,
    expand,
    first_start,
    parse_rule,
    to_local,
    to_utc,
    weekly,
)
from tests.core.recurrence.helpers import (
    EDGE,
    HOUR,
    MONDAY,
    PARIS,
    expand_text,
    refused,
    starts,
    utc,
)


def test_expand_without_rule_gives_the_one_date() -> None:
    (only,) = expand(MONDAY, HOUR, PARIS, until=EDGE)
    assert only == Instance(MONDAY, Interval(utc("2027-01-04T08:00"), utc("2027-01-04T09:00")))


def test_expand_without_rule_may_lie_beyond_the_edge() -> None:
    assert len(expand(MONDAY, HOUR, PARIS, until=utc("2027-01-01"))) == 1


def test_expand_leaves_out_exdates_and_counts_them() -> None:
    gone = MONDAY + timedelta(weeks=1)
    found = expand_text("FREQ=WEEKLY;COUNT=3", exdates=[gone, gone + HOUR])
    assert starts(found) == [MONDAY, MONDAY + timedelta(weeks=2)]


def test_expand_adds_rdates_in_order_and_once() -> None:
    extra = MONDAY + timedelta(days=3)
    rule = weekly(count=2)
    found = expand(MONDAY, HOUR, PARIS, rule=rule, rdates=[extra, MONDAY], until=EDGE)
    assert starts(found) == [MONDAY, extra, MONDAY + timedelta(weeks=1)]


def test_expand_endless_is_cut_at_the_edge() -> None:
    edge = to_utc(MONDAY + timedelta(weeks=3), PARIS)
    assert len(expand_text("FREQ=WEEKLY", until=edge)) == 3
    assert len(expand_text("FREQ=WEEKLY", until=edge + timedelta(seconds=1))) == 4


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=WEEKLY;COUNT=58",
        "FREQ=WEEKLY;UNTIL=20280207",
        "FREQ=YEARLY;INTERVAL=10;UNTIL=20500101",
        "FREQ=YEARLY;COUNT=3",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=1",
    ],
)
def test_expand_refuses_an_end_beyond_the_edge(text: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        expand_text(text)
    (told,) = caught.value.messages
    # The edge, midnight UTC, is 01:00 in Paris: its day has a last hour.
    assert (told.code, dict(told.params)) == ("beyond_edge", {"last": date(2028, 2, 1)})


def test_expand_takes_an_end_past_the_edge_without_dates_there() -> None:
    # The last date is 31 January, the next would be 7 February.
    assert len(expand_text("FREQ=WEEKLY;UNTIL=20280206")) == 57


def test_expand_refuses_rdates_and_starts_beyond_the_edge() -> None:
    late = to_local(EDGE, PARIS)
    with pytest.raises(InvalidRule, match="beyond_edge"):
        expand(MONDAY, HOUR, PARIS, rdates=[late], until=EDGE)
    assert refused("FREQ=WEEKLY", start=late) == "beyond_edge"


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=2", datetime(2027, 1, 4, 9)),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", MONDAY),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=3", MONDAY),
        ("FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=20;COUNT=3", MONDAY),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29;COUNT=3", MONDAY),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6;COUNT=3", MONDAY),
        ("FREQ=DAILY;UNTIL=20270103", MONDAY),
        ("FREQ=YEARLY;BYDAY=53MO;BYMONTHDAY=1;COUNT=3", datetime(1970, 1, 1, 9)),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU;BYMONTHDAY=1;COUNT=3", datetime(1970, 1, 5, 9)),
    ],
)
def test_expand_refuses_a_rule_without_dates_at_once(text: str, start: datetime) -> None:
    began = perf_counter()
    assert refused(text, start) == "empty_series"
    # dateutil needs up to 13 s for some of these; here it is about 0.01 s.
    assert perf_counter() - began < 1


def test_expand_refuses_what_its_start_makes_impossible() -> None:
    assert refused("FREQ=YEARLY;BYMONTH=2", start=datetime(2027, 1, 31, 9)) == "no_such_day"


def test_expand_refuses_a_series_whose_dates_are_all_left_out() -> None:
    with pytest.raises(InvalidRule, match="empty_series"):
        expand_text("FREQ=WEEKLY;COUNT=1", exdates=[MONDAY])


def test_expand_refuses_too_many_dates() -> None:
    assert refused("FREQ=DAILY", start=datetime(2024, 1, 1, 9)) == "too_many_dates"
    with pytest.raises(InvalidRule, match="too_many_dates"):
        expand_text("FREQ=DAILY;COUNT=11", limit=10)
    assert len(expand_text("FREQ=DAILY;COUNT=10", limit=10)) == 10


@pytest.mark.parametrize(
    ("start", "length"),
    [
        (datetime(1, 1, 1), HOUR),
        (datetime(9999, 12, 31, 23), HOUR),
        (datetime(9999, 12, 31, 23), timedelta(days=99999)),
        (datetime(1960, 1, 1), HOUR),
    ],
)
def test_expand_refuses_times_that_cannot_be_calculated(start: datetime, length: timedelta) -> None:
    edge = EDGE if start.year < 2000 else datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    with pytest.raises(InvalidRule, match="time_out_of_range"):
        expand(start, length, PARIS, rule=daily(), until=edge)


def test_expand_refuses_a_length_of_nothing() -> None:
    with pytest.raises(InvalidRule, match="end_before_start"):
        expand(MONDAY, timedelta(0), PARIS, until=EDGE)


def test_expand_refuses_a_series_that_overlaps_itself() -> None:
    with pytest.raises(InvalidRule) as caught:
        expand_text("FREQ=DAILY;COUNT=3", length=timedelta(hours=25))
    (told,) = caught.value.messages
    assert told.code == "overlapping_series"
    assert told.params["second"] == MONDAY + timedelta(days=1)


def test_expand_takes_dates_that_touch() -> None:
    assert len(expand_text("FREQ=DAILY;COUNT=3", length=timedelta(hours=24))) == 3


def test_first_start_is_the_first_that_matches() -> None:
    assert first_start(MONDAY, weekly([2]), PARIS) == datetime(2027, 1, 6, 9)
    assert first_start(MONDAY, weekly([0]), PARIS) == MONDAY
    assert first_start(MONDAY, weekly([2], until=date(2027, 1, 5)), PARIS) is None
    assert first_start(MONDAY, parse_rule("FREQ=DAILY;INTERVAL=7;BYDAY=TU"), PARIS) is None


def test_expand_from_the_first_start_gives_the_same_dates() -> None:
    rule = parse_rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;COUNT=5")
    first = first_start(MONDAY, rule, PARIS)
    assert first is not None
    assert expand(first, HOUR, PARIS, rule=rule, until=EDGE) == expand(
        MONDAY, HOUR, PARIS, rule=rule, until=EDGE
    )
