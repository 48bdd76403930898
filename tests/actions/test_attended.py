"""How many people came."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings.attended import count_people
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.models import Occurrence
from booking.queries.attended import attended
from tests.support.factories import NOW, House

Db = scoped_session[Session]


def dates(session: Db, booking_id: int) -> list[int]:
    query = select(Occurrence.id).where(Occurrence.booking_id == booking_id)
    found = session.execute(query.order_by(Occurrence.recurrence_id)).scalars().all()
    session.rollback()
    return [*found]


def test_people_are_counted_by_date(session: Db, house: House) -> None:
    booking = house.add_booking(days=(-3, -2))
    first, second = dates(session, booking)
    count_people(booking, {first: 7, second: 0}, house.manager, now=NOW)
    assert attended(session(), [first, second]) == {first: 7, second: 0}
    count_people(booking, {first: None}, house.member, now=NOW)
    assert attended(session(), [first, second]) == {second: 0}


def test_what_cannot_be_counted_is_refused(session: Db, house: House) -> None:
    booking = house.add_booking(days=(-3, 3))
    past, coming = dates(session, booking)
    (other,) = dates(session, house.add_booking(house.birch, days=(-3,)))
    for came, error in (
        ({coming: 3}, InvalidRequest),
        ({past: -1}, InvalidRequest),
        ({past: 10_001}, InvalidRequest),
        ({other: 1}, NotFound),
    ):
        with pytest.raises(error):
            count_people(booking, came, house.member, now=NOW)
    with pytest.raises(NotAllowed):
        count_people(booking, {past: 3}, house.stranger, now=NOW)
    assert attended(session(), [past]) == {}
