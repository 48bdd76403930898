"""What the methods ask of a calendar, whatever is behind it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from booking.core.frozen import frozen
from booking.core.intervals import Interval
from booking.ical import Busy


class StaleToken(Exception):
    """The sync token is not one of ours, or what happened since is forgotten (RFC 6578 §3.2)."""


@frozen()
class Item:
    """An object as its reader knows it: name, version, and what finds it again.

    ``etag`` is without quotes.  ``may_change`` says whether the reader may change it.
    """

    name: str
    etag: str
    modified: datetime
    key: object = None
    may_change: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since a token: what is there, what is gone, and the token from here on.

    ``complete`` is False where there is more than was asked for.
    """

    items: Sequence[Item]
    gone: Sequence[str]
    token: str
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a PUT; without ``etag`` what is stored differs from what was sent."""

    created: bool
    etag: str = ""


class Calendar(Protocol):
    """A calendar as a program sees it; all of it is for one reader.

    ``path`` is its address, with a slash at its end; ``order`` where it stands among others.
    """

    @property
    def slug(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def colour(self) -> str: ...
    @property
    def order(self) -> int: ...
    @property
    def components(self) -> tuple[str, ...]: ...
    @property
    def zone(self) -> str: ...
    @property
    def may_write(self) -> bool: ...
    @property
    def is_sandbox(self) -> bool: ...

    def token(self) -> str:
        """Return where the calendar is: its sync token, and its ctag."""
        ...

    def items(self, window: Interval | None = None) -> list[Item]:
        """Return its objects, those alone that overlap the window: exactly those of one VEVENT."""
        ...

    def named(self, names: Iterable[str]) -> dict[str, Item]:
        """Return the objects with these names, by name."""
        ...

    def texts(self, items: Sequence[Item]) -> Mapping[str, str]:
        """Return the iCalendar texts of objects, by name."""
        ...

    def since(self, token: str, limit: int | None) -> Changes:
        """Return what changed since a token, "" for all there is.

        Raises:
            StaleToken: If that cannot be told.
        """
        ...

    def busy(self, window: Interval) -> list[tuple[Busy, Interval]]:
        """Return when it is busy."""
        ...

    def tag(self) -> str:
        """Return what tells the file of all its objects from others."""
        ...

    def whole(self) -> bytes | Iterator[bytes]:
        """Return all its objects as one file, a long one in pieces."""
        ...
