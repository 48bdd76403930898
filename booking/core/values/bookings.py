"""Bookings as boards, lists and pages show them, and what stands in their way."""

from dataclasses import field, replace
from datetime import datetime, timedelta

from booking.core.frozen import frozen
from booking.core.intervals import Interval
from booking.core.values.houses import ClosureView
from booking.core.values.kinds import Category, State, Visibility
from booking.core.values.waiting import Held


@frozen()
class OccurrenceView:
    """One allocation of one occurrence with all that boards, lists and feeds show.

    ``interval`` is without buffers.  ``redacted`` views carry no text, no
    person and no organisation: see ``booking.core.visibility``.
    """

    allocation_id: int
    occurrence_id: int
    booking_id: int
    site_id: int
    space_id: int
    interval: Interval
    state: State
    title: str
    category: str
    visibility: Visibility
    organiser_id: int | None
    organiser_name: str
    created_by_id: int | None
    organisation_id: int | None
    organisation_name: str
    recurrence_id: datetime  # naive local wall clock (RFC 5545 §3.8.4.4)
    is_series: bool = False
    all_day: bool = False
    attendance: int | None = None
    note: str = ""
    reason: str = ""
    setup: timedelta = timedelta(0)
    cleanup: timedelta = timedelta(0)
    version: int = 1
    redacted: bool = False
    checked_in_at: datetime | None = None

    def redact(self) -> "OccurrenceView":
        """Return the view that says only "busy": time, space and state."""
        return replace(
            self,
            title="",
            category=Category.OTHER,
            organiser_id=None,
            organiser_name="",
            created_by_id=None,
            organisation_id=None,
            organisation_name="",
            attendance=None,
            note="",
            reason="",
            checked_in_at=None,
            redacted=True,
        )


@frozen()
class Clash:
    """A wanted interval and what stands in its way, as the actor may see it.

    Exactly one of ``occurrence``, ``closure`` and ``held`` is set; ``wanted`` is
    without buffers, ``recurrence_id`` the local start of the wanted date.
    """

    space_id: int
    wanted: Interval
    recurrence_id: datetime
    occurrence: OccurrenceView | None = None
    closure: ClosureView | None = None
    held: Held | None = None


@frozen()
class BookingView:
    """A booking (series) with its occurrences, one view per allocation.

    ``occurrences`` are ordered by start, then space.  ``state`` follows from
    theirs.  ``starts_at``/``ends_at`` are the naive local times of the first
    date, ``rdates`` the naive local starts of dates that its rule does not give,
    ``exdates`` of those that it leaves out because of ``leaves_out``, codes of
    ``booking.core.days_off``.  ``usual_spaces`` are the spaces of every date
    that has none of its own.
    """

    id: int
    uid: str
    site_id: int
    title: str
    category: str
    visibility: Visibility
    note: str
    organiser_id: int | None
    organiser_name: str
    created_by_id: int | None
    created_by_name: str
    organisation_id: int | None
    organisation_name: str
    attendance: int | None
    starts_at: datetime
    ends_at: datetime
    zone: str
    all_day: bool
    rule: str | None
    sequence: int
    version: int
    created_at: datetime
    updated_at: datetime
    state: State
    cancel_reason: str = ""
    follows_id: int | None = None
    rdates: tuple[datetime, ...] = ()
    usual_spaces: tuple[int, ...] = ()
    exdates: tuple[datetime, ...] = ()
    exdates_beyond: tuple[datetime, ...] = ()
    leaves_out: frozenset[str] = frozenset()
    occurrences: tuple[OccurrenceView, ...] = field(default=())
    redacted: bool = False

    @property
    def space_ids(self) -> tuple[int, ...]:
        """The spaces of all dates, in id order."""
        return tuple(sorted({each.space_id for each in self.occurrences}))
