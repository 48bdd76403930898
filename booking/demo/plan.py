"""The plan of a demo year: who asks for what, when, and what becomes of it.

Pure: the same day gives the same plan.  Times are naive wall clock.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random

from booking.core.permanences import Details
from booking.core.values import Category, Visibility
from booking.demo.calendar import Days
from booking.demo.house import SPACES
from booking.demo.people import PEOPLE, Somebody

HOUR = timedelta(hours=1)


class Outcome(StrEnum):
    """What becomes of a wish once it is asked."""

    STANDS = "stands"  # confirmed at once, or still to be decided
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A booking as somebody asks for it, and what becomes of it at ``settled``."""

    spaces: tuple[str, ...]
    start: datetime
    end: datetime
    title: str
    organiser: Somebody
    asked: datetime
    organisation: str | None = None
    category: Category = Category.MEETING
    visibility: Visibility = Visibility.MEMBERS
    attendance: int | None = None
    note: str = ""
    rule: str | None = None
    skip: frozenset[datetime] = frozenset()
    leaves_out: frozenset[str] = frozenset()
    visitors: Details | None = None
    all_day: bool = False
    outcome: Outcome = Outcome.STANDS
    settled: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """A time in which a space, or (None) the whole house, is closed."""

    space: str | None
    start: datetime
    end: datetime
    reason: str
    made: datetime


@dataclass(slots=True)
class Sheet:
    """The plan as it grows: what is taken, and the dice."""

    days: Days
    now: datetime
    dice: Random
    wishes: list[Wish] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    taken: defaultdict[str, list[tuple[datetime, datetime]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def is_free(self, spaces: tuple[str, ...], start: datetime, end: datetime) -> bool:
        """Whether nothing holds any of the spaces, buffers included."""
        return all(self._has_lane(space, start, end) for space in spaces)

    def _has_lane(self, space: str, start: datetime, end: datetime) -> bool:
        until = end + _cleanup(space)
        met = sum(first < until and start < last for first, last in self.taken[space])
        return met < int(SPACES[space].get("lanes", 1))

    def take(self, spaces: tuple[str, ...], start: datetime, end: datetime) -> None:
        """Mark a time as taken."""
        for space in spaces:
            self.taken[space].append((start, end + _cleanup(space)))

    def close(self, closing: Closing) -> None:
        """Add a closing; it takes all lanes."""
        self.closings.append(closing)
        for space in SPACES if closing.space is None else (closing.space,):
            for _ in range(int(SPACES[space].get("lanes", 1))):
                self.taken[space].append((closing.start, closing.end))

    def add(self, wish: Wish) -> Wish:
        """Add a wish for a single time and mark it as taken."""
        self.wishes.append(wish)
        self.take(wish.spaces, wish.start, wish.end)
        return wish

    def bookings_on(self, space: str, day: date) -> int:
        """Return how many bookings and closings begin in the space on this day."""
        return sum(start.date() == day for start, _end in self.taken[space])

    def asked_before(self, start: datetime, *, days: tuple[int, int] = (3, 30)) -> datetime:
        """Return when somebody asked for a time: some days before, at work, never after now.

        What lies further ahead was asked in the last weeks.
        """
        asked = self.at_work(start.date() - timedelta(days=self.dice.randint(*days)))
        if asked < min(start, self.now):
            return asked
        return self.at_work(min(start, self.now).date() - timedelta(days=self.dice.randint(1, 45)))

    def asked_lately(self) -> datetime:
        """Return a moment at work of the last days."""
        return self.at_work(self.now.date() - timedelta(days=self.dice.randint(1, 3)))

    def answered_after(self, asked: datetime) -> datetime:
        """Return when somebody got round to it: one of the next days, at work."""
        return self.at_work(asked.date() + timedelta(days=self.dice.randint(1, 2)))

    def at_work(self, day: date) -> datetime:
        """Return a moment between eight and six."""
        return datetime.combine(day, time(8)) + self.minutes(10, 10 * 60)

    def minutes(self, least: int, most: int) -> timedelta:
        """Return a random time between two numbers of minutes."""
        return timedelta(minutes=self.dice.randint(least, most))

    def somebody_of(self, organisation: str) -> Somebody:
        """Return one of the people of an organisation."""
        return self.dice.choice([each for each in PEOPLE if each.organisation == organisation])


def needs_approval(spaces: tuple[str, ...]) -> bool:
    """Whether an approver decides about one of the spaces."""
    return any(SPACES[space].get("needs_approval", False) for space in spaces)


def _cleanup(space: str) -> timedelta:
    return timedelta(minutes=int(SPACES[space].get("cleanup_min", 0)))
