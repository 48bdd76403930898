"""Requests that wait for a decision."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from booking.core.values import Site, State
from booking.models import Allocation, Notice
from booking.queries import houses

LOOK_BACK_S = 366 * 86_400  # what is over for longer was left by a program that knew no end
# From the index of open requests; there are never many.
_UNDECIDED = text("""
SELECT b.id AS booking_id, b.site_id, b.title, b.updated_s, a.space_id, min(a.start_s) AS start_s
FROM allocation AS a
JOIN occurrence AS o ON o.id = a.occurrence_id
JOIN booking AS b ON b.id = o.booking_id
WHERE a.state = 'requested' AND a.end_s > :since
GROUP BY b.id, b.site_id, b.title, b.updated_s, a.space_id
ORDER BY b.id, a.space_id
""")


@dataclass(frozen=True, slots=True)
class Undecided:
    """A booking of which something waits; ``start`` is the first date that does."""

    booking_id: int
    site: Site
    title: str
    space_ids: tuple[int, ...]
    start: datetime
    changed_at: datetime


def undecided(session: Session, *, now: datetime) -> list[Undecided]:
    """Return all bookings with open requests, by id; two statements."""
    sites = {each.id: each for each in houses.sites(session)}
    rows = session.connection().execute(_UNDECIDED, {"since": int(now.timestamp()) - LOOK_BACK_S})
    found: dict[int, Undecided] = {}
    for row in rows:
        known = found.get(row.booking_id)
        start, changed = (datetime.fromtimestamp(at, UTC) for at in (row.start_s, row.updated_s))
        found[row.booking_id] = Undecided(
            row.booking_id,
            sites[row.site_id],
            row.title,
            (*(known.space_ids if known else ()), row.space_id),
            min(start, known.start) if known else start,
            changed,
        )
    return list(found.values())


def reminded(
    session: Session, booking_ids: Collection[int], *, code: str
) -> Mapping[int, datetime]:
    """Return when somebody was last reminded of these bookings; one statement."""
    rows = session.execute(
        select(Notice.booking_id, func.max(Notice.at).label("at"))
        .where(Notice.booking_id.in_(booking_ids), Notice.code == code)
        .group_by(Notice.booking_id)
    )
    return {row.booking_id: row.at for row in rows if row.booking_id is not None}


def number_requested(session: Session, space_id: int, *, now: datetime) -> int:
    """Return how many requests for a space are open."""
    query = select(func.count()).select_from(Allocation)
    asked = (
        Allocation.space_id == space_id,
        Allocation.state == State.REQUESTED.value,
        Allocation.end > now,
    )
    return int(session.execute(query.where(*asked)).scalar_one())
