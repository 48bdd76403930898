"""Clashes of wanted intervals with holds, and the slots between busy times."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from operator import attrgetter

from booking.core.frozen import frozen
from booking.core.intervals import Interval, gaps, merge
from booking.core.values import Hold, Space

STEP = timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_by_time = attrgetter("interval.start", "interval.end", "part_id", "lane")
_by_bounds = attrgetter("start", "end")


@frozen()
class Conflict:
    """A wanted interval, buffers included, and a hold that overlaps it."""

    wanted: Interval
    hold: Hold


def find_conflicts(wanted: Iterable[Interval], holds: Iterable[Hold]) -> list[Conflict]:
    """Return every pair of wanted interval and hold that overlap.

    Both inputs may come in any order and belong to one space.  The result is
    ordered by the wanted start, then by the hold's.
    """
    coming = sorted(holds, key=_by_time, reverse=True)
    running: list[Hold] = []
    found: list[Conflict] = []
    for each in sorted(wanted, key=_by_bounds):
        # What ended before this start is over for all later ones too.
        running = [hold for hold in running if hold.interval.end > each.start]
        while coming and coming[-1].interval.start < each.end:
            running.append(coming.pop())
        # A hold may run only after the end of this one, when wanted intervals overlap.
        found += [Conflict(each, hold) for hold in running if each.overlaps(hold.interval)]
    return found


def full_times(intervals: Iterable[Interval], lanes: int) -> list[Interval]:
    """Return when at least ``lanes`` of the intervals run at a time, merged, in order."""
    if lanes == 1:
        return merge(intervals)
    changes: defaultdict[datetime, int] = defaultdict(int)
    for each in intervals:
        changes[each.start] += 1
        changes[each.end] -= 1
    full: list[Interval] = []
    running, since = 0, EPOCH
    for instant in sorted(changes):
        before, running = running, running + changes[instant]
        if before < lanes <= running:
            since = instant
        elif running < lanes <= before:
            full.append(Interval(since, instant))
    return full


def busy_times(space: Space, holds: Iterable[Hold]) -> list[Interval]:
    """Return when a space cannot be had, merged, in order: one of its parts is full then.

    ``holds`` may belong to any parts.  A combined space has one lane.
    """
    return busy_by_space([space], holds)[space.id]


def busy_by_space(spaces: Iterable[Space], holds: Iterable[Hold]) -> dict[int, list[Interval]]:
    """Return the same for many spaces by their ids; the holds are looked at once."""
    by_part: defaultdict[int, list[Interval]] = defaultdict(list)
    for hold in holds:
        by_part[hold.part_id].append(hold.interval)
    return {space.id: _busy(space, by_part) for space in spaces}


def _busy(space: Space, by_part: Mapping[int, Sequence[Interval]]) -> list[Interval]:
    part_ids = space.part_ids or (space.id,)
    lanes = space.lanes if len(part_ids) == 1 else 1
    full = (full_times(by_part.get(each, ()), lanes) for each in part_ids)
    return merge(chain.from_iterable(full))


def free_slots(
    window: Interval, busy: Iterable[Interval], length: timedelta, *, step: timedelta = STEP
) -> list[Interval]:
    """Return every slot of a length in a window that starts on the step and is free.

    The earliest comes first; slots overlap each other where the free time is
    longer.  Steps count from the hour, so quarter hours are those of the clock.
    """
    slots: list[Interval] = []
    for gap in gaps(window, busy, at_least=length):
        start = EPOCH - (EPOCH - gap.start) // step * step
        while start + length <= gap.end:
            slots.append(Interval(start, start + length))
            start += step
    return slots
