"""Spaces changed, archived, brought back, put into another order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only, checked_length, name_of, refuse_let
from booking.actions.spaces.floors import check_floor
from booking.core.checks import one_line
from booking.core.errors import InvalidRequest, NotFound, PartsTaken, Stale
from booking.core.messages import Message, message
from booking.core.shapes import area_m2, from_metres
from booking.core.values import LETTABLE, Actor, Space, SpaceKind
from booking.db import as_json, listed, transact
from booking.models import Space as SpaceRow
from booking.queries import agenda, houses

COLOURS = 16
MOST_CAPACITY = 10_000
MOST_AREA_M2 = 100_000
MOST_FEATURES = 20
MOST_FEATURE = 40
MOST_BUFFER_MIN = 24 * 60
_ORDER = {
    dialect: text(
        "UPDATE space SET position = wanted.at, version = space.version + 1"
        f" FROM ({listed(dialect, {'id': int, 'at': int})}) AS wanted"
        " WHERE space.id = wanted.id AND space.position <> wanted.at"
    )
    for dialect in ("sqlite", "postgresql")
}


@dataclass(frozen=True, slots=True)
class SpaceEdit:
    """What a space is: all that can be changed at any time; buffers in minutes.

    Buffers are those of bookings to come: what is booked keeps its own.  Without an area
    it has that of its shape; on another floor it is not drawn any more.
    """

    kind: SpaceKind
    name: str
    description: str = ""
    capacity: int | None = None
    features: tuple[str, ...] = ()
    colour: int = 0
    area_m2: float | None = None
    bookable: bool = True
    setup_min: int = 0
    cleanup_min: int = 0
    floor_id: int | None = None


def edit_space(space_id: int, edit: SpaceEdit, actor: Actor, *, version: int, now: datetime) -> int:
    """Change what a space is and return its new version.

    Raises:
        NotFound: If there is no such space.
        NotAllowed: If the actor does not run its site.
        Stale: If somebody changed the space since.
        InvalidRequest: With a message for each value that is out of range.
    """
    wish = checked_edit(edit)

    def store(session: Session) -> int:
        space = _locked(session, space_id, actor, version)
        check_floor(session, wish.floor_id, space.site_id)
        row = session.execute(
            select(SpaceRow.area_m2, SpaceRow.bookable, SpaceRow.floor_id, SpaceRow.shape).where(
                SpaceRow.id == space_id
            )
        ).one()
        before = _said(space, area_m2=row.area_m2, bookable=row.bookable)
        before |= {"floor_id": row.floor_id, "shape": row.shape}
        shape = row.shape if wish.floor_id == row.floor_id else None
        if space.kind in LETTABLE and wish.kind not in LETTABLE:
            refuse_let(session, [space_id], "kind", now=now)
        values = {
            "kind": wish.kind.value,
            "name": wish.name,
            "description": wish.description,
            "capacity": wish.capacity,
            "features": list(wish.features),
            "colour": wish.colour,
            "area_m2": wish.area_m2 if shape is None or wish.area_m2 else _area_of(shape),
            "area_given": wish.area_m2 is not None,
            "bookable": wish.bookable,
            "setup_s": wish.setup_min * 60,
            "cleanup_s": wish.cleanup_min * 60,
            "floor_id": wish.floor_id,
            "shape": shape,
        }
        record.next_version(session, SpaceRow, space_id, version, values)
        _written(session, space_id, "edit", before, values, actor, now=now)
        return version + 1

    return transact(store)


def archive_space(space_id: int, actor: Actor, *, version: int, now: datetime) -> int:
    """Take a space from everything that is offered; what was booked stays to be read.

    Raises:
        NotFound, NotAllowed, Stale: As ``edit_space``.
        InvalidRequest: If it is let.
        PartsTaken: If somebody has booked it from now on.
    """

    def store(session: Session) -> int:
        _locked(session, space_id, actor, version)
        refuse_let(session, [space_id], now=now)
        if coming := agenda.coming_in(session, space_id, now=now):
            raise PartsTaken(coming)
        record.next_version(session, SpaceRow, space_id, version, {"archived_at": now})
        _written(session, space_id, "archive", None, None, actor, now=now)
        return version + 1

    return transact(store)


def restore_space(space_id: int, actor: Actor, *, version: int, now: datetime) -> int:
    """Bring an archived space back.

    Raises:
        NotFound, NotAllowed, Stale: As ``edit_space``.
    """

    def store(session: Session) -> int:
        _locked(session, space_id, actor, version)
        record.next_version(session, SpaceRow, space_id, version, {"archived_at": None})
        _written(session, space_id, "restore", None, None, actor, now=now)
        return version + 1

    return transact(store)


def order_spaces(site_id: int, space_ids: Sequence[int], actor: Actor, *, now: datetime) -> None:
    """Put the spaces of a site into this order; those that are not named come after.

    Raises:
        NotAllowed: If the actor does not run the site.
    """
    admins_only(actor, site_id)

    def store(session: Session) -> None:
        before = [each.id for each in houses.spaces(session, site_id)]
        record.lock_spaces(session, before)
        wanted = [each for each in dict.fromkeys(space_ids) if each in before]
        after = [*wanted, *(each for each in before if each not in wanted)]
        connection = session.connection()
        rows = as_json((space_id, position) for position, space_id in enumerate(after))
        connection.execute(_ORDER[connection.dialect.name], {"rows": rows})
        record.audit(
            session,
            actor,
            "order",
            ("site", site_id),
            now=now,
            old={"spaces": before},
            new={"spaces": after},
        )

    transact(store)


def last_position(session: Session, site_id: int) -> int:
    """Return the position after all spaces of a site."""
    query = select(func.coalesce(func.max(SpaceRow.position) + 1, 0))
    return int(session.execute(query.where(SpaceRow.site_id == site_id)).scalar_one())


def checked_edit(edit: SpaceEdit) -> SpaceEdit:
    """Return the edit with clean texts.

    Raises:
        InvalidRequest: With a message for each value that is out of range.
    """
    wrong: list[Message] = []
    name = ""
    try:
        name = name_of(edit.name)
    except InvalidRequest as error:
        wrong.extend(error.messages)
    if not 0 <= edit.colour < COLOURS:
        wrong.append(message("space_invalid", "colour"))
    if edit.capacity is not None and not 1 <= edit.capacity <= MOST_CAPACITY:
        wrong.append(message("number_out_of_range", "capacity", least=1, most=MOST_CAPACITY))
    if edit.area_m2 is not None and not 0 < edit.area_m2 <= MOST_AREA_M2:
        wrong.append(message("number_out_of_range", "area_m2", least=1, most=MOST_AREA_M2))
    for field, minutes in (("setup_min", edit.setup_min), ("cleanup_min", edit.cleanup_min)):
        if not 0 <= minutes <= MOST_BUFFER_MIN:
            wrong.append(message("number_out_of_range", field, least=0, most=MOST_BUFFER_MIN))
    features = tuple(dict.fromkeys(filter(None, map(one_line, edit.features))))
    if len(features) > MOST_FEATURES or any(len(each) > MOST_FEATURE for each in features):
        wrong.append(message("features_too_many", "features", most=MOST_FEATURES))
    description = one_line(edit.description)
    wrong += checked_length(description, 500, "description")
    if wrong:
        raise InvalidRequest(*wrong)
    return replace(edit, name=name, description=description, features=features)


def _locked(session: Session, space_id: int, actor: Actor, version: int) -> Space:
    space = record.lock_spaces(session, [space_id]).get(space_id)
    if space is None:
        raise NotFound("space", space_id)
    admins_only(actor, space.site_id)
    if space.version != version:
        raise Stale(space.version)
    return space


def _area_of(shape: list[list[float]]) -> float:
    return float(area_m2(from_metres(shape)))


def _said(space: Space, *, area_m2: float | None, bookable: bool) -> dict[str, object]:
    return {
        "kind": space.kind.value,
        "name": space.name,
        "description": space.description,
        "capacity": space.capacity,
        "features": list(space.features),
        "colour": space.colour,
        "area_m2": None if area_m2 is None else float(area_m2),
        "bookable": bookable,
        "setup_s": space.setup // timedelta(seconds=1),
        "cleanup_s": space.cleanup // timedelta(seconds=1),
    }


def _written(
    session: Session,
    space_id: int,
    verb: str,
    old: dict[str, object] | None,
    new: dict[str, Any] | None,
    actor: Actor,
    *,
    now: datetime,
) -> None:
    record.audit(session, actor, verb, ("space", space_id), now=now, old=old, new=new)
    record.bump(session, {("space", space_id): False}, uid=f"space-{space_id}", now=now)
