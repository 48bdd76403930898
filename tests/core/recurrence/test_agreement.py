# ruff: noqa: DTZ001  # wall-clock times are naive here

# wall-clock times are naive here

"""Our dates are those of dateutil and recurring-ical-events."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from booking.core.recurrence import (
    ByDay,
    Frequency,
    Instance,
    InvalidRule,
    Rule,
    expand,
    to_utc,
    with_count,
    with_until,
)
from tests.core.recurrence.helpers import (
    HOUR,
    PARIS,
    starts,
)


def examples(number: int) -> settings:
    """Settings for rules, many of which are refused or have no dates near."""
    unwanted = [HealthCheck.filter_too_much, HealthCheck.too_slow]
    return settings(max_examples=number, deadline=None, suppress_health_check=unwanted)


def lists(values: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(values, max_size=3).map(tuple)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    freq = draw(st.sampled_from(Frequency))
    # Two lists at most: more of them hardly ever agree on a day.
    used = draw(st.sets(st.sampled_from(["by_month", "by_month_day", "by_day"]), max_size=2))
    by_month = draw(lists(st.integers(1, 12))) if "by_month" in used else ()
    by_month_day: tuple[int, ...] = ()
    if "by_month_day" in used and freq is not Frequency.WEEKLY:
        by_month_day = draw(lists(st.integers(-31, 31).filter(bool)))
    nth = 0
    if freq in (Frequency.MONTHLY, Frequency.YEARLY):
        nth = draw(st.sampled_from([0, 0, 1, 2, 4, -1, -2]))
    weekdays = draw(lists(st.integers(0, 6))) if "by_day" in used else ()
    by_day = tuple(ByDay(nth, weekday) for weekday in weekdays)
    places = lists(st.integers(-4, 4).filter(bool))
    has_places = freq in (Frequency.MONTHLY, Frequency.YEARLY) and (by_day or by_month_day)
    try:
        return Rule(
            freq,
            draw(st.integers(1, 7)),
            by_month=by_month,
            by_month_day=by_month_day,
            by_day=by_day,
            by_set_pos=draw(places) if has_places else (),
            week_start=draw(st.sampled_from([0, 6])),
        )
    except InvalidRule:
        assume(False)
        raise


def ours(rule: Rule, start: datetime, edge: datetime) -> list[Instance]:
    try:
        return expand(start, timedelta(minutes=30), PARIS, rule=rule, until=edge, limit=5000)
    except InvalidRule as refusal:
        # Not compared: dateutil would search for a date up to the year 9999.
        assume(refusal.messages[0].code not in ("empty_series", "no_such_day"))
        raise


moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(
    lambda each: each.replace(hour=each.hour // 4 * 4 + 1, minute=0, second=0, microsecond=0)
)


@examples(300)
@given(rules(), moments, st.integers(1, 1500))
def test_expand_agrees_with_dateutil(rule: Rule, start: datetime, days: int) -> None:
    edge = start + timedelta(days=days)
    found = starts(ours(rule, start, to_utc(edge, PARIS)))
    theirs = rrulestr(rule.to_text(), dtstart=start)
    assert found == list(takewhile(lambda each: each < edge, theirs))


@examples(100)
@given(rules(), moments, st.integers(1, 6))
def test_expand_with_count_agrees_with_dateutil(rule: Rule, start: datetime, count: int) -> None:
    edge = to_utc(start + timedelta(days=365 * 15), PARIS)
    counted = with_count(rule, count)
    try:
        found = starts(expand(start, HOUR / 2, PARIS, rule=counted, until=edge))
    except InvalidRule:
        assume(False)
    assert found == list(islice(rrulestr(rule.to_text(), dtstart=start), count))


def as_calendar(
    rule: Rule, start: datetime, exdates: Sequence[datetime], rdates: Sequence[datetime]
) -> icalendar.Calendar:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//EN",
        "BEGIN:VEVENT",
        "UID:one",
        "DTSTAMP:20270101T000000Z",
        f"DTSTART;TZID={PARIS}:{start:%Y%m%dT%H%M%S}",
        f"DTEND;TZID={PARIS}:{start + HOUR / 2:%Y%m%dT%H%M%S}",
        f"RRULE:{rule.to_text_for_times(PARIS)}",
        *(f"EXDATE;TZID={PARIS}:{each:%Y%m%dT%H%M%S}" for each in exdates),
        *(f"RDATE;TZID={PARIS}:{each:%Y%m%dT%H%M%S}" for each in rdates),
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    parsed = icalendar.Calendar.from_ical("\r\n".join(lines).encode())
    assert isinstance(parsed, icalendar.Calendar)
    return parsed


@examples(40)
@given(
    rules(),
    moments,
    st.integers(30, 600),
    st.sets(st.integers(0, 20), max_size=3),
    st.sets(st.integers(1, 600), max_size=3),
)
def test_expand_agrees_with_recurring_ical_events(
    rule: Rule, start: datetime, days: int, gone: set[int], further: set[int]
) -> None:
    ended = with_until(rule, start + timedelta(days=days))
    edge = to_utc(start + timedelta(days=days + 2), PARIS)
    every = ours(ended, start, edge)
    first = every[0].recurrence_id  # programs differ where the start is off the rule
    assume(len(every) > 4)
    exdates = [every[number].recurrence_id for number in sorted(gone) if 0 < number < 4]
    # Between the days of the rule, also beyond its last one, and on them.
    rdates = [first + timedelta(days=each) for each in sorted(further)]
    rdates = [each for each in rdates if to_utc(each, PARIS) < edge and each not in exdates]
    found = expand(first, HOUR / 2, PARIS, rule=ended, exdates=exdates, rdates=rdates, until=edge)
    calendar = as_calendar(ended, first, exdates, rdates)
    theirs = recurring_ical_events.of(calendar).between(first - HOUR, edge.replace(tzinfo=None))
    pairs = sorted((event.start.astimezone(UTC), event.end.astimezone(UTC)) for event in theirs)
    assert [(each.interval.start, each.interval.end) for each in found] == pairs
