"""Which series go on by themselves."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.models import Booking, Site

# A rule is stored by ``Rule.to_text``: its parts have always the same names.
_ENDLESS = (
    select(Booking.id)
    .join(Site, Site.id == Booking.site_id)
    .where(
        Booking.rule.is_not(None),
        Booking.rule.not_like("%COUNT=%"),
        Booking.rule.not_like("%UNTIL=%"),
        Site.archived_at.is_(None),
    )
    .order_by(Booking.created_at, Booking.id)
)


def endless(session: Session) -> list[int]:
    """Return the ids of all series without an end, the oldest first; one statement."""
    return [row.id for row in session.connection().execute(_ENDLESS)]
