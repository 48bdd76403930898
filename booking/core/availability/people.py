"""Times at which people can meet in a room: all of them, or as many as can.

Pure: who calls has read when the rooms are free and when the people are busy.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter

from booking.core.availability.conflicts import EPOCH
from booking.core.availability.search import Opening
from booking.core.frozen import frozen
from booking.core.intervals import Interval

MOST_MEETINGS = 150
A_DAY = 4
_by_end = attrgetter("end")


@frozen()
class Meeting:
    """A time that was free in a room; ``missing`` are those who cannot then."""

    day: date
    interval: Interval
    space_ids: tuple[int, ...]
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Meetings:
    """The best times, in order of time; ``is_for_all`` tells that nobody is missing at any.

    ``by_day`` is how many starts, on the step of the search, each day has for everybody.
    """

    best: tuple[Meeting, ...]
    by_day: Mapping[date, int]
    is_for_all: bool = False


def meetings(
    openings: Mapping[date, Sequence[Opening]],
    busy: Mapping[int, Sequence[Interval]],
    length: timedelta,
    *,
    step: timedelta,
    most: int = MOST_MEETINGS,
    a_day: int = A_DAY,
) -> Meetings:
    """Return the best times for people (``busy`` by person, merged) in rooms that are free.

    ``openings`` are those of each day, the best fitting room first.  Where there is a time for
    everybody, only such times are returned: of each stretch its first, then whole and half
    hours spread over it, few a day.  Else the times at which the fewest are missing, on every
    day, the earliest first.
    """
    by_day: dict[date, int] = {}
    for_all: list[Meeting] = []
    partly: list[Meeting] = []
    for day, there in openings.items():
        found = [*_starts(day, there, busy, length, step)]
        whole = [each for each in found if not each.missing]
        by_day[day] = len(whole)
        for_all += _spread(whole, step, a_day)
        if not whole:
            partly += _fewest(found, step, a_day)
    if for_all:
        return Meetings(tuple(for_all[:most]), by_day, is_for_all=True)
    least = min((len(each.missing) for each in partly), default=0)
    near = [each for each in partly if len(each.missing) <= min(least + 1, len(busy) - 1)]
    best = sorted(near, key=lambda each: (len(each.missing), each.interval))[:most]
    return Meetings(tuple(sorted(best, key=attrgetter("interval"))), by_day)


def missing_at(interval: Interval, busy: Mapping[int, Sequence[Interval]]) -> tuple[int, ...]:
    """Return who is busy at some instant of a time, in the order of ``busy``."""
    return tuple(person for person, taken in busy.items() if _overlaps(interval, taken))


def _starts(
    day: date,
    openings: Sequence[Opening],
    busy: Mapping[int, Sequence[Interval]],
    length: timedelta,
    step: timedelta,
) -> Iterator[Meeting]:
    """Yield every start of a day on the step, each in the best room that is free then."""
    rooms: dict[datetime, tuple[int, ...]] = {}
    for each in openings:
        start = EPOCH - (EPOCH - each.free.start) // step * step
        while start + length <= each.free.end:
            rooms.setdefault(start, each.space_ids)
            start += step
    for start in sorted(rooms):
        interval = Interval(start, start + length)
        yield Meeting(day, interval, rooms[start], missing_at(interval, busy))


def _spread(found: Sequence[Meeting], step: timedelta, most: int) -> list[Meeting]:
    """Return a few starts of each stretch: its first, then as evenly as may be."""
    stretches = [*_stretches(found, step)]
    if not stretches:
        return []
    each_has = max(1, most // len(stretches))
    chosen: list[Meeting] = []
    for stretch in stretches:
        stride = max(1, -(-len(stretch) // each_has))
        chosen += stretch[::stride][:each_has]
    return chosen[:most]


def _fewest(found: Sequence[Meeting], step: timedelta, most: int) -> list[Meeting]:
    least = min((len(each.missing) for each in found), default=0)
    return _spread([each for each in found if len(each.missing) == least], step, most)


def _stretches(found: Sequence[Meeting], step: timedelta) -> Iterator[list[Meeting]]:
    """Yield the starts that follow each other step by step, with the same people missing."""
    numbered = enumerate(found)

    def row(each: tuple[int, Meeting]) -> tuple[datetime, tuple[int, ...]]:
        return each[1].interval.start - each[0] * step, each[1].missing

    for _, group in groupby(numbered, key=row):
        yield [each for _, each in group]


def _overlaps(interval: Interval, ordered: Sequence[Interval]) -> bool:
    index = bisect_right(ordered, interval.start, key=_by_end)
    return index < len(ordered) and ordered[index].start < interval.end
