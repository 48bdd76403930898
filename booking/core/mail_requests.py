"""A booking that somebody asks for by mail, and what the house answered.  Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.core.messages import Message, Parameter

VALID = timedelta(days=3)  # to confirm that one has sent a mail
MOST_ASKED_A_DAY = 5  # mails that ask one person whether it was her
MOST_A_DAY = 100  # requests of one person
MOST_ROOMS = 10  # of one mail


@dataclass(frozen=True, slots=True)
class MailWish:
    """What a mail asks for: a calendar object for rooms, in the name of a member.

    Each room answers by itself.  ``proven`` says that the relay believes its sender,
    ``refusal`` why it cannot be, whoever sent it.
    """

    person_id: int
    space_ids: tuple[int, ...]
    content: bytes
    proven: bool
    refusal: Message | None = None


@dataclass(frozen=True, slots=True)
class RoomAsked:
    """A version of an object that asks for a room; ``listed`` are all rooms that it invites."""

    space_id: int
    sequence: int
    listed: frozenset[int]


def given_up(
    asked: RoomAsked, before: Collection[RoomAsked], booked: Collection[int]
) -> frozenset[int]:
    """Return which of the rooms that are booked the newest version of an object wants no more.

    A room that its list names no more is given up, unless each room had a list of its own
    before, as programs write that hide who else is invited: then nobody but a CANCEL says
    which are meant no more.  What was added to the booking elsewhere stays beside the others;
    a booking that has gone elsewhere altogether comes back.
    """
    there = {each.space_id for each in before} & {*booked}
    if not there:
        return frozenset() if asked.listed & {*booked} else frozenset(booked)
    kept = asked.listed | {x.space_id for x in before if x.sequence == asked.sequence}
    older = [each for each in before if each.sequence < asked.sequence]
    last = [each for each in older if each.sequence == max(x.sequence for x in older)]
    rooms = {each.space_id for each in last}
    if not any(rooms <= each.listed for each in last):
        kept |= rooms
    return frozenset(there - kept)


@dataclass(frozen=True, slots=True)
class MailRequest:
    """What a mail asked one room for, as it is stored; ``told`` is what was answered last."""

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
