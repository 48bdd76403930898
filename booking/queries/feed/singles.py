"""Bookings of one date in one space: nearly all that a calendar has, read as plain rows."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Select, String, and_, cast, func, select, text, type_coerce
from sqlalchemy.orm import Session

from booking.core.calendars import Single
from booking.db import as_json, listed
from booking.models import Allocation, Booking, Occurrence, Organisation, Person
from booking.queries.feed.wanted import Wanted

# Columns of the tables, not of the models: rows of a thousand bookings come in half the time.
_B, _O, _A, _P, _G = (
    model.__table__.c for model in (Booking, Occurrence, Allocation, Person, Organisation)
)
_SPACE = Single._fields.index("space_id")


def _as_stored(column: Any) -> Any:
    return type_coerce(column, column.type.impl)


# In the order of ``Single``.
_COLUMNS: tuple[Any, ...] = (
    _B.id,
    _B.version,
    _B.uid,
    _B.site_id,
    func.coalesce(func.nullif(_O.title, ""), _B.title),
    _B.category,
    _B.visibility,
    func.coalesce(func.nullif(_O.note, ""), _B.note),
    _B.organiser_id,
    func.coalesce(_P.name, ""),
    _B.created_by_id,
    _B.organisation_id,
    func.coalesce(_G.name, ""),
    _B.attendance,
    _B.zone,
    type_coerce(_B.all_day, Integer),  # true or 1: to make it one of them takes its time
    _B.sequence,
    _as_stored(_B.created_s),
    _as_stored(_B.updated_s),
    _as_stored(_O.start_s),
    _as_stored(_O.end_s),
    _A.space_id,
    _A.state,
)
_ONCE = and_(_B.rule.is_(None), cast(_B.rdates, String) == "[]")


def singles(session: Session, wanted: Wanted, ids: Sequence[int]) -> list[Single]:
    """Return those of these bookings that have one date in one space, in no order.

    One statement.
    """
    asked = {"rows": as_json([each] for each in ids)}
    rows = session.connection().execute(_of(session, wanted), asked).all()
    by_id = {row[0]: row for row in rows}
    if len(by_id) < len(rows):
        times = Counter(row[0] for row in rows)
        by_id = {id_: row for id_, row in by_id.items() if times[id_] == 1}
    return [Single._make(row) for row in by_id.values() if row[_SPACE] is not None]


def _of(session: Session, wanted: Wanted) -> Select[Any]:
    asked = text(listed(session.get_bind().dialect.name, {"id": int})).columns(Booking.id)
    return (
        select(*_COLUMNS)
        .select_from(Booking)
        .outerjoin(Person, Person.id == Booking.organiser_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .join(Occurrence, (Occurrence.booking_id == Booking.id) & _ONCE)
        .outerjoin(Allocation, (Allocation.occurrence_id == Occurrence.id) & wanted.within)
        .where(Booking.id.in_(asked))
    )
