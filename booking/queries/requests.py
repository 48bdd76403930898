"""Requests that wait for a decision."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from booking.core.values import Site, State
from booking.models import Allocation, Booking, Notice
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


# The same for those who decide about some spaces, a page of bookings at a time.
_PAGE = text("""
SELECT o.booking_id, count(*) OVER () AS waiting
FROM allocation AS a
JOIN occurrence AS o ON o.id = a.occurrence_id
WHERE a.state = 'requested' AND a.end_s > :now AND a.space_id IN :space_ids
GROUP BY o.booking_id
ORDER BY min(a.start_s), o.booking_id
LIMIT :limit OFFSET :offset
""").bindparams(bindparam("space_ids", expanding=True))


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


def waiting(
    session: Session, space_ids: Collection[int], *, now: datetime, limit: int, offset: int
) -> tuple[list[int], int]:
    """Return the ids of bookings that wait in these spaces, the next first, and how many do.

    Past the last one there is nothing, and the number is 0.
    """
    asked: dict[str, object] = {"space_ids": [*space_ids], "now": int(now.timestamp())}
    asked |= {"limit": limit, "offset": offset}
    rows = session.connection().execute(_PAGE, asked).all()
    return [row.booking_id for row in rows], rows[0].waiting if rows else 0


def asked_at(session: Session, booking_ids: Collection[int]) -> Mapping[int, datetime]:
    """Return when each booking was asked for; one statement."""
    rows = session.execute(
        select(Booking.id, Booking.created_at).where(Booking.id.in_(booking_ids))
    )
    return {row.id: row.created_at for row in rows}


def titles(session: Session, booking_ids: Collection[int]) -> Mapping[int, str]:
    """Return what each booking is for; one statement."""
    rows = session.execute(select(Booking.id, Booking.title).where(Booking.id.in_(booking_ids)))
    return {row.id: row.title for row in rows}


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
