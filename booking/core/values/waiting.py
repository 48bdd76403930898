"""Places in the waiting list, and the time that is held for whoever is next."""

from dataclasses import dataclass
from datetime import datetime

from booking.core.frozen import frozen
from booking.core.intervals import Interval
from booking.core.values.kinds import Visibility, WaitMode, WantState


@dataclass(frozen=True, slots=True)
class Want:
    """Somebody waits for spaces at a time; ``interval`` is without buffers.

    ``starts_at``/``ends_at`` are naive wall clock of the site.  With
    ``recurrence_id`` it waits for the skipped date of that day of the series
    ``booking_id``; without, ``booking_id`` is what came of it.  ``expires_at``
    is until when it is offered.
    """

    id: int
    person_id: int
    site_id: int
    mode: WaitMode
    state: WantState
    since: datetime
    interval: Interval
    starts_at: datetime
    ends_at: datetime
    space_ids: tuple[int, ...]
    title: str
    category: str
    visibility: Visibility
    note: str = ""
    all_day: bool = False
    organiser_id: int | None = None
    organisation_id: int | None = None
    attendance: int | None = None
    booking_id: int | None = None
    recurrence_id: datetime | None = None
    expires_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def place(self) -> tuple[datetime, int]:
        """What the line is ordered by: first come, first served."""
        return self.since, self.id


@frozen()
class Held:
    """Time that is held for whoever is next in the waiting list; ``is_mine`` for who looks.

    ``expires_at`` None: just freed, somebody is about to be asked.
    """

    want_id: int
    interval: Interval
    expires_at: datetime | None
    is_mine: bool = False
