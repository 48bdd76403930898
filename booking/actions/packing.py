"""Lanes that are free in turns: bookings change lanes so that one more finds its place.

A space that admits n at a time may have no lane free from end to end although
fewer than n bookings run at every instant.  Which lane a booking has is
nobody's business, so the others make room.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from booking.core.availability import Packing, full_times, repack
from booking.core.intervals import Interval
from booking.core.values import Hold, Space
from booking.queries.holds import holds_within

MOST_LOOKS = 12  # so often the view is widened to what touches what was seen


def make_room(
    session: Session,
    wanted: Interval,
    part: Space,
    *,
    claimed: Sequence[Hold] = (),
    moved: Mapping[int | None, int],
    ignoring: Collection[int],
) -> Packing | None:
    """Return the lane for a wanted time and the holds that change theirs, None if it is full.

    ``claimed`` are times of the part that the same booking takes already;
    ``moved`` are the lanes by hold id that were changed for it before.
    """
    holds = _seen(session, wanted, part, ignoring)
    if holds is None or _is_full(wanted, part, [*holds, *claimed]):
        return None
    placed = [replace(each, lane=moved.get(each.id, each.lane)) for each in holds]
    return repack(
        wanted,
        part.lanes,
        movable=[each for each in placed if _moves(each, placed)],
        fixed=[*(each for each in placed if not _moves(each, placed)), *claimed],
    )


def _is_full(wanted: Interval, part: Space, holds: Iterable[Hold]) -> bool:
    full = full_times([each.interval for each in holds], part.lanes)
    return any(each.overlaps(wanted) for each in full)


def _seen(
    session: Session, wanted: Interval, part: Space, ignoring: Collection[int]
) -> list[Hold] | None:
    """Return the holds that touch the wanted time, and those that touch them, to the end.

    None where that does not end soon: then nobody is moved.
    """
    window = wanted
    for _ in range(MOST_LOOKS):
        holds = [
            each
            for each in holds_within(session, {part.id: part.lanes}, [window])
            if each.allocation_id is None or each.allocation_id not in ignoring
        ]
        reach = [window, *(each.interval for each in holds if _moves(each, holds))]
        wider = Interval(min(each.start for each in reach), max(each.end for each in reach))
        if wider == window:
            return holds
        window = wider
    return None


def _moves(hold: Hold, holds: Iterable[Hold]) -> bool:
    """Whether a hold may change its lane: closures, and combined spaces, have them as they are."""
    if hold.allocation_id is None:
        return False
    return all(each.lane == hold.lane for each in holds if each.allocation_id == hold.allocation_id)
