"""A calendar object as the dates that it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, takewhile

from booking.core.errors import InvalidRequest
from booking.core.imports import ImportedDate, ImportedEvent
from booking.core.intervals import Interval
from booking.core.recurrence import MOST_DATES, interval_at, starts_from, zone_info

# Left out ones count: a series of 1,000 dates may have lost as many before.
MOST_LISTED = 2 * MOST_DATES


@dataclass(frozen=True, slots=True)
class SentDate:
    """One date as an object has it: naive local times (``fold`` counts), texts, place.

    ``location`` is None where it is the object's.
    """

    recurrence_id: datetime
    start: datetime
    end: datetime
    title: str
    note: str
    location: str | None = None

    def is_at(self, interval: Interval, zone: str) -> bool:
        """Whether it is at this time, as one or another program counts across clock changes."""
        exact = (
            at.replace(tzinfo=zone_info(zone)).astimezone(UTC) for at in (self.start, self.end)
        )
        return tuple(exact) == (interval.start, interval.end) or self.interval(zone) == interval

    def interval(self, zone: str) -> Interval:
        """Return when it is, as the house counts."""
        return interval_at(self.start, self.end - self.start, zone)


@dataclass(frozen=True, slots=True)
class Sent:
    """What an object says: ``known`` are all its dates, ``dates`` those that take place.

    Both by their naive local start by the rule, up to the edge that was asked for.
    """

    event: ImportedEvent
    known: frozenset[datetime]
    dates: Mapping[datetime, SentDate]

    @property
    def left_out(self) -> frozenset[datetime]:
        """The dates that do not take place."""
        return self.known - self.dates.keys()


def sent_of(event: ImportedEvent, *, until: datetime) -> Sent:
    """Return the dates of an object before ``until``, a naive local time of its zone.

    Raises:
        InvalidRequest: If there are more than can be looked at.
    """
    known = _known(event, until)
    own = {each.recurrence_id: each for each in event.dates}
    gone = {*event.exdates, *(each.recurrence_id for each in event.dates if each.cancelled)}
    taking_place = [] if event.cancelled else sorted(known - gone)
    return Sent(event, known, {at: _date(event, at, own.get(at)) for at in taking_place})


def _known(event: ImportedEvent, until: datetime) -> frozenset[datetime]:
    if not event.is_series:
        return frozenset({event.start.replace(fold=0)})
    found = {event.start} if event.rule is None else set()
    if event.rule is not None:
        given = starts_from(event.start, event.rule, since=event.start)
        within = takewhile(lambda at: at < until, (at for _, at in given))
        found = set(islice(within, MOST_LISTED + 1))
    found |= {each for each in event.rdates if each < until}
    if len(found) > MOST_LISTED:
        raise InvalidRequest.because("too_many_dates", "repeat", most=MOST_DATES)
    return frozenset(found)


def _date(event: ImportedEvent, at: datetime, own: ImportedDate | None) -> SentDate:
    if own is None:
        start = at if event.is_series else event.start
        return SentDate(at, start, start + event.length, event.title, event.note)
    return SentDate(
        at,
        own.start,
        own.end,
        own.title or event.title,
        event.note if own.note is None else own.note,
        own.location,
    )
