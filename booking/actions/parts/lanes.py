"""How many bookings a space admits at a time."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.parts import common
from booking.actions.record import Claim
from booking.core.availability import full_times
from booking.core.errors import InvalidRequest, PartsTaken
from booking.core.intervals import Interval
from booking.core.values import Actor
from booking.db import transact
from booking.models import Space as SpaceRow
from booking.queries.holds import coming_holds

MOST_LANES = 200


def set_lanes(space_id: int, lanes: int, actor: Actor, *, version: int, now: datetime) -> int:
    """Let a space admit so many bookings at a time and return its new version.

    Raises:
        NotFound: If there is no such space.
        NotAllowed: If the actor does not run its site.
        InvalidRequest: If the space is combined, or the number out of range.
        Stale: If somebody changed the space since.
        PartsTaken: If more are booked at a time already.
    """
    if not 1 <= lanes <= MOST_LANES:
        raise InvalidRequest.because("lanes_out_of_range", "lanes", limit=MOST_LANES)
    return transact(
        lambda session: _set_lanes(session, space_id, lanes, actor, version=version, now=now)
    )


def _set_lanes(
    session: Session, space_id: int, lanes: int, actor: Actor, *, version: int, now: datetime
) -> int:
    spaces = record.lock_spaces(session, [space_id])
    space = common.asked_space(spaces, space_id, actor)
    common.refuse_stale(space, version)
    if space.part_ids != (space_id,):
        raise InvalidRequest.because("lanes_of_combined", "lanes")
    common.take_back_offers(session, [space_id], now=now)
    held = coming_holds(session, [space_id], now=now)
    times = {each.allocation_id: each.interval for each in held if each.allocation_id is not None}
    booked = common.views(session, times)
    own = {
        each.allocation_id: times[each.allocation_id]
        for each in booked
        if each.space_id == space_id
    }
    if too_many := full_times(own.values(), lanes + 1):
        crowded = {key for key, at in own.items() if any(at.overlaps(full) for full in too_many)}
        raise PartsTaken([each for each in booked if each.allocation_id in crowded])
    session.execute(update(SpaceRow).where(SpaceRow.id == space_id).values(lanes=lanes))
    freed = record.release_parts(
        session,
        [space_id],
        allocation_ids=times,
        closure_ids=[each.closure_id for each in held if each.closure_id is not None],
    )
    # A combined space has its parts for itself.
    of_combined = [each for each in booked if each.space_id != space_id]
    whole = common.whole_claims(of_combined, {space_id: lanes})
    record.hold(session, [*_in_lanes(space_id, own, lanes), *whole])
    common.close_what_is_left(session, {space_id: lanes}, freed, now=now)
    old, new = {"lanes": space.lanes}, {"lanes": lanes}
    common.written(session, space, "set_lanes", old, new, actor, now=now)
    common.bump(session, common.containing(session, space_id), space, now=now)
    return space.version + 1


def _in_lanes(space_id: int, times: Mapping[int, Interval], lanes: int) -> list[Claim]:
    """Return the claims of bookings that never run more than ``lanes`` at a time.

    Taken by their starts, each finds a lane that is free by then.
    """
    free_from: list[datetime | None] = [None] * lanes
    claims = []
    for allocation_id, at in sorted(times.items(), key=lambda each: each[1]):
        lane = next(lane for lane, end in enumerate(free_from) if end is None or end <= at.start)
        free_from[lane] = at.end
        claims.append(Claim(space_id, at, lane, allocation_id=allocation_id))
    return claims
