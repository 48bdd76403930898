"""Connections with members' own calendars: what they are told to do, and how they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from booking.core.calendars import MINE, Scope
from booking.core.messages import Message

LEAST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
FIRST_PAUSE = timedelta(minutes=1)
TRIES_BEFORE_TOLD = 6  # about an hour
SMALLEST_LOSS = 5
NOTICES = (
    "notice_calendar_stopped",
    "notice_calendar_failing",
    "notice_calendar_asks",
)
SIGNED_OUT = "remote_signed_out"
LOSS, LOSS_ACCEPTED = "remote_emptied", "loss_accepted"  # reasons of a connection


class Standing(StrEnum):
    """How a connection is.

    ``draft``: no calendar is chosen yet.  ``paused`` by its owner, ``stopped``
    by itself until its owner helps.  ``ending``: our events are being removed.
    """

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"
    ENDING = "ending"


class Edits(StrEnum):
    """What becomes of a change that was made in the other calendar."""

    ASK = "ask"
    FOLLOW = "follow"
    RESTORE = "restore"


class Deletes(StrEnum):
    """What becomes of an event that was deleted in the other calendar."""

    ASK = "ask"
    CANCEL = "cancel"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a connection is told to do: which bookings, and what of changes made there."""

    scope: Scope = MINE
    edits: Edits = Edits.RESTORE
    deletes: Deletes = Deletes.RESTORE
    books: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Where a member's calendars are and how to sign in there; ``secret`` is sealed.

    ``provider`` is whom the member signed in at, where ``scheme`` is ``oauth``.
    """

    home: str
    username: str
    scheme: str
    secret: str = field(repr=False)
    provider: str = ""

    @property
    def host(self) -> str:
        """The name of the server."""
        return urlsplit(self.home).hostname or ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A member's way to a provider and back; ``verifier`` is sealed.

    ``username`` is the member's name there where it is needed, ``connection_id``
    the connection whose owner signs in again.
    """

    provider: str
    verifier: str = field(repr=False)
    username: str = ""
    connection_id: int | None = None


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A connection as its owner and the worker know it; ``found`` are (address, name)."""

    id: int
    person_id: int
    owner_name: str
    name: str
    account: Account
    url: str
    found: tuple[tuple[str, str], ...]
    settings: Settings
    state: Standing
    reason: Message | None
    tries: int
    created_at: datetime
    succeeded_at: datetime | None
    moved_at: datetime | None
    due_at: datetime
    is_running: bool
    version: int
    place: str = ""  # name of the room or the organisation of its scope
    sync_token: str | None = None
    ctag: str | None = None
    seen: int = -1
    known: str = ""
    shares_busy: bool = False


@dataclass(frozen=True, slots=True)
class RemoteView:
    """What we know of an object of ours on the other server (``booking.models.RemoteObject``)."""

    id: int
    uid: str
    booking_id: int | None
    href: str
    etag: str | None
    theirs: str
    pushed: str
    version: int
    state: str
    reason: str = ""
    flips: int = 0
    flips_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventView:
    """A line of a connection's diary."""

    at: datetime
    message: Message
    booking_id: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """A change in the other calendar of which its owner has to say whether it is meant here too.

    ``what`` is ``edit`` or ``delete``.
    """

    id: int
    booking_id: int
    what: str
    title: str


def pause_after_success(moved_at: datetime | None, now: datetime) -> timedelta:
    """Return how long to wait before the other calendar is asked again.

    A twelfth of the time in which nothing has moved: five minutes where things
    do, six hours where nothing has for three days.
    """
    quiet = now - moved_at if moved_at is not None else LONGEST_PAUSE * 12
    return min(max(quiet / 12, LEAST_PAUSE), LONGEST_PAUSE)


def pause_after_failure(tries: int, asked: int | None = None) -> timedelta:
    """Return how long to wait after the nth failure in a row: twice as long each time.

    ``asked`` are the seconds that the server itself asked for.
    """
    pause = min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)
    return max(pause, timedelta(seconds=asked or 0))


def is_loss(gone: int, known: int) -> bool:
    """Whether so much has vanished at once that a person has to say whether it was meant."""
    return gone > SMALLEST_LOSS and gone * 2 > known


def counted(states: Mapping[str, int]) -> tuple[int, int]:
    """Return how many events agree with the house, and how many wait."""
    return states.get("synced", 0), sum(states.get(each, 0) for each in ("push", "remove"))
