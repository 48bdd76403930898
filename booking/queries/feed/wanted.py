"""Which bookings a calendar has."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, text, true, union_all
from sqlalchemy.orm import Session

from booking.core.calendars import Filter, Scope
from booking.core.recurrence import to_local
from booking.core.values import State, Visibility
from booking.models import Allocation, Booking, Occurrence, Permanence, Space, SpacePart
from booking.models.bookings import IS_LONG, LONG_S

_LONG = text(IS_LONG.replace("end_s", "allocation.end_s").replace("start_s", "allocation.start_s"))
_OPEN = [each.value for each in State if each.is_open]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bookings a calendar has: a SELECT of their ids, and which of their allocations."""

    ids: Select[Any]
    within: Any


def of_scope(scope: Scope, *, person_id: int, since: datetime, closed_since: datetime) -> Wanted:
    """Want the bookings of a scope, ``person_id`` being its reader.

    Those with a date that ends after ``since``, each with all its dates; dates
    on which a booking is elsewhere have no spaces.  A booking whose dates are
    all cancelled, refused or the like stays in until ``closed_since`` has
    passed its last change.
    """
    near = _near(scope) if scope.is_of_a_place else true()
    conditions = [_stays(near, closed_since)]
    if scope.mine:
        conditions.append(
            or_(Booking.organiser_id == person_id, Booking.created_by_id == person_id)
        )
    if scope.organisation_id is not None:
        conditions.append(Booking.organisation_id == scope.organisation_id)
    if scope.category is not None:
        conditions.append(Booking.category == scope.category)
    if scope.only is not None and scope.only.organisation_ids:
        conditions.append(Booking.organisation_id.in_(scope.only.organisation_ids))
    if scope.only is not None and scope.only.categories:
        conditions.append(Booking.category.in_(scope.only.categories))
    if scope.mine or scope.organisation_id is not None:
        conditions.append(_has_date(near, since))
    else:
        conditions.append(Booking.id.in_(_with_dates(_near(scope), since)))
    return Wanted(select(Booking.id).where(*conditions), near)


def _near(scope: Scope) -> Any:
    """Say, in SQL, that an allocation is of the scope's place, and in one of its states.

    What was cancelled is told of as well, to those who knew it.
    """
    spaces = select(Space.id)
    if scope.space_id is not None:
        spaces = related(scope.space_id)
    elif scope.floor_id is not None:
        spaces = spaces.where(Space.floor_id == scope.floor_id)
    elif scope.site_id is not None:
        spaces = spaces.where(Space.site_id == scope.site_id)
    near = Allocation.space_id.in_(spaces)
    return near if scope.only is None else and_(near, *_only(scope.only))


def _only(only: Filter) -> Iterator[Any]:
    """Yield what a filter says of an allocation."""
    if only.space_ids or only.floor_ids:
        parts = select(SpacePart.part_id).where(SpacePart.space_id.in_(only.space_ids))
        related = select(SpacePart.space_id).where(SpacePart.part_id.in_(parts))
        of_floors = select(Space.id).where(Space.floor_id.in_(only.floor_ids))
        yield or_(Allocation.space_id.in_(related), Allocation.space_id.in_(of_floors))
    if only.states:
        told = [*only.states, State.CANCELLED]
        yield Allocation.state.in_([each.value for each in told])


def _has_date(near: Any, since: datetime) -> Any:
    """Say that a booking has a date there that ends after ``since``."""
    return (
        select(Allocation.id)
        .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
        .where(Occurrence.booking_id == Booking.id, Allocation.end > since, near)
        .exists()
    )


def _with_dates(near: Any, since: datetime) -> Select[Any]:
    """Return the ids of all bookings with such a date."""
    # Two index ranges: what starts late enough, and the few that last longer than a day.
    usual = select(Allocation.occurrence_id).where(
        near, Allocation.start > since - timedelta(seconds=LONG_S), Allocation.end > since
    )
    long = select(Allocation.occurrence_id).where(near, _LONG, Allocation.end > since)
    found = union_all(usual, long).subquery()
    return select(Occurrence.booking_id).where(Occurrence.id.in_(select(found.c.occurrence_id)))


def of_programme(site_id: int, *, since: datetime) -> Wanted:
    """Want the public bookings of a site with their confirmed dates.

    Dates that are not confirmed have no spaces, and are not open.
    """
    confirmed = Allocation.state == State.CONFIRMED.value
    # From the spaces, so that the index of each is used; then the few that last for long.
    of_site = Allocation.space_id.in_(select(Space.id).where(Space.site_id == site_id))
    soon = Allocation.start > since - timedelta(seconds=LONG_S)
    within = (of_site, confirmed, Allocation.end > since)
    usual = select(Allocation.occurrence_id).where(*within, soon)
    long = select(Allocation.occurrence_id).where(*within, _LONG)
    found = union_all(usual, long).subquery()
    ids = (
        select(Booking.id)
        .join(Occurrence, Occurrence.booking_id == Booking.id)
        .where(
            Booking.visibility == Visibility.PUBLIC.value,
            Occurrence.id.in_(select(found.c.occurrence_id)),
        )
        .distinct()
    )
    return Wanted(ids, confirmed)


def of_permanences(site_id: int, *, since: datetime) -> Wanted:
    """Want the public permanences of a site with a date that ends after ``since``.

    Dates that are neither confirmed nor cancelled have no spaces.
    """
    is_told = Allocation.state.in_((State.CONFIRMED.value, State.CANCELLED.value))
    there = (
        select(Allocation.id)
        .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
        .where(Occurrence.booking_id == Booking.id, Allocation.end > since, is_told)
    )
    ids = (
        select(Booking.id)
        .join(Permanence, Permanence.booking_id == Booking.id)
        .where(
            Booking.site_id == site_id,
            Booking.visibility == Visibility.PUBLIC.value,
            there.exists(),
        )
    )
    return Wanted(ids, is_told)


def alone(*booking_ids: int) -> Wanted:
    """Want these bookings with all their dates."""
    return Wanted(select(Booking.id).where(Booking.id.in_(booking_ids)), true())


def _stays(within: Any, closed_since: datetime) -> Any:
    """Say, in SQL, that a booking has an open date or was changed not so long ago."""
    is_open = (
        select(Allocation.id)
        .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
        .where(Occurrence.booking_id == Booking.id, Allocation.state.in_(_OPEN), within)
        .exists()
    )
    return or_(Booking.updated_at > closed_since, is_open)


def related(space_id: Any) -> Select[Any]:
    """Return the spaces that share a part with this one: a combined room takes its parts along."""
    parts = select(SpacePart.part_id).where(SpacePart.space_id == space_id)
    return select(SpacePart.space_id).where(SpacePart.part_id.in_(parts))


def years(session: Session, wanted: Wanted) -> dict[str, tuple[int, int]]:
    """Return zone -> the first and the last year of times in it; one statement.

    Whole days have no time in any zone.
    """
    query = (
        select(
            Booking.zone,
            func.min(Booking.starts_local),
            func.min(Occurrence.start),
            func.max(Occurrence.end),
        )
        .join(Occurrence, Occurrence.booking_id == Booking.id)
        .where(Booking.id.in_(wanted.ids), Booking.all_day.is_(False))
        .group_by(Booking.zone)
    )
    return {
        zone: (min(local.year, to_local(first, zone).year), to_local(last, zone).year)
        for zone, local, first, last in session.execute(query)
    }


def versions(session: Session, wanted: Wanted) -> dict[int, int]:
    """Return booking id -> version, by start: who knows a version knows the booking; one statement.

    Every change of a booking or of one of its dates gives it a new version.
    """
    query = (
        select(Booking.id, Booking.version)
        .where(Booking.id.in_(wanted.ids))
        .order_by(Booking.starts_local, Booking.id)
    )
    return {row[0]: row[1] for row in session.connection().execute(query)}
