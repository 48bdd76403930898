"""What a door asks for.  Doors parse into these and nothing else."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from booking.core.invitees import Named
from booking.core.values import Category, Document, SpaceKind, Visibility, WaitMode


@dataclass(frozen=True, slots=True)
class OwnDate:
    """What one date of a series has of its own; None, or "", is as the series has it.

    ``recurrence_id`` is the local start by the rule, of which the day counts.
    ``start`` and ``end`` are naive wall-clock times, both or none.
    """

    recurrence_id: datetime
    start: datetime | None = None
    end: datetime | None = None
    space_ids: tuple[int, ...] | None = None
    title: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """One or more spaces of one site, once or again and again.

    ``start`` and ``end`` are naive wall-clock times of the site (first date of
    a series).  With ``all_day`` they are midnights and ``end`` is exclusive.
    ``rule`` is an RRULE value (RFC 5545 §3.3.10) or None; ``rdates`` are further
    naive local starts, of the same length (RDATE, §3.8.5.2), ``leaves_out`` codes
    of days off (``booking.core.days_off``).  ``skip`` holds the local starts of
    dates to leave out because they clash; with ``waits`` they wait for their
    time to become free.  ``own`` is what single dates have of their own.
    ``organiser_id`` None means the actor.  ``request_key`` makes a repeated
    post harmless.  ``invite`` are people to invite by mail, when it is new.
    """

    space_ids: tuple[int, ...]
    start: datetime
    end: datetime
    title: str
    all_day: bool = False
    rule: str | None = None
    rdates: tuple[datetime, ...] = ()
    leaves_out: frozenset[str] = frozenset()
    skip: frozenset[datetime] = frozenset()
    own: tuple[OwnDate, ...] = ()
    organisation_id: int | None = None
    organiser_id: int | None = None
    attendance: int | None = None
    category: str = Category.MEETING.value
    visibility: Visibility = Visibility.MEMBERS
    note: str = ""
    request_key: str | None = None
    waits: WaitMode | None = None
    invite: tuple[Named, ...] = ()

    @property
    def all_space_ids(self) -> tuple[int, ...]:
        """The spaces of all dates, those that only single dates have included, in id order."""
        own = {space_id for each in self.own for space_id in each.space_ids or ()}
        return tuple(sorted({*self.space_ids, *own}))


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """A booking as it shall be from now on; ``version`` is the one the editor saw.

    ``since`` is the local start (by the rule) of the date of a series from
    which on it shall be so; None is the first that comes.
    """

    booking_id: int
    version: int
    wanted: BookingRequest
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class DateRequest:
    """One date of a series as it shall be; naive local times, "" is as the series has it."""

    booking_id: int
    occurrence_id: int
    version: int
    start: datetime
    end: datetime
    space_ids: tuple[int, ...]
    title: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """A single booking, or (``occurrence_id``) one date of a series, to another time or space.

    Texts stay.  ``space_from`` and ``space_to`` exchange one space for another; both None
    keep the spaces.
    """

    booking_id: int
    version: int
    start: datetime
    end: datetime
    space_from: int | None = None
    space_to: int | None = None
    occurrence_id: int | None = None


@dataclass(frozen=True, slots=True)
class DateBackRequest:
    """A date of a series that was given up, and shall take place after all."""

    booking_id: int
    occurrence_id: int
    version: int


@dataclass(frozen=True, slots=True)
class OverrideRequest:
    """A booking, or the change of one or of a date, over what others have.

    ``displaced`` are the ids of the allocations that the actor saw and agreed to
    displace; their people are told ``reason``.
    """

    asked: BookingRequest | ChangeRequest | DateRequest
    reason: str
    displaced: frozenset[int]


@dataclass(frozen=True, slots=True)
class HandOverRequest:
    """A booking that another person shall have, with ``words`` to them."""

    booking_id: int
    version: int
    person_id: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class DateSeen:
    """A date, of a single booking too, as somebody saw it: with the version of its booking."""

    booking_id: int
    occurrence_id: int
    version: int


@dataclass(frozen=True, slots=True)
class SwapRequest:
    """A date of one's own, ``given`` for somebody else's; ``words`` go with it."""

    given: DateSeen
    wanted: DateSeen
    words: str = ""


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Give a booking back, or (``occurrence_id``) one date of it."""

    booking_id: int
    version: int
    reason: str = ""
    occurrence_id: int | None = None


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """Approve or refuse the open allocations of a booking that the actor may decide.

    ``space_id`` narrows it to one space, ``dates`` to the dates with these
    local starts; what is left waits on.  ``skip`` (approval only) holds the
    local starts of dates that are taken by now and shall be left out.
    ``refuse_rivals`` (approval only) refuses the other requests for the same
    time, for this reason, and offers each what else is free; "" leaves them.
    """

    booking_id: int
    version: int
    reason: str = ""
    space_id: int | None = None
    dates: frozenset[datetime] | None = None
    skip: frozenset[datetime] = frozenset()
    refuse_rivals: str = ""


@dataclass(frozen=True, slots=True)
class ProposalRequest:
    """Another time or other spaces for a request that waits; naive local times.

    Of a series the first date: it keeps its rule.  ``words`` go to whoever asked.
    """

    booking_id: int
    version: int
    space_ids: tuple[int, ...]
    start: datetime
    end: datetime
    words: str = ""


class Over(StrEnum):
    """What becomes of the bookings that a closure lies over."""

    KEEP = "keep"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class ClosureRequest:
    """Close a space, or (``space_id`` None) the whole site; naive local times.

    ``over`` None: nobody has said yet what becomes of the bookings there.
    """

    site_id: int
    start: datetime
    end: datetime
    reason: str
    space_id: int | None = None
    over: Over | None = None


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """A space, or a share of it, to be let: as ``booking.core.values.LeaseView`` has it."""

    space_id: int
    organisation_id: int
    starts: date
    ends: date | None
    area_m2: Decimal
    rent_m2: Decimal
    share: int = 1
    shares: int = 1
    weekdays: frozenset[int] = frozenset()
    includes: frozenset[str] = frozenset()
    rooms: timedelta | None = None
    months_notice: int = 3
    documents: tuple[Document, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class LeaseMove:
    """A tenant's move: from the day ``on`` the lease goes on in (a share of) another space."""

    lease_id: int
    version: int
    space_id: int
    on: date
    area_m2: Decimal
    rent_m2: Decimal
    share: int = 1
    shares: int = 1


@dataclass(frozen=True, slots=True)
class PartsRequest:
    """What a space shall consist of; ``part_ids`` empty: of itself.

    ``agreed`` says that the bookings which change with it were looked at.
    """

    space_id: int
    part_ids: tuple[int, ...]
    version: int
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class DivideRequest:
    """A room that becomes several, which can be booked together and apart."""

    space_id: int
    names: tuple[str, ...]
    version: int
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Fitting:
    """What a space of a site has to be like; ``features`` all of them, ``kind`` None any."""

    site_id: int
    kind: SpaceKind | None = None
    attendance: int | None = None
    features: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Free time of a ``length``, from ``earliest`` to ``latest`` of some days; all local.

    ``weekdays`` (0 Monday) empty are all of them; ``latest`` 00:00 is the
    midnight that a day ends with.
    """

    length: timedelta
    first: date
    last: date
    earliest: time
    latest: time
    weekdays: frozenset[int] = frozenset()
