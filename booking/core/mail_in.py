"""A mail that came in, as far as it is kept; and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from booking.core.messages import Message


class Standing(StrEnum):
    """What became of a mail: done, set aside, on its way, or waiting for its sender's yes."""

    DONE = "done"
    ASIDE = "aside"
    WAITS = "waits"
    ASKS = "asks"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail by its ``key``, which a copy of it has too, and its ``place``, which none has."""

    key: str
    place: str
    sender: str
    subject: str


@dataclass(frozen=True, slots=True)
class ReceivedView:
    """A mail in the list of those that came in; ``reason`` is why it was set aside."""

    id: int
    at: datetime
    sender: str
    subject: str
    standing: Standing
    reason: Message | None
    booking_id: int | None = None


@dataclass(frozen=True, slots=True)
class MailboxState:
    """When the mailbox was last read, and what was wrong ("" where nothing was)."""

    at: datetime | None = None
    error: str = ""
