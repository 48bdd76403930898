"""Check-in, and the room that nobody came to: on both engines, also at the same second."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.actions import checkins
from booking.actions.bookings import book, bring_back, cancel
from booking.actions.spaces import set_policy
from booking.actions.waiting import wait
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.intervals import Interval
from booking.core.requests import CancelRequest, DateBackRequest
from booking.core.values import Actor, Policy, Space, State, WaitMode
from booking.models import Allocation, Audit, Hold, Notice
from booking.queries import agenda
from tests.support.factories import House
from tests.support.racing import Attempt, race

pytestmark = pytest.mark.usefixtures("session")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def room(house: House) -> Space:
    """Atlas, where one checks in within ten minutes."""
    policy = Policy(check_in=10 * MINUTE)
    set_policy(house.atlas.id, policy, house.admin, version=1, now=house.now)
    return house.atlas


def start(house: House, *, day: int = 0) -> datetime:
    """Return the start of the booking that begins at ten o'clock."""
    return house.interval(10, 12, day=day).start


def booked(house: House, *spaces: Space, **more: object) -> int:
    wish = house.request(*spaces, start=10, end=12, organisation_id=house.ours, **more)
    return book(wish, house.member, now=house.now).booking_id


def states(session: Session, booking_id: int) -> list[tuple[str, bool, bool]]:
    """Return state, whether somebody checked in, whether it went to others, by date and space."""
    session.rollback()
    rows = session.execute(
        select(Allocation.state, Allocation.checked_in_at, Allocation.released_at).order_by(
            Allocation.start, Allocation.space_id
        )
    )
    return [(row.state, row[1] is not None, row[2] is not None) for row in rows]


def held(session: Session) -> list[Interval]:
    """Return what is held, by time."""
    rows = session.execute(select(Hold.start, Hold.end).order_by(Hold.start))
    return [Interval(row.start, row.end) for row in rows]


def codes(session: Session) -> list[tuple[int, str]]:
    rows = session.execute(select(Notice.person_id, Notice.code).order_by(Notice.id))
    return [(row.person_id, row.code) for row in rows]


def test_who_checks_in_keeps_the_room(house: House, room: Space, session: Session) -> None:
    booking = booked(house)
    local = checkins.check_in(booking, house.member, now=start(house) - 5 * MINUTE)
    assert local == house.at(10)
    assert checkins.release_no_shows(now=start(house) + 12 * MINUTE) == 0
    assert states(session, booking) == [("confirmed", True, False)]
    audit = session.execute(select(Audit.verb, Audit.new).order_by(Audit.id.desc())).first()
    assert audit is not None
    assert (audit.verb, audit.new["on"]) == ("check_in", "2027-03-11T10:00")
    # Twice is no mistake.
    assert checkins.check_in(booking, house.manager, now=start(house)) == house.at(10)


def test_room_that_nobody_comes_to_is_free_for_others(
    house: House, room: Space, session: Session
) -> None:
    booking = booked(house)
    assert checkins.release_no_shows(now=start(house) + 9 * MINUTE) == 0
    late = start(house) + 10 * MINUTE
    assert checkins.release_no_shows(now=late) == 1
    assert checkins.release_no_shows(now=late + MINUTE) == 0
    assert states(session, booking) == [("expired", False, True)]
    assert held(session) == [Interval(start(house), late)]
    assert (house.member.person_id, "notice_no_show") in codes(session)
    wish = house.request(start=10.25, end=12)
    assert book(wish, house.stranger, now=late + MINUTE).state is State.CONFIRMED
    with pytest.raises(InvalidRequest):
        checkins.check_in(booking, house.member, now=late + MINUTE)


def test_work_that_runs_late_frees_the_rest_and_leaves_what_has_passed(
    house: House, room: Space, session: Session
) -> None:
    booking = booked(house)
    wait(house.request(start=11, end=12), WaitMode.CLAIM, house.stranger, now=house.now)
    assert checkins.release_no_shows(now=start(house) + 18 * MINUTE) == 1
    quarter = start(house) + 15 * MINUTE
    assert held(session)[0] == Interval(start(house), quarter)
    # Whoever waits for an hour of the rest has it held at once.
    assert held(session)[1:] == [house.interval(11, 12)]
    wish = house.request(start=10.25, end=11)
    assert book(wish, house.manager, now=start(house) + 19 * MINUTE).state is State.CONFIRMED
    assert states(session, booking)[0] == ("expired", False, True)


def test_room_that_is_set_up_before_each_use_is_free_for_the_next(
    house: House, session: Session
) -> None:
    policy = Policy(check_in=10 * MINUTE)
    room = house.add_space("Elm", setup=15 * MINUTE)
    set_policy(room.id, policy, house.admin, version=1, now=house.now)
    booked(house, room)
    late = start(house) + 18 * MINUTE
    assert checkins.release_no_shows(now=late) == 1
    assert held(session) == [Interval(start(house) - 15 * MINUTE, start(house))]
    wish = house.request(room, start=10.25, end=12)
    assert book(wish, house.stranger, now=late).state is State.CONFIRMED


def test_date_that_nobody_came_to_is_brought_back_where_it_was(
    house: House, room: Space, session: Session
) -> None:
    booking = booked(house, rule="FREQ=DAILY;COUNT=3")
    late = start(house) + 12 * MINUTE
    checkins.release_no_shows(now=late)
    stored = agenda.booking(session, booking)
    wish = DateBackRequest(booking, stored.occurrences[0].occurrence_id, stored.version)
    bring_back(wish, house.member, now=late)
    assert held(session)[0] == house.interval(10, 12)


def test_only_its_people_check_in_and_only_in_time(house: House, room: Space) -> None:
    booking = booked(house)
    colleague = house.add_person("Colleague", organisation=house.ours)
    with pytest.raises(InvalidRequest):
        checkins.check_in(booking, house.member, now=start(house) - 16 * MINUTE)
    with pytest.raises(NotAllowed):
        checkins.check_in(booking, house.stranger, now=start(house))
    checkins.check_in(booking, colleague, now=start(house))


def test_only_the_room_that_asks_is_given_away(house: House, room: Space, session: Session) -> None:
    booking = booked(house, house.atlas, house.birch)
    assert checkins.release_no_shows(now=start(house) + 11 * MINUTE) == 1
    assert [each[0] for each in states(session, booking)] == ["expired", "confirmed"]


def test_what_was_cancelled_or_booked_just_now_is_left_alone(
    house: House, room: Space, session: Session
) -> None:
    booking = booked(house)
    now = start(house) + 10 * MINUTE
    cancel(CancelRequest(booking, 1), house.member, now=now)
    book(house.request(start=10, end=12), house.stranger, now=now)
    assert checkins.release_no_shows(now=now + 5 * MINUTE) == 0
    assert checkins.release_no_shows(now=now + 10 * MINUTE) == 1


def test_series_that_nobody_comes_to_is_asked_about(
    house: House, room: Space, session: Session
) -> None:
    booking = booked(house, rule="FREQ=DAILY;COUNT=5")
    for day in range(4):
        assert checkins.release_no_shows(now=start(house, day=day) + 11 * MINUTE) == 1
    told = [code for person, code in codes(session) if person == house.member.person_id]
    assert Counter(told) == {"notice_no_show": 4, "notice_no_shows": 1}
    assert told[:4] == ["notice_no_show"] * 3 + ["notice_no_shows"]
    stored = agenda.booking(session, booking)
    assert [each.state for each in stored.occurrences][-1] is State.CONFIRMED


def test_who_needs_the_series_says_so_and_it_stays(
    house: House, room: Space, session: Session
) -> None:
    booking = booked(house, rule="FREQ=DAILY;COUNT=5")
    late = start(house) + 11 * MINUTE
    checkins.release_no_shows(now=late)
    with pytest.raises(NotAllowed):
        checkins.still_needed(booking, house.stranger, now=late)
    before = agenda.booking(session, booking)
    checkins.still_needed(booking, house.manager, now=late)
    assert agenda.booking(session, booking) == before
    audit = session.execute(select(Audit.verb, Audit.new).order_by(Audit.id.desc())).first()
    assert audit is not None
    assert (audit.verb, audit.new["number"]) == ("still_needed", 1)
    cancel(CancelRequest(booking, before.version), house.member, now=late)
    with pytest.raises(InvalidRequest):
        checkins.still_needed(booking, house.member, now=late)


def release(_request: None, _actor: Actor, *, now: datetime) -> int:
    """Run the work of the ticker, as a verb of the race."""
    return checkins.release_no_shows(now=now)


def test_check_in_against_the_work_at_the_same_second(
    house: House, room: Space, engine_url: str, session: Session
) -> None:
    """One of the two is first: the room is kept, or it is free, and nobody is told both."""
    booking = booked(house, rule="FREQ=DAILY;COUNT=4")
    rounds = []
    for day in range(4):
        due = start(house, day=day) + 10 * MINUTE
        here = Attempt(checkins.check_in, booking, house.member, due - timedelta(seconds=1))
        rounds.append([here, Attempt(release, None, house.admin, due)] * 2)
    for outcomes in race(engine_url, *rounds):
        assert {each.kind for each in outcomes} <= {"won", "InvalidRequest"}, outcomes
    for state, is_there, is_released in states(session, booking):
        assert (state, is_there, is_released) in [
            ("confirmed", True, False),
            ("expired", False, True),
        ]
