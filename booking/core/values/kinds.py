"""The words of the house: kinds, states, roles, each a code that is stored as it is."""

from enum import StrEnum


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
        return self is _CONFIRMED or self is _REQUESTED


# Asked by the thousand: looking a member up in its class takes longer than to compare it.
_REQUESTED, _CONFIRMED = State.REQUESTED, State.CONFIRMED

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
    """What a booking is for; a house may have others (``booking.core.categories``)."""

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


class WaitMode(StrEnum):
    """What becomes of a time that somebody waits for: booked at once, or offered first."""

    CLAIM = "claim"
    OFFER = "offer"


class WantState(StrEnum):
    """State of a place in the waiting list; it is over once served, gone or expired."""

    WAITING = "waiting"
    OFFERED = "offered"
    SERVED = "served"
    GONE = "gone"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Whether it still has its place."""
        return self in (WantState.WAITING, WantState.OFFERED)


class RenewalState(StrEnum):
    """State of the question whether a series goes on next season."""

    ASKED = "asked"
    WARNED = "warned"
    KEPT = "kept"
    GIVEN_BACK = "given_back"
    ENDED = "ended"

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered yet."""
        return self in (RenewalState.ASKED, RenewalState.WARNED)


class Role(StrEnum):
    """What a person may do, from the least to the most."""

    MEMBER = "member"
    MANAGER = "manager"
    APPROVER = "approver"
    ADMIN = "admin"


class Stance(StrEnum):
    """What a rule says to whoever asks: at once, with an approver's agreement, or not at all."""

    ALLOW = "allow"
    ASK = "ask"
    REFUSE = "refuse"


class ByMail(StrEnum):
    """What becomes of a booking that is asked for by mail: nothing, all of it, or what is free."""

    OFF = "off"
    WHOLE = "whole"
    PARTLY = "partly"


class Door(StrEnum):
    """The way by which a change came in; kept in the audit."""

    WEB = "web"
    CLI = "cli"
    DEMO = "demo"
    SYSTEM = "system"
    MAIL = "mail"
    DAV = "dav"
    SYNC = "sync"


def combined_state(states: "set[State]") -> State:
    """Return the state that stands for all of them; ``cancelled`` for none."""
    return next((state for state in STATE_ORDER if state in states), State.CANCELLED)
