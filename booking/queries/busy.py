"""When people are busy: by what they have booked or accepted here, and by their own calendars."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, text, union_all
from sqlalchemy.orm import Session

from booking.core.busy import BusyCalendar, Held, Times, Way, counts
from booking.core.intervals import Interval, merge, subtract
from booking.core.invitees import Answer, Named
from booking.core.messages import Message
from booking.core.values import Actor, State, Visibility
from booking.db import UTCDateTime, as_json, listed
from booking.models import Allocation, Booking, Invitee, InviteeDate, Occurrence, Person
from booking.models.busy import BusyCalendar as Row
from booking.models.busy import BusyTime
from booking.models.connections import Connection

_IDS: Any = bindparam("ids", expanding=True)
_EMAILS: Any = bindparam("emails", expanding=True)
_SINCE = bindparam("since", type_=UTCDateTime())
_BEFORE = bindparam("before", type_=UTCDateTime())
_NOW = bindparam("now", type_=UTCDateTime())

_PEOPLE = select(Person.email, Person.id).where(
    Person.email.in_(_EMAILS), Person.archived_at.is_(None)
)
_OF_BOOKING: Any = (
    Allocation.start,
    Allocation.end,
    Allocation.state,
    Booking.visibility,
    Booking.organiser_id,
    Booking.created_by_id,
    Booking.organisation_id,
    Booking.site_id,
    Allocation.space_id,
    Booking.id,
)
_IN_TIME = (
    Allocation.start < _BEFORE,
    Allocation.end > _SINCE,
    Allocation.state.in_([each.value for each in State if each.is_open]),
)
_ORGANISED: Any = (
    select(Booking.organiser_id, *_OF_BOOKING)
    .select_from(Booking)
    .join(Occurrence, Occurrence.booking_id == Booking.id)
    .join(Allocation, Allocation.occurrence_id == Occurrence.id)
    .where(Booking.organiser_id.in_(_IDS), *_IN_TIME)
)
_OF_DATE = (InviteeDate.invitee_id == Invitee.id) & (
    InviteeDate.recurrence_id == Occurrence.recurrence_id
)
_ACCEPTED: Any = (
    select(Invitee.person_id, *_OF_BOOKING)
    .select_from(Invitee)
    .join(Booking, Booking.id == Invitee.booking_id)
    .join(Occurrence, Occurrence.booking_id == Booking.id)
    .join(Allocation, Allocation.occurrence_id == Occurrence.id)
    .outerjoin(InviteeDate, _OF_DATE)
    .where(
        Invitee.person_id.in_(_IDS),
        Invitee.removed_at.is_(None),
        func.coalesce(InviteeDate.answer, Invitee.answer) == Answer.ACCEPTED.value,
        *_IN_TIME,
    )
)
_HELD = union_all(_ORGANISED, _ACCEPTED)
_SHARED = (
    select(
        Connection.person_id,
        func.min(Row.read_at),
        func.count() - func.count(Row.read_at),
        func.min(Row.due_at),
    )
    .join(Row, Row.connection_id == Connection.id)
    .where(Connection.person_id.in_(_IDS), Connection.shares_busy)
    .group_by(Connection.person_id)
)
_TIMES = (
    select(Connection.person_id, BusyTime.start, BusyTime.end)
    .join(Row, Row.connection_id == Connection.id)
    .join(BusyTime, BusyTime.calendar_id == Row.id)
    .where(
        Connection.person_id.in_(_IDS),
        Connection.shares_busy,
        BusyTime.start < _BEFORE,
        BusyTime.end > _SINCE,
    )
)
_CALENDARS: Any = select(
    Row.id, Row.url, Row.name, Row.way, Row.read_at, Row.due_at, Row.tries, Row.reason, Row.params,
    Row.left,
)  # fmt: skip
_NUMBER = (
    select(func.count())
    .where(BusyTime.calendar_id == Row.id, BusyTime.end > _NOW)
    .scalar_subquery()
    .label("times")
)
_OURS = {
    dialect: text(
        f"WITH asked AS ({listed(dialect, {'uid': str})})"
        " SELECT booking.uid FROM asked JOIN booking ON booking.uid = asked.uid"
    )
    for dialect in ("sqlite", "postgresql")
}


def people_by_email(session: Session, emails: Iterable[str]) -> dict[str, int]:
    """Return e-mail address -> person id of those who have an account; one statement."""
    rows = session.execute(_PEOPLE, {"emails": sorted(set(emails))})
    return {row.email: row.id for row in rows}


def people_by_id(session: Session, person_ids: Collection[int]) -> dict[int, Named]:
    """Return address and name of people who are not archived, by id; one statement."""
    query = select(Person.id, Person.email, Person.name).where(
        Person.id.in_(_IDS), Person.archived_at.is_(None)
    )
    rows = session.execute(query, {"ids": sorted(set(person_ids))})
    return {row.id: Named(row.email, row.name) for row in rows}


def held_by(session: Session, person_ids: Collection[int], window: Interval) -> list[Held]:
    """Return what people have booked, or accepted, in a time, in no order; one statement.

    A booking in several rooms is there for each of them.
    """
    rows: Any = session.execute(_HELD, _asked(person_ids, window))
    return [
        Held(
            row[0],
            Interval(row[1], row[2]),
            row[3] == State.CONFIRMED.value,
            Visibility(row[4]),
            *row[5:],
        )
        for row in rows
    ]


def times_of(
    session: Session,
    person_ids: Collection[int],
    window: Interval,
    viewer: Actor,
    *,
    now: datetime,
    but_for: int | None = None,
) -> Times:
    """Return when people are busy, as ``viewer`` may know it, in three statements.

    ``but_for`` is a booking that does not count, as another time is looked for: nor does
    what those who come to it have of the same time in their own calendars, its copy there.
    """
    asked = _asked(person_ids, window)
    shared = session.execute(_SHARED, asked).all()
    read = {row[0]: None if row[2] else row[1] for row in shared}
    confirmed: defaultdict[int, list[Interval]] = defaultdict(list)
    requested: defaultdict[int, list[Interval]] = defaultdict(list)
    copies: defaultdict[int, list[Interval]] = defaultdict(list)
    for each in held_by(session, person_ids, window):
        if each.booking_id == but_for:
            copies[each.person_id].append(each.interval)
        elif counts(each, viewer, shares=each.person_id in read):
            kind = confirmed if each.is_confirmed else requested
            kind[each.person_id].append(each.interval)
    for person_id, start, end in session.execute(_TIMES, asked) if shared else ():
        own = Interval(start, end)
        confirmed[person_id] += subtract(own, copies[person_id])
    return Times(
        {each: merge(some) for each, some in confirmed.items()},
        {each: merge(some) for each, some in requested.items()},
        read,
        frozenset(row[0] for row in shared if row[3] <= now),
    )


def busy_calendars(session: Session, connection_id: int, *, now: datetime) -> list[BusyCalendar]:
    """Return the calendars of a connection that count, by their names, with how many times."""
    query = _CALENDARS.add_columns(_NUMBER).where(Row.connection_id == connection_id)
    rows = session.execute(query.order_by(func.lower(Row.name), Row.id), {"now": now})
    return [_calendar(row) for row in rows]


def due_calendars(session: Session, connection_id: int, *, now: datetime) -> list[BusyCalendar]:
    """Return those that it is time to read again; one statement."""
    query = _CALENDARS.where(Row.connection_id == connection_id, Row.due_at <= now)
    return [_calendar(row) for row in session.execute(query.order_by(Row.id))]


def written_to(session: Session, person_id: int) -> set[str]:
    """Return the addresses of the calendars into which the house writes for a person."""
    query = select(Connection.url).where(Connection.person_id == person_id)
    return set(session.execute(query).scalars())


def booked_here(session: Session, uids: Iterable[str]) -> set[str]:
    """Return those of some UIDs that are bookings of the house; one statement."""
    statement = _OURS[session.get_bind().dialect.name]
    rows = session.connection().execute(statement, {"rows": as_json([each] for each in uids)})
    return set(rows.scalars())


def _asked(person_ids: Collection[int], window: Interval) -> Mapping[str, Any]:
    return {"ids": sorted(set(person_ids)), "since": window.start, "before": window.end}


def _calendar(row: Any) -> BusyCalendar:
    return BusyCalendar(
        row.id,
        row.url,
        row.name,
        Way(row.way),
        row.read_at,
        row.due_at,
        row.tries,
        Message(row.reason, dict(row.params)) if row.reason else None,
        row.left,
        getattr(row, "times", 0),
    )
