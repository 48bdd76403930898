# wall-clock times are naive here

from datetime import date

import pytest

from booking.core.recurrence import (
    InvalidRule,
    Rule,
    daily,
    ended_before,
    expand,
    monthly_by_day,
    monthly_by_last_working_day,
    monthly_by_weekday,
    monthly_by_weekdays,
    moved,
    nths_and_weekdays,
    parse_rule,
    weekly,
    with_count,
    with_until,
    yearly,
)
from tests.core.recurrence.helpers import EDGE, HOUR, MONDAY, PARIS, starts


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (daily(), "FREQ=DAILY"),
        (daily(every=3, count=4), "FREQ=DAILY;INTERVAL=3;COUNT=4"),
        (weekly(), "FREQ=WEEKLY"),
        (weekly([3, 1], every=2), "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH"),
        (monthly_by_day(31), "FREQ=MONTHLY;BYMONTHDAY=31"),
        (monthly_by_weekday(-1, 4, every=2), "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR"),
        (monthly_by_weekday(3, 1), "FREQ=MONTHLY;BYDAY=3TU"),
        (monthly_by_weekdays([3, 1], [1]), "FREQ=MONTHLY;BYDAY=1TU,3TU"),
        (
            monthly_by_last_working_day(count=3),
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3",
        ),
        (yearly(until=date(2030, 1, 2)), "FREQ=YEARLY;UNTIL=20300102T235959"),
    ],
)
def test_builders(rule: Rule, text: str) -> None:
    assert rule.to_text() == text


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda: daily(every=0), id="every 0 days"),
        pytest.param(lambda: daily(count=3, until=date(2027, 1, 1)), id="count and until"),
        pytest.param(lambda: weekly([7]), id="eighth weekday"),
        pytest.param(lambda: monthly_by_day(0), id="day 0"),
        pytest.param(lambda: monthly_by_weekday(0, 1), id="nth 0"),
        pytest.param(lambda: monthly_by_weekday(6, 1), id="sixth Tuesday"),
        pytest.param(lambda: monthly_by_weekdays([], [1]), id="no nth"),
    ],
)
def test_builders_refuse(build: object) -> None:
    with pytest.raises(InvalidRule):
        build()  # type: ignore[operator]


def test_ends_replace_each_other() -> None:
    rule = weekly([0], count=10)
    assert with_until(rule, MONDAY).to_text() == "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270104T090000"
    assert with_count(with_until(rule, MONDAY), 3) == weekly([0], count=3)


def test_ended_before_and_the_rest_make_the_whole() -> None:
    rule = weekly([0, 2], count=9)
    whole = starts(expand(MONDAY, HOUR, PARIS, rule=rule, until=EDGE))
    split = whole[4]
    before = expand(MONDAY, HOUR, PARIS, rule=ended_before(rule, split), until=EDGE)
    after = expand(split, HOUR, PARIS, rule=with_count(rule, 5), until=EDGE)
    assert starts(before) + starts(after) == whole


@pytest.mark.parametrize(
    ("rule", "old", "new", "expected"),
    [
        (weekly([1, 3]), date(2027, 1, 5), date(2027, 1, 6), weekly([2, 4])),
        (weekly([6]), date(2027, 1, 10), date(2027, 1, 11), weekly([0])),
        (weekly([1]), date(2027, 1, 5), date(2027, 1, 5), weekly([1])),
        (weekly(), date(2027, 1, 5), date(2027, 1, 6), weekly()),
        (daily(count=3), date(2027, 1, 5), date(2027, 1, 8), daily(count=3)),
        (monthly_by_day(5), date(2027, 1, 5), date(2027, 1, 8), monthly_by_day(8)),
        (monthly_by_day(-1), date(2027, 1, 31), date(2027, 2, 28), monthly_by_day(-1)),
        (
            monthly_by_weekday(1, 1),
            date(2027, 1, 5),
            date(2027, 1, 14),
            monthly_by_weekday(2, 3),
        ),
        (
            monthly_by_weekday(-1, 4),
            date(2027, 1, 29),
            date(2027, 1, 28),
            monthly_by_weekday(-1, 3),
        ),
    ],
)
def test_moved_takes_the_rule_along(rule: Rule, old: date, new: date, expected: Rule) -> None:
    assert moved(rule, old, new) == expected


def test_moved_refuses_a_rule_of_many_parts() -> None:
    rule = parse_rule("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1")
    with pytest.raises(InvalidRule):
        moved(rule, date(2027, 1, 29), date(2027, 1, 28))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FREQ=MONTHLY;BYDAY=-1TU,1TU", ([1, -1], [1])),
        ("FREQ=MONTHLY;BYDAY=2MO,2FR;COUNT=4", ([2], [0, 4])),
        ("FREQ=MONTHLY;BYDAY=1MO,2FR", None),
        ("FREQ=MONTHLY;BYDAY=-2MO", None),
        ("FREQ=MONTHLY;BYDAY=MO", None),
        ("FREQ=YEARLY;BYDAY=1MO", None),
        ("FREQ=MONTHLY;BYDAY=1MO;BYMONTH=3", None),
    ],
)
def test_nths_and_weekdays(text: str, found: object) -> None:
    assert nths_and_weekdays(parse_rule(text)) == found


def test_last_working_days() -> None:
    rule = monthly_by_last_working_day(count=4)
    found = starts(expand(MONDAY.replace(day=29), HOUR, PARIS, rule=rule, until=EDGE))
    assert [each.date().isoformat() for each in found] == [
        "2027-01-29",
        "2027-02-26",
        "2027-03-31",
        "2027-04-30",
    ]
