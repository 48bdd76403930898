"""The waiting list: who waits for what, and what is held for whom."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, exists, func, or_, select, text
from sqlalchemy.orm import Session

from booking.core.intervals import Interval
from booking.core.values import Held, State, Visibility, WaitMode, Want, WantState
from booking.db import Base, UTCDateTime
from booking.models.agreements import WAITS

_WANT, _HOLD, _PERSON, _BOOKING, _OCCURRENCE, _ALLOCATION = (
    Base.metadata.tables[name]
    for name in ("want", "hold", "person", "booking", "occurrence", "allocation")
)
_W = _WANT.c
_OTHER = _WANT.alias("other")
_OPEN = text(f"want.{WAITS}")  # as the partial index has it
_START, _END, _NOW = (bindparam(name, type_=UTCDateTime) for name in ("start", "end", "now"))
_PLACE = (_W.since_s, _W.id)

# Built once: every verb that gives time back asks whether somebody waits for it.
_WITHIN = select(_WANT).where(_OPEN, _W.start_s < _END, _W.end_s > _START).order_by(*_PLACE)
_ONE = select(_WANT).where(_W.id == bindparam("id"))
_SOME = select(_WANT).where(_W.id.in_(bindparam("ids", expanding=True)))
_OF_BOOKING = select(_WANT).where(
    _OPEN, _W.booking_id == bindparam("booking_id"), _W.recurrence_id.isnot(None)
)
_OF_PERSON = (
    select(_WANT)
    .where(_W.person_id == bindparam("person_id"), or_(_OPEN, _W.closed_s > bindparam("since")))
    .order_by(_W.start_s, _W.id)
    .limit(bindparam("limit"))
)
_BESIDE = select(_WANT).where(
    _OPEN,
    _W.person_id != bindparam("person_id"),
    exists().where(
        text(f"other.{WAITS}"),
        _OTHER.c.person_id == bindparam("person_id"),
        _OTHER.c.start_s < _W.end_s,
        _OTHER.c.end_s > _W.start_s,
    ),
)
_OFFERED = select(_WANT).where(
    _W.state == WantState.OFFERED.value,
    _OPEN,
    _W.site_id == bindparam("site_id"),
    _W.start_s < _END,
    _W.end_s > _START,
)
# The dates of one series have one place together.
_NUMBER = select(func.count(func.coalesce(-_W.booking_id, _W.id).distinct()).label("places")).where(
    _OPEN, _W.person_id == bindparam("person_id")
)
_FOLLOWERS = select(_BOOKING.c.id).where(_BOOKING.c.follows_id == bindparam("booking_id"))
_LOCK_PERSON = (
    select(_PERSON.c.id).where(_PERSON.c.id == bindparam("id")).with_for_update(key_share=True)
)
_HELD_ON = (
    select(_HOLD.c.want_id)
    .where(
        _HOLD.c.part_id.in_(bindparam("parts", expanding=True)),
        _HOLD.c.want_id.isnot(None),
        _HOLD.c.start_s < _END,
        _HOLD.c.end_s > _START,
    )
    .distinct()
    .order_by(_HOLD.c.want_id)
)
_SKIPPED_THEN = exists().where(
    _OCCURRENCE.c.booking_id == _W.booking_id,
    _OCCURRENCE.c.start_s == _W.start_s,
    _ALLOCATION.c.occurrence_id == _OCCURRENCE.c.id,
    _ALLOCATION.c.state.in_([State.SKIPPED.value, State.CONFLICT.value, State.CANCELLED.value]),
)
_DUE = (
    select(_W.id)
    .join(_PERSON, _PERSON.c.id == _W.person_id)
    .where(
        _OPEN,
        or_(
            _W.start_s <= _NOW,
            _W.expires_s <= _NOW,
            _PERSON.c.archived_s.isnot(None),
            and_(_W.state == WantState.WAITING.value, exists().where(_HOLD.c.want_id == _W.id)),
            and_(_W.recurrence_id.isnot(None), ~_SKIPPED_THEN),
        ),
    )
    .order_by(*_PLACE)
)


def want(session: Session, want_id: int) -> Want | None:
    """Return a place in the list as it is now, None where there is none with this id."""
    row = session.connection().execute(_ONE, {"id": want_id}).first()
    return None if row is None else _view(row)


def wants(session: Session, ids: Collection[int]) -> list[Want]:
    """Return some places of the list, in any state."""
    rows = session.connection().execute(_SOME, {"ids": [*ids]}) if ids else ()
    return [_view(row) for row in rows]


def open_wants(session: Session, span: Interval) -> list[Want]:
    """Return who waits for some time of a span, in any space, the first in line first."""
    asked = {"start": span.start, "end": span.end}
    return [_view(row) for row in session.connection().execute(_WITHIN, asked)]


def of_booking(session: Session, booking_id: int) -> list[Want]:
    """Return the places that skipped dates of a series have in the list."""
    rows = session.connection().execute(_OF_BOOKING, {"booking_id": booking_id})
    return [_view(row) for row in rows]


def of_person(session: Session, person_id: int, *, since: datetime, limit: int) -> list[Want]:
    """Return what somebody waits for, and what of it was over after ``since``, by time."""
    asked = {"person_id": person_id, "since": since, "limit": limit}
    return [_view(row) for row in session.connection().execute(_OF_PERSON, asked)]


def beside(session: Session, person_id: int) -> list[Want]:
    """Return what others wait for at the times that somebody waits for, in any space."""
    return [_view(row) for row in session.connection().execute(_BESIDE, {"person_id": person_id})]


def followers(session: Session, booking_id: int) -> list[int]:
    """Return the ids of the bookings that go on with a series."""
    return [*session.connection().execute(_FOLLOWERS, {"booking_id": booking_id}).scalars()]


def lock_person(session: Session, person_id: int) -> None:
    """Let nobody else count what a person has until the end of the transaction."""
    session.connection().execute(_LOCK_PERSON, {"id": person_id})


def number_of_places(session: Session, person_id: int) -> int:
    """Return how many places somebody has in the list."""
    return int(session.connection().execute(_NUMBER, {"person_id": person_id}).scalar_one())


def offered(session: Session, site_id: int, window: Interval) -> list[Want]:
    """Return what is held in a site within the window for whom it is offered to."""
    asked = {"site_id": site_id, "start": window.start, "end": window.end}
    return [_view(row) for row in session.connection().execute(_OFFERED, asked)]


def held_on(session: Session, part_ids: Collection[int], window: Interval) -> list[int]:
    """Return the ids of the places for which time of some parts is held within the window."""
    asked = {"parts": [*part_ids], "start": window.start, "end": window.end}
    return [*session.connection().execute(_HELD_ON, asked).scalars()]


def held(session: Session, ids: Collection[int], *, person_id: int | None) -> dict[int, Held]:
    """Return what is held, by the place in the list it is for, as a person may see it."""
    return {
        each.id: Held(each.id, each.interval, each.expires_at, each.person_id == person_id)
        for each in wants(session, ids)
    }


def due(session: Session, *, now: datetime) -> list[int]:
    """Return the ids of the places that something has to be done about, the first in line first.

    Their time has begun, their offer is over, their person has left, their
    date has moved; or whoever should have asked them did not.
    """
    return [*session.connection().execute(_DUE, {"now": now}).scalars()]


def _view(row: Row[Any]) -> Want:
    spaces = row.space_ids
    return Want(
        id=row.id,
        person_id=row.person_id,
        site_id=row.site_id,
        mode=WaitMode(row.mode),
        state=WantState(row.state),
        since=row.since_s,
        interval=Interval(row.start_s, row.end_s),
        starts_at=row.starts_local,
        ends_at=row.ends_local,
        space_ids=tuple(json.loads(spaces) if isinstance(spaces, str) else spaces),
        title=row.title,
        category=row.category,
        visibility=Visibility(row.visibility),
        note=row.note,
        all_day=row.all_day,
        organiser_id=row.organiser_id,
        organisation_id=row.organisation_id,
        attendance=row.attendance,
        booking_id=row.booking_id,
        recurrence_id=row.recurrence_id,
        expires_at=row.expires_s,
        closed_at=row.closed_s,
    )
