"""A time for people and a room: what makes whom busy, and in whose eyes."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import insert

from booking.actions.finding_people import find_for_people
from booking.core.busy import Knowledge
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.requests import Fitting, SearchRequest
from booking.core.values import SYSTEM, Visibility
from booking.db import db
from booking.models import Invitee, InviteeDate
from tests.support.databases import writing
from tests.support.factories import NOW

THURSDAY = date(2027, 3, 11)


@pytest.fixture
def find(session, house):
    def found(*people, by=None, length=60, **more):
        like = Fitting(house.site.id, attendance=len(people))
        asked = SearchRequest(timedelta(minutes=length), THURSDAY, THURSDAY, time(8), time(12))
        ids = [each.person_id for each in people]
        try:
            return find_for_people(ids, like, asked, by or house.admin, now=NOW, **more)
        finally:
            db.session.rollback()

    return found


def invited(house, booking_id, person, answer, *dates):
    with writing(house.engine) as connection:
        row = {
            "booking_id": booking_id,
            "email": house.email(person),
            "name": person.name,
            "person_id": person.person_id,
            "invited_s": NOW,
            "answer": answer,
        }
        made = insert(Invitee.__table__).returning(Invitee.id)
        id_ = connection.execute(made, [row]).scalar_one()
        for at, said in dates:
            one = {"invitee_id": id_, "recurrence_id": at, "answer": said, "answered_sequence": 0}
            one |= {"stamped_s": NOW, "answered_s": NOW}
            connection.execute(insert(InviteeDate.__table__), [one])


def busy(found, person):
    return found.times.of(person.person_id)


@pytest.mark.engines("sqlite", "postgresql")
def test_people_and_rooms_are_looked_at_together(house, find):
    house.add_booking(house.cedar, start=8, end=9, by=house.member)
    house.add_busy(house.interval(9, 10), by=house.stranger)
    house.add_booking(house.atlas, start=10, end=11, by=house.admin)
    found = find(house.member, house.stranger)

    times = [each.start.interval for each in found.proposals]
    assert found.is_for_all
    assert times[0] == house.interval(10, 11)
    assert {found.spaces[each.space_ids[0]].name for each in found.proposals} == {"Birch"}
    assert busy(found, house.member) == [house.interval(8, 9)]
    assert busy(found, house.stranger) == [house.interval(9, 10)]
    assert found.times.known(house.member.person_id, NOW) is Knowledge.NONE
    assert found.times.known(house.stranger.person_id, NOW) is Knowledge.FRESH

    house.add_booking(house.delta, start=10, end=12, by=house.member)
    partly = find(house.member, house.stranger)
    assert not partly.is_for_all
    assert {len(each.missing) for each in partly.proposals} == {1}


@pytest.mark.engines("sqlite", "postgresql")
def test_who_accepted_is_busy_then(house, find):
    booking = house.add_booking(house.atlas, start=8, end=9, days=(0, 1), by=house.admin)
    invited(house, booking, house.member, "accepted")
    invited(house, booking, house.stranger, "accepted", (house.at(8), "declined"))
    invited(house, booking, house.manager, "tentative", (house.at(8), "accepted"))
    invited(house, booking, house.approver, "needs-action")
    people = (house.member, house.stranger, house.manager, house.approver)
    found = find(*people)
    assert [bool(busy(found, each)) for each in people] == [True, False, True, False]


def test_private_bookings_count_for_those_who_share_and_those_who_may_know(house, find):
    for person, room in ((house.member, house.atlas), (house.manager, house.birch)):
        house.add_booking(room, start=8, end=9, by=person, visibility=Visibility.PRIVATE)
    house.add_busy(by=house.manager)
    seen = find(house.member, house.manager, by=house.stranger)
    assert [bool(busy(seen, each)) for each in (house.member, house.manager)] == [False, True]
    own = find(house.member, by=house.member)
    assert busy(own, house.member) == [house.interval(8, 9)]


def test_another_time_for_a_booking_may_meet_its_own(house, find):
    booking = house.add_booking(house.atlas, start=8, end=9, by=house.member)
    invited(house, booking, house.stranger, "accepted")
    copy = house.interval(8, 9)
    house.add_busy(copy, house.interval(11, 12), by=house.stranger)
    found = find(house.member, house.stranger, but_for=booking)
    assert busy(found, house.member) == []
    assert busy(found, house.stranger) == [house.interval(11, 12)]


def test_what_cannot_be_asked(house, find):
    with pytest.raises(InvalidRequest, match="nobody_chosen"):
        find()
    with pytest.raises(InvalidRequest, match="too_many_people"):
        find(*[house.member] * 21)
    with pytest.raises(NotAllowed):
        find(house.member, by=SYSTEM)


def test_statements_stay_the_same(house, find, count):
    used = []
    for some in (1, 3):
        people = (house.member, house.stranger, house.manager)[:some]
        house.add_busy(house.interval(9, 10), by=people[-1])
        with count() as statements:
            find(*people)
        used.append(len(statements))
    assert used[0] == used[1] <= 9
