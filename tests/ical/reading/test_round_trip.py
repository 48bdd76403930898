# ruff: noqa: DTZ001  # wall-clock times are naive here
"""What our writer writes, our reader reads again; on foreign calendars other readers agree."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from booking.core.calendars import CalendarBooking
from booking.core.imports import ImportedEvent
from booking.core.values import State
from booking.ical import calendar, component, event_of
from tests.core.recurrence.test_agreement import moments, rules
from tests.core.recurrence.test_rfc_examples import RFC_EXAMPLES, listed
from tests.ical.reading.calendars import calendar as written
from tests.ical.reading.calendars import event
from tests.ical.samples import ROOMS, WORDS, booking, hours
from tests.support.occurring import Occurrence, occurrences, read_all, theirs

SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC)
OURS = replace(
    WORDS,
    describe=lambda view, _sight: view.note,
    locate=lambda ids: ", ".join(ROOMS[each] for each in ids),
)
CANCELLED: dict[str, Any] = {"state": State.CANCELLED}
REQUESTED: dict[str, Any] = {"state": State.REQUESTED}
OWN: dict[str, Any] = {"title": "Concert", "note": "Doors\nat nine; sharp"}
FATES = st.sampled_from(
    [{}, {}, {}, {}, CANCELLED, OWN, {"space_ids": (2,)}, {"space_ids": (1, 2)}, REQUESTED]
)
RULES = st.sampled_from(
    [
        "FREQ=DAILY;COUNT=30",
        "FREQ=DAILY;INTERVAL=3;UNTIL=20261130T235959",
        "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=80",
        "FREQ=WEEKLY;INTERVAL=2",
        "FREQ=MONTHLY;BYDAY=1TU,3TU;COUNT=20",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=12",
        "FREQ=MONTHLY;BYMONTHDAY=3;UNTIL=20270303T090000Z",
        "FREQ=YEARLY;COUNT=2",
        "FREQ=DAILY;COUNT=1",
    ]
)
# Nine o'clock, over both changes of the clocks, and in the hours that are skipped or doubled.
STARTS = st.sampled_from(
    [
        datetime(2026, 3, 3, 9),
        datetime(2026, 3, 24, 1, 30),
        datetime(2026, 3, 24, 2, 30),
        datetime(2026, 3, 24, 22),
        datetime(2026, 10, 20, 2, 30),
    ]
)


def feed(each: CalendarBooking) -> bytes:
    """Return a calendar of one booking, with its note as it is."""
    found = event_of(each, OURS)
    assert found is not None
    return calendar("Atlas", [component(found)])


def stored(each: CalendarBooking) -> list[Occurrence]:
    """Return the dates of a booking that take place."""
    return sorted(
        Occurrence(
            date.interval.start,
            date.interval.end,
            date.title or each.view.title,
            date.note or each.view.note,
            ", ".join(ROOMS[space_id] for space_id in date.space_ids),
        )
        for date in each.dates
        if date.state.is_open
    )


@settings(max_examples=120, deadline=None)
@given(
    st.data(), RULES, STARTS, st.sampled_from(["Europe/Paris", "America/New_York", "UTC"]),
    st.sampled_from([0.5, 1.5, 3, 9]),
)  # fmt: skip
def test_any_series_of_ours_is_read_again(
    data: st.DataObject, rule: str, start: datetime, zone: str, length: float
) -> None:
    if "BYDAY" in rule or "BYMONTHDAY" in rule:
        start = start.replace(day=31 if "SETPOS" in rule else 3, month=3)
    assume("BYSETPOS" not in rule or start.weekday() < 5)
    plain = booking(start, start + hours(length), rule=rule, zone=zone)
    changes: dict[datetime, dict[str, Any]] = {}
    for each in plain.dates:
        fate = dict(data.draw(FATES))
        if data.draw(st.integers(0, 9)) == 0:
            fate["interval"] = each.interval.shifted(hours(data.draw(st.integers(1, 5))))
        changes[each.recurrence_id] = fate
    given_ = {each.recurrence_id for each in plain.dates}
    days = data.draw(st.sets(st.integers(1, 400), max_size=3))
    further = {start + timedelta(days=each) for each in days} - given_
    further = {each for each in further if length < 9 or not _near(each, given_ | further)}
    changes |= {each: dict(data.draw(FATES)) for each in further}
    exdates = set(data.draw(st.lists(st.sampled_from(sorted(given_)), max_size=3))) - {start}
    each = booking(
        start,
        start + hours(length),
        rule=rule,
        zone=zone,
        exdates=sorted(exdates),
        rdates=sorted(further),
        dates={key: change for key, change in changes.items() if key not in exdates},
    )
    assume(any(date.state.is_open for date in each.dates))
    found = read_all(feed(each))
    assert occurrences(found, SINCE, UNTIL) == stored(each)
    assert [one.warnings for one in found if isinstance(one, ImportedEvent)] == [()]


def _near(at: datetime, others: set[datetime]) -> bool:
    return any(0 < abs((at - each).total_seconds()) < 86_400 for each in others)


def test_single_bookings_of_ours_are_read_again() -> None:
    day, start = datetime(2026, 3, 3), datetime(2026, 3, 3, 9)
    for each in (
        booking(start, start + hours(1)),
        booking(start, start + hours(1), state=State.REQUESTED, spaces=(1, 2)),
        booking(day, day + hours(48), all_day=True),
        booking(day, day + hours(24), all_day=True, rule="FREQ=WEEKLY;COUNT=9"),
    ):
        assert occurrences(read_all(feed(each)), SINCE, UNTIL) == stored(each)
    gone = booking(start, start + hours(1), state=State.CANCELLED)
    [found] = read_all(feed(gone))
    assert isinstance(found, ImportedEvent)
    assert found.cancelled


@pytest.mark.parametrize(("rule", "start", "dates"), RFC_EXAMPLES)
def test_examples_of_the_rfc_are_read(rule: str, start: str, dates: str) -> None:
    day = start.replace("-", "")
    body = written(
        event(
            f"DTSTART;TZID=America/New_York:{day}T090000",
            "DURATION:PT1H",
            f"RRULE:{rule}",
        )
    )
    expected = listed(dates)
    found = occurrences(read_all(body), datetime(1990, 1, 1, tzinfo=UTC), UNTIL)
    assert [each.start.date() for each in found][: len(expected)] == expected
    if "COUNT" in rule or "UNTIL" in rule:
        assert len(found) == len(expected)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(rules(), moments, st.sampled_from(["Europe/Paris", "America/New_York"]), st.data())
def test_other_readers_find_the_same(
    rule: Any, start: datetime, zone: str, data: st.DataObject
) -> None:
    lines = [
        f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}",
        f"DTEND;TZID={zone}:{start + hours(0.5):%Y%m%dT%H%M%S}",
        f"RRULE:{rule.to_text()}",
    ]
    [found] = read_all(written(event(*lines)))
    assume(isinstance(found, ImportedEvent))
    assert isinstance(found, ImportedEvent)
    # They count a start that its rule does not have as one date more; ours begins on the rule's.
    assume(found.start == start)
    since = start.replace(tzinfo=UTC) - timedelta(days=2)
    until = since + timedelta(days=700)
    mine = occurrences([found], since, until)
    picked = data.draw(st.lists(st.sampled_from(mine), max_size=3, unique=True)) if mine else []
    moved = data.draw(st.lists(st.sampled_from(mine), max_size=3, unique=True)) if mine else []
    if gone := [each for each in picked if each.start.replace(tzinfo=None) != start]:
        lines.append("EXDATE:" + ",".join(f"{each.start:%Y%m%dT%H%M%SZ}" for each in gone))
    versions = [
        event(
            f"RECURRENCE-ID:{each.start:%Y%m%dT%H%M%SZ}",
            f"DTSTART:{each.start + hours(2):%Y%m%dT%H%M%SZ}",
            f"DTEND:{each.start + hours(3):%Y%m%dT%H%M%SZ}",
            summary="Moved",
        )
        for each in moved
        if each not in picked
    ]
    body = written(event(*lines), *versions)
    found_again = occurrences(read_all(body), since, until)
    assert [each[:3] for each in found_again] == theirs(body, since, until)
