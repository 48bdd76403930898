"""Requests that wait for a decision, and until when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from booking.core.values import Site
from booking.models import Notice
from booking.queries import houses

NEVER = datetime.max.replace(tzinfo=UTC)
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
LOOK_BACK_S = 366 * 86_400  # what is over for longer was left by a program that knew no end


@dataclass(frozen=True, slots=True)
class Undecided:
    """A booking of which something waits; ``start`` is the first date that does."""

    booking_id: int
    site_id: int
    zone: str
    title: str
    space_ids: tuple[int, ...]
    start: datetime
    changed_at: datetime
    remind_at: datetime
    expires_at: datetime


def undecided(session: Session, *, now: datetime) -> list[Undecided]:
    """Return all bookings with open requests, by id; two statements."""
    sites = {each.id: each for each in houses.sites(session)}
    rows = session.connection().execute(_UNDECIDED, {"since": int(now.timestamp()) - LOOK_BACK_S})
    found: dict[int, Undecided] = {}
    for row in rows:
        site, known = sites[row.site_id], found.get(row.booking_id)
        start, changed = (datetime.fromtimestamp(at, UTC) for at in (row.start_s, row.updated_s))
        first = min(start, known.start) if known else start
        expires = min(first, expires_of_age(changed, site))
        found[row.booking_id] = Undecided(
            row.booking_id,
            row.site_id,
            site.zone,
            row.title,
            (*(known.space_ids if known else ()), row.space_id),
            first,
            changed,
            expires - site.policy.remind_before,
            expires,
        )
    return list(found.values())


def expires_of_age(changed_at: datetime, site: Site) -> datetime:
    """Return when a request expires that nobody changes any more, whatever its time."""
    after = site.policy.expire_after
    return NEVER if after is None else changed_at + after


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
