"""Floors as they are drawn, and where each space of a house lies on them."""

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import Text, bindparam, cast, select
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.core.frozen import frozen
from booking.core.shapes import CM, Shape, Size, from_metres
from booking.models import Floor, Space, Underlay

_FLOORS = (
    select(
        Floor.id,
        Floor.level,
        Floor.name,
        Floor.version,
        Floor.width_m,
        Floor.depth_m,
        Underlay.digest,
        Underlay.media_type,
    )
    .outerjoin(Underlay, Underlay.floor_id == Floor.id)
    .where(Floor.site_id == bindparam("site_id"))
    .order_by(Floor.level, Floor.id)
)
_PLACES = (
    select(Space.id, Space.floor_id, cast(Space.shape, Text), Space.area_m2, Space.area_given)
    .where(Space.site_id == bindparam("site_id"), Space.archived_at.is_(None))
    .order_by(Space.position, Space.id)
)


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """A floor; ``size`` None where nobody has drawn it.  ``underlay`` is a digest, "" for none."""

    id: int
    level: int
    name: str
    version: int
    size: Size | None
    underlay: str = ""
    media_type: str = ""


@frozen()
class Place:
    """Where a space lies: on no floor, on one, and there with a shape or without."""

    space_id: int
    floor_id: int | None
    shape: Shape | None
    area_m2: float | None
    area_given: bool


def floor_plans(session: Session, site_id: int) -> list[FloorPlan]:
    """Return the floors of a site, from the lowest up; one statement."""
    rows = session.connection().execute(_FLOORS, {"site_id": site_id})
    return [
        FloorPlan(
            row.id,
            row.level,
            row.name,
            row.version,
            _size(row.width_m, row.depth_m),
            row.digest or "",
            row.media_type or "",
        )
        for row in rows
    ]


def places(session: Session, site_id: int) -> dict[int, Place]:
    """Return where the spaces of a site are that are in use, in their order; one statement."""
    rows = session.connection().execute(_PLACES, {"site_id": site_id}).all()
    return {
        space_id: Place(
            space_id,
            floor_id,
            _shape(shape) if shape else None,
            None if area is None else float(area),
            given,
        )
        for space_id, floor_id, shape, area, given in rows
    }


def underlay(session: Session, floor_id: int, digest: str) -> tuple[bytes, str]:
    """Return the bytes of what lies under a floor's plan, and their media type.

    Raises:
        NotFound: If this floor has no such underlay (any more).
    """
    row = session.execute(
        select(Underlay.content, Underlay.media_type).where(
            Underlay.floor_id == floor_id, Underlay.digest == digest
        )
    ).first()
    if row is None:
        raise NotFound("page", digest)
    return row.content, row.media_type


def _size(width_m: Decimal | None, depth_m: Decimal | None) -> Size | None:
    if width_m is None or depth_m is None:
        return None
    return Size(round(width_m * CM), round(depth_m * CM))


@lru_cache(maxsize=4_000)
def _shape(text: str) -> Shape:
    return from_metres(json.loads(text))
