"""The best other times and other spaces for what cannot be had as it was asked.

Possible starts are bits of one integer, a bit for each step of the clock.
Each occurrence and each space takes out the starts at which it would meet
something busy, so a series of a year costs little more than one date.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, islice
from operator import attrgetter

from booking.core.availability.conflicts import EPOCH, STEP
from booking.core.frozen import frozen
from booking.core.intervals import Interval, merge
from booking.core.values import Space

_by_start = attrgetter("start")
_by_end = attrgetter("end")

_INSTANT = timedelta.resolution

Busy = Mapping[int, Sequence[Interval]]


class Reason(StrEnum):
    """In what an alternative differs from what was asked."""

    OTHER_TIME = "other_time"
    OTHER_SPACE = "other_space"


@frozen()
class Alternative:
    """Spaces and a time, without buffers, that were free at the moment of asking.

    For a series the time is that of its first date; all others move along.
    """

    space_ids: tuple[int, ...]
    interval: Interval
    reason: Reason


def alternatives(
    wanted: Sequence[Interval],
    spaces: Sequence[Space],
    *,
    others: Sequence[Space] = (),
    busy: Busy,
    open_hours: Iterable[Interval],
    now: datetime,
    attendance: int | None = None,
    most: int = 4,
) -> list[Alternative]:
    """Return the best alternatives: up to ``most`` other times, then as many other spaces.

    ``wanted`` are the dates of a booking without buffers, in order; ``busy``
    says for each space id when it is taken, in any order.  ``open_hours``
    has one interval for each day that may be offered, and of a series the
    days of all its dates.

    Other times are in the same spaces, in opening hours and not before
    ``now``: those of the same day first, the nearest first, then of the
    following days those nearest to the same time of day; one for each free
    gap.  A series moves as a whole, within its days.  Other spaces keep the
    time and those spaces that are free, and replace the others by free ones
    of the same kind: the smallest that holds ``attendance``, or else as many
    as the wanted one, first.
    """
    if not wanted:
        return []
    first = wanted[0]
    merged = {space.id: merge(busy.get(space.id, ())) for space in (*spaces, *others)}
    times = _other_times(wanted, spaces, busy=merged, windows=sorted(open_hours), now=now)
    sets = _other_spaces(wanted, spaces, others=others, busy=merged, attendance=attendance)
    space_ids = tuple(space.id for space in spaces)
    found = [
        Alternative(space_ids, Interval(start, start + first.length), Reason.OTHER_TIME)
        for start in islice(times, most)
    ]
    if first.start >= now:
        found += [Alternative(ids, first, Reason.OTHER_SPACE) for ids in islice(sets, most)]
    return found


def _other_times(
    wanted: Sequence[Interval],
    spaces: Sequence[Space],
    *,
    busy: Busy,
    windows: Sequence[Interval],
    now: datetime,
) -> Iterator[datetime]:
    """Yield other starts of the first date, best first."""
    first = wanted[0]
    for hours, target in _days(wanted, windows):
        grid = _Grid.over(hours)
        free = grid.between(now, hours.end)
        for each in wanted:
            shift = each.start - first.start
            its_hours = hours if each is first else windows[_home(windows, each)].shifted(-shift)
            free &= grid.between(its_hours.start, its_hours.end - each.length)
            for space in spaces:
                free &= ~_blocked(grid, each, shift, space=space, busy=busy[space.id])
        nearest = (min(run, key=lambda at: (abs(at - target), at)) for run in grid.runs(free))
        ranked = sorted(nearest, key=lambda at: (abs(at - target), at))
        yield from (start for start in ranked if start != first.start)


def _days(
    wanted: Sequence[Interval], windows: Sequence[Interval]
) -> Iterator[tuple[Interval, datetime]]:
    """Yield the hours of each day to look at, with the wanted start moved to that day.

    Opening hours move along with the clocks, so the time of day stays.  What
    is longer than a day is open, like a whole day, keeps its time of day.
    """
    first = wanted[0]
    home = _home(windows, first)
    days = windows[home:] if len(wanted) == 1 else windows[home : home + 1]
    is_long = any(first.length > each.length for each in days[:1])
    for day in days:
        target = first.start + (day.start - days[0].start)
        yield (Interval(target, target + first.length) if is_long else day), target


def _home(windows: Sequence[Interval], interval: Interval) -> int:
    """Return the index of the window that an interval lies in, or else is nearest to."""
    after = bisect_left(windows, interval.start, key=_by_start)
    near = range(max(0, after - 1), min(len(windows), after + 1))

    def distance(index: int) -> timedelta:
        window = windows[index]
        return max(window.start - interval.end, interval.start - window.end)

    return min(near, key=distance, default=0)


@frozen()
class _Grid:
    """The possible starts of a day, as the bits of an integer."""

    origin: datetime
    size: int

    @classmethod
    def over(cls, hours: Interval) -> "_Grid":
        """Return the grid with the steps of the clock that lie in some hours."""
        origin = EPOCH - (EPOCH - hours.start) // STEP * STEP
        return cls(origin, max(0, -((origin - hours.end) // STEP)))

    def between(self, earliest: datetime, latest: datetime) -> int:
        """Return the bits of the starts from ``earliest`` to ``latest``, both included."""
        low = max(0, -((self.origin - earliest) // STEP))
        high = min(self.size - 1, (latest - self.origin) // STEP)
        return ((1 << (high - low + 1)) - 1) << low if low <= high else 0

    def runs(self, bits: int) -> Iterator[list[datetime]]:
        """Yield the starts of each unbroken row of bits, in order."""
        flags = [bits >> index & 1 for index in range(self.size)]
        for is_free, run in groupby(range(self.size), key=flags.__getitem__):
            if is_free:
                yield [self.origin + index * STEP for index in run]


def _blocked(
    grid: _Grid, wanted: Interval, shift: timedelta, *, space: Space, busy: Sequence[Interval]
) -> int:
    """Return the bits of the starts at which a date would meet something busy.

    ``shift`` is the time from the start of the first date, which the grid is
    about, to that of this one.
    """
    length = wanted.length + space.cleanup
    first_of_day = grid.origin + shift - space.setup
    last_of_day = grid.origin + grid.size * STEP + shift + length
    bits = 0
    for index in range(bisect_right(busy, first_of_day, key=_by_end), len(busy)):
        taken = busy[index]
        if taken.start >= last_of_day:
            break
        # Half-open times may touch, so the bounds themselves are free.
        earliest = taken.start - shift - length + _INSTANT
        bits |= grid.between(earliest, taken.end - shift + space.setup - _INSTANT)
    return bits


def _other_spaces(
    wanted: Sequence[Interval],
    spaces: Sequence[Space],
    *,
    others: Sequence[Space],
    busy: Busy,
    attendance: int | None,
) -> Iterator[tuple[int, ...]]:
    """Yield ids of sets of spaces that are free at the wanted times, best first.

    Each keeps the order of what was asked, with the spaces that are taken replaced.
    """
    asked = {space.id for space in spaces}
    lost = [space for space in spaces if not _is_free(space, wanted, busy[space.id])]
    kept = {part for space in spaces if space not in lost for part in _parts(space)}
    free = [
        space
        for space in others
        if space.bookable
        and space.id not in asked
        and kept.isdisjoint(_parts(space))
        and _is_free(space, wanted, busy[space.id])
    ]
    pools = {space.id: _ranked(space, free, attendance) for space in lost}
    seen: set[frozenset[int]] = set()
    for best in pools[lost[0].id] if lost else ():
        chosen = _replace(lost, pools, best)
        ids = tuple(chosen.get(space.id, space.id) for space in spaces)
        if len(chosen) == len(lost) and frozenset(ids) not in seen:
            seen.add(frozenset(ids))
            yield ids


def _replace(
    lost: Sequence[Space], pools: Mapping[int, Sequence[Space]], best: Space
) -> dict[int, int]:
    """Return which space stands for which lost one, with ``best`` for the first of them."""
    chosen = {lost[0].id: best.id}
    parts = set(_parts(best))
    for space in lost[1:]:
        fitting = (each for each in pools[space.id] if parts.isdisjoint(_parts(each)))
        found = next(fitting, None)
        if found is not None:
            chosen[space.id] = found.id
            parts.update(_parts(found))
    return chosen


def _ranked(lost: Space, free: Iterable[Space], attendance: int | None) -> list[Space]:
    """Return the spaces that can stand for a lost one: the smallest sufficient first.

    Those of unknown size come last.  Without an attendance the lost space
    says what suffices, and smaller ones follow, the largest first.
    """
    enough = attendance or lost.capacity or 0

    def rank(space: Space) -> tuple[bool, bool, int, int]:
        size = space.capacity or 0
        return (space.capacity is None, size < enough, abs(size - enough), space.id)

    return sorted((each for each in free if _suits(each, lost, attendance)), key=rank)


def _suits(space: Space, lost: Space, attendance: int | None) -> bool:
    is_large_enough = space.capacity is None or space.capacity >= (attendance or 0)
    return space.kind == lost.kind and is_large_enough


def _parts(space: Space) -> tuple[int, ...]:
    return space.part_ids or (space.id,)


def _is_free(space: Space, wanted: Iterable[Interval], busy: Sequence[Interval]) -> bool:
    """Say whether a space, with its buffers, is free for all dates; ``busy`` is merged."""
    for each in wanted:
        blocked = space.blocked(each)
        index = bisect_right(busy, blocked.start, key=_by_end)
        if index < len(busy) and busy[index].start < blocked.end:
            return False
    return True
