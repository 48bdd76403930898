"""A series without an end is changed: it goes as far as its rooms; what is granted stays."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import exists, select

from booking.actions.bookings import book, change
from booking.actions.bookings.book import Booked
from booking.actions.bookings.change import as_request
from booking.actions.bookings.dates import change_date
from booking.actions.bookings.extend import AHEAD, extend_series
from booking.core.requests import ChangeRequest, DateRequest
from booking.core.values import BookingView, Policy
from booking.db import db
from booking.models import Allocation, Occurrence
from booking.queries import agenda
from tests.support.factories import NOW, House

SHORT = timedelta(days=60)
pytestmark = pytest.mark.usefixtures("session")


def read(booking_id: int) -> BookingView:
    return agenda.booking(db.session(), booking_id)


def last(booking_id: int) -> date:
    return read(booking_id).occurrences[-1].recurrence_id.date()


def booked(house: House, ahead: timedelta | None, rule: str = "FREQ=DAILY") -> int:
    room = house.add_space("Narrow", policy=Policy(ahead=ahead))
    return book(house.request(room, day=3, rule=rule), house.member, now=NOW).booking_id


def ended(house: House, booking_id: int, minutes: int, now: datetime = NOW) -> Booked:
    """Let a series end so many minutes later every time."""
    before = read(booking_id)
    wish = as_request(before)
    wish = replace(wish, end=wish.end + timedelta(minutes=minutes))
    return change(ChangeRequest(booking_id, before.version, wish), house.member, now=now)


@pytest.mark.parametrize("ahead", [None, SHORT], ids=["house", "room"])
def test_series_that_was_changed_after_a_night_goes_on(
    house: House, ahead: timedelta | None
) -> None:
    key = booked(house, ahead)
    assert extend_series(now=NOW) == 1
    held = last(key)
    assert ended(house, key, 30).booking_id == key
    assert last(key) == held - AHEAD
    without = ~exists().where(Allocation.occurrence_id == Occurrence.id)
    assert db.session.scalars(select(Occurrence.recurrence_id).where(without)).all() == []
    assert extend_series(now=NOW) == 1
    assert last(key) == held


def test_begun_series_of_every_day_is_changed(house: House) -> None:
    key = booked(house, None)
    now = NOW + timedelta(days=30)
    after = read(ended(house, key, -30, now).booking_id)
    assert after.starts_at.date() == (now + timedelta(days=1)).date()
    assert after.ends_at - after.starts_at == timedelta(minutes=30)


def of_the_house(house: House) -> int:
    """Return a series of a member that goes as far as the house, further than its room."""
    room = house.add_space("Narrow", policy=Policy(ahead=SHORT))
    wish = house.request(room, day=3, rule="FREQ=WEEKLY")
    wish = replace(wish, organiser_id=house.member.person_id)
    return book(wish, house.admin, now=NOW).booking_id


def test_granted_dates_beyond_a_room_stay_where_they_shrink(house: House) -> None:
    key = of_the_house(house)
    held = last(key)
    assert held > (NOW + 2 * SHORT).date()
    ended(house, key, -30)
    assert last(key) == held


def test_dates_beyond_a_room_that_would_be_longer_are_given_up_and_told(house: House) -> None:
    key = of_the_house(house)
    before = read(key)
    its = before.occurrences[-1]
    at, end = its.recurrence_id, its.recurrence_id + timedelta(hours=1)
    here = before.usual_spaces
    wish = DateRequest(key, its.occurrence_id, before.version, at, end, here, note="A piano")
    change_date(wish, house.admin, now=NOW)
    assert [each.recurrence_id for each in ended(house, key, 30).lost] == [at]
    assert last(key) <= (NOW + SHORT).date()
