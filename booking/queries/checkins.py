"""Who has to check in, and who did not come."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from booking.core.values import Space
from booking.queries import houses

A_DAY_S = 86_400

# By the index of each space; only rooms that ask are looked at.
_AWAITED = text("""
SELECT DISTINCT occurrence.booking_id
FROM allocation JOIN occurrence ON occurrence.id = allocation.occurrence_id
WHERE allocation.space_id IN :space_ids
 AND allocation.start_s > :now - :day AND allocation.start_s <= :now + :early
 AND allocation.end_s > :now
 AND allocation.state = 'confirmed' AND allocation.checked_in_s IS NULL
ORDER BY occurrence.booking_id
""").bindparams(bindparam("space_ids", expanding=True))
_NO_SHOWS = text("""
SELECT COUNT(DISTINCT occurrence.id)
FROM occurrence JOIN allocation ON allocation.occurrence_id = occurrence.id
WHERE occurrence.booking_id = :booking_id AND allocation.released_s IS NOT NULL
""")


def asking_spaces(session: Session) -> dict[int, Space]:
    """Return the spaces whose rules ask to check in, by id."""
    return {each.id: each for each in houses.spaces(session) if each.policy.check_in is not None}


def awaited(
    session: Session,
    space_ids: Collection[int],
    *,
    now: datetime,
    early: timedelta = timedelta(0),
) -> list[int]:
    """Return the bookings that run in these spaces, or begin so ``early``, unchecked, by id."""
    if not space_ids:
        return []
    asked = {
        "space_ids": [*space_ids],
        "now": int(now.timestamp()),
        "early": early // timedelta(seconds=1),
        "day": A_DAY_S,
    }
    return list(session.connection().execute(_AWAITED, asked).scalars())


def no_shows(session: Session, booking_id: int) -> int:
    """Return to how many dates of a booking nobody came."""
    return int(session.execute(_NO_SHOWS, {"booking_id": booking_id}).scalar_one())
