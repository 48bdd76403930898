"""What a family of pages has in common: rows that grow, and addresses that are counted."""

from dataclasses import dataclass
from typing import Protocol

from flask import Flask

from booking.core.values import Actor
from tests.support.factories import House

SIZES = (1, 3, 350)
MOST = 9
MOST_DATES = 300
MOST_LINKS = 40  # a person may not have more than 50


@dataclass(frozen=True, slots=True)
class Page:
    """An address, who looks at it (``None``: nobody signed in), and its most statements."""

    reader: Actor | None
    path: str
    most: int = MOST


@dataclass(frozen=True, slots=True)
class Growth:
    """How large the house becomes: so many rows of each kind, the ``added`` ones new."""

    size: int
    added: range

    @property
    def step(self) -> int:
        """Return which of ``SIZES`` it is, from 0 on."""
        return SIZES.index(self.size)

    @property
    def dates(self) -> range:
        """Return the days of a series that grows with the house, two at least."""
        return range(max(min(self.size, MOST_DATES), 2))


class Family(Protocol):
    """Pages that show the same rows."""

    def __init__(self, house: House, app: Flask) -> None: ...

    def grow(self, growth: Growth) -> None:
        """Add the rows that the house is to have more."""

    def pages(self) -> dict[str, Page]:
        """Return the pages by their names, as the house is now."""
