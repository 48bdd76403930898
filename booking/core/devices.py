"""Calendar apps that open a person's calendars: what each may do, and which it lists."""

from enum import StrEnum

from booking.core.frozen import frozen
from booking.core.values import Actor

KINDS = ("person", "organisation", "space", "programme")  # as collections are stored


class Access(StrEnum):
    """Whether an app only reads, or books, changes and cancels as well."""

    READ = "read"
    WRITE = "write"


@frozen()
class Listed:
    """A calendar that an app can list.

    ``kind`` and ``owner_id`` are as collections are stored: ``person`` with the person's own id
    for "my bookings", ``programme`` with the site's.
    """

    kind: str
    owner_id: int

    def __str__(self) -> str:
        """Return the calendar as one word, such as ``space-3``; ``listed_of`` reads it."""
        return f"{self.kind}-{self.owner_id}"


@frozen()
class Device:
    """An app that has just proved who it is.

    ``actor`` is the person it acts for.  ``collections`` are the calendars that it lists, None
    for all; what it does not list it may open all the same, as the person may.
    """

    id: int
    name: str
    actor: Actor
    access: Access
    collections: frozenset[Listed] | None = None

    @property
    def may_write(self) -> bool:
        """Whether it may book, change and cancel."""
        return self.access is Access.WRITE

    def lists(self, kind: str, owner_id: int) -> bool:
        """Whether this calendar is among those that the app lists."""
        return self.collections is None or Listed(kind, owner_id) in self.collections


def may_list(actor: Actor, calendar: Listed) -> bool:
    """Whether this can be among the calendars of an app of the actor: no other person's, no
    other organisation's."""
    if calendar.kind == "person":
        return calendar.owner_id == actor.person_id
    return calendar.kind != "organisation" or calendar.owner_id in actor.organisations


def listed_of(word: str) -> Listed | None:
    """Return the calendar that a word such as ``space-3`` names, None where it names none."""
    kind, _dash, number = word.partition("-")
    is_id = number.isascii() and number.isdecimal() and 0 < len(number) < 10
    return Listed(kind, int(number)) if kind in KINDS and is_id else None
