"""A person's own bookings, the history of one, the people one may book for."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import book, cancel
from booking.core.requests import CancelRequest
from booking.core.values import Door, State
from booking.models import Person
from booking.queries.audit import history, person_names
from booking.queries.colleagues import colleagues
from booking.queries.own import OwnBooking, Show, own_bookings
from tests.support.databases import writing
from tests.support.factories import NOW, House

Db = scoped_session[Session]


def listed(session: Db, house: House, show: Show = Show.COMING, **more: object) -> list[OwnBooking]:
    values = {
        "person_id": house.member.person_id,
        "states": list(State),
        "now": NOW,
        "limit": 10,
        **more,
    }
    return own_bookings(session, show=show, **values)  # type: ignore[arg-type]


def test_own_bookings_are_ordered_by_their_next_date(session: Db, house: House) -> None:
    later = house.add_booking(days=(5,))
    series = house.add_booking(start=12, end=13, days=(1, 3, 9))
    both = house.add_booking(house.atlas, house.birch, start=14, end=15, days=(2,))
    house.add_booking(start=16, end=17, by=house.stranger)

    found = listed(session, house)
    assert [(each.booking_id, each.dates) for each in found] == [(series, 3), (both, 1), (later, 1)]
    assert [each.space_id for each in found[1].views] == [house.atlas.id, house.birch.id]
    assert found[0].views[0].interval == house.interval(12, 13, day=1)

    now = NOW + timedelta(days=3)
    assert [(each.booking_id, each.dates) for each in listed(session, house, now=now)] == [
        (both, 1),
        (series, 2),
        (later, 1),
    ]


def test_own_bookings_that_are_over_come_latest_first(session: Db, house: House) -> None:
    first = house.add_booking(days=(0,))
    series = house.add_booking(start=12, end=13, days=(1, 3, 40))
    now = NOW + timedelta(days=10)
    found = listed(session, house, Show.PAST, now=now)
    assert [(each.booking_id, each.dates) for each in found] == [(series, 2), (first, 1)]
    assert found[0].views[0].interval == house.interval(12, 13, day=3)


def test_own_bookings_in_some_states(session: Db, house: House) -> None:
    asked = house.add_booking(house.cedar, state=State.REQUESTED)
    house.add_booking()
    found = listed(session, house, states=[State.REQUESTED])
    assert [each.booking_id for each in found] == [asked]
    assert listed(session, house, states=[State.REFUSED]) == []


def test_own_bookings_by_pages(session: Db, house: House) -> None:
    ids = [house.add_booking(days=(day,)) for day in range(5)]
    found = listed(session, house, limit=2, offset=2)
    assert [each.booking_id for each in found] == ids[2:4]


def test_bookings_of_organisations(session: Db, house: House) -> None:
    ours = house.add_booking()
    house.add_booking(start=12, end=13, by=house.stranger)
    found = listed(session, house, person_id=None, organisation_ids=[house.ours])
    assert [each.booking_id for each in found] == [ours]


def test_history_is_latest_first_with_names(session: Db, house: House) -> None:
    booked = book(house.request(), house.member, now=NOW)
    at = NOW + timedelta(minutes=5)
    cancel(CancelRequest(booked.booking_id, 1, "Ill"), house.admin, now=at)
    found = history(session, "booking", booked.booking_id)
    assert [(each.verb, each.actor_name, each.door, each.at) for each in found] == [
        ("cancel", "Admin", Door.WEB, at),
        ("book", "Member", Door.WEB, NOW),
    ]
    assert found[0].new is not None
    assert found[0].new["reason"] == "Ill"
    assert found[1].old is None
    assert history(session, "booking", 999) == []


def test_names_of_people_leave_out_the_unknown(session: Db, house: House) -> None:
    member = house.member.person_id or 0
    assert person_names(session, [member, 999]) == {member: "Member"}


def test_colleagues_are_ordered_and_not_archived(session: Db, house: House) -> None:
    house.add_person("adele", organisation=house.ours)
    gone = house.add_person("Gone", organisation=house.ours)
    with writing(house.engine) as connection:
        connection.execute(
            update(Person).where(Person.id == gone.person_id).values(archived_at=NOW)
        )
    ours = colleagues(session, [house.ours])
    assert [each.name for each in ours] == ["adele", "Manager", "Member"]
    assert {each.organisation_name for each in ours} == {"Ours"}
    assert [each.name for each in colleagues(session)][-1] == "Stranger"
    assert colleagues(session, []) == []
