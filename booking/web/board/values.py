"""The board as values: columns of lanes, lanes of blocks, positions as class names.

Positions are quarter hours from the first hour shown, by the site's wall clock.
"""

from datetime import date, datetime

from booking.core.frozen import frozen
from booking.core.values import OccurrenceView, Space, State
from booking.web.board.quarters import HOUR


@frozen()
class Block:
    """A booking, or the part of it on one day, in one lane.

    ``since`` and ``until`` are set where it began before or goes on after
    this day.  ``moves`` is set where the reader may drag it.  ``inside``
    names the combined space that was booked, where it is not the lane's own.
    """

    css: str
    view: OccurrenceView
    start: str
    end: str
    mine: bool = False
    moves: bool = False
    since: datetime | None = None
    until: datetime | None = None
    inside: str = ""

    @property
    def pending(self) -> bool:
        """Whether it waits for a decision."""
        return self.view.state is State.REQUESTED

    @property
    def who(self) -> str:
        """The organisation, else the person, as far as the reader may know."""
        return self.view.organisation_name or self.view.organiser_name


@frozen()
class Strip:
    """Time that cannot be had, by its kind.

    A closure (closed), what the waiting list has (held), a buffer (setup,
    cleanup), or time outside the hours (shut).
    """

    css: str
    kind: str
    text: str = ""


@frozen()
class Slot:
    """Free time that a link offers; ``end`` is set where less than an hour is left."""

    css: str
    start: str
    end: str = ""


@frozen()
class Status:
    """How a space is at this moment (free, busy or closed), and until when (HH:MM)."""

    kind: str
    until: str = ""


@frozen()
class Lane:
    """One space on one day."""

    space: Space
    day: date
    blocks: tuple[Block, ...]
    strips: tuple[Strip, ...]
    slots: tuple[Slot, ...]
    now_css: str = ""
    status: Status | None = None


@frozen()
class Column:
    """A day with its lanes; on a board of one day, one lane of it."""

    day: date
    lanes: tuple[Lane, ...]
    is_today: bool = False

    @property
    def is_quiet(self) -> bool:
        """Whether it is a day of a weekend without any booking; it may be narrower."""
        return self.day.weekday() > 4 and not any(lane.blocks for lane in self.lanes)


@frozen()
class Board:
    """What the page shows; ``first`` and ``last`` are the hours of its edges.

    ``shape`` is ``day`` (a column for each space), ``room`` (one space, a
    column for each day) or ``week`` (a column for each day with all spaces).
    """

    shape: str
    first: int
    last: int
    columns: tuple[Column, ...]
    hours: tuple[int, ...] = ()

    @property
    def rows(self) -> int:
        """The number of quarter hours shown."""
        return (self.last - self.first) * HOUR
