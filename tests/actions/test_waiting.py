"""The waiting list: what is given back goes to whoever waited first, and to nobody else."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session, scoped_session

from booking.actions import closures
from booking.actions.bookings import book, cancel, move
from booking.actions.override import override
from booking.actions.serving import serve_due
from booking.actions.spaces import set_policy
from booking.actions.waiting import accept, leave, wait
from booking.core.errors import Conflicted, InvalidRequest, NotAllowed, NotFound
from booking.core.requests import CancelRequest, ClosureRequest, MoveRequest, Over, OverrideRequest
from booking.core.values import Actor, Policy, Role, Space, State, WaitMode, WantState
from booking.core.waiting import MOST_PLACES
from booking.db import db, transact
from booking.jobs import HANDLERS, work_once
from booking.models import Hold, Job, Notice, Person
from booking.queries import agenda, waiting
from tests.support.factories import House

Db = scoped_session[Session]
CLAIM, OFFER = WaitMode.CLAIM, WaitMode.OFFER
HOUR = timedelta(hours=1)


def work(now: datetime) -> None:
    """Do all the work that is due."""
    for _ in range(100):
        if not work_once(HANDLERS, clock=lambda: now):
            return
    raise AssertionError("the work does not end")


def taken(house: House, *spaces: Space, **more: object) -> int:
    """Book the time that others will wait for."""
    return book(house.request(*spaces, **more), house.admin, now=house.now).booking_id


def give_back(house: House, booking_id: int, *, now: datetime | None = None) -> None:
    at = now or house.now
    version = agenda.booking(db.session(), booking_id).version
    cancel(CancelRequest(booking_id, version), house.admin, now=at)


def state(want_id: int) -> WantState:
    found = waiting.want(db.session(), want_id)
    db.session().rollback()
    assert found is not None
    return found.state


def booked_by(person: Actor) -> list[tuple[str, State]]:
    """Return room and state of what somebody has booked."""
    session = db.session()
    found = agenda.of_person(
        session, person.person_id or 0, since=datetime.fromisoformat("2000-01-01T00:00Z")
    )
    session.rollback()
    return [(each.title, each.state) for each in found]


def told(session: Db, person: Actor) -> list[str]:
    rows = session.scalars(
        select(Notice.code).where(Notice.person_id == person.person_id).order_by(Notice.id)
    ).all()
    session.rollback()
    return [*rows]


def holds(session: Db) -> int:
    found = len(session.scalars(select(Hold.id).where(Hold.want_id.isnot(None))).all())
    session.rollback()
    return found


def test_claim_books_what_becomes_free(session: Db, house: House) -> None:
    made = taken(house)
    want = wait(house.request(title="Mine"), CLAIM, house.member, now=house.now)
    work(house.now)
    assert state(want) is WantState.WAITING

    give_back(house, made)
    assert holds(session) == 1  # at once, before anybody else can come
    work(house.now)

    assert state(want) is WantState.SERVED
    assert booked_by(house.member) == [("Mine", State.CONFIRMED)]
    assert told(session, house.member) == ["notice_claimed"]
    assert holds(session) == 0


def test_offer_holds_the_time_until_it_is_answered(session: Db, house: House) -> None:
    made = taken(house, day=5)
    want = wait(house.request(day=5), OFFER, house.member, now=house.now)
    give_back(house, made)
    work(house.now)

    assert state(want) is WantState.OFFERED
    assert told(session, house.member) == ["notice_slot_offered"]
    with pytest.raises(Conflicted) as refused:
        book(house.request(day=5), house.stranger, now=house.now)
    (clash,) = refused.value.clashes
    assert clash.held is not None
    assert not clash.held.is_mine
    assert clash.held.expires_at == house.now + timedelta(days=1)

    done = accept(want, house.member, now=house.now + HOUR)
    assert done.state is State.CONFIRMED
    assert state(want) is WantState.SERVED
    assert accept(want, house.member, now=house.now + HOUR).repeated
    assert holds(session) == 0


def test_offer_that_is_declined_goes_to_the_next(session: Db, house: House) -> None:
    made = taken(house)
    first = wait(house.request(), OFFER, house.member, now=house.now)
    second = wait(house.request(), OFFER, house.stranger, now=house.now + HOUR)
    give_back(house, made)
    work(house.now + HOUR)
    assert (state(first), state(second)) == (WantState.OFFERED, WantState.WAITING)

    leave(first, house.member, now=house.now + HOUR)
    work(house.now + HOUR)
    assert (state(first), state(second)) == (WantState.GONE, WantState.OFFERED)
    with pytest.raises(InvalidRequest):
        leave(first, house.member, now=house.now + HOUR)
    with pytest.raises(InvalidRequest):
        accept(first, house.member, now=house.now + HOUR)


def test_offer_that_nobody_answers_goes_to_the_next(session: Db, house: House) -> None:
    made = taken(house, day=9)
    first = wait(house.request(day=9), OFFER, house.member, now=house.now)
    second = wait(house.request(day=9), CLAIM, house.stranger, now=house.now + HOUR)
    give_back(house, made)
    work(house.now)

    late = house.now + timedelta(days=1)
    with pytest.raises(InvalidRequest):
        accept(first, house.member, now=late)
    work(late)
    assert (state(first), state(second)) == (WantState.EXPIRED, WantState.SERVED)
    assert told(session, house.member) == ["notice_slot_offered", "notice_offer_over"]


def test_offer_lasts_no_longer_than_half_of_what_is_left(session: Db, house: House) -> None:
    made = taken(house, day=0)  # in 24 hours
    want = wait(house.request(day=0), OFFER, house.member, now=house.now)
    give_back(house, made)
    work(house.now)
    found = waiting.want(session(), want)
    assert found is not None
    assert found.expires_at == house.now + timedelta(hours=12)


def test_wait_ends_when_its_time_begins(session: Db, house: House) -> None:
    taken(house)
    want = wait(house.request(), CLAIM, house.member, now=house.now)
    assert serve_due(now=house.now + timedelta(hours=23)) == 0
    assert serve_due(now=house.now + timedelta(hours=24)) == 1
    assert state(want) is WantState.EXPIRED
    assert told(session, house.member) == ["notice_waiting_over"]


def test_who_does_not_fit_in_leaves_it_to_the_next(session: Db, house: House) -> None:
    """The first wants two hours, and only one of them becomes free."""
    early, _late = taken(house, start=10, end=11), taken(house, start=11, end=12)
    first = wait(house.request(start=10, end=12), CLAIM, house.member, now=house.now)
    second = wait(house.request(start=10, end=11), CLAIM, house.stranger, now=house.now + HOUR)
    give_back(house, early)
    work(house.now + HOUR)
    assert (state(first), state(second)) == (WantState.WAITING, WantState.SERVED)
    assert holds(session) == 0


def test_two_give_back_what_one_waits_for(session: Db, house: House) -> None:
    made = [taken(house, start=10, end=11), taken(house, start=11, end=12)]
    want = wait(house.request(start=10, end=12), CLAIM, house.member, now=house.now)
    for each in made:
        give_back(house, each)
    work(house.now)
    assert state(want) is WantState.SERVED


def test_wait_for_a_combined_room_is_served_when_all_parts_are_free(
    session: Db, house: House
) -> None:
    both = house.add_space("Both", parts=(house.atlas, house.birch))
    made = [taken(house, house.atlas), taken(house, house.birch)]
    want = wait(house.request(both), OFFER, house.member, now=house.now)
    give_back(house, made[0])
    work(house.now)
    assert state(want) is WantState.WAITING
    assert holds(session) == 0
    give_back(house, made[1])
    work(house.now)
    assert state(want) is WantState.OFFERED
    assert holds(session) == 2


def test_wait_for_one_of_many_places(session: Db, house: House) -> None:
    desks = house.add_space("Desks", lanes=2)
    made = [taken(house, desks) for _ in range(2)]
    people = (house.member, house.stranger, house.manager)
    places = [
        wait(house.request(desks), CLAIM, each, now=house.now + timedelta(minutes=number))
        for number, each in enumerate(people)
    ]
    now = house.now + HOUR
    for each in made:
        give_back(house, each, now=now)
    work(now)
    assert [state(each) for each in places] == [
        WantState.SERVED,
        WantState.SERVED,
        WantState.WAITING,
    ]


def test_closure_comes_before_those_who_wait(session: Db, house: House) -> None:
    made = taken(house)
    want = wait(house.request(), CLAIM, house.member, now=house.now)
    closed = closures.close(
        ClosureRequest(house.site.id, house.at(8), house.at(20), "Works", over=Over.CANCEL),
        house.admin,
        now=house.now,
    )
    work(house.now)
    assert agenda.booking(session(), made).state is State.CANCELLED
    assert state(want) is WantState.WAITING
    closures.reopen(closed.closure_id, house.admin, now=house.now)
    work(house.now)
    assert state(want) is WantState.SERVED


def test_closure_takes_back_what_is_offered(session: Db, house: House) -> None:
    made = taken(house)
    want = wait(house.request(), OFFER, house.member, now=house.now)
    give_back(house, made)
    work(house.now)
    wish = ClosureRequest(house.site.id, house.at(8), house.at(20), "Works")
    closures.close(wish, house.admin, now=house.now)
    assert state(want) is WantState.WAITING
    with pytest.raises(InvalidRequest):
        accept(want, house.member, now=house.now)
    work(house.now)
    assert state(want) is WantState.WAITING
    assert holds(session) == 0


def test_claim_in_a_room_with_approval_is_a_request(session: Db, house: House) -> None:
    made = taken(house, house.cedar)
    want = wait(house.request(house.cedar), CLAIM, house.member, now=house.now)
    give_back(house, made)
    work(house.now)
    assert state(want) is WantState.SERVED
    assert booked_by(house.member) == [("Choir", State.REQUESTED)]
    assert told(session, house.member) == ["notice_claim_asked"]
    assert "notice_requested" in told(session, house.approver)


def test_rules_are_asked_when_it_becomes_free(session: Db, house: House) -> None:
    made = taken(house)
    first = wait(house.request(), CLAIM, house.member, now=house.now)
    second = wait(house.request(), CLAIM, house.manager, now=house.now + HOUR)
    only = Policy(roles=frozenset({Role.MANAGER}))
    set_policy(house.atlas.id, only, house.admin, version=1, now=house.now)
    give_back(house, made)
    work(house.now)
    assert (state(first), state(second)) == (WantState.WAITING, WantState.SERVED)


def test_nobody_waits_who_has_left_the_house(session: Db, house: House) -> None:
    made = taken(house)
    want = wait(house.request(), CLAIM, house.member, now=house.now)
    transact(
        lambda session: session.execute(
            update(Person).where(Person.id == house.member.person_id).values(archived_at=house.now)
        )
    )
    give_back(house, made)
    work(house.now)
    assert state(want) is WantState.GONE
    assert booked_by(house.member) == []


def test_what_was_booked_otherwise_is_not_waited_for(session: Db, house: House) -> None:
    made = taken(house, start=9, end=11)
    want = wait(house.request(), OFFER, house.member, now=house.now)
    version = agenda.booking(session(), made).version
    wish = MoveRequest(made, version, house.at(14), house.at(16))
    move(wish, house.admin, now=house.now)
    leave(want, house.member, now=house.now)
    book(house.request(), house.member, now=house.now)
    with pytest.raises(InvalidRequest) as refused:
        wait(house.request(), OFFER, house.member, now=house.now)
    assert refused.value.messages[0].code == "wait_is_yours"


def test_wait_refuses_what_makes_no_sense(session: Db, house: House) -> None:
    def code(request: object, actor: Actor = house.member) -> str:
        with pytest.raises((InvalidRequest, NotAllowed)) as refused:
            wait(request, OFFER, actor, now=house.now)  # type: ignore[arg-type]
        return refused.value.messages[0].code

    assert code(house.request()) == "wait_is_free"
    taken(house)
    wait(house.request(), OFFER, house.member, now=house.now)
    assert code(house.request()) == "wait_twice"
    assert code(house.request(title="")) == "title_missing"
    assert code(house.request(rule="FREQ=DAILY;COUNT=2")) == "wait_for_series"
    assert code(house.request(day=-1, start=9, end=11)) == "in_the_past"
    assert code(house.request(organisation_id=house.theirs)) == "organisation_not_yours"


def test_nobody_fills_the_list(session: Db, house: House) -> None:
    taken(house, start=8, end=20)
    for number in range(MOST_PLACES):
        wait(
            house.request(start=8 + number / 4, end=8.25 + number / 4),
            OFFER,
            house.member,
            now=house.now,
        )
    with pytest.raises(InvalidRequest) as refused:
        wait(house.request(start=19, end=20), OFFER, house.member, now=house.now)
    assert refused.value.messages[0].code == "too_many_waits"


def test_places_are_ones_own(session: Db, house: House) -> None:
    taken(house)
    want = wait(house.request(), OFFER, house.member, now=house.now)
    for verb in (accept, leave):
        with pytest.raises(NotAllowed):
            verb(want, house.stranger, now=house.now)
        with pytest.raises(NotFound):
            verb(999_999, house.member, now=house.now)


def test_a_job_that_was_lost_is_made_up_for(session: Db, house: House, app: Flask) -> None:
    made = taken(house)
    want = wait(house.request(), CLAIM, house.member, now=house.now)
    give_back(house, made)
    transact(lambda session: session.execute(Job.__table__.delete()))
    assert serve_due(now=house.now) == 1
    assert state(want) is WantState.SERVED


def test_who_displaces_comes_before_those_who_wait(session: Db, house: House) -> None:
    """And what is left of the time goes to them."""
    made = taken(house, start=10, end=12)
    first = wait(house.request(start=10, end=11), CLAIM, house.member, now=house.now)
    second = wait(house.request(start=11, end=12), CLAIM, house.stranger, now=house.now)
    (gone,) = agenda.booking(session(), made).occurrences
    wish = OverrideRequest(
        house.request(title="Mayor"), "The mayor comes.", frozenset({gone.allocation_id})
    )
    override(wish, house.admin, now=house.now)
    work(house.now)
    assert (state(first), state(second)) == (WantState.WAITING, WantState.SERVED)
