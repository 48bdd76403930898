"""Closures: a space, or the whole site, cannot be booked for a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces import admins_only
from booking.core.checks import checked_reason
from booking.core.errors import InvalidRequest, NotFound
from booking.core.intervals import Interval, subtract
from booking.core.recurrence import to_utc
from booking.core.requests import ClosureRequest
from booking.core.values import Actor, ClosureView, Hold, OccurrenceView, Site
from booking.db import transact
from booking.models import Closure, Space, SpacePart
from booking.queries import agenda, houses
from booking.queries.holds import holds_within

MOST_DAYS_AHEAD = 3_660


@dataclass(frozen=True, slots=True)
class Closed:
    """A stored closure and the bookings that it lies over: they are for people to decide."""

    closure_id: int
    over: tuple[OccurrenceView, ...]


def close(request: ClosureRequest, actor: Actor, *, now: datetime) -> Closed:
    """Close a space, or the whole site, for a time.

    Bookings that are already there keep their time: the closure holds what is
    left, and the bookings are returned for people to decide.  What they give
    back later falls to the closure.

    Raises:
        NotAllowed: If the actor does not run the site.
        InvalidRequest: If times or reason make no sense.
        NotFound: If there is no such site or space.
    """
    admins_only(actor, request.site_id)
    reason = checked_reason(request.reason, required=True)
    return transact(lambda session: _close(session, request, actor, now=now, reason=reason))


def reopen(closure_id: int, actor: Actor, *, now: datetime) -> None:
    """Take a closure back; another one that covers the same time goes on.

    Raises:
        NotFound: If there is no such closure.
        NotAllowed: If the actor does not run the site.
    """
    transact(lambda session: _reopen(session, closure_id, actor, now))


def claim_freed(session: Session, freed: Sequence[record.Claim]) -> None:
    """Let closures take what a verb released and did not take again.

    Called at the end of every verb that releases holds, under its lock.
    """
    if not freed:
        return
    span = Interval(
        min(each.interval.start for each in freed), max(each.interval.end for each in freed)
    )
    closed = _covering(session, {each.part_id for each in freed}, span)
    if not closed:
        return
    lanes: defaultdict[int, int] = defaultdict(int)
    for each in freed:
        lanes[each.part_id] = max(lanes[each.part_id], each.lane + 1)
    busy = _by_lane(holds_within(session, lanes, [each.interval for each in freed]))
    claims = []
    for closure_id, part_id, window in closed:
        for each in freed:
            if each.part_id != part_id or not window.overlaps(each.interval):
                continue
            held = busy[part_id, each.lane]
            for left in subtract(_common(window, each.interval), held):
                claims.append(record.Claim(part_id, left, each.lane, closure_id=closure_id))
                held.append(left)
    record.hold(session, claims)


def _close(
    session: Session, request: ClosureRequest, actor: Actor, *, now: datetime, reason: str
) -> Closed:
    site = houses.site(session, request.site_id)
    window = _window(request, site, now)
    space_ids = _closed_spaces(session, site.id, request.space_id)
    spaces = record.lock_spaces(session, space_ids)
    closure_id = int(
        session.execute(
            insert(Closure)
            .values(
                site_id=site.id,
                space_id=request.space_id,
                start=window.start,
                end=window.end,
                reason=reason,
                created_by_id=actor.person_id,
            )
            .returning(Closure.id)
        ).scalar_one()
    )
    parts = {part for each in space_ids for part in spaces[each].part_ids}
    lanes = {part: spaces[part].lanes for part in parts}
    held = holds_within(session, lanes, [window])
    busy = _by_lane(held)
    record.hold(
        session,
        [
            record.Claim(part, left, lane, closure_id=closure_id)
            for part in parts
            for lane in range(lanes[part])
            for left in subtract(window, busy[part, lane])
        ],
    )
    over = agenda.by_allocation(
        session, {each.allocation_id for each in held if each.allocation_id is not None}
    )
    new = {
        "space": request.space_id,
        "start": request.start.isoformat(timespec="minutes"),
        "end": request.end.isoformat(timespec="minutes"),
        "reason": reason,
    }
    record.audit(session, actor, "close", ("closure", closure_id), now=now, new=new)
    _bump(session, space_ids, closure_id, now=now, gone=False)
    ordered = sorted(over.values(), key=lambda each: (each.interval.start, each.space_id))
    return Closed(closure_id, tuple(ordered))


def _reopen(session: Session, closure_id: int, actor: Actor, now: datetime) -> None:
    found = _found(session, closure_id)
    admins_only(actor, found.site_id)
    space_ids = _closed_spaces(session, found.site_id, found.space_id)
    record.lock_spaces(session, space_ids)
    freed = record.release_closure(session, closure_id)
    session.execute(delete(Closure).where(Closure.id == closure_id))
    claim_freed(session, freed)
    old = {"reason": found.reason}
    record.audit(session, actor, "reopen", ("closure", closure_id), now=now, old=old)
    _bump(session, space_ids, closure_id, now=now, gone=True)


def _found(session: Session, closure_id: int) -> ClosureView:
    found = agenda.closures_by_id(session, [closure_id]).get(closure_id)
    if found is None:
        raise NotFound("closure", closure_id)
    return found


def _window(request: ClosureRequest, site: Site, now: datetime) -> Interval:
    try:
        start, end = (to_utc(each, site.zone) for each in (request.start, request.end))
    except OverflowError:
        raise InvalidRequest.because("time_out_of_range", "start") from None
    if end <= start:  # by the clock too: 02:00 and 03:00 are one instant in spring
        raise InvalidRequest.because("end_before_start", "end")
    if end > now + timedelta(days=MOST_DAYS_AHEAD):
        raise InvalidRequest.because("time_out_of_range", "end")
    return Interval(start, end)


def _closed_spaces(session: Session, site_id: int, space_id: int | None) -> set[int]:
    of_site = {each.id for each in houses.spaces(session, site_id)}
    if space_id is None:
        return of_site
    if space_id not in of_site:
        raise NotFound("space", space_id)
    return {space_id}


def _covering(
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


def _by_lane(holds: Iterable[Hold]) -> defaultdict[tuple[int, int], list[Interval]]:
    found: defaultdict[tuple[int, int], list[Interval]] = defaultdict(list)
    for each in holds:
        found[each.part_id, each.lane].append(each.interval)
    return found


def _common(one: Interval, other: Interval) -> Interval:
    return Interval(max(one.start, other.start), min(one.end, other.end))


def _bump(
    session: Session, space_ids: Iterable[int], closure_id: int, *, now: datetime, gone: bool
) -> None:
    keys: Mapping[record.CollectionKey, bool] = {("space", each): gone for each in space_ids}
    record.bump(session, keys, uid=f"closure-{closure_id}", now=now)
