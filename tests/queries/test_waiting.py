"""The waiting list is read: whom it concerns, and nobody else."""

from datetime import timedelta

from sqlalchemy.orm import Session, scoped_session

from booking.queries import waiting
from tests.support.factories import House

Db = scoped_session[Session]
HOUR = timedelta(hours=1)


def test_beside_are_the_others_at_the_same_time(session: Db, house: House) -> None:
    house.add_want(start=10, end=12)
    house.add_want(house.birch, start=11, end=13)
    both = house.add_want(start=11, end=12, by=house.stranger)
    house.add_want(start=13, end=14, by=house.stranger)
    house.add_want(start=10, end=11, by=house.manager, state="gone", closed_at=house.now)
    found = waiting.beside(session(), house.member.person_id or 0)
    assert [each.id for each in found] == [both]


def test_of_person_is_what_waits_and_what_was_over_lately(session: Db, house: House) -> None:
    day = timedelta(days=1)
    waits = house.add_want(start=14, end=15)
    lately = house.add_want(state="expired", closed_at=house.now - day)
    house.add_want(state="gone", closed_at=house.now - 40 * day)
    house.add_want(by=house.stranger)
    person = house.member.person_id or 0
    found = waiting.of_person(session(), person, since=house.now - 30 * day, limit=10)
    assert [each.id for each in found] == [lately, waits]
    assert len(waiting.of_person(session(), person, since=house.now, limit=1)) == 1


def test_due_is_what_something_has_to_be_done_about(session: Db, house: House) -> None:
    house.add_want(day=3)
    begun = house.add_want(day=-1, start=9, end=12)
    over = house.add_want(day=4, until=house.now)
    house.add_want(house.birch, day=4, until=house.now + HOUR)
    assert waiting.due(session(), now=house.now) == [begun, over]


def test_dates_of_a_series_have_one_place_together(session: Db, house: House) -> None:
    series = house.add_booking(days=(0, 1, 2))
    for day in (0, 1):
        house.add_want(day=day, booking_id=series, recurrence_id=house.at(10, day=day))
    house.add_want(day=5)
    house.add_want(day=6)
    assert waiting.number_of_places(session(), house.member.person_id or 0) == 3
    assert len(waiting.of_booking(session(), series)) == 2
