"""Frozen values that the rules see.  Queries make them, nobody changes them."""

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from booking.core.intervals import Interval


class SpaceKind(StrEnum):
    """What can be booked or let (RFC 5545 §3.2.3: ROOM, or RESOURCE for equipment)."""

    MEETING_ROOM = "meeting_room"
    OFFICE = "office"
    RECEPTION = "reception"
    DESK = "desk"
    WORKSHOP = "workshop"
    STORAGE = "storage"
    OUTDOOR = "outdoor"
    EQUIPMENT = "equipment"


class State(StrEnum):
    """State of an allocation; an occurrence's and a booking's follow from theirs."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SKIPPED = "skipped"
    CONFLICT = "conflict"

    @property
    def is_open(self) -> bool:
        """Whether the allocation still claims, or asks for, its time."""
        return self in (State.REQUESTED, State.CONFIRMED)


# The first state present in an occurrence's allocations is the occurrence's;
# the same order makes a booking's state from its occurrences.
STATE_ORDER = (
    State.REQUESTED,
    State.CONFIRMED,
    State.CONFLICT,
    State.REFUSED,
    State.EXPIRED,
    State.CANCELLED,
    State.SKIPPED,
)


class Layer(StrEnum):
    """Holds of different layers never clash: a lease does not refuse the tenant's meeting."""

    USE = "use"
    LET = "let"


class Category(StrEnum):
    """What a booking is for; figures are added up by it."""

    MEETING = "meeting"
    WORKSHOP = "workshop"
    TRAINING = "training"
    PERMANENCE = "permanence"
    EVENT = "event"
    OTHER = "other"


class Visibility(StrEnum):
    """Who may read a booking's details: everybody, signed-in people, or its own people."""

    PUBLIC = "public"
    MEMBERS = "members"
    PRIVATE = "private"


class OrganisationKind(StrEnum):
    """Has an office here, comes on fixed days, or joins projects only."""

    RESIDENT = "resident"
    PERMANENCE = "permanence"
    CONTRIBUTOR = "contributor"


class Role(StrEnum):
    """What a person may do, from the least to the most."""

    MEMBER = "member"
    MANAGER = "manager"
    APPROVER = "approver"
    ADMIN = "admin"


class Door(StrEnum):
    """The way by which a change came in; kept in the audit."""

    WEB = "web"
    CLI = "cli"
    DEMO = "demo"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role with its scope: one space, one site, or (both None) everything."""

    role: Role
    site_id: int | None = None
    space_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, and through which door.

    ``person_id`` is None for the operator at the command line and for the
    system itself; ``operator`` then allows everything.  ``organisations`` are
    the ids of all organisations the person belongs to, ``manages`` those
    whose bookings the person may see and move.
    """

    person_id: int | None
    name: str
    door: Door
    grants: frozenset[Grant] = frozenset()
    organisations: frozenset[int] = frozenset()
    manages: frozenset[int] = frozenset()
    operator: bool = False
    locale: str | None = None

    @property
    def role(self) -> Role:
        """The highest role, whatever its scope."""
        roles = {grant.role for grant in self.grants}
        if self.operator or Role.ADMIN in roles:
            return Role.ADMIN
        if Role.APPROVER in roles:
            return Role.APPROVER
        return Role.MANAGER if self.manages else Role.MEMBER


OPERATOR = Actor(None, "operator", Door.CLI, operator=True)


@dataclass(frozen=True, slots=True)
class Site:
    """A building with its time zone and hours (wall clock of that zone)."""

    id: int
    slug: str
    name: str
    zone: str
    opens: time
    closes: time  # 00:00 means midnight at the end of the day
    address: str = ""
    bookable_days: int = 400
    version: int = 1

    def __post_init__(self) -> None:
        if self.closes != time(0) and self.closes <= self.opens:
            raise ValueError("a site closes after it opens")


@dataclass(frozen=True, slots=True)
class Space:
    """What can be booked or let.

    ``part_ids`` are the physical spaces it consists of (itself for a simple
    one), in id order.  ``lanes`` bookings may run in it at a time.
    """

    id: int
    site_id: int
    kind: SpaceKind
    name: str
    capacity: int | None = None
    features: tuple[str, ...] = ()
    colour: int = 0
    lanes: int = 1
    part_ids: tuple[int, ...] = ()
    needs_approval: bool = False
    requests_hold: bool = True
    setup: timedelta = timedelta(0)
    cleanup: timedelta = timedelta(0)
    bookable: bool = True
    description: str = ""
    version: int = 1

    def blocked(self, used: Interval) -> Interval:
        """Return ``used`` with this space's buffers around it."""
        return used.padded(self.setup, self.cleanup)


@dataclass(frozen=True, slots=True)
class Hold:
    """An interval taken on one part, from an allocation or a closure (exactly one)."""

    part_id: int
    interval: Interval
    layer: Layer = Layer.USE
    lane: int = 0
    allocation_id: int | None = None
    closure_id: int | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
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
    category: Category
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
            redacted=True,
        )


@dataclass(frozen=True, slots=True)
class ClosureView:
    """A time in which a space, or (``space_id`` None) the whole site, is closed."""

    id: int
    site_id: int
    space_id: int | None
    interval: Interval
    reason: str


@dataclass(frozen=True, slots=True)
class Clash:
    """A wanted interval and what stands in its way, as the actor may see it.

    Exactly one of ``occurrence`` and ``closure`` is set; ``wanted`` is
    without buffers, ``recurrence_id`` the local start of the wanted date.
    """

    space_id: int
    wanted: Interval
    recurrence_id: datetime
    occurrence: OccurrenceView | None = None
    closure: ClosureView | None = None


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking (series) with its occurrences, one view per allocation.

    ``occurrences`` are ordered by start, then space.  ``state`` follows from
    theirs.  ``starts_at``/``ends_at`` are the naive local times of the first date.
    """

    id: int
    uid: str
    site_id: int
    title: str
    category: Category
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
    occurrences: tuple[OccurrenceView, ...] = field(default=())
    redacted: bool = False

    @property
    def space_ids(self) -> tuple[int, ...]:
        """The spaces asked for, in id order."""
        return tuple(sorted({each.space_id for each in self.occurrences}))


def combined_state(states: "set[State]") -> State:
    """Return the state that stands for all of them; ``cancelled`` for none."""
    return next((state for state in STATE_ORDER if state in states), State.CANCELLED)
