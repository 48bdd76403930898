"""What goes into a feed: bookings with all their dates, and what tells that they changed.

Always the same number of statements, whatever the number of bookings.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import (
    Row,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from booking.core.calendars import CalendarBooking, CalendarDate
from booking.core.intervals import Interval
from booking.core.values import Category, OccurrenceView, State, Visibility, combined_state
from booking.models import (
    Allocation,
    Booking,
    Collection,
    Occurrence,
    Organisation,
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
    """Return a list of dates, or NULL for an empty one, so that it need not be parsed."""
    return case((cast(dates, String) != "[]", dates)).label(dates.name)


_BOOKING: tuple[Any, ...] = (
    _B.id,
    _B.uid,
    _B.site_id,
    _B.title,
    _B.category,
    _B.visibility,
    _B.note,
    _B.organiser_id,
    Person.__table__.c.name.label("organiser_name"),
    _B.created_by_id,
    _B.organisation_id,
    Organisation.__table__.c.name.label("organisation_name"),
    _B.attendance,
    _B.starts_local,
    _B.ends_local,
    _B.zone,
    _B.all_day,
    _B.rule,
    _if_any(_B.exdates),
    _if_any(_B.rdates),
    _B.sequence,
    _B.version,
    _B.created_s,
    _B.updated_s,
)
_DATE: tuple[Any, ...] = (
    _O.id,
    _O.booking_id,
    _O.recurrence_id,
    _O.start_s,
    _O.end_s,
    _O.title,
    _O.note,
    _A.id.label("allocation_id"),
    _A.space_id,
    _A.state,
)

# By name, as calling the class takes three times as long.
_STATES = {each.value: each for each in State}
_CATEGORIES = {each.value: each for each in Category}
_VISIBILITIES = {each.value: each for each in Visibility}

_Date: TypeAlias = tuple[Any, CalendarDate]  # the first row of _DATE, and its value
_occurrence_id = itemgetter(0)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FeedState:
    """What a feed's bytes depend on, apart from its reader: equal states, equal bytes.

    ``revision`` counts changes of bookings, ``names`` those of what they are
    called: houses, spaces, organisations, people.
    """

    revision: int
    names: tuple[int, ...]


def feed_state(session: Session, *, person_id: int, space_id: int | None) -> FeedState:
    """Return the state of a person's calendar or (``space_id``) a space's; one statement."""
    query, owner = (
        (_STATE_OF_PERSON, person_id) if space_id is None else (_STATE_OF_SPACE, space_id)
    )
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
        for table in (Site, Space, Organisation, Person)
    )
    return select(*(each.scalar_subquery() for each in (revisions, *versions)))


_OWNER: Any = bindparam("owner")
_STATE_OF_PERSON = _state_of("person", Collection.owner_id == _OWNER)
# Revisions begin anew with a house that is made anew; ids of bookings do not.
_STATE_OF_SITE = _state_of(
    "space", Collection.owner_id.in_(select(Space.id).where(Space.site_id == _OWNER))
).add_columns(select(func.coalesce(func.max(Booking.id), 0)).scalar_subquery())
_STATE_OF_SPACE = _state_of("space", Collection.owner_id.in_(_related(_OWNER)))


def bookings_of_person(
    session: Session, person_id: int, *, since: datetime, closed_since: datetime
) -> list[CalendarBooking]:
    """Return the bookings that a person organises or made, by start, unredacted.

    Those with a date that ends after ``since``, each with all its dates.  A
    booking whose dates are all cancelled, refused or the like stays in until
    ``closed_since`` has passed its last change.  Two statements.
    """
    ids = select(Booking.id).where(
        or_(Booking.organiser_id == person_id, Booking.created_by_id == person_id),
        select(Occurrence.id)
        .where(Occurrence.booking_id == Booking.id, Occurrence.end > since)
        .exists(),
    )
    return _bookings(session, ids, true(), closed_since=closed_since)


def public_bookings(session: Session, site_id: int, *, since: datetime) -> list[CalendarBooking]:
    """Return the public bookings of a site with their confirmed dates, by start, unredacted.

    Dates that are not confirmed have no spaces, and are not open.  Two statements.
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
    return _bookings(session, ids, confirmed, closed_since=_EVER)


def public_state(session: Session, site_id: int) -> FeedState:
    """Return what the programme of a site depends on; one statement."""
    row = session.connection().execute(_STATE_OF_SITE, {"owner": site_id}).one()
    return FeedState(int(row[0]), tuple(map(int, row[1:])))


def booking_alone(session: Session, booking_id: int) -> list[CalendarBooking]:
    """Return one booking with all its dates, unredacted; nothing where there is none."""
    ids = select(Booking.id).where(Booking.id == booking_id)
    return _bookings(session, ids, true(), closed_since=_EVER)


def bookings_of_space(
    session: Session, space_id: int, *, since: datetime, closed_since: datetime
) -> list[CalendarBooking]:
    """Return the bookings of a space and of spaces that share a part with it, as above.

    Dates on which a booking is elsewhere have no spaces.  Two statements.
    """
    near = Allocation.space_id.in_(_related(space_id))
    # Two index ranges: what starts late enough, and the few that last longer than a day.
    usual = select(Allocation.occurrence_id).where(
        near, Allocation.start > since - timedelta(seconds=LONG_S), Allocation.end > since
    )
    long = select(Allocation.occurrence_id).where(near, _LONG, Allocation.end > since)
    found = union_all(usual, long).subquery()
    ids = select(Occurrence.booking_id).where(Occurrence.id.in_(select(found.c.occurrence_id)))
    return _bookings(session, ids, near, closed_since=closed_since)


def _bookings(
    session: Session, ids: Select[Any], within: Any, *, closed_since: datetime
) -> list[CalendarBooking]:
    """Read the bookings, then all their dates with the allocations ``within`` the calendar."""
    query = (
        select(*_BOOKING)
        .select_from(Booking)
        .outerjoin(Person, Person.id == Booking.organiser_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(Booking.id.in_(ids))
        .order_by(Booking.starts_local, Booking.id)
    )
    rows = session.execute(query).all()
    dates = _dates(session, ids, within)
    made = (_booking(row, dates[row.id]) for row in rows if row.id in dates)
    return [each for each in made if _stays(each, closed_since)]


def _stays(booking: CalendarBooking, closed_since: datetime) -> bool:
    return booking.updated_at > closed_since or any(date.state.is_open for date in booking.dates)


def _dates(session: Session, ids: Select[Any], within: Any) -> dict[int, list[_Date]]:
    """Return booking id -> its dates, by ``recurrence_id``; one statement.

    A date has a row for each allocation in the calendar, or one without.
    """
    query = (
        select(*_DATE)
        .select_from(Occurrence)
        .outerjoin(Allocation, (Allocation.occurrence_id == Occurrence.id) & within)
        .where(Occurrence.booking_id.in_(ids))
        .order_by(Occurrence.booking_id, Occurrence.recurrence_id, Allocation.space_id)
    )
    found: defaultdict[int, list[_Date]] = defaultdict(list)
    rows = session.connection().execute(query).all()
    for _id, of_date in groupby(rows, _occurrence_id):
        date = _date(tuple(of_date))
        found[date[0].booking_id].append(date)
    return found


def _date(rows: Sequence[Any]) -> _Date:
    """Return the first row of a date, and its value."""
    first = rows[0]
    space_id, state = first.space_id, first.state
    if len(rows) == 1 and space_id is not None:
        space_ids, combined = (space_id,), _STATES[state]
    else:
        states = {row.space_id: _STATES[row.state] for row in rows if row.space_id is not None}
        space_ids = tuple(each for each, state in states.items() if state.is_open) or tuple(states)
        combined = combined_state(set(states.values()))
    interval = Interval(first.start_s, first.end_s)
    return first, CalendarDate(
        first.recurrence_id, interval, space_ids, combined, first.title, first.note
    )


def _booking(row: Row[Any], dates: Sequence[_Date]) -> CalendarBooking:
    # Any date will do for the texts, but approvers are asked by the space.
    first, date = next((each for each in dates if each[1].space_ids), dates[0])
    return CalendarBooking(
        uid=row.uid,
        zone=row.zone,
        starts_at=row.starts_local,
        ends_at=row.ends_local,
        rule=row.rule,
        exdates=tuple(map(datetime.fromisoformat, row.exdates or ())),
        rdates=tuple(map(datetime.fromisoformat, row.rdates or ())),
        sequence=row.sequence,
        created_at=row.created_s,
        updated_at=row.updated_s,
        view=_view(row, first, date),
        dates=tuple(value for _row, value in dates),
    )


def _view(row: Row[Any], first: Any, date: CalendarDate) -> OccurrenceView:
    return OccurrenceView(
        allocation_id=first.allocation_id or 0,
        occurrence_id=first.id,
        booking_id=row.id,
        site_id=row.site_id,
        space_id=first.space_id or 0,
        interval=date.interval,
        state=date.state,
        title=row.title,
        category=_CATEGORIES[row.category],
        visibility=_VISIBILITIES[row.visibility],
        organiser_id=row.organiser_id,
        organiser_name=row.organiser_name or "",
        created_by_id=row.created_by_id,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name or "",
        recurrence_id=date.recurrence_id,
        is_series=row.rule is not None,
        all_day=row.all_day,
        attendance=row.attendance,
        note=row.note,
        version=row.version,
    )
