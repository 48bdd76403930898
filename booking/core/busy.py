"""When people are busy: what is read of their own calendars, and who learns what of it.

Of a calendar elsewhere nothing is kept but when its owner is busy; whoever looks for a time
for somebody learns that the person is busy then, and nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from booking.core.frozen import frozen
from booking.core.imports import ImportedEvent, in_site_zone
from booking.core.intervals import Interval, merge
from booking.core.messages import Message
from booking.core.recurrence import to_local, to_utc
from booking.core.sources import interval_of, starts_within
from booking.core.values import Actor, Visibility
from booking.core.visibility import Readable, may_read

AHEAD = timedelta(days=60)
FRESH = timedelta(minutes=5)  # not read again before, whoever asks
STALE = timedelta(days=1)
MOST_CALENDARS = 10  # of one connection
MOST_TIMES = 5_000  # of one calendar


class Way(StrEnum):
    """How a calendar is read: as busy times alone, or as events without their texts."""

    UNKNOWN = ""
    TIMES = "times"
    EVENTS = "events"


class Knowledge(StrEnum):
    """What is known of a person's time besides what is booked here."""

    NONE = "none"  # no calendar is connected for that
    WAITING = "waiting"  # it is, and was not read yet
    STALE = "stale"
    FRESH = "fresh"


@dataclass(frozen=True, slots=True)
class BusyCalendar:
    """A calendar that counts when its owner is looked for.

    ``left`` is how many of its events could not be understood, ``times`` how many busy
    times are kept; ``reason`` says why it could not be read last.
    """

    id: int
    url: str
    name: str
    way: Way
    read_at: datetime | None
    due_at: datetime
    tries: int
    reason: Message | None
    left: int
    times: int = 0

    def is_stale(self, now: datetime) -> bool:
        """Whether what is kept may no longer be true."""
        return self.read_at is None or now - self.read_at > STALE


@frozen()
class Held:
    """Time that a person has booked, with what the right to know of it follows from."""

    person_id: int
    interval: Interval
    is_confirmed: bool
    visibility: Visibility
    organiser_id: int | None
    created_by_id: int | None
    organisation_id: int | None
    site_id: int
    space_id: int
    booking_id: int


@dataclass(frozen=True, slots=True)
class Times:
    """When people are busy, as one person may know it: by person, merged and in order.

    ``read`` has, for those who share a calendar, when the oldest of them was read
    (None: not yet); ``due`` are those of whom it is time to read again.
    """

    confirmed: Mapping[int, list[Interval]]
    requested: Mapping[int, list[Interval]]
    read: Mapping[int, datetime | None] = field(default_factory=dict)
    due: frozenset[int] = frozenset()

    def of(self, person_id: int) -> list[Interval]:
        """Return when a person is, or may be, busy."""
        return merge([*self.confirmed.get(person_id, ()), *self.requested.get(person_id, ())])

    def known(self, person_id: int, now: datetime) -> Knowledge:
        """Return what is known of a person's time besides what is booked here."""
        if person_id not in self.read:
            return Knowledge.NONE
        at = self.read[person_id]
        if at is None:
            return Knowledge.WAITING
        return Knowledge.STALE if now - at > STALE else Knowledge.FRESH


def may_look_for_people(viewer: Actor | None) -> bool:
    """Whether somebody may ask when people are busy: whoever is signed in."""
    return viewer is not None and (viewer.person_id is not None or viewer.operator)


def counts(held: Readable, viewer: Actor, *, shares: bool) -> bool:
    """Whether a booking makes its person busy in the eyes of ``viewer``.

    That a private booking is somebody's is told to nobody else, unless that person said
    (``shares``) that others may know when.
    """
    return shares or may_read(held, viewer)


def window_of(zone: str, now: datetime) -> Interval:
    """Return the time that is read: from the local midnight before ``now``, some weeks."""
    today = datetime.combine(to_local(now, zone).date(), time())
    return Interval(to_utc(today, zone), to_utc(today + AHEAD, zone))


def busy_times_of(event: ImportedEvent, zone: str, window: Interval) -> Iterator[Interval]:
    """Yield when an event makes its owner busy within a window.

    A cancelled event does not, nor does a cancelled date; a date that differs counts as it
    is, also where its series does not.  Days without hours, and times without a zone, are
    those of ``zone``.
    """
    local = in_site_zone(event, zone, since=window.start, until=window.end)
    own = {each.recurrence_id: each for each in local.dates}
    for at in starts_within(local, zone, window.start, window.end):
        date = own.get(at)
        if date.cancelled if date else local.cancelled:
            continue
        interval = interval_of(local, at, date, zone)
        if interval.overlaps(window):
            yield interval.common(window)
