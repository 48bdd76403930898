"""Permanences: their dates as visitors read them, and what stands beside their series."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, func, or_, select, union
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.core.intervals import Interval
from booking.core.permanences import Details, PermanenceDate, PermanenceView
from booking.core.recurrence import interval_at, to_local, to_utc
from booking.core.values import Site, State, Visibility, combined_state
from booking.db import LocalDateTime, UTCDateTime
from booking.models import Allocation, Booking, Occurrence, Organisation, Permanence
from booking.queries.agenda import OPEN, AnyRow, AnySelect, around_window, ids_within

_DETAILS = (
    Permanence.text,
    Permanence.phone,
    Permanence.email,
    Permanence.link,
    Permanence.by_appointment,
    Permanence.appointment_link,
)
_NOW = bindparam("now", type_=UTCDateTime)
_TOMORROW = bindparam("tomorrow", type_=UTCDateTime)
# A series that was given up as a whole has nobody who could be away.
_GOES_ON = (
    select(Occurrence.id)
    .join(Allocation, Allocation.occurrence_id == Occurrence.id)
    .where(Occurrence.booking_id == Booking.id, Allocation.state.in_(OPEN), Allocation.end > _NOW)
    .correlate(Booking)
    .exists()
)


def _ids_around() -> AnySelect:
    """Return the allocations within a window, and those that would be within it by their series."""
    days = {name: bindparam(name, type_=LocalDateTime) for name in ("first", "last")}
    by_rule = (
        select(Allocation.id)
        .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
        .join(Permanence, Permanence.booking_id == Occurrence.booking_id)
        .where(Occurrence.recurrence_id >= days["first"], Occurrence.recurrence_id < days["last"])
    )
    return select(union(ids_within(), by_rule).subquery().c.id)


_DATES = (
    select(
        Occurrence.booking_id,
        Occurrence.id,
        Occurrence.recurrence_id,
        Occurrence.expected_at.label("expected_at"),
        Allocation.space_id,
        Allocation.start,
        Allocation.end,
        Allocation.state,
        func.coalesce(Occurrence.title, Booking.title).label("title"),
        Booking.site_id,
        Booking.starts_local,
        Booking.ends_local,
        Booking.zone,
        Booking.organisation_id,
        Booking.space_ids,
        Organisation.name,
        *_DETAILS,
    )
    .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
    .join(Booking, Booking.id == Occurrence.booking_id)
    .join(Permanence, Permanence.booking_id == Booking.id)
    .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
    .where(Booking.site_id == bindparam("site_id"), Allocation.id.in_(_ids_around()))
    .order_by(Allocation.start, Allocation.end, Occurrence.id, Allocation.space_id)
)
_PUBLIC_DATES = _DATES.where(
    Booking.visibility == Visibility.PUBLIC.value,
    or_(
        Allocation.state == State.CONFIRMED.value,
        (Allocation.state == State.CANCELLED.value) & or_(Allocation.end < _TOMORROW, _GOES_ON),
    ),
)
_OURS = (
    select(
        Booking.id,
        Booking.site_id,
        Booking.title,
        Booking.organisation_id,
        Organisation.name,
        Booking.rule,
        Booking.starts_local,
        Booking.ends_local,
        Booking.zone,
        Booking.space_ids,
        *_DETAILS,
    )
    .join(Permanence, Permanence.booking_id == Booking.id)
    .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
    .where(_GOES_ON)
    .order_by(Organisation.name, Booking.title, Booking.id)
)
_BESIDE = select(*_DETAILS).where(Permanence.booking_id == bindparam("booking_id"))


@dataclass(frozen=True, slots=True)
class Days:
    """Some days of a house: the spaces there, and the days from ``first`` to before ``last``.

    ``tomorrow`` is the end of the present day: of a series that has ended, what
    would have been today is still told.
    """

    site_id: int
    space_ids: tuple[int, ...]
    window: Interval
    first: datetime
    last: datetime
    tomorrow: datetime

    @classmethod
    def of(
        cls, site: Site, space_ids: Collection[int], first: date, last: date, *, now: datetime
    ) -> "Days":
        """Return the days from one to before another, local ones."""
        begins, ends = (datetime.combine(each, time()) for each in (first, last))
        window = Interval(to_utc(begins, site.zone), to_utc(ends, site.zone))
        tomorrow = datetime.combine(to_local(now, site.zone).date() + timedelta(days=1), time())
        until = to_utc(tomorrow, site.zone)
        return cls(site.id, tuple(space_ids), window, begins, ends, until)

    def binds(self) -> dict[str, Any]:  # Any: what a statement binds
        """Return what the statements here bind."""
        days = {"site_id": self.site_id, "first": self.first, "last": self.last}
        return around_window(self.space_ids, self.window) | days


def public_dates(session: Session, days: Days, *, now: datetime) -> list[PermanenceDate]:
    """Return what visitors may expect on some days, by start; one statement.

    Confirmed dates, and those that were cancelled while their series goes on:
    "not today" has to be read where the date would have been.  What has
    moved to other days is there, too.
    """
    asked = days.binds() | {"now": now, "tomorrow": days.tomorrow}
    return _dates(session.connection().execute(_PUBLIC_DATES, asked))


def dates_of(
    session: Session, days: Days, organisation_ids: Collection[int] | None = None
) -> list[PermanenceDate]:
    """Return the dates of some days in any state, by start; one statement.

    Those of some organisations, or (None) of all.
    """
    query = _DATES
    if organisation_ids is not None:
        query = query.where(Booking.organisation_id.in_(organisation_ids))
    return _dates(session.connection().execute(query, days.binds()))


def permanences(
    session: Session, *, now: datetime, organisation_ids: Collection[int] | None = None
) -> list[PermanenceView]:
    """Return the permanences that go on, of some organisations or (None) all, by organisation."""
    query = _OURS
    if organisation_ids is not None:
        query = query.where(Booking.organisation_id.in_(organisation_ids))
    rows = session.connection().execute(query, {"now": now})
    return [
        PermanenceView(
            booking_id=row.id,
            site_id=row.site_id,
            title=row.title,
            organisation_id=row.organisation_id,
            organisation_name=row.name or "",
            rule=row.rule,
            starts_at=row.starts_local,
            ends_at=row.ends_local,
            zone=row.zone,
            space_ids=tuple(row.space_ids),
            details=_details(row),
        )
        for row in rows
    ]


def details_of(session: Session, booking_id: int) -> Details | None:
    """Return what visitors read of a booking, None where it is no permanence."""
    row = session.connection().execute(_BESIDE, {"booking_id": booking_id}).first()
    return None if row is None else _details(row)


def details_of_all(session: Session, booking_ids: Collection[int]) -> dict[int, Details]:
    """Return booking id -> what visitors read, of those that are permanences."""
    query = select(Permanence.booking_id, *_DETAILS).where(Permanence.booking_id.in_(booking_ids))
    return {row.booking_id: _details(row) for row in session.connection().execute(query)}


def expected(
    session: Session, booking_ids: Collection[int]
) -> dict[tuple[int, datetime], datetime]:
    """Return from when somebody is there who is late, by booking and local start by the rule."""
    query = select(Occurrence.booking_id, Occurrence.recurrence_id, Occurrence.expected_at).where(
        Occurrence.booking_id.in_(booking_ids), Occurrence.expected_at.is_not(None)
    )
    rows = session.connection().execute(query)
    return {(booking_id, at): late for booking_id, at, late in rows if late is not None}


def permanence(session: Session, booking_id: int) -> Details:
    """Return what visitors read of a permanence.

    Raises:
        NotFound: If the booking is none.
    """
    found = details_of(session, booking_id)
    if found is None:
        raise NotFound("permanence", booking_id)
    return found


def _dates(rows: Iterable[AnyRow]) -> list[PermanenceDate]:
    return [_date([*some]) for _id, some in groupby(rows, lambda row: row.id)]


def _date(rows: list[AnyRow]) -> PermanenceDate:
    first = rows[0]
    states = {State(each.state) for each in rows}
    space_ids = tuple(each.space_id for each in rows)
    length = first.ends_local - first.starts_local
    return PermanenceDate(
        booking_id=first.booking_id,
        occurrence_id=first.id,
        site_id=first.site_id,
        space_ids=space_ids,
        interval=Interval(first.start_s, first.end_s),
        state=combined_state(states),
        title=first.title,
        organisation_id=first.organisation_id,
        organisation_name=first.name or "",
        details=_details(first),
        usual=interval_at(first.recurrence_id, length, first.zone),
        usual_space_ids=tuple(first.space_ids),
        expected_at=first.expected_at,
    )


def _details(row: AnyRow) -> Details:
    return Details(
        row.text, row.phone, row.email, row.link, row.by_appointment, row.appointment_link
    )
