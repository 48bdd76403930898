"""Series that are asked whether they go on next season, and what was answered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from booking.core.recurrence import to_local
from booking.core.values import Renewal, RenewalState, State
from booking.db import UTCDateTime
from booking.models import Allocation, Booking, Occurrence, Site
from booking.models import Renewal as RenewalRow

OPEN = [each.value for each in RenewalState if each.is_open]


@dataclass(frozen=True, slots=True)
class Standing:
    """A series without an end, and the latest question about it; ``known`` None without any.

    ``follows_id`` is the series that it goes on with, ``first`` its first day.
    """

    booking_id: int
    site_id: int
    created_at: datetime
    follows_id: int | None
    first: date
    known: Renewal | None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A series whose people have not said yet whether it goes on after ``season``."""

    booking_id: int
    site_id: int
    title: str
    season: date


_later = aliased(RenewalRow)
_LATEST = RenewalRow.season == (
    select(func.max(_later.season)).where(_later.booking_id == Booking.id).scalar_subquery()
)
_STANDING = (
    select(
        Booking.id,
        Booking.site_id,
        Booking.created_at,
        Booking.follows_id,
        Booking.starts_local,
        Booking.zone,
        RenewalRow.season,
        RenewalRow.state,
        RenewalRow.warned_at,
    )
    .join(Site, Site.id == Booking.site_id)
    .outerjoin(RenewalRow, (RenewalRow.booking_id == Booking.id) & _LATEST)
    .where(
        Booking.rule.is_not(None),
        Booking.rule.not_like("%COUNT=%"),
        Booking.rule.not_like("%UNTIL=%"),
        Site.archived_at.is_(None),
    )
)
_HAS_DATES = (
    select(Allocation.id)
    .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
    .where(
        Occurrence.booking_id == Booking.id,
        Allocation.end > bindparam("now", type_=UTCDateTime),
        Allocation.state.in_([each.value for each in State if each.is_open]),
    )
    .exists()
)
_OF_SITES = _STANDING.where(
    Booking.site_id.in_(bindparam("sites", expanding=True)), _HAS_DATES
).order_by(Booking.id)
_OF_BOOKING = _STANDING.where(Booking.id == bindparam("booking"), _HAS_DATES)
_LATEST_OF = (
    select(
        RenewalRow.booking_id.label("id"),
        RenewalRow.season,
        RenewalRow.state,
        RenewalRow.warned_at,
        Booking.zone,
    )
    .join(Booking, Booking.id == RenewalRow.booking_id)
    .where(RenewalRow.booking_id == bindparam("booking"))
    .order_by(RenewalRow.season.desc())
    .limit(1)
)


def standings(session: Session, site_ids: Collection[int], *, now: datetime) -> list[Standing]:
    """Return the series without an end of some sites that have dates to come, by id."""
    rows = session.connection().execute(_OF_SITES, {"sites": [*site_ids], "now": now})
    return [_standing(row) for row in rows]


def standing(session: Session, booking_id: int, *, now: datetime) -> Standing | None:
    """Return the same of one series, None where it has an end, or nothing to come."""
    row = session.connection().execute(_OF_BOOKING, {"booking": booking_id, "now": now}).first()
    return None if row is None else _standing(row)


def renewal(session: Session, booking_id: int) -> Renewal | None:
    """Return the latest question about a series, answered or not; None without any."""
    row = session.connection().execute(_LATEST_OF, {"booking": booking_id}).first()
    return None if row is None else _renewal(row)


def unanswered(
    session: Session,
    *,
    person_id: int | None = None,
    organisation_ids: Collection[int] = (),
    limit: int = 50,
) -> list[Unanswered]:
    """Return what a person, or the managers of organisations, have not answered yet, by title."""
    own = or_(Booking.organiser_id == person_id, Booking.created_by_id == person_id)
    whose = own if person_id is not None else Booking.organisation_id.in_(organisation_ids)
    query = (
        select(Booking.id, Booking.site_id, Booking.title, RenewalRow.season)
        .join(RenewalRow, RenewalRow.booking_id == Booking.id)
        .where(
            RenewalRow.state.in_(OPEN),
            _LATEST,
            Booking.rule.not_like("%COUNT=%"),
            Booking.rule.not_like("%UNTIL=%"),
            whose if person_id is not None or organisation_ids else false(),
        )
        .order_by(Booking.title, Booking.id)
        .limit(limit)
    )
    return [
        Unanswered(row.id, row.site_id, row.title, date.fromisoformat(row.season))
        for row in session.execute(query)
    ]


def _standing(row: Row[*tuple[Any, ...]]) -> Standing:
    return Standing(
        booking_id=row.id,
        site_id=row.site_id,
        created_at=row.created_s,
        follows_id=row.follows_id,
        first=row.starts_local.date(),
        known=None if row.season is None else _renewal(row),
    )


def _renewal(row: Row[*tuple[Any, ...]]) -> Renewal:
    return Renewal(
        booking_id=row.id,
        season=date.fromisoformat(row.season),
        state=RenewalState(row.state),
        warned_at=None if row.warned_s is None else to_local(row.warned_s, row.zone).date(),
    )
