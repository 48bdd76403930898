"""The plan over time: where a moment lies on paper, leases side by side, days that are free.

Pure; a length on paper is in pixels, days are the house's own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

DAY = timedelta(days=1)
DAY_MIN = 24 * 60


class Dated(Protocol):
    """What has a first and a last day; ``ends`` None is open."""

    @property
    def starts(self) -> date: ...
    @property
    def ends(self) -> date | None: ...


T = TypeVar("T", bound=Dated)


@dataclass(frozen=True, slots=True)
class Scale:
    """Some days side by side, each ``day_px`` wide, of which the minutes shown are spread.

    What lies before ``opens`` or after ``closes`` is drawn at the edge of its day.
    """

    first: date
    days: int
    day_px: float
    opens: int = 0
    closes: int = DAY_MIN

    @property
    def width(self) -> int:
        """The width of all days."""
        return round(self.days * self.day_px)

    @property
    def last(self) -> date:
        """The last day shown."""
        return self.first + (self.days - 1) * DAY

    def of_day(self, day: date) -> int:
        """Return where a day begins, at an edge for what is not shown."""
        return round(min(max((day - self.first).days, 0), self.days) * self.day_px)

    def at(self, local: datetime) -> int:
        """Return where a naive local time lies."""
        minutes = min(max(local.hour * 60 + local.minute, self.opens), self.closes)
        part = (minutes - self.opens) / (self.closes - self.opens)
        days = (local.date() - self.first).days + part
        return round(min(max(days, 0), self.days) * self.day_px)


def side_by_side(leases: Iterable[T]) -> list[list[T]]:
    """Return leases in as few lines as can be, so that none lies over another; by start."""
    lines: list[list[T]] = []
    for each in sorted(leases, key=lambda lease: lease.starts):
        for line in lines:
            before = line[-1].ends
            if before is not None and before < each.starts:
                line.append(each)
                break
        else:
            lines.append([each])
    return lines


def gaps(leases: Sequence[Dated], first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the stretches of days from ``first`` to ``last`` that no lease has, in order."""
    free_from = first
    for each in sorted(leases, key=lambda lease: lease.starts):
        if each.starts > free_from:
            yield free_from, min(each.starts - DAY, last)
        if each.ends is None:
            return
        free_from = max(free_from, each.ends + DAY)
        if free_from > last:
            return
    if free_from <= last:
        yield free_from, last
