"""A room that is divided into several, and remains as all of them together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.parts import common
from booking.actions.record import Claim
from booking.actions.spaces.checks import name_of, refuse_let
from booking.core.errors import AnswerMissing, InvalidRequest, Stale
from booking.core.requests import DivideRequest
from booking.core.values import Actor, OccurrenceView, Space
from booking.db import db, transact
from booking.models import Space as SpaceRow
from booking.models import SpacePart
from booking.queries import houses
from booking.queries.holds import coming_holds

_NOT_COPIED = {"id", "name", "capacity", "area_m2", "area_given", "shape", "version"}


def preview_divide(space_id: int, actor: Actor, *, now: datetime) -> tuple[OccurrenceView, ...]:
    """Return the coming bookings that take the room, which will take all of its pieces.

    Raises:
        NotFound: If there is no such space.
        NotAllowed: If the actor does not run its site.
        InvalidRequest: If it cannot be divided.
    """
    session = db.session()
    space = common.asked_space(houses.spaces_by_id(session, [space_id]), space_id, actor)
    _refuse_indivisible(space)
    held = coming_holds(session, [space.id], now=now)
    return tuple(common.views(session, (each.allocation_id for each in held)))


def divide(request: DivideRequest, actor: Actor, *, now: datetime) -> tuple[int, ...]:
    """Divide a room into several and return their ids.

    The room stays, as all of them together; whoever has booked it has them
    all, and a combined space that it is a part of consists of them from now on.

    Raises:
        NotFound, NotAllowed: As ``preview_divide``.
        InvalidRequest: If it is combined already, admits several at a time, is
            let, or the names will not do.
        Stale: If somebody changed the space since.
        AnswerMissing: If coming bookings change and nobody has agreed to it.
    """
    names = [name_of(each) for each in request.names]
    if len(names) < 2:
        raise InvalidRequest.because("divide_too_few", "names")
    if len({each.casefold() for each in names}) < len(names):
        raise InvalidRequest.because("divide_same_names", "names")
    wish = replace(request, names=tuple(names))
    return transact(lambda session: _divide(session, wish, actor, now))


def _divide(
    session: Session, request: DivideRequest, actor: Actor, now: datetime
) -> tuple[int, ...]:
    above = common.containing(session, request.space_id)
    spaces = record.lock_spaces(session, {request.space_id, *above})
    space = common.asked_space(spaces, request.space_id, actor)
    common.refuse_stale(space, request.version)
    if common.containing(session, space.id) != above:  # somebody was faster to lock it
        raise Stale(space.version)
    _refuse_indivisible(space)
    refuse_let(session, {space.id, *above}, "names", now=now)
    common.take_back_offers(session, [space.id], now=now)
    held = coming_holds(session, [space.id], now=now)
    over = common.views(session, (each.allocation_id for each in held))
    if over and not request.agreed:
        raise AnswerMissing(over)
    pieces = _insert_pieces(session, space.id, request.names)
    common.store_parts(
        session,
        {each: {*spaces[each].part_ids} - {space.id} | {*pieces} for each in {space.id, *above}},
    )
    record.release_parts(
        session,
        [space.id],
        allocation_ids=[each.allocation_id for each in held if each.allocation_id is not None],
        closure_ids=[each.closure_id for each in held if each.closure_id is not None],
    )
    record.hold(
        session,
        [
            Claim(
                piece,
                each.interval,
                lane=0,
                allocation_id=each.allocation_id,
                closure_id=each.closure_id,
            )
            for piece in pieces
            for each in held
        ],
    )
    old, new = {"parts": [space.id]}, {"parts": list(pieces)}
    common.written(session, space, "divide", old, new, actor, now=now)
    for piece, name in zip(pieces, request.names, strict=True):
        about = {"name": name, "of": space.id}
        record.audit(session, actor, "create", ("space", piece), now=now, new=about)
    common.bump(session, {*above, *pieces}, space, now=now)
    return pieces


def _refuse_indivisible(space: Space) -> None:
    if space.part_ids != (space.id,) or space.lanes != 1:
        raise InvalidRequest.because("space_has_lanes", "names")


def _insert_pieces(session: Session, space_id: int, names: Sequence[str]) -> tuple[int, ...]:
    """Insert the rooms that a room is divided into: like it in all but name and size."""
    source = SpaceRow.__table__.c
    copied = [each for each in source if each.name not in _NOT_COPIED]
    like = session.execute(select(*copied).where(source.id == space_id)).mappings().one()
    # One by one: several at a time would return their ids in an order of their own.
    made = tuple(
        session.execute(
            insert(SpaceRow.__table__).values({**like, "name": name}).returning(source.id)  # type: ignore[arg-type]
        ).scalar_one()
        for name in names
    )
    session.execute(insert(SpacePart), [{"space_id": each, "part_id": each} for each in made])
    return made
