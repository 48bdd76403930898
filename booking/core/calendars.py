"""Bookings as calendars show them: the rule with all its dates, and what became of each."""

from datetime import datetime

from booking.core.frozen import frozen
from booking.core.intervals import Interval
from booking.core.values import OccurrenceView, State


@frozen()
class CalendarDate:
    """One date of a booking, as far as a calendar is concerned.

    ``space_ids`` and ``state`` tell of the calendar's own spaces only: a
    date on which the booking is not there has no spaces.  ``title`` and
    ``note`` are set where they differ from the booking's.
    """

    recurrence_id: datetime  # naive local wall clock (RFC 5545 §3.8.4.4)
    interval: Interval
    space_ids: tuple[int, ...]
    state: State
    title: str | None = None
    note: str | None = None


@frozen()
class CalendarBooking:
    """A booking with its rule and every date of it, ordered by ``recurrence_id``.

    ``view`` carries the booking's texts and people, for one of its dates; it
    is unredacted unless it went through ``booking.core.visibility``.
    ``starts_at``, ``ends_at``, ``exdates`` and ``rdates`` are naive wall-clock
    times of ``zone``.
    """

    uid: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    rule: str | None
    exdates: tuple[datetime, ...]
    rdates: tuple[datetime, ...]
    sequence: int
    created_at: datetime
    updated_at: datetime
    view: OccurrenceView
    dates: tuple[CalendarDate, ...]
