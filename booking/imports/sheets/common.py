"""What all kinds of tables have in common: a row is read, compared with what is there, written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from booking.core.messages import Message, message
from booking.core.sheets import Existing, Fate, Planned
from booking.core.values import Actor


class Rows(Protocol):
    """A kind of table, with what is there already: read once, for many rows."""

    def plan(self, row: int, texts: Mapping[str, str]) -> Planned:
        """Return what a row comes to; ``texts`` are its cells by column, without empty ones."""

    def foresee(self, planned: Planned) -> Planned:
        """Return the row as it is once those above are written; a preview asks in order."""

    def write(self, planned: Planned, actor: Actor, *, now: datetime) -> int:
        """Write a row that is new, or changes something; return the id of its thing."""


def wrong(row: int, name: str, why: list[Message]) -> Planned:
    """Return a row that cannot be written."""
    return Planned(row, name, Fate.WRONG, tuple(why))


def settled(
    row: int,
    name: str,
    values: Mapping[str, object],
    *,
    target: int,
    stored: Mapping[str, object],
    existing: Existing,
) -> Planned:
    """Return what becomes of a row about a thing that is there, as ``stored`` has it.

    Columns that the row leaves empty stay as they are.
    """
    changes = tuple(key for key, value in values.items() if stored[key] != value)
    if not changes:
        return Planned(row, name, Fate.SAME, target=target)
    fate = Fate.CHANGE if existing is Existing.UPDATE else Fate.KEPT
    return Planned(row, name, fate, changes=changes, target=target, wish=values)


class Seen:
    """Which rows of a table were about which thing, so that none is there twice."""

    def __init__(self) -> None:
        self.rows: dict[object, int] = {}

    def once(self, key: object, planned: Planned) -> Planned:
        """Return the row, or what is wrong with it: a row above is about the same."""
        before = self.rows.setdefault(key, planned.row)
        if before == planned.row or planned.fate is Fate.WRONG:
            return planned
        return wrong(planned.row, planned.name, [message("row_twice", row=before)])
