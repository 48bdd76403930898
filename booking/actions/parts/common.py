"""What the verbs of this package share: who may, what is coming, what gets written."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, or_, select
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.freed import MOST_DAYS_AHEAD, claim_freed
from booking.actions.record import Claim
from booking.actions.spaces import admins_only
from booking.actions.wants import step_back
from booking.core.errors import NotFound, Stale
from booking.core.intervals import Interval
from booking.core.values import Actor, OccurrenceView, Space
from booking.models import Closure, SpacePart
from booking.models import Space as SpaceRow
from booking.queries import agenda

_CONTAINING = select(SpacePart.space_id).where(
    SpacePart.part_id == bindparam("part_id"), SpacePart.space_id != bindparam("part_id")
)


def asked_space(spaces: Mapping[int, Space], space_id: int, actor: Actor) -> Space:
    """Return the space that a verb is asked to change.

    Raises:
        NotFound: If there is no such space.
        NotAllowed: If the actor does not run its site.
    """
    found = spaces.get(space_id)
    if found is None:
        raise NotFound("space", space_id)
    admins_only(actor, found.site_id)
    return found


def refuse_stale(space: Space, version: int) -> None:
    """Refuse who has not seen the present version.

    Raises:
        Stale: With the present one.
    """
    if space.version != version:
        raise Stale(space.version)


def containing(session: Session, space_id: int) -> set[int]:
    """Return the ids of the combined spaces that a space is a part of."""
    return set(session.execute(_CONTAINING, {"part_id": space_id}).scalars())


def views(session: Session, allocation_ids: Iterable[int | None]) -> list[OccurrenceView]:
    """Return what is booked by these allocations, by time."""
    ids = {each for each in allocation_ids if each is not None}
    found = agenda.by_allocation(session, ids).values() if ids else ()
    return sorted(found, key=lambda each: (each.interval.start, each.space_id))


def closures_over(session: Session, space: Space, *, now: datetime) -> set[int]:
    """Return the ids of the closures of a space or its site that are not over."""
    of_site = Closure.space_id.is_(None) & (Closure.site_id == space.site_id)
    query = select(Closure.id).where(or_(Closure.space_id == space.id, of_site), Closure.end > now)
    return set(session.execute(query).scalars())


def whole_claims(booked: Iterable[OccurrenceView], lanes: Mapping[int, int]) -> list[Claim]:
    """Return the claims of bookings that have parts for themselves, in all of their lanes.

    ``lanes`` maps the parts to how many lanes they have.
    """
    return [
        Claim(
            part,
            each.interval.padded(each.setup, each.cleanup),
            lane,
            allocation_id=each.allocation_id,
        )
        for each in booked
        for part, count in lanes.items()
        for lane in range(count)
    ]


def take_back_offers(session: Session, part_ids: Iterable[int], *, now: datetime) -> None:
    """Let nobody of the waiting list hold coming time of parts that are about to change."""
    coming = Interval(now, now + timedelta(days=MOST_DAYS_AHEAD))
    step_back(session, part_ids, coming, now=now)


def close_what_is_left(
    session: Session, lanes: Mapping[int, int], freed: Iterable[Claim], *, now: datetime
) -> None:
    """Let closures take all coming time of parts that no booking has.

    ``freed`` is time that was released: a closure that runs already keeps its past.
    """
    start = min([now, *(each.interval.start for each in freed)])
    whole = Interval(start, now + timedelta(days=MOST_DAYS_AHEAD))
    claim_freed(
        session,
        [Claim(part, whole, lane) for part, count in lanes.items() for lane in range(count)],
        now=now,
    )


def store_parts(session: Session, parts: Mapping[int, Iterable[int]]) -> None:
    """Put new parts in place of those that spaces have; ``parts`` maps spaces to them."""
    session.execute(delete(SpacePart).where(SpacePart.space_id.in_(parts)))
    session.execute(
        insert(SpacePart),
        [{"space_id": space, "part_id": each} for space, ids in parts.items() for each in ids],
    )


def written(
    session: Session,
    space: Space,
    verb: str,
    old: Mapping[str, object],
    new: Mapping[str, object],
    actor: Actor,
    *,
    now: datetime,
) -> None:
    """Give a space its next version, and write down what became of it.

    Raises:
        Stale: If somebody was faster.
    """
    record.next_version(session, SpaceRow, space.id, space.version, {})
    record.audit(session, actor, verb, ("space", space.id), now=now, old=old, new=new)


def bump(session: Session, space_ids: Iterable[int], space: Space, *, now: datetime) -> None:
    """Tell all who keep the bookings of these spaces that they changed."""
    keys = {("space", each): False for each in {*space_ids, space.id}}
    record.bump(session, keys, uid=f"space-{space.id}", now=now)
