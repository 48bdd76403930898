"""Leases as the tests make and read them."""

from sqlalchemy.orm import Session, scoped_session

from booking.actions import leases
from booking.core.errors import (
    BookingError,
)
from booking.core.requests import LeaseRequest
from booking.core.values import LeaseView
from booking.queries import leases as queries
from tests.support.factories import NOW, House

Db = scoped_session[Session]


def let(house: House, wish: LeaseRequest) -> int:
    return leases.create_lease(wish, house.admin, now=NOW)


def codes(error: BookingError) -> list[tuple[str, str]]:
    return [(each.code, each.field) for each in error.messages]


def stored(session: Db, lease_id: int) -> LeaseView:
    session.rollback()
    return queries.lease(session, lease_id)
