"""Calendars of others that the house follows: how they are, and what they have.

Titles are unredacted: pass each through ``booking.core.visibility``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from booking.core.errors import NotFound
from booking.core.imports.stored import message_from_json
from booking.core.intervals import Interval
from booking.core.messages import Message
from booking.core.sources import SourceMode, SourceState
from booking.core.values import OccurrenceView, SourceEventView, State, Visibility
from booking.db import UTCDateTime
from booking.models import Allocation, CalendarSource, Closure, SourceEvent, Space, SpacePart
from booking.queries import agenda

_OPEN = [each.value for each in State if each.is_open]


@dataclass(frozen=True, slots=True)
class SourceView:
    """A calendar that is followed, as those who run the house see it; its address is sealed.

    ``failures`` is how often in a row it could not be read, ``error`` why the last
    time; ``counts`` has ``events``, ``dates``, ``left``, of the last time it could.
    """

    id: int
    site_id: int
    space_id: int | None
    space_name: str
    name: str
    address: str = field(repr=False)
    host: str
    mode: SourceMode
    visibility: Visibility
    every_min: int
    state: SourceState
    may_lose: bool
    etag: str
    modified: str
    failures: int
    error: Message | None
    counts: dict[str, int]
    warnings: tuple[Message, ...]
    tried_at: datetime | None
    read_at: datetime | None
    next_at: datetime | None
    version: int


_SOURCES = select(CalendarSource, func.coalesce(Space.name, "").label("space_name")).outerjoin(
    Space, Space.id == CalendarSource.space_id
)


def sources(session: Session, site_id: int) -> list[SourceView]:
    """Return the calendars that a site follows, by name; one statement."""
    query = _SOURCES.where(CalendarSource.site_id == site_id)
    rows = session.execute(query.order_by(CalendarSource.name, CalendarSource.id))
    return [_view(*row) for row in rows]


def source(session: Session, source_id: int) -> SourceView:
    """Return one of them.

    Raises:
        NotFound: If there is none with this id.
    """
    query = _SOURCES.where(CalendarSource.id == source_id)
    row = session.execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound("source", source_id)
    return _view(*row)


def _view(row: CalendarSource, space_name: str) -> SourceView:
    return SourceView(
        id=row.id,
        site_id=row.site_id,
        space_id=row.space_id,
        space_name=space_name,
        name=row.name,
        address=row.address,
        host=row.host,
        mode=SourceMode(row.mode),
        visibility=Visibility(row.visibility),
        every_min=row.every_min,
        state=SourceState(row.state),
        may_lose=row.may_lose,
        etag=row.etag,
        modified=row.modified,
        failures=row.failures,
        error=message_from_json(row.error) if row.error else None,
        counts=dict(row.counts),
        warnings=tuple(message_from_json(each) for each in row.warnings),
        tried_at=row.tried_at,
        read_at=row.read_at,
        next_at=row.next_at,
        version=row.version,
    )


def due_sources(session: Session, *, now: datetime) -> list[tuple[int, datetime]]:
    """Return id and time of the calendars that are to be looked at by now."""
    query = select(CalendarSource.id, CalendarSource.next_at).where(
        CalendarSource.state == SourceState.ACTIVE.value, CalendarSource.next_at <= now
    )
    return [(row.id, row.next_at) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class KnownDate:
    """A date as it is stored."""

    id: int
    digest: str
    end: datetime


def known_dates(session: Session, source_id: int) -> dict[str, KnownDate]:
    """Return all stored dates of a calendar by their keys; one statement."""
    query = select(SourceEvent.key, SourceEvent.id, SourceEvent.digest, SourceEvent.end)
    rows = session.execute(query.where(SourceEvent.source_id == source_id))
    return {row.key: KnownDate(row.id, row.digest, row.end) for row in rows}


_START, _END = (bindparam(name, type_=UTCDateTime) for name in ("start", "end"))
_EVENT: tuple[Any, ...] = (
    SourceEvent.id,
    CalendarSource.site_id,
    CalendarSource.name,
    CalendarSource.space_id,
    SourceEvent.title,
    SourceEvent.place,
    SourceEvent.start,
    SourceEvent.end,
    SourceEvent.all_day,
    SourceEvent.visibility,
    SourceEvent.changed_at,
)
_EVENTS = select(*_EVENT).join(CalendarSource, CalendarSource.id == SourceEvent.source_id)
_SHOWN = _EVENTS.where(
    CalendarSource.site_id == bindparam("site_id"),
    CalendarSource.mode.in_(bindparam("modes", expanding=True)),
    SourceEvent.end > _START,
    SourceEvent.start < _END,
).order_by(SourceEvent.start, SourceEvent.id)


def source_events(
    session: Session, site_id: int, window: Interval, modes: Sequence[SourceMode]
) -> list[SourceEventView]:
    """Return the dates of a site's calendars of these modes within a window, by start."""
    asked = {
        "site_id": site_id,
        "modes": [each.value for each in modes],
        "start": window.start,
        "end": window.end,
    }
    return [_event(row) for row in session.connection().execute(_SHOWN, asked)]


def coming_dates(
    session: Session, source_id: int, *, now: datetime, limit: int
) -> list[SourceEventView]:
    """Return the next dates of one calendar, by start."""
    query = _EVENTS.where(SourceEvent.source_id == source_id, SourceEvent.end > now)
    rows = session.connection().execute(query.order_by(SourceEvent.start).limit(limit))
    return [_event(row) for row in rows]


def _event(row: Sequence[Any]) -> SourceEventView:
    id_, site_id, name, space_id, title, place, start, end, all_day, visibility, changed = row
    return SourceEventView(
        id_,
        site_id,
        name,
        space_id,
        title,
        place,
        Interval(start, end),
        all_day,
        Visibility(visibility),
        changed,
    )


def bookings_below(
    session: Session, source_id: int, *, now: datetime, limit: int
) -> list[OccurrenceView]:
    """Return what is booked where a calendar would take the time, and is not over, by start."""
    theirs = aliased(SpacePart)
    query = (
        select(Allocation.id)
        .select_from(SourceEvent)
        .join(Closure, Closure.id == SourceEvent.closure_id)
        .join(SpacePart, SpacePart.space_id == Closure.space_id)
        .join(theirs, theirs.part_id == SpacePart.part_id)
        .join(
            Allocation,
            (Allocation.space_id == theirs.space_id)
            & (Allocation.start < Closure.end)
            & (Allocation.end > Closure.start),
        )
        .where(
            SourceEvent.source_id == source_id,
            Closure.end > now,
            Allocation.state.in_(_OPEN),
        )
        .distinct()
        .limit(limit)
    )
    found = agenda.by_allocation(session, set(session.scalars(query)))
    return sorted(found.values(), key=lambda each: (each.interval.start, each.space_id))
