"""Series that go on by themselves, and dates that other time zone data was used for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.intervals import Interval
from booking.models import Booking, Occurrence, Site

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


@dataclass(frozen=True, slots=True)
class StoredDate:
    """A date as it is stored: its instants, its place in the series, what it is counted from.

    ``recurrence_id`` and ``own`` (a time of its own, None without) are naive
    wall-clock times of ``zone``; ``length`` is the nominal one of its series.
    """

    booking_id: int
    occurrence_id: int
    recurrence_id: datetime
    interval: Interval
    length: timedelta
    own: tuple[datetime, datetime] | None
    zone: str


def endless(session: Session) -> list[int]:
    """Return the ids of all series without an end, the oldest first; one statement."""
    return [row.id for row in session.connection().execute(_ENDLESS)]


def outdated_sites(session: Session, version: str, *, now: datetime) -> list[int]:
    """Return the ids of sites with coming dates that another ``version`` of the data was used for.

    One statement.
    """
    has_dates = (
        select(Occurrence.id).where(Occurrence.booking_id == Booking.id, Occurrence.end > now)
    ).exists()
    query = select(Booking.site_id).where(Booking.tzdata_version != version, has_dates).distinct()
    return sorted(row.site_id for row in session.execute(query))


def coming_dates(
    session: Session, site_id: int, version: str, *, now: datetime
) -> Iterator[StoredDate]:
    """Yield the dates of a site that have not begun, of bookings made with other data.

    Those of older bookings first; one statement.
    """
    query = (
        select(
            Booking.id,
            Occurrence.id.label("occurrence_id"),
            Occurrence.recurrence_id,
            Occurrence.start,
            Occurrence.end,
            Occurrence.starts_local,
            Occurrence.ends_local,
            Booking.starts_local.label("first"),
            Booking.ends_local.label("first_end"),
            Booking.zone,
        )
        .join(Occurrence, Occurrence.booking_id == Booking.id)
        .where(
            Booking.site_id == site_id, Booking.tzdata_version != version, Occurrence.start > now
        )
        .order_by(Booking.created_at, Booking.id, Occurrence.recurrence_id)
    )
    for row in session.execute(query):
        yield StoredDate(
            row.id,
            row.occurrence_id,
            row.recurrence_id,
            Interval(row.start, row.end),
            row.first_end - row.first,
            None if row.starts_local is None else (row.starts_local, row.ends_local),
            row.zone,
        )
