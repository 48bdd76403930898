"""Bookings of a calendar as values, with all their dates."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import String, case, cast, select, text, type_coerce
from sqlalchemy.orm import Session

from booking.core.calendars import CalendarBooking, CalendarDate
from booking.core.intervals import Interval
from booking.core.values import OccurrenceView, State, Visibility, combined_state
from booking.db import as_json, listed
from booking.models import Allocation, Booking, Occurrence, Organisation, Person
from booking.queries.feed.wanted import Wanted

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
    _if_any(_B.exdates_beyond),
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
fromtimestamp, fromisoformat = datetime.fromtimestamp, datetime.fromisoformat


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
        attendance, starts, ends, zone, all_day, rule, exdates, beyond, rdates,
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
        (*_times(exdates or "[]"), *_times(beyond or "[]")) if exdates or beyond else (),
        _times(rdates) if rdates else (),
        sequence,
        fromtimestamp(created, UTC),
        fromtimestamp(updated, UTC),
        view,
        tuple([each[3] for each in dates]),
    )
