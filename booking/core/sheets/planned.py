"""What a row comes to, before it is written and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from booking.core.imports.stored import message_from_json, message_to_json
from booking.core.messages import Message


class Fate(StrEnum):
    """What becomes, or became, of a row."""

    NEW = "new"
    CHANGE = "change"
    SAME = "same"  # is there as the row has it
    KEPT = "kept"  # is there with other values, which stay
    WRONG = "wrong"
    ADDED = "added"
    CHANGED = "changed"
    REFUSED = "refused"  # was good, until it was written

    @property
    def is_good(self) -> bool:
        """Whether something is to be written."""
        return self in (Fate.NEW, Fate.CHANGE)


class Existing(StrEnum):
    """What becomes of things that are there under the same name."""

    LEAVE = "leave"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Planned:
    """A row that was looked at, or written.

    ``name`` says what it is about, ``changes`` which columns differ from what
    is there, ``target`` is the id of what is there.  ``wish`` is what a verb
    would be asked, of rows that are not wrong.
    """

    row: int
    name: str
    fate: Fate
    why: tuple[Message, ...] = ()
    changes: tuple[str, ...] = ()
    target: int | None = None
    wish: Any = None  # OrganisationWish | SpaceWish | LeaseWish, by the kind

    def to_json(self) -> list[object]:
        """Return it as a list, without the wish: there may be ten thousand of them."""
        why = [[*message_to_json(each), each.field] for each in self.why]
        return [self.row, self.name, self.fate.value, why, [*self.changes], self.target]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> "Planned":
        """Return what was stored."""
        row, name, fate, why, changes, target = data
        messages = tuple(_message(each) for each in why)
        return cls(row, name, Fate(fate), messages, tuple(changes), target)


def _message(data: Sequence[Any]) -> Message:
    code, params, field = data
    plain = message_from_json([code, params])
    return Message(plain.code, plain.params, field)


def counted(planned: Sequence[Planned]) -> Mapping[str, int]:
    """Return how many rows have each fate."""
    found: dict[str, int] = {}
    for each in planned:
        found[each.fate.value] = found.get(each.fate.value, 0) + 1
    return found
