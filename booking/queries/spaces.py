"""Spaces as those who run a house see them: archived ones too, with what only they change."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.core.values import Space
from booking.models import Space as SpaceRow
from booking.queries import houses

_OF_SITES = (
    select(
        SpaceRow.id,
        SpaceRow.area_m2,
        SpaceRow.area_given,
        SpaceRow.bookable,
        SpaceRow.archived_at,
        SpaceRow.floor_id,
    )
    .where(SpaceRow.site_id.in_(bindparam("site_ids", expanding=True)))
    .order_by(SpaceRow.site_id, SpaceRow.archived_at.isnot(None), SpaceRow.position, SpaceRow.id)
)


@dataclass(frozen=True, slots=True)
class SpaceEntry:
    """A space to administer.  ``bookable`` is what was set, whether it is archived or not.

    ``area_m2`` is that of its shape, unless it was given.
    """

    space: Space
    area_m2: float | None
    bookable: bool
    archived_at: datetime | None
    floor_id: int | None = None
    area_given: bool = False


def entries(session: Session, site_ids: Collection[int]) -> list[SpaceEntry]:
    """Return the spaces of sites in their order, archived ones last; two statements."""
    rows = session.connection().execute(_OF_SITES, {"site_ids": [*site_ids]}).all()
    spaces = houses.spaces_by_id(session, [row.id for row in rows])
    return [
        SpaceEntry(
            spaces[row.id],
            None if row.area_m2 is None else float(row.area_m2),
            row.bookable,
            row.archived_s,
            row.floor_id,
            row.area_given,
        )
        for row in rows
    ]
