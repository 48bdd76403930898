"""Requests that nobody decides: reminded once, expired on time, never against a decision."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from booking.actions.approvals import approve
from booking.actions.bookings import book, change
from booking.actions.bookings.change import as_request
from booking.actions.closures import close
from booking.actions.expiry import expire_requests, remind_approvers
from booking.actions.spaces import set_site_policy
from booking.core.errors import AlreadyDecided
from booking.core.requests import ChangeRequest, ClosureRequest, DecisionRequest, Over
from booking.core.values import Actor, SitePolicy, State
from booking.models import Audit, Hold, Notice
from booking.queries import agenda
from tests.support.factories import House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]
DAY = timedelta(days=1)


def ask(house: House, *, day: int = 20, **more: object) -> int:
    return book(house.request(house.cedar, day=day, **more), house.member, now=house.now).booking_id


def states(session: Db, booking_id: int) -> Sequence[State]:
    found = [each.state for each in agenda.booking(session(), booking_id).occurrences]
    session.rollback()
    return found


def told(session: Db, code: str) -> list[int]:
    found = session.scalars(select(Notice.person_id).where(Notice.code == code)).all()
    session.rollback()
    return [*found]


def test_request_expires_a_week_after_it_was_made(session: Db, house: House) -> None:
    made = ask(house)

    assert expire_requests(now=house.now + 7 * DAY - timedelta(seconds=1)) == 0
    assert expire_requests(now=house.now + 7 * DAY) == 1
    assert expire_requests(now=house.now + 7 * DAY) == 0

    assert states(session, made) == [State.EXPIRED]
    assert told(session, "notice_expired") == [house.member.person_id]
    assert session.scalars(select(Hold.id)).all() == []
    (row,) = session.scalars(select(Audit).where(Audit.verb == "expire")).all()
    assert (row.door, row.actor_id) == ("system", None)
    session.rollback()
    with pytest.raises(AlreadyDecided):
        approve(DecisionRequest(made, 2), house.approver, now=house.now + 7 * DAY)


def test_request_expires_when_its_time_comes(session: Db, house: House) -> None:
    set_site_policy(
        house.site.id, SitePolicy(expire_after=None), house.admin, version=1, now=house.now
    )
    made = ask(house, day=20)
    start = house.interval(10, 11, day=20).start

    assert expire_requests(now=start - timedelta(seconds=1)) == 0
    assert expire_requests(now=start) == 1
    assert states(session, made) == [State.EXPIRED]


def test_of_a_series_only_what_has_begun_expires(session: Db, house: House) -> None:
    made = ask(house, day=0, rule="FREQ=DAILY;COUNT=4")
    second = house.interval(10, 11, day=1).start

    assert expire_requests(now=second) == 1

    assert states(session, made) == [State.EXPIRED] * 2 + [State.REQUESTED] * 2
    assert expire_requests(now=second + timedelta(minutes=10)) == 0
    assert expire_requests(now=house.now + 7 * DAY) == 1
    assert states(session, made) == [State.EXPIRED] * 4


def test_changed_request_begins_anew(session: Db, house: House) -> None:
    made = ask(house)
    later = house.now + 5 * DAY
    wanted = replace(as_request(agenda.booking(session(), made)), title="Another")
    session.rollback()
    change(ChangeRequest(made, 1, wanted), house.member, now=later)

    assert expire_requests(now=house.now + 7 * DAY) == 0
    assert expire_requests(now=later + 7 * DAY) == 1


def test_expired_time_falls_to_a_closure(session: Db, house: House) -> None:
    ask(house)
    wish = ClosureRequest(
        house.site.id,
        house.at(9, day=20),
        house.at(12, day=20),
        "Works",
        space_id=house.cedar.id,
        over=Over.KEEP,
    )
    close(wish, house.admin, now=house.now)

    expire_requests(now=house.now + 7 * DAY)

    held = session.execute(select(Hold.allocation_id, Hold.closure_id)).all()
    assert all(row.closure_id is not None for row in held)
    assert len(held) == 3


def test_approvers_are_reminded_once_a_day_before(session: Db, house: House) -> None:
    ask(house)
    due = house.now + 6 * DAY

    assert remind_approvers(now=due - timedelta(seconds=1)) == 0
    assert remind_approvers(now=due) == 1
    assert remind_approvers(now=due + timedelta(minutes=10)) == 0

    assert told(session, "notice_expiring") == [house.approver.person_id]


def test_who_was_asked_just_now_is_not_reminded(session: Db, house: House) -> None:
    ask(house, day=0)
    assert remind_approvers(now=house.now + timedelta(hours=1)) == 0


def test_expiring_and_approving_at_once_give_one_answer(house: House, engine_url: str) -> None:
    later = house.now + 7 * DAY
    bookings = [
        house.add_booking(house.cedar, days=(20 + day,), state=State.REQUESTED) for day in range(3)
    ]
    rounds = [
        [
            Attempt(_expire, None, house.admin, now=later),
            Attempt(approve, DecisionRequest(each, 1), house.approver, now=later),
        ]
        for each in bookings
    ]

    outcomes = race(engine_url, *rounds)

    approved = [each[1].kind for each in outcomes]
    assert set(approved) <= {"won", "AlreadyDecided", "Stale"}
    assert {each[0].kind for each in outcomes} <= {"won", "Stale"}


def _expire(_request: object, _actor: Actor, *, now: datetime) -> int:
    return expire_requests(now=now)
