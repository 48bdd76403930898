"""What goes into a feed: bookings with all their dates, and what tells that they changed.

Always the same number of statements, whatever the number of bookings.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import (
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    text,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from booking.core.calendars import CalendarBooking, CalendarDate, Filter, Scope
from booking.core.intervals import Interval
from booking.core.values import OccurrenceView, State, Visibility, combined_state
from booking.db import as_json, listed
from booking.models import (
    Allocation,
    Booking,
    CalendarSource,
    CategoryRow,
    Collection,
    Occurrence,
    Organisation,
    Permanence,
    Person,
    Site,
    Space,
    SpacePart,
)
from booking.models.bookings import IS_LONG, LONG_S

_LONG = text(IS_LONG.replace("end_s", "allocation.end_s").replace("start_s", "allocation.start_s"))

# Columns of the tables, not of the models: rows of a thousand bookings come in half the time.
_B, _O, _A = (model.__table__.c for model in (Booking, Occurrence, Allocation))


def _if_any(dates: Any) -> Any:
    """Return a list of dates as text, or NULL for an empty one, so that it need not be parsed."""
    return case((cast(dates, String) != "[]", cast(dates, String)))


def _as_stored(column: Any) -> Any:
    """Return a column whose times come as they are stored; only those of use are made values."""
    return type_coerce(column, column.type.impl)


_BOOKING: tuple[Any, ...] = (
    _B.id,
    _B.uid,
    _B.site_id,
    _B.title,
    _B.category,
    _B.visibility,
    _B.note,
    _B.organiser_id,
    Person.__table__.c.name,
    _B.created_by_id,
    _B.organisation_id,
    Organisation.__table__.c.name,
    _B.attendance,
    _as_stored(_B.starts_local),
    _as_stored(_B.ends_local),
    _B.zone,
    _B.all_day,
    _B.rule,
    _if_any(_B.exdates),
    _if_any(_B.rdates),
    _B.sequence,
    _B.version,
    _as_stored(_B.created_s),
    _as_stored(_B.updated_s),
)
_DATE: tuple[Any, ...] = (
    _O.booking_id,
    _O.id,
    _as_stored(_O.recurrence_id),
    _as_stored(_O.start_s),
    _as_stored(_O.end_s),
    _O.title,
    _O.note,
    _A.id,
    _A.space_id,
    _A.state,
)

# By name, as calling the class takes three times as long.
_STATES = {each.value: each for each in State}
_VISIBILITIES = {each.value: each for each in Visibility}

# Occurrence id, an allocation's and its space's (0 without any), and the value.
_Date: TypeAlias = tuple[int, int, int, CalendarDate]
_occurrence_id, _space_and_state = itemgetter(1), itemgetter(8, 9)
_OPEN = [each.value for each in State if each.is_open]
fromtimestamp, fromisoformat = datetime.fromtimestamp, datetime.fromisoformat


@dataclass(frozen=True, slots=True)
class FeedState:
    """What a feed's bytes depend on, apart from its reader: equal states, equal bytes.

    ``revision`` counts changes of bookings, ``names`` those of what they are
    called: houses, spaces, organisations, people, categories.
    """

    revision: int
    names: tuple[int, ...]


def feed_state(session: Session, scope: Scope, *, person_id: int) -> FeedState:
    """Return the state of the calendar that a person has of a scope; one statement."""
    if scope.mine:
        query, owner = _STATE_OF_PERSON, person_id
    elif scope.organisation_id is not None:
        query, owner = _STATE_OF_ORGANISATION, scope.organisation_id
    elif scope.space_id is not None:
        query, owner = _STATE_OF_SPACE, scope.space_id
    elif scope.floor_id is not None:
        query, owner = _STATE_OF_FLOOR, scope.floor_id
    elif scope.site_id is not None:
        query, owner = _STATE_OF_SITE, scope.site_id
    else:
        query, owner = _STATE_OF_ALL, 0
    row = session.connection().execute(query, {"owner": owner}).one()
    return FeedState(int(row[0]), tuple(map(int, row[1:])))


def _related(space_id: Any) -> Select[Any]:
    """Return the spaces that share a part with this one: a combined room takes its parts along."""
    parts = select(SpacePart.part_id).where(SpacePart.space_id == space_id)
    return select(SpacePart.space_id).where(SpacePart.part_id.in_(parts))


def _state_of(kind: str, owners: Any) -> Select[Any]:
    """Return the revisions of a kind's owners, and the versions of all that has a name."""
    revisions = select(func.coalesce(func.sum(Collection.revision), 0)).where(
        Collection.kind == kind, owners
    )
    versions = (
        select(func.coalesce(func.sum(table.version), 0))
        for table in (Site, Space, Organisation, Person, CategoryRow)
    )
    return select(*(each.scalar_subquery() for each in (revisions, *versions)))


_OWNER: Any = bindparam("owner")
_STATE_OF_PERSON = _state_of("person", Collection.owner_id == _OWNER)
_STATE_OF_ORGANISATION = _state_of("organisation", Collection.owner_id == _OWNER)
_STATE_OF_ALL = _state_of("space", _OWNER == 0)
_STATE_OF_FLOOR = _state_of(
    "space", Collection.owner_id.in_(select(Space.id).where(Space.floor_id == _OWNER))
)
# Revisions begin anew with a house that is made anew; ids of bookings do not.
_STATE_OF_SITE = _state_of(
    "space", Collection.owner_id.in_(select(Space.id).where(Space.site_id == _OWNER))
).add_columns(select(func.coalesce(func.max(Booking.id), 0)).scalar_subquery())
_SOURCES_OF_SITE = select(func.coalesce(func.sum(CalendarSource.version), 0)).where(
    CalendarSource.site_id == _OWNER
)
_STATE_OF_PROGRAMME = _STATE_OF_SITE.add_columns(
    _SOURCES_OF_SITE.scalar_subquery(),
    select(func.count()).select_from(CalendarSource).scalar_subquery(),
)
_STATE_OF_SPACE = _state_of("space", Collection.owner_id.in_(_related(_OWNER)))


def public_state(session: Session, site_id: int) -> FeedState:
    """Return what the programme of a site depends on; one statement."""
    row = session.connection().execute(_STATE_OF_PROGRAMME, {"owner": site_id}).one()
    return FeedState(int(row[0]), tuple(map(int, row[1:])))


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
        spaces = _related(scope.space_id)
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


def bookings(
    session: Session, wanted: Wanted, *, only: Sequence[int] | None = None
) -> list[CalendarBooking]:
    """Return the bookings by start, or some of them (``only``), unredacted; two statements."""
    ids = wanted.ids if only is None else select(Booking.id).where(Booking.id.in_(only))
    query = (
        select(*_BOOKING)
        .select_from(Booking)
        .outerjoin(Person, Person.id == Booking.organiser_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(Booking.id.in_(ids))
        .order_by(Booking.starts_local, Booking.id)
    )
    rows = session.connection().execute(query).all()
    dates = _dates(session, [row[0] for row in rows], wanted.within)
    return [_booking(row, dates[row[0]]) for row in rows if row[0] in dates]


def _dates(session: Session, booking_ids: Sequence[int], within: Any) -> dict[int, list[_Date]]:
    """Return booking id -> its dates, by ``recurrence_id``; one statement.

    A date has a row for each allocation in the calendar, or one without.
    """
    # The ids that were found: to find them by their rules once more takes as long as the rest.
    found_ids = text(listed(session.get_bind().dialect.name, {"id": int})).bindparams(
        rows=as_json([each] for each in booking_ids)
    )
    query = (
        select(*_DATE)
        .select_from(Occurrence)
        .outerjoin(Allocation, (Allocation.occurrence_id == Occurrence.id) & within)
        .where(Occurrence.booking_id.in_(found_ids.columns(Booking.id)))
        .order_by(Occurrence.booking_id, Occurrence.recurrence_id, Allocation.space_id)
    )
    found: defaultdict[int, list[_Date]] = defaultdict(list)
    rows = session.connection().execute(query).all()
    for _id, of_date in groupby(rows, _occurrence_id):
        date = [*of_date]
        found[date[0][0]].append(_date(date))
    return found


# Rows are unpacked, not asked by name: a feed has thousands of them.
def _date(rows: Sequence[Any]) -> _Date:
    """Return the value of a date, with the ids by which its booking is seen."""
    (_booking_id, id_, recurrence_id, start, end, title, note, allocation_id, space_id, state) = (
        rows[0]
    )
    if len(rows) == 1 and space_id is not None:
        space_ids, combined = (space_id,), _STATES[state]
    else:
        asked = map(_space_and_state, rows)
        states = {each: _STATES[code] for each, code in asked if each is not None}
        space_ids = tuple(each for each, state in states.items() if state.is_open) or tuple(states)
        combined = combined_state(set(states.values()))
    interval = Interval(fromtimestamp(start, UTC), fromtimestamp(end, UTC))
    date = CalendarDate(fromisoformat(recurrence_id), interval, space_ids, combined, title, note)
    return id_, allocation_id or 0, space_id or 0, date


def _times(dates: str) -> tuple[datetime, ...]:
    return tuple(map(fromisoformat, json.loads(dates)))


def _booking(row: Sequence[Any], dates: Sequence[_Date]) -> CalendarBooking:
    (
        booking_id, uid, site_id, title, category, visibility, note,
        organiser_id, organiser_name, created_by_id, organisation_id, organisation_name,
        attendance, starts, ends, zone, all_day, rule, exdates, rdates,
        sequence, version, created, updated,
    ) = row  # fmt: skip
    # Any date will do for the texts, but approvers are asked by the space.
    occurrence_id, allocation_id, space_id, date = dates[0]
    if not space_id and len(dates) > 1:
        occurrence_id, allocation_id, space_id, date = next((x for x in dates if x[2]), dates[0])
    view = OccurrenceView(
        allocation_id,
        occurrence_id,
        booking_id,
        site_id,
        space_id,
        date.interval,
        date.state,
        title,
        category,
        _VISIBILITIES[visibility],
        organiser_id,
        organiser_name or "",
        created_by_id,
        organisation_id,
        organisation_name or "",
        date.recurrence_id,
        rule is not None,
        all_day,
        attendance,
        note,
        version=version,
    )
    return CalendarBooking(
        uid,
        zone,
        fromisoformat(starts),
        fromisoformat(ends),
        rule,
        _times(exdates) if exdates else (),
        _times(rdates) if rdates else (),
        sequence,
        fromtimestamp(created, UTC),
        fromtimestamp(updated, UTC),
        view,
        tuple([each[3] for each in dates]),
    )
