"""Swaps: what was proposed to exchange, and what of it can still be agreed to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from booking.core.errors import NotFound
from booking.core.requests import DateSeen
from booking.db import UTCDateTime
from booking.models import Booking, Person, Swap

OPEN = "open"

_given, _wanted = aliased(Booking), aliased(Booking)
_COLUMNS = (
    Swap.id,
    Swap.given_booking_id,
    Swap.given_occurrence_id,
    Swap.given_version,
    Swap.wanted_booking_id,
    Swap.wanted_occurrence_id,
    Swap.wanted_version,
    Swap.made_by_id,
    Person.name,
    Swap.words,
    Swap.state,
    Swap.expires_at,
)
_ONE = (
    select(*_COLUMNS)
    .outerjoin(Person, Person.id == Swap.made_by_id)
    .where(Swap.id == bindparam("swap"))
)
# Void as soon as either booking has another version.
_STANDING = (
    select(*_COLUMNS)
    .join(_given, (_given.id == Swap.given_booking_id) & (_given.version == Swap.given_version))
    .join(
        _wanted, (_wanted.id == Swap.wanted_booking_id) & (_wanted.version == Swap.wanted_version)
    )
    .outerjoin(Person, Person.id == Swap.made_by_id)
    .where(Swap.state == OPEN, Swap.expires_at > bindparam("now", type_=UTCDateTime))
)
_OF_BOOKING = _STANDING.where(
    or_(
        Swap.given_booking_id == bindparam("booking"),
        Swap.wanted_booking_id == bindparam("booking"),
    )
).order_by(Swap.id)
_OF_GIVEN = select(func.count()).select_from(
    _STANDING.where(Swap.given_booking_id == bindparam("booking")).subquery()
)


@dataclass(frozen=True, slots=True)
class SwapView:
    """What somebody proposed to exchange: ``given`` is their own date, ``wanted`` the other's."""

    id: int
    given: DateSeen
    wanted: DateSeen
    made_by_id: int | None
    made_by_name: str
    words: str
    state: str
    expires_at: datetime


def swap(session: Session, swap_id: int) -> SwapView:
    """Return one swap, whatever became of it.

    Raises:
        NotFound: If there is none with this id.
    """
    row = session.connection().execute(_ONE, {"swap": swap_id}).first()
    if row is None:
        raise NotFound("swap", swap_id)
    return _view(row)


def open_swaps(session: Session, booking_id: int, *, now: datetime) -> list[SwapView]:
    """Return what can still be agreed to, of a booking given or wanted, the oldest first."""
    return _found(session, {"booking": booking_id, "now": now})


def given_swaps(session: Session, booking_id: int, *, now: datetime) -> int:
    """Return in how many open swaps a booking is given."""
    asked = {"booking": booking_id, "now": now}
    return int(session.connection().execute(_OF_GIVEN, asked).scalar_one())


def _found(session: Session, asked: Mapping[str, Any]) -> list[SwapView]:  # Any: what it binds
    return [_view(row) for row in session.connection().execute(_OF_BOOKING, asked)]


def _view(row: Row[*tuple[Any, ...]]) -> SwapView:  # Any: columns by position
    key, *seen, made_by_id, name, words, state, expires_at = row
    return SwapView(
        key,
        DateSeen(*seen[:3]),
        DateSeen(*seen[3:]),
        made_by_id,
        name or "",
        words,
        state,
        expires_at,
    )
