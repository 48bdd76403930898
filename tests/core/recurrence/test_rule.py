# wall-clock times are naive here

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.core.recurrence import (
    InvalidRule,
    daily,
    parse_rule,
    weekly,
)
from tests.core.recurrence.helpers import PARIS


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("FREQ=DAILY", "FREQ=DAILY"),
        ("RRULE:FREQ=WEEKLY;BYDAY=TH,TU,TU", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("count=5;interval=1;freq=monthly;byday=-1fr", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=5"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1,+15;INTERVAL=06", "FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=-1,15"),
        ("FREQ=WEEKLY;WKST=MO", "FREQ=WEEKLY"),
        ("FREQ=WEEKLY;WKST=SU;INTERVAL=2", "FREQ=WEEKLY;INTERVAL=2;WKST=SU"),
        ("FREQ=DAILY;UNTIL=20271224", "FREQ=DAILY;UNTIL=20271224T235959"),
        ("FREQ=DAILY;UNTIL=20271224T080000", "FREQ=DAILY;UNTIL=20271224T080000"),
        ("FREQ=DAILY;UNTIL=20271224T080000Z", "FREQ=DAILY;UNTIL=20271224T080000Z"),
        ("FREQ=DAILY;UNTIL=20271224T235960Z", "FREQ=DAILY;UNTIL=20271224T235959Z"),
        ("FREQ=YEARLY;BYDAY=20MO", "FREQ=YEARLY;BYDAY=20MO"),
        (
            "FREQ=YEARLY;BYDAY=TU;BYMONTHDAY=2,3,4;BYMONTH=11;BYSETPOS=1",
            "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=2,3,4;BYDAY=TU;BYSETPOS=1",
        ),
    ],
)
def test_parse_rule_gives_a_canonical_text(text: str, canonical: str) -> None:
    assert parse_rule(text).to_text() == canonical
    assert parse_rule(canonical) == parse_rule(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed_rule"),
        ("weekly", "malformed_rule"),
        ("INTERVAL=2", "malformed_rule"),
        ("FREQ=FORTNIGHTLY", "malformed_rule"),
        ("FREQ=DAILY;", "malformed_rule"),
        ("FREQ=DAILY;FREQ=DAILY", "malformed_rule"),
        ("FREQ=DAILY;INTERVAL=", "malformed_rule"),
        ("FREQ=DAILY;INTERVAL=1_0", "malformed_rule"),
        ("FREQ=DAILY;INTERVAL=٣", "malformed_rule"),
        ("FREQ=DAILY;COUNT=999999999999999999999", "malformed_rule"),
        ("FREQ=DAILY;UNTIL=20270230", "malformed_rule"),
        ("FREQ=DAILY;UNTIL=20270101T250000", "malformed_rule"),
        ("FREQ=DAILY;UNTIL=tomorrow", "malformed_rule"),
        ("FREQ=DAILY;UNTIL=20270101T080000+0100", "malformed_rule"),
        ("FREQ=WEEKLY;BYDAY=XX", "malformed_rule"),
        ("FREQ=WEEKLY;BYDAY=", "malformed_rule"),
        ("FREQ=WEEKLY;BYDAY=1MO", "malformed_rule"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "malformed_rule"),
        ("FREQ=MONTHLY;BYDAY=0MO", "malformed_rule"),
        ("FREQ=MONTHLY;BYDAY=6MO", "malformed_rule"),
        ("FREQ=YEARLY;BYDAY=54MO", "malformed_rule"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=20MO", "malformed_rule"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "malformed_rule"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "malformed_rule"),
        ("FREQ=YEARLY;BYMONTH=13", "malformed_rule"),
        ("FREQ=MONTHLY;BYSETPOS=1", "malformed_rule"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "malformed_rule"),
        ("FREQ=DAILY;X-PLAN=1", "malformed_rule"),
        ("FREQ=DAILY" + ";" * 1000, "malformed_rule"),
        ("FREQ=DAILY;BYMONTH=" + ",".join(["1"] * 500), "malformed_rule"),
        ("FREQ=SECONDLY", "unsupported_rule"),
        ("FREQ=MINUTELY;INTERVAL=15", "unsupported_rule"),
        ("FREQ=HOURLY", "unsupported_rule"),
        ("FREQ=DAILY;BYHOUR=9,10", "unsupported_rule"),
        ("FREQ=DAILY;BYMINUTE=0", "unsupported_rule"),
        ("FREQ=DAILY;BYSECOND=0", "unsupported_rule"),
        ("FREQ=YEARLY;BYWEEKNO=20", "unsupported_rule"),
        ("FREQ=YEARLY;BYYEARDAY=100", "unsupported_rule"),
        ("FREQ=DAILY;INTERVAL=0", "interval_out_of_range"),
        ("FREQ=DAILY;INTERVAL=-1", "interval_out_of_range"),
        ("FREQ=DAILY;INTERVAL=99999", "interval_out_of_range"),
        ("FREQ=YEARLY;INTERVAL=11", "interval_out_of_range"),
        ("FREQ=DAILY;COUNT=0", "count_out_of_range"),
        ("FREQ=DAILY;COUNT=1001", "count_out_of_range"),
        ("FREQ=DAILY;COUNT=5;UNTIL=20270101", "count_and_until"),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", "time_out_of_range"),
        ("FREQ=DAILY;UNTIL=00010101", "time_out_of_range"),
        ("FREQ=MONTHLY;BYDAY=MO,1TU", "mixed_weekdays"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31", "no_such_day"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30,-30", "no_such_day"),
        ("FREQ=MONTHLY;BYMONTH=4,6,9,11;BYMONTHDAY=31", "no_such_day"),
    ],
)
def test_parse_rule_refuses(text: str, code: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        parse_rule(text)
    assert [told.code for told in caught.value.messages] == [code]


@given(st.text(alphabet="FREQ=DAILYWKBMONTHUCSP;,0123456789-+:Z\n é", max_size=60))
def test_parse_rule_of_anything_raises_nothing_else(text: str) -> None:
    for attempt in (text, f"FREQ=MONTHLY;{text}"):
        try:
            rule = parse_rule(attempt)
        except InvalidRule:
            continue
        assert parse_rule(rule.to_text()) == rule


def test_rule_text_beside_times_and_dates() -> None:
    rule = weekly([0], until=date(2027, 7, 14))
    assert rule.to_text_for_times(PARIS) == "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270714T215959Z"
    assert rule.to_text_for_dates(PARIS) == "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270714"
    endless = daily()
    assert endless.to_text_for_times(PARIS) == endless.to_text_for_dates(PARIS) == "FREQ=DAILY"
