"""How much of the house an organisation uses: what approvers weigh."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from booking.core.values import State
from booking.models import Allocation, Booking, Occurrence

# From the spaces, so that the index of each is used: the cost is that of the window.
_USE = (
    select(
        Booking.organisation_id,
        func.count(Allocation.occurrence_id.distinct()).label("dates"),
        func.sum(Allocation.__table__.c.end_s - Allocation.__table__.c.start_s).label("seconds"),
    )
    .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
    .join(Booking, Booking.id == Occurrence.booking_id)
    .where(
        Allocation.space_id.in_(bindparam("space_ids", expanding=True)),
        Allocation.__table__.c.start_s >= bindparam("since"),
        Allocation.__table__.c.start_s < bindparam("until"),
        Allocation.state == State.CONFIRMED.value,
        Booking.organisation_id.isnot(None),
    )
    .group_by(Booking.organisation_id)
)


@dataclass(frozen=True, slots=True)
class Use:
    """So many dates, and so many hours of rooms, in some time."""

    dates: int
    hours: float


def use_by_organisation(
    session: Session, space_ids: Collection[int], *, since: datetime, until: datetime
) -> dict[int, Use]:
    """Return organisation id -> what it had of these spaces, confirmed; one statement."""
    asked = {"space_ids": [*space_ids], "since": since, "until": until}
    rows = session.connection().execute(_USE, asked)
    return {row.organisation_id: Use(row.dates, int(row.seconds) / 3600) for row in rows}
