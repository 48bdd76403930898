"""Lanes: a space that admits n bookings at a time has n of them, all alike."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import attrgetter

from booking.core.frozen import frozen
from booking.core.intervals import Interval
from booking.core.values import Hold

_EVER = datetime.min.replace(tzinfo=UTC)
_by_interval = attrgetter("interval.start", "interval.end", "lane")


@frozen()
class Packing:
    """The lane for the wanted interval, and the holds that have to change theirs for it."""

    lane: int
    moves: tuple[tuple[Hold, int], ...] = ()


def assign_lanes(wanted: Interval, lanes: int, holds: Iterable[Hold]) -> int | None:
    """Return the first lane (from 0) of a part in which the wanted interval is free, or None.

    ``holds`` are those of one part and layer.
    """
    taken = {hold.lane for hold in holds if hold.interval.overlaps(wanted)}
    return next((lane for lane in range(lanes) if lane not in taken), None)


def by_lane(holds: Iterable[Hold]) -> defaultdict[tuple[int, int], list[Interval]]:
    """Return the times of holds by part and lane."""
    found: defaultdict[tuple[int, int], list[Interval]] = defaultdict(list)
    for each in holds:
        found[each.part_id, each.lane].append(each.interval)
    return found


def repack(
    wanted: Interval, lanes: int, *, movable: Iterable[Hold], fixed: Iterable[Hold] = ()
) -> Packing | None:
    """Return how holds change lanes so that the wanted interval gets one; None if they cannot.

    ``movable`` and ``fixed`` together are the holds of one part and layer.
    With nothing fixed a packing is found whenever fewer than ``lanes`` holds
    run at every instant of the wanted interval: taken by their starts, each
    finds a lane that is free by then.  A hold stays in its lane where it can.
    """
    free_from = [_EVER] * lanes
    fixed_in: list[list[Interval]] = [[] for _ in range(lanes)]
    for hold in fixed:
        fixed_in[hold.lane].append(hold.interval)
    wanted_lane = 0
    moves: list[tuple[Hold, int]] = []
    for interval, asking in _by_start(wanted, movable):
        free = _free_lanes(interval, free_from, fixed_in)
        if not free:
            return None
        lane = asking.lane if asking is not None and asking.lane in free else free[0]
        free_from[lane] = interval.end
        if asking is None:
            wanted_lane = lane
        elif asking.lane != lane:
            moves.append((asking, lane))
    return Packing(wanted_lane, tuple(moves))


def fewest_in_the_way(wanted: Interval, lanes: int, holds: Iterable[Hold]) -> list[Hold]:
    """Return the fewest holds without which fewer than ``lanes`` run at each wanted instant.

    ``holds`` are those of one part and layer.  At each instant that is full the
    one that runs longest goes; one that no booking has, never.  A booking that
    has several lanes gives them all.
    """
    gone: list[Hold] = []
    running: list[Hold] = []
    for each in sorted(holds, key=_by_interval):
        if not each.interval.overlaps(wanted) or _is_of(each, gone):
            continue
        since = max(each.interval.start, wanted.start)
        running = [*(other for other in running if other.interval.end > since), each]
        movable = [other for other in running if other.allocation_id is not None]
        while len(running) >= lanes and movable:
            last = max(movable, key=lambda other: other.interval.end)
            gone.append(last)
            running = [other for other in running if not _is_of(other, [last])]
            movable = [other for other in movable if not _is_of(other, [last])]
    return gone


def _is_of(hold: Hold, others: Iterable[Hold]) -> bool:
    """Whether a hold belongs to the same booking as one of the others."""
    return any(each.allocation_id == hold.allocation_id for each in others)


def _by_start(wanted: Interval, movable: Iterable[Hold]) -> list[tuple[Interval, Hold | None]]:
    pairs: list[tuple[Interval, Hold | None]] = [(wanted, None)]
    pairs += [(hold.interval, hold) for hold in sorted(movable, key=_by_interval)]
    return sorted(pairs, key=lambda pair: pair[0])


def _free_lanes(
    interval: Interval, free_from: Sequence[datetime], fixed_in: Sequence[Iterable[Interval]]
) -> list[int]:
    """Return the lanes that an interval may take, from the lowest."""
    return [
        lane
        for lane, (end, fixed) in enumerate(zip(free_from, fixed_in, strict=True))
        if end <= interval.start and not any(each.overlaps(interval) for each in fixed)
    ]
