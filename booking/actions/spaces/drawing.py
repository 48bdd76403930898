"""The plan of a floor: its size, and the shapes and names of what is on it, saved at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only, name_of
from booking.core.errors import InvalidRequest, NotFound, Redrawn, Stale
from booking.core.messages import Message, message
from booking.core.shapes import (
    CM,
    Outline,
    Shape,
    Size,
    area_m2,
    checked_size,
    find_trouble,
    from_metres,
    tidied,
    to_metres,
)
from booking.core.values import Actor, Space, SpaceKind
from booking.db import transact
from booking.models import Floor
from booking.models import Space as SpaceRow

MOST_CHANGES = 2_000
FURNITURE = frozenset({SpaceKind.DESK})
_ROW = (
    SpaceRow.id,
    SpaceRow.name,
    SpaceRow.floor_id,
    SpaceRow.shape,
    SpaceRow.area_m2,
    SpaceRow.area_given,
    SpaceRow.version,
    SpaceRow.archived_at,
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one space becomes, as seen at ``version``; ``shape`` None: it is not drawn."""

    space_id: int
    version: int
    name: str
    shape: Shape | None


@dataclass(frozen=True, slots=True)
class FloorDrawing:
    """What is changed on a floor, as seen at ``version``: its size in metres, and some spaces.

    Spaces that are not named stay as they are, whoever changes them meanwhile.
    """

    version: int
    width_m: Decimal | None
    depth_m: Decimal | None
    changes: tuple[Drawn, ...] = ()


def draw_floor(floor_id: int, drawing: FloorDrawing, actor: Actor, *, now: datetime) -> int:
    """Store a floor's plan and return the floor's version.

    A space without a floor that is drawn is on this one from now on.  The area of a
    space follows its shape, where none was given.

    Raises:
        NotFound: If there is no such floor, or a space is not one of it.
        NotAllowed: If the actor does not run its site.
        Stale: If somebody changed the floor's size since.
        Redrawn: If somebody changed a space since that this changes too.
        InvalidRequest: With a message for each space that cannot be as it is drawn.
    """
    size = checked_size(drawing.width_m, drawing.depth_m)
    changes = {each.space_id: each for each in map(_checked, drawing.changes)}

    def store(session: Session) -> int:
        # The floor first: whoever draws on it waits here.  No verb locks it after spaces.
        floor = session.execute(
            select(Floor).where(Floor.id == floor_id).with_for_update(key_share=True),
            execution_options={"populate_existing": True},
        ).scalar_one_or_none()
        if floor is None:
            raise NotFound("floor", floor_id)
        admins_only(actor, floor.site_id)
        spaces = record.lock_spaces(session, {*_on(session, floor_id), *changes})
        rows = {
            row.id: row for row in session.execute(select(*_ROW).where(SpaceRow.id.in_(spaces)))
        }
        _refuse_strangers(changes, spaces, rows, floor)
        _refuse_stale(changes, rows)
        outlines = _outlines(changes, spaces, rows, floor_id)
        if trouble := find_trouble(outlines, size):
            raise InvalidRequest(*trouble)
        for space_id in sorted(changes):
            _store_space(session, changes[space_id], rows[space_id], floor_id, actor, now=now)
        return _store_size(session, floor, size, drawing.version, actor, now=now)

    return transact(store)


def _checked(drawn: Drawn) -> Drawn:
    """Return a change with a clean name and a shape without needless corners."""
    try:
        name = name_of(drawn.name)
    except InvalidRequest as error:
        field = f"name-{drawn.space_id}"
        raise InvalidRequest(
            *(Message(each.code, each.params, field) for each in error.messages)
        ) from None
    shape = None if drawn.shape is None else tidied(drawn.shape)
    return Drawn(drawn.space_id, drawn.version, name, shape)


def _on(session: Session, floor_id: int) -> Iterable[int]:
    query = select(SpaceRow.id).where(SpaceRow.floor_id == floor_id)
    return session.execute(query).scalars().all()


def _refuse_strangers(
    changes: Mapping[int, Drawn],
    spaces: Mapping[int, Space],
    rows: Mapping[int, Any],  # Any: a row
    floor: Floor,
) -> None:
    for space_id in changes:
        space = spaces.get(space_id)
        if space is None or space.site_id != floor.site_id or rows[space_id].archived_at:
            raise NotFound("space", space_id)
        if rows[space_id].floor_id not in (None, floor.id):
            raise InvalidRequest(
                message("space_on_other_floor", f"space-{space_id}", name=space.name)
            )
        if space.part_ids != (space.id,) and changes[space_id].shape is not None:
            raise InvalidRequest(message("shape_of_combined", f"space-{space_id}", name=space.name))


def _refuse_stale(changes: Mapping[int, Drawn], rows: Mapping[int, Any]) -> None:
    changed = [each for each, drawn in changes.items() if rows[each].version != drawn.version]
    if changed:
        raise Redrawn({each: rows[each].version for each in sorted(changed)})


def _outlines(
    changes: Mapping[int, Drawn],
    spaces: Mapping[int, Space],
    rows: Mapping[int, Any],
    floor_id: int,
) -> list[Outline]:
    """Return all that the floor will show: spaces that are in use, and not made of others."""
    found = []
    for space_id, row in sorted(rows.items()):
        space, change = spaces[space_id], changes.get(space_id)
        name = change.name if change else row.name
        shape = change.shape if change else row.shape and from_metres(row.shape)
        here = bool(change) or row.floor_id == floor_id
        if shape is None or not here or row.archived_at or space.part_ids != (space_id,):
            continue
        found.append(Outline(space_id, name, shape, space.kind in FURNITURE))
    return found


def _store_space(
    session: Session,
    drawn: Drawn,
    row: Any,  # Any: a row
    floor_id: int,
    actor: Actor,
    *,
    now: datetime,
) -> None:
    shape = None if drawn.shape is None else to_metres(drawn.shape)
    values: dict[str, Any] = {"name": drawn.name, "shape": shape}
    if shape is not None:
        values["floor_id"] = floor_id
    if not row.area_given:
        values["area_m2"] = None if drawn.shape is None else area_m2(drawn.shape)
    old = {name: _plain(getattr(row, name)) for name in values}
    new = {name: _plain(value) for name, value in values.items()}
    if old == new:
        return
    record.next_version(session, SpaceRow, drawn.space_id, drawn.version, values)
    entity = ("space", drawn.space_id)
    record.audit(session, actor, "draw", entity, now=now, old=old, new=new)
    record.bump(session, {entity: False}, uid=f"space-{drawn.space_id}", now=now)


def _store_size(
    session: Session, floor: Floor, size: Size, version: int, actor: Actor, *, now: datetime
) -> int:
    new = {"width_m": Decimal(size.width) / CM, "depth_m": Decimal(size.depth) / CM}
    old = {"width_m": floor.width_m, "depth_m": floor.depth_m}
    if old == new:
        return floor.version
    if floor.version != version:
        raise Stale(floor.version)
    session.execute(update(Floor).where(Floor.id == floor.id).values(version=version + 1, **new))
    before, after = ({name: _plain(value) for name, value in each.items()} for each in (old, new))
    record.audit(session, actor, "draw", ("floor", floor.id), now=now, old=before, new=after)
    return version + 1


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value
