"""A booking that somebody asks for by mail, and what the house answered.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.core.messages import Message, Parameter

VALID = timedelta(days=3)  # to confirm that one has sent a mail
MOST_ASKED_A_DAY = 5  # mails that ask one person whether it was her
MOST_A_DAY = 100  # requests of one person


@dataclass(frozen=True, slots=True)
class MailWish:
    """What a mail asks for: a calendar object for a room, in the name of a member.

    ``proven`` says that the relay believes its sender, ``refusal`` why it cannot be,
    whoever sent it.
    """

    person_id: int
    space_id: int
    content: bytes
    proven: bool
    refusal: Message | None = None


@dataclass(frozen=True, slots=True)
class MailRequest:
    """A mail that asked, as it is stored; ``told`` is what was answered last."""

    id: int
    at: datetime
    person_id: int
    name: str
    email: str
    locale: str | None
    space_id: int
    content: bytes
    state: str
    booking_id: int | None
    answer: Mapping[str, object]
    told: str
    is_newest: bool


@dataclass(frozen=True, slots=True)
class Free:
    """A time that is free instead, in the wall clock of the house."""

    start: datetime
    end: datetime
    space_ids: tuple[int, ...]

    def to_json(self) -> list[object]:
        """Return what is stored."""
        return [self.start.isoformat(), self.end.isoformat(), list(self.space_ids)]

    @classmethod
    def from_json(cls, data: object) -> "Free":
        """Return what was stored."""
        assert isinstance(data, list)  # noqa: S101  as written by ``to_json``
        start, end, spaces = data
        return cls(
            datetime.fromisoformat(str(start)), datetime.fromisoformat(str(end)), tuple(spaces)
        )


def stored_messages(messages: tuple[Message, ...]) -> list[object]:
    """Return messages as JSON."""
    return [
        [
            each.code,
            {
                key: value.isoformat() if isinstance(value, datetime) else value
                for key, value in each.params.items()
                if isinstance(value, str | int | float | datetime)
            },
        ]
        for each in messages
    ]


def read_messages(data: object) -> list[Message]:
    """Return messages that were stored."""
    found: list[Message] = []
    for each in data if isinstance(data, list) else ():
        code, params = each
        known: dict[str, Parameter] = dict(params)
        found.append(Message(str(code), known))
    return found
