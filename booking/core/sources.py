"""Calendars of others that the house follows: their dates, and when to look again."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from booking.core.imports import ImportedDate, ImportedEvent, in_site_zone
from booking.core.intervals import Interval
from booking.core.recurrence import interval_at, starts_from, to_local
from booking.core.values import Visibility

MOST_DATES = 100_000  # of one calendar
FEW = 5  # so many dates may vanish at once without a question
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
LONGEST_ASKED = timedelta(days=1)  # by whoever keeps the calendar
KEPT = timedelta(days=60)  # of what is over
EVERY = {"hour": timedelta(hours=1), "six": timedelta(hours=6), "day": timedelta(days=1)}
_BEFORE = timedelta(days=62)  # so much earlier may a date be that was moved into the time shown
_OPENNESS = (Visibility.PRIVATE, Visibility.MEMBERS, Visibility.PUBLIC)


class SourceMode(StrEnum):
    """What becomes of the dates of a calendar."""

    BUSY = "busy"  # they take the time of a space
    PUBLIC = "public"  # they are in the programme
    SHOW = "show"  # they stand below the planning


class SourceState(StrEnum):
    """Whether a calendar is looked at: not while somebody has to say what shall become of it."""

    ACTIVE = "active"
    PAUSED = "paused"
    ASKS = "asks"


@dataclass(frozen=True, slots=True)
class SourceDate:
    """One date of a calendar; ``key`` knows it again."""

    key: str
    title: str
    place: str
    interval: Interval
    all_day: bool
    visibility: Visibility

    @property
    def digest(self) -> str:
        """What tells whether it has changed."""
        said = (self.title, self.place, self.interval, self.all_day, self.visibility.value)
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def host_of(address: str) -> str:
    """Return the part of an address that is no secret; nothing where it has none."""
    try:
        return (urlsplit(address.strip()).hostname or "")[:255]
    except ValueError:
        return ""


def dates_of(
    event: ImportedEvent,
    *,
    zone: str,
    since: datetime,
    until: datetime,
    untitled: str,
    visibility: Visibility,
) -> Iterator[SourceDate]:
    """Yield the dates of an event between two aware instants that take place, in order.

    ``visibility`` is the most that its titles are open to; what the event says
    of itself (CLASS) may be less.
    """
    local = in_site_zone(event, zone, since=since, until=until)
    if local.cancelled:
        return
    told = narrower(visibility, local.access)
    own = {each.recurrence_id: each for each in local.dates}
    for at in starts_within(local, zone, since, until):
        mine = own.get(at)
        if mine is not None and mine.cancelled:
            continue
        interval = interval_of(local, at, mine, zone)
        if interval.end > since and interval.start < until:
            title, place = _texts(local, mine)
            key = hashlib.sha256(f"{local.uid}/{at.isoformat()}".encode()).hexdigest()[:40]
            yield SourceDate(key, title or untitled, place, interval, local.all_day, told)


def narrower(one: Visibility, other: Visibility | None) -> Visibility:
    """Return which of two is open to fewer."""
    return one if other is None else min(one, other, key=_OPENNESS.index)


def starts_within(
    event: ImportedEvent, zone: str, since: datetime, until: datetime
) -> Iterable[datetime]:
    """Return the local starts of an event's dates about some time, in order.

    Those by the rule that may lie in it, or have been moved into it; none that it leaves out.
    """
    gone = {*event.exdates}
    found = {*event.rdates}
    if event.rule is None:
        found.add(event.start)
    else:
        edge = to_local(until, zone)
        first = to_local(since, zone) - event.length - _BEFORE
        for _number, at in starts_from(event.start, event.rule, since=first):
            if at >= edge:
                break
            found.add(at)
    return sorted(found - gone)


def interval_of(
    event: ImportedEvent, at: datetime, own: ImportedDate | None, zone: str
) -> Interval:
    """Return the time of the date with this local start; ``own`` is what it has of its own."""
    start, end = (own.start, own.end) if own else (at, at + event.length)
    return interval_at(start, end - start, zone)


def _texts(event: ImportedEvent, own: ImportedDate | None) -> tuple[str, str]:
    if own is None:
        return event.title, event.location
    title = event.title if own.title is None else own.title
    return title, event.location if own.location is None else own.location


def is_a_loss(known: int, gone: int) -> bool:
    """Whether so many of the dates to come are gone that somebody has to say it is meant."""
    return 0 < known == gone or (gone > FEW and gone * 2 > known)


def wait_after(failures: int, *, asked: timedelta | None, jitter: float) -> timedelta:
    """Return how long to wait after so many failures in a row; ``jitter`` is from 0 to 1.

    Twice as long each time, and not sooner than whoever keeps the calendar asks for.
    """
    doubled: timedelta = FIRST_WAIT * 2 ** min(failures - 1, 10)
    waits: timedelta = min(doubled, LONGEST_WAIT) * (1 + jitter / 4)
    return max(waits, min(asked, LONGEST_ASKED)) if asked else waits
