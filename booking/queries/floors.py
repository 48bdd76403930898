"""Floors of a house, from the lowest up."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.models import Floor, Space


@dataclass(frozen=True, slots=True)
class FloorView:
    """A floor; ``spaces`` counts what is on it."""

    id: int
    level: int
    name: str
    version: int
    spaces: int


def floors(session: Session, site_id: int) -> list[FloorView]:
    """Return the floors of a site, from the lowest up; one statement."""
    number = select(func.count()).where(Space.floor_id == Floor.id).scalar_subquery()
    rows = session.execute(
        select(Floor.id, Floor.level, Floor.name, Floor.version, number)
        .where(Floor.site_id == site_id)
        .order_by(Floor.level, Floor.id)
    )
    return [FloorView(*row) for row in rows]


def floors_in_use(session: Session) -> list[tuple[int, str, int]]:
    """Return (id, name, site's id) of all floors that something bookable is on; one statement."""
    rows = session.execute(
        select(Floor.id, Floor.name, Floor.site_id)
        .where(
            select(Space.id)
            .where(Space.floor_id == Floor.id, Space.bookable, Space.archived_at.is_(None))
            .exists()
        )
        .order_by(Floor.site_id, Floor.level, Floor.id)
    )
    return [(id_, name, site_id) for id_, name, site_id in rows]


def floor_name(session: Session, space_id: int) -> str:
    """Return the name of the floor that a space is on, "" where nobody has said."""
    query = select(Floor.name).join(Space, Space.floor_id == Floor.id).where(Space.id == space_id)
    return session.scalar(query) or ""
