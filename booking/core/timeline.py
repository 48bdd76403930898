"""The plan over time: where a moment lies on paper, leases side by side, days that are free.

Pure; a length on paper is in pixels, days are the house's own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Protocol, TypeVar

DAY = timedelta(days=1)
DAY_MIN = 24 * 60


class Dated(Protocol):
    """What has a first and a last day; ``ends`` None is open."""

    @property
    def starts(self) -> date: ...
    @property
    def ends(self) -> date | None: ...


class Partial(Dated, Protocol):
    """What has a share, or some weekdays (empty: all), from a day to another."""

    @property
    def share(self) -> int: ...
    @property
    def shares(self) -> int: ...
    @property
    def weekdays(self) -> frozenset[int]: ...


@dataclass(frozen=True, slots=True)
class PartFree:
    """Days on which ``share`` of a space is free, on some ``weekdays`` only (empty: on all)."""

    first: date
    last: date
    share: Fraction
    weekdays: frozenset[int] = frozenset()


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


def free_parts(leases: Sequence[Partial], first: date, last: date) -> list[PartFree]:
    """Return the stretches of days on which a space is let, but not all of it, in order."""
    if all(each.share == each.shares and not each.weekdays for each in leases):
        return []
    cuts = {first}
    cuts |= {each.starts for each in leases if first < each.starts <= last}
    cuts |= {each.ends + DAY for each in leases if each.ends and first <= each.ends < last}
    days = sorted(cuts)
    found: list[PartFree] = []
    for begins, ends in zip(days, [*(each - DAY for each in days[1:]), last], strict=True):
        here = [
            each
            for each in leases
            if each.starts <= begins and (not each.ends or each.ends >= ends)
        ]
        part = _free_part(here, begins, ends) if here else None
        if part is None:
            continue
        before = found[-1] if found else None
        if before and (before.last + DAY, before.share, before.weekdays) == (
            part.first,
            part.share,
            part.weekdays,
        ):
            found[-1] = PartFree(before.first, ends, part.share, part.weekdays)
        else:
            found.append(part)
    return found


def _free_part(leases: Iterable[Partial], first: date, last: date) -> PartFree | None:
    """Return what leases that all run from a day to another leave, None for nothing."""
    left = dict.fromkeys(range(7), Fraction(1))
    for each in leases:
        for day in each.weekdays or left:
            left[day] -= Fraction(each.share, each.shares)
    free = {day: share for day, share in left.items() if share > 0}
    if not free:
        return None
    days = frozenset() if len(free) == len(left) else frozenset(free)
    return PartFree(first, last, min(free.values()), days)
