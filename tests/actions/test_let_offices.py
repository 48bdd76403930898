"""Offices that are let: only their tenants book them."""

from datetime import date

import pytest
from sqlalchemy.orm import Session, scoped_session

from booking.actions import bookings
from booking.core.errors import (
    NotAllowed,
)
from booking.core.requests import MoveRequest
from tests.support.factories import NOW, House
from tests.support.leasing import let

Db = scoped_session[Session]


TODAY = date(2027, 3, 10)


def test_only_the_tenant_books_a_let_office(session: Db, house: House) -> None:
    office = house.add_office()
    let(house, house.lease_request(office, starts=TODAY, ends=None))
    with pytest.raises(NotAllowed) as raised:
        bookings.book(house.request(office), house.stranger, now=NOW)
    (told,) = raised.value.messages
    assert (told.code, told.params["tenant"]) == ("office_let", "Ours")
    with pytest.raises(NotAllowed):  # in the name of nobody
        bookings.book(house.request(office), house.member, now=NOW)
    bookings.book(house.request(office, organisation_id=house.ours), house.member, now=NOW)
    bookings.book(house.request(office, day=1), house.admin, now=NOW)


def test_office_that_is_not_let_is_free_for_all(session: Db, house: House) -> None:
    office = house.add_office()
    let(house, house.lease_request(office, weekdays=frozenset({0}), starts=TODAY))
    booked = bookings.book(house.request(office), house.stranger, now=NOW)  # a Thursday
    with pytest.raises(NotAllowed):
        bookings.book(house.request(office, day=4), house.stranger, now=NOW)  # a Monday
    with pytest.raises(NotAllowed):
        bookings.move(
            MoveRequest(booked.booking_id, 1, house.at(10, day=4), house.at(11, day=4)),
            house.stranger,
            now=NOW,
        )


def test_booking_that_was_there_before_the_lease_stays(session: Db, house: House) -> None:
    office = house.add_office()
    booked = bookings.book(house.request(office, day=30), house.stranger, now=NOW)
    let(house, house.lease_request(office, starts=TODAY))
    bookings.move(
        MoveRequest(booked.booking_id, 1, house.at(10, day=30), house.at(10.5, day=30)),
        house.stranger,
        now=NOW,
    )


def test_who_shares_an_office_books_it(session: Db, house: House) -> None:
    office = house.add_office()
    let(house, house.lease_request(office, starts=TODAY, share=1, shares=2))
    second = house.lease_request(
        office, starts=TODAY, share=1, shares=2, organisation_id=house.theirs
    )
    let(house, second)
    bookings.book(house.request(office, organisation_id=house.ours), house.member, now=NOW)
    bookings.book(
        house.request(office, day=1, organisation_id=house.theirs), house.stranger, now=NOW
    )
