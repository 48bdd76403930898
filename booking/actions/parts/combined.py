"""Combined spaces: what a space consists of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.parts import common
from booking.actions.spaces.checks import refuse_let
from booking.core.errors import AnswerMissing, InvalidRequest, PartsTaken
from booking.core.requests import PartsRequest
from booking.core.values import Actor, OccurrenceView, Space
from booking.db import db, transact
from booking.queries import houses
from booking.queries.holds import coming_holds, holds_within


@dataclass(frozen=True, slots=True)
class PartsEffect:
    """What a change of parts comes to: parts won and lost, and bookings.

    ``moved`` are the coming bookings of the space, which take and leave
    those parts; ``taken`` are bookings in the way: of others, or of the
    space itself where a part is closed.  Both by time.
    """

    gained: tuple[int, ...]
    lost: tuple[int, ...]
    moved: tuple[OccurrenceView, ...]
    taken: tuple[OccurrenceView, ...]


def preview_parts(request: PartsRequest, actor: Actor, *, now: datetime) -> PartsEffect:
    """Return what ``set_parts`` would change; stores nothing, and may be stale at once.

    Raises:
        NotFound, NotAllowed, InvalidRequest: As ``set_parts``.
    """
    session = db.session()
    spaces = houses.spaces_with_parts(session, {request.space_id, *request.part_ids})
    space, wanted = _checked(session, request, spaces, actor)
    return _effect(session, space, wanted, spaces, now=now)


def set_parts(request: PartsRequest, actor: Actor, *, now: datetime) -> int:
    """Let a space consist of these parts and return its new version.

    Parts that are combined themselves stand for their own parts.  Coming
    bookings of the space take the parts that are new, and leave the others.

    Raises:
        NotFound: If there is no such space.
        NotAllowed: If the actor does not run its site.
        InvalidRequest: If it would contain itself, is a part of another, is
            let, or the parts are not of its site.
        Stale: If somebody changed the space since.
        PartsTaken: If a new part is taken while a coming booking needs it.
        AnswerMissing: If coming bookings change and nobody has agreed to it.
    """
    return transact(lambda session: _set_parts(session, request, actor, now))


def _set_parts(session: Session, request: PartsRequest, actor: Actor, now: datetime) -> int:
    spaces = record.lock_spaces(session, {request.space_id, *request.part_ids})
    space, wanted = _checked(session, request, spaces, actor)
    common.refuse_stale(space, request.version)
    refuse_let(session, [space.id], "parts", now=now)
    common.take_back_offers(session, {*space.part_ids, *wanted}, now=now)
    effect = _effect(session, space, wanted, spaces, now=now)
    if effect.taken:
        raise PartsTaken(effect.taken)
    if effect.moved and not request.agreed:
        raise AnswerMissing(effect.moved)
    common.store_parts(session, {space.id: wanted})
    changed = {part: spaces[part].lanes for part in (*effect.gained, *effect.lost)}
    # Closures take what bookings leave, so they stand back until these have their place.
    freed = record.release_parts(
        session,
        changed,
        allocation_ids=[each.allocation_id for each in effect.moved],
        closure_ids=common.closures_over(session, space, now=now),
    )
    gained = {part: changed[part] for part in effect.gained}
    record.hold(session, common.whole_claims(effect.moved, gained))
    common.close_what_is_left(session, changed, freed, now=now)
    old, new = {"parts": list(space.part_ids)}, {"parts": list(wanted)}
    common.written(session, space, "set_parts", old, new, actor, now=now)
    common.bump(session, changed, space, now=now)
    return space.version + 1


def _checked(
    session: Session, request: PartsRequest, spaces: Mapping[int, Space], actor: Actor
) -> tuple[Space, tuple[int, ...]]:
    """Return the space and the physical parts that it shall have."""
    space = common.asked_space(spaces, request.space_id, actor)
    if not request.part_ids:
        return space, (space.id,)
    found = [spaces[each] for each in request.part_ids if each in spaces]
    if len(found) < len(request.part_ids):
        raise InvalidRequest.because("space_unknown", "parts")
    if any(each.site_id != space.site_id for each in found):
        raise InvalidRequest.because("spaces_of_several_sites", "parts")
    wanted = tuple(sorted({part for each in found for part in each.part_ids}))
    if wanted == (space.id,):
        return space, wanted
    if space.id in wanted or space.id in request.part_ids:
        raise InvalidRequest.because("space_contains_itself", "parts")
    if space.lanes != 1:
        raise InvalidRequest.because("space_has_lanes", "parts")
    if above := common.containing(session, space.id):
        names = houses.spaces_by_id(session, above)
        name = ", ".join(sorted(each.name for each in names.values()))
        raise InvalidRequest.because("space_is_a_part", "parts", name=name)
    return space, wanted


def _effect(
    session: Session,
    space: Space,
    wanted: Collection[int],
    spaces: Mapping[int, Space],
    *,
    now: datetime,
) -> PartsEffect:
    gained = tuple(sorted({*wanted} - {*space.part_ids}))
    lost = tuple(sorted({*space.part_ids} - {*wanted}))
    if not (gained or lost):
        return PartsEffect((), (), (), ())
    held = coming_holds(session, space.part_ids, now=now)
    booked = common.views(session, (each.allocation_id for each in held))
    moved = [each for each in booked if each.space_id == space.id]
    taken = _taken(session, moved, {part: spaces[part].lanes for part in gained}, space, now=now)
    return PartsEffect(gained, lost, tuple(moved), tuple(taken))


def _taken(
    session: Session,
    moved: Collection[OccurrenceView],
    lanes: Mapping[int, int],
    space: Space,
    *,
    now: datetime,
) -> list[OccurrenceView]:
    """Return the bookings of others in new parts, and those that would lie on a closure of them."""
    blocked = {each: each.interval.padded(each.setup, each.cleanup) for each in moved}
    own_closures = common.closures_over(session, space, now=now)
    own = {each.allocation_id for each in moved}
    others, closed = set(), []
    for held in holds_within(session, lanes, blocked.values()):
        if held.allocation_id is not None and held.allocation_id not in own:
            others.add(held.allocation_id)
        elif held.closure_id is not None and held.closure_id not in own_closures:
            closed.append(held.interval)
    on_closure = {
        each.allocation_id
        for each, at in blocked.items()
        if any(at.overlaps(window) for window in closed)
    }
    return common.views(session, others | on_closure)
