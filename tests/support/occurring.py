"""The occurrences of what our reader finds, for comparison with other readers."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import icalendar
import recurring_ical_events

from booking.core.imports import ImportedEvent, Left
from booking.core.intervals import Interval
from booking.core.recurrence import starts_from, to_utc
from booking.ical.reading import read

Found = ImportedEvent | Left


class Occurrence(NamedTuple):
    """One occurrence, in UTC."""

    start: datetime
    end: datetime
    title: str
    note: str = ""
    location: str = ""


def read_all(body: bytes, zone: str = "Europe/Paris") -> list[Found]:
    """Return all that our reader finds in a calendar."""
    return list(read(io.BytesIO(body), zone=zone).events())


def occurrences(events: list[Found], since: datetime, until: datetime) -> list[Occurrence]:
    """Return what takes place between two instants, in order."""
    kept = (each for event in events if isinstance(event, ImportedEvent) for each in _of(event))
    return sorted(each for each in kept if since <= each.start < until)


def _of(event: ImportedEvent) -> Iterator[Occurrence]:
    if event.cancelled:
        return
    edge = event.start + timedelta(days=366 * 10)
    starts = {event.start}
    if event.rule is not None:
        starts = set()
        for _, each in starts_from(event.start, event.rule, since=event.start):
            if each > edge:
                break
            starts.add(each)
    starts |= set(event.rdates)
    starts -= set(event.exdates)
    own = {each.recurrence_id: each for each in event.dates}
    for at in starts:
        mine = own.get(at)
        if mine is None:
            when = _interval(at, at + event.length, event.zone)
            yield Occurrence(when.start, when.end, event.title, event.note, event.location)
        elif not mine.cancelled:
            when = _interval(mine.start, mine.end, event.zone)
            texts = (
                event.title if mine.title is None else mine.title,
                event.note if mine.note is None else mine.note,
                event.location if mine.location is None else mine.location,
            )
            yield Occurrence(when.start, when.end, *texts)


def _interval(start: datetime, end: datetime, zone: str) -> Interval:
    """Return the interval of wall-clock times, of which ``fold`` 1 is the second of two."""
    from zoneinfo import ZoneInfo

    first, last = (
        each.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if each.fold else to_utc(each, zone)
        for each in (start, end)
    )
    return Interval(first, last if last > first else first + (end - start))


def theirs(body: bytes, since: datetime, until: datetime) -> list[tuple[datetime, datetime, str]]:
    """Return the same as recurring-ical-events sees it: start, end and title."""
    parsed = icalendar.Calendar.from_ical(body)
    found = recurring_ical_events.of(parsed, keep_recurrence_attributes=True).between(since, until)
    shown = [
        (_utc(each["DTSTART"].dt), _utc(each["DTEND"].dt), str(each.get("SUMMARY", "")))
        for each in found
        if str(each.get("STATUS", "")) != "CANCELLED"
    ]
    return sorted(each for each in shown if since <= each[0] < until)


def _utc(moment: datetime | date) -> datetime:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return to_utc(datetime.combine(moment, datetime.min.time()), "Europe/Paris")
