"""What is read for a feed, on both engines."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from booking.actions import bookings
from booking.core.calendars import MINE, Scope
from booking.core.requests import CancelRequest
from booking.core.values import State
from booking.models import Space
from booking.queries import feed as reads
from tests.support.databases import writing
from tests.support.factories import NOW

DAY = timedelta(days=1)


def of_space(session, space, *, since=NOW, closed_since=NOW - DAY):
    """Return the bookings of a space's feed."""
    wanted = reads.of_scope(
        Scope(space_id=space.id), person_id=0, since=since, closed_since=closed_since
    )
    found = reads.bookings(session, wanted)
    assert list(reads.versions(session, wanted)) == [each.view.booking_id for each in found]
    return found


def of_person(session, actor, *, since=NOW, closed_since=NOW - DAY):
    """Return the bookings of a person's feed."""
    wanted = reads.of_scope(MINE, person_id=actor.person_id, since=since, closed_since=closed_since)
    return reads.bookings(session, wanted)


def state_of(session, actor, space=None):
    """Return the state of a feed."""
    scope = Scope(space_id=space.id) if space else MINE
    return reads.feed_state(session, scope, person_id=actor.person_id)


def test_bookings_of_person_are_those_organised_or_made(session, house):
    organised = house.add_booking(by=house.member, created_by_id=house.manager.person_id)
    made = house.add_booking(
        start=12, end=13, by=house.stranger, created_by_id=house.member.person_id
    )
    house.add_booking(start=14, end=15, by=house.manager)

    found = of_person(session, house.member)

    assert [each.view.booking_id for each in found] == [organised, made]


def test_bookings_of_person_come_with_all_dates_and_rooms(session, house):
    house.add_booking(house.atlas, house.birch, days=(-3, -2, 4))

    [found] = of_person(session, house.member)

    assert [each.recurrence_id for each in found.dates] == [
        house.at(10, day=day) for day in (-3, -2, 4)
    ]
    assert {each.space_ids for each in found.dates} == {(house.atlas.id, house.birch.id)}
    assert {each.state for each in found.dates} == {State.CONFIRMED}
    assert (found.view.organiser_name, found.view.organisation_name) == ("Member", "Ours")


def test_bookings_that_are_over_are_left_out(session, house):
    over = house.add_booking(days=(-10,))
    assert of_person(session, house.member) == []
    assert of_space(session, house.atlas) == []

    [found] = of_space(session, house.atlas, since=NOW - 10 * DAY)
    assert found.view.booking_id == over


def test_booking_that_lasts_for_weeks_is_found_by_its_end(session, house):
    house.add_booking(start=-24 * 30, end=24)
    assert len(of_space(session, house.atlas)) == 1
    assert len(of_person(session, house.member)) == 1


def test_date_in_another_room_has_no_spaces(session, house):
    booked = bookings.book(
        house.request(house.atlas, house.birch, rule="FREQ=DAILY;COUNT=3"), house.member, now=NOW
    )
    assert booked.state is State.CONFIRMED
    session.rollback()
    with writing(house.engine) as connection:
        connection.exec_driver_sql(
            "DELETE FROM hold WHERE allocation_id IN (SELECT min(id) FROM allocation)"
        )
        connection.exec_driver_sql(
            "DELETE FROM allocation WHERE id IN (SELECT min(id) FROM allocation)"
        )

    [in_atlas] = of_space(session, house.atlas)
    [in_birch] = of_space(session, house.birch)

    assert [each.space_ids for each in in_atlas.dates] == [(), (house.atlas.id,), (house.atlas.id,)]
    assert not in_atlas.dates[0].state.is_open
    assert [each.space_ids for each in in_birch.dates] == [(house.birch.id,)] * 3


def test_space_shares_its_feed_with_the_spaces_that_share_its_parts(session, house):
    hall = house.add_space("Hall", parts=(house.atlas, house.birch))
    in_hall = house.add_booking(hall)

    assert [each.view.booking_id for each in of_space(session, house.atlas)] == [in_hall]
    assert [each.view.booking_id for each in of_space(session, house.birch)] == [in_hall]
    assert [each.view.booking_id for each in of_space(session, hall)] == [in_hall]
    assert of_space(session, house.cedar) == []


@pytest.mark.parametrize(("days", "stays"), [(1, True), (2, False)])
def test_cancelled_booking_stays_until_its_time(session, house, days, stays):
    booked = bookings.book(house.request(day=30), house.member, now=NOW)
    bookings.cancel(CancelRequest(booked.booking_id, booked.version), house.member, now=NOW)

    found = of_space(session, house.atlas, closed_since=NOW + (days - 1.5) * DAY)

    assert [each.dates[0].state for each in found] == ([State.CANCELLED] if stays else [])


def test_feed_state_counts_what_happens_in_the_calendar(session, house):
    def states():
        session.rollback()
        return [
            state_of(session, house.member).revision,
            state_of(session, house.member, house.atlas).revision,
            state_of(session, house.member, house.birch).revision,
        ]

    assert states() == [0, 0, 0]
    bookings.book(house.request(house.atlas), house.member, now=NOW)
    assert states() == [1, 1, 0]
    bookings.book(house.request(house.birch), house.stranger, now=NOW)
    assert states() == [1, 1, 1]
    hall = house.add_space("Hall", parts=(house.atlas, house.birch))
    bookings.book(house.request(hall, day=3), house.stranger, now=NOW)
    assert states() == [1, 2, 2]


def test_feed_state_counts_new_names(session, house):
    before = state_of(session, house.member)
    session.rollback()
    with writing(house.engine) as connection:
        connection.execute(
            update(Space).where(Space.id == house.cedar.id).values(version=Space.version + 1)
        )
    after = state_of(session, house.member)
    assert before.names != after.names
    assert before.revision == after.revision
