"""What a reader of calendar files finds: frozen, in wall clock, with a warning for each doubt."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.core.messages import Message
from booking.core.recurrence import Rule
from booking.core.values import Visibility


@dataclass(frozen=True, slots=True)
class ImportedDate:
    """One date of a series that differs from it (RECURRENCE-ID, RFC 5545 §3.8.4.4).

    Naive times of the event's zone; None is as the event has it.
    """

    recurrence_id: datetime
    start: datetime
    end: datetime
    title: str | None = None
    note: str | None = None
    location: str | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class ImportedEvent:
    """A calendar object with all its dates, as far as the house can keep it.

    ``start``, ``end``, ``exdates`` and ``rdates`` are naive wall-clock times
    of ``zone``; with ``all_day`` they are midnights and ``end`` is exclusive.
    ``rule`` has its UNTIL in that wall clock.  ``dates`` are those that
    differ, by ``recurrence_id``.  ``access`` is what CLASS says, ``tentative``
    what STATUS does, ``categories`` are the texts of CATEGORIES.

    Where a version is about "this and following" dates (RANGE=THISANDFUTURE, RFC 5545
    §3.2.13), ``follows`` says from which date on, in the wall clock of the series before it.
    Of a single object ``following`` is that version.
    """

    uid: str
    zone: str
    start: datetime
    end: datetime
    title: str
    note: str = ""
    location: str = ""
    all_day: bool = False
    cancelled: bool = False
    tentative: bool = False
    access: Visibility | None = None
    categories: tuple[str, ...] = ()
    rule: Rule | None = None
    exdates: tuple[datetime, ...] = ()
    rdates: tuple[datetime, ...] = ()
    dates: tuple[ImportedDate, ...] = ()
    warnings: tuple[Message, ...] = ()
    follows: datetime | None = None
    following: "ImportedEvent | None" = None

    @property
    def length(self) -> timedelta:
        """What the wall clock passes from start to end."""
        return self.end - self.start

    @property
    def is_series(self) -> bool:
        """Whether there may be more than one date."""
        return self.rule is not None or bool(self.rdates)


@dataclass(frozen=True, slots=True)
class Left:
    """An event that is left out, and why; ``start`` as far as it is known."""

    uid: str
    title: str
    reason: Message
    start: datetime | None = None
