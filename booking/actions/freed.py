"""What a verb gives back and does not take again falls to closures, then to who waits for it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.wants import hand_on
from booking.core.availability import by_lane
from booking.core.intervals import Interval, subtract
from booking.models import Closure, Space, SpacePart
from booking.queries.holds import holds_within

MOST_DAYS_AHEAD = 3_660  # of a closure


def claim_freed(session: Session, freed: Sequence[record.Claim], *, now: datetime) -> None:
    """Let closures, then the waiting list, take what a verb released and did not take again.

    Called at the end of every verb that releases holds, under its lock.
    """
    close_freed(session, freed)
    hand_on(session, freed, now=now)


def close_freed(session: Session, freed: Sequence[record.Claim]) -> None:
    """Let closures take what was released.

    For a verb that takes the rest itself before it calls
    ``booking.actions.wants.hand_on``.
    """
    if not freed:
        return
    span = Interval(
        min(each.interval.start for each in freed), max(each.interval.end for each in freed)
    )
    closed = covering(session, {each.part_id for each in freed}, span)
    if not closed:
        return
    lanes: defaultdict[int, int] = defaultdict(int)
    for each in freed:
        lanes[each.part_id] = max(lanes[each.part_id], each.lane + 1)
    busy = by_lane(holds_within(session, lanes, [each.interval for each in freed]))
    claims = []
    for closure_id, part_id, window in closed:
        for each in freed:
            if each.part_id != part_id or not window.overlaps(each.interval):
                continue
            held = busy[part_id, each.lane]
            for left in subtract(window.common(each.interval), held):
                claims.append(record.Claim(part_id, left, each.lane, closure_id=closure_id))
                held.append(left)
    record.hold(session, claims)


def covering(
    session: Session, part_ids: Iterable[int], span: Interval
) -> list[tuple[int, int, Interval]]:
    """Return closure, part and time of every closure of these parts, the oldest first."""
    of_space = SpacePart.space_id == Closure.space_id
    of_site = Closure.space_id.is_(None) & (Space.site_id == Closure.site_id)
    rows = session.execute(
        select(Closure.id, SpacePart.part_id, Closure.start, Closure.end)
        .join(SpacePart, SpacePart.part_id.in_(set(part_ids)))
        .join(Space, Space.id == SpacePart.space_id)
        .where(of_space | of_site, Closure.start < span.end, Closure.end > span.start)
        .distinct()
        .order_by(Closure.id, SpacePart.part_id)
    )
    return [(row.id, row.part_id, Interval(row.start, row.end)) for row in rows]
