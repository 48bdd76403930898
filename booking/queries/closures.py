"""Closures of a site and its spaces."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from booking.core.intervals import Interval
from booking.core.values import ClosureView, Visibility
from booking.db import UTCDateTime
from booking.models import CalendarSource, Closure, Site, SourceEvent

_CLOSURE = (
    Closure.id,
    Closure.site_id,
    Closure.space_id,
    Closure.start,
    Closure.end,
    Closure.reason,
    Closure.version,
    func.coalesce(CalendarSource.name, ""),
    SourceEvent.visibility,
)
# Of each the calendar of others that it comes from, if it does.
_WITH_SOURCE = (
    select(*_CLOSURE)
    .select_from(Closure)
    .outerjoin(SourceEvent, SourceEvent.closure_id == Closure.id)
    .outerjoin(CalendarSource, CalendarSource.id == SourceEvent.source_id)
)
_START, _END = (bindparam(name, type_=UTCDateTime) for name in ("start", "end"))
_CLOSURES = _WITH_SOURCE.where(
    Closure.site_id == bindparam("site_id"), Closure.end > _START, Closure.start < _END
).order_by(Closure.start, Closure.id)
_CLOSURES_BY_ID = _WITH_SOURCE.where(Closure.id.in_(bindparam("ids", expanding=True)))


def closures(session: Session, site_id: int, window: Interval) -> list[ClosureView]:
    """Return the closures of a site and its spaces that overlap the window, by start."""
    asked = {"site_id": site_id, "start": window.start, "end": window.end}
    return [_view(row) for row in session.connection().execute(_CLOSURES, asked)]


@dataclass(frozen=True, slots=True)
class ClosedByClock:
    """A closure with its wall clock, naive and local."""

    view: ClosureView
    starts_at: datetime
    ends_at: datetime
    zone: str


def coming_by_clock(session: Session, *, now: datetime) -> list[ClosedByClock]:
    """Return the closures of all sites that have not begun, by site, then id; one statement."""
    query = (
        _WITH_SOURCE.add_columns(Closure.starts_local, Closure.ends_local, Site.zone)
        .join(Site, Site.id == Closure.site_id)
        .where(Closure.start > now, Closure.starts_local.is_not(None))
        .order_by(Closure.site_id, Closure.id)
    )
    return [
        ClosedByClock(_view(row[:9]), row.starts_local, row.ends_local, row.zone)
        for row in session.execute(query)
    ]


def closures_of(
    session: Session, site_id: int, *, now: datetime, past: bool, limit: int, offset: int
) -> list[ClosureView]:
    """Return what was closed by hand: the coming by start, or the past, latest first."""
    when = Closure.end <= now if past else Closure.end > now
    order = (Closure.start.desc(), Closure.id) if past else (Closure.start, Closure.id)
    query = _WITH_SOURCE.where(Closure.site_id == site_id, when, SourceEvent.id.is_(None))
    rows = session.connection().execute(query.order_by(*order).limit(limit).offset(offset))
    return [_view(row) for row in rows]


def closures_by_id(session: Session, ids: Collection[int]) -> dict[int, ClosureView]:
    """Return closure id -> view."""
    if not ids:
        return {}
    rows = session.connection().execute(_CLOSURES_BY_ID, {"ids": [*set(ids)]})
    return {view.id: view for view in map(_view, rows)}


def _view(row: Sequence[Any]) -> ClosureView:
    """Return the value of a row of ``_CLOSURE``."""
    closure_id, site_id, space_id, start, end, reason, version, source, visibility = row
    told = Visibility(visibility) if visibility else Visibility.PUBLIC
    interval = Interval(start, end)
    return ClosureView(closure_id, site_id, space_id, interval, reason, version, source, told)
