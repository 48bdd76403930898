"""Approve and refuse: who may, what is stored, who is told."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, scoped_session

from booking.actions import approvals, bookings, clashes
from booking.core.errors import (
    AlreadyDecided,
    Conflicted,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from booking.core.requests import CancelRequest, DecisionRequest
from booking.core.values import Actor, Door, Grant, Role, Space, State
from booking.models import Audit, Hold, Notice, RoleGrant
from booking.queries import agenda
from tests.support.databases import writing
from tests.support.factories import NOW, House

Db = scoped_session[Session]


def ask(house: House, space: Space, **more: object) -> DecisionRequest:
    """Let the member ask for a space; return the decision that awaits."""
    booked = bookings.book(house.request(space, **more), house.member, now=NOW)
    assert booked.state is State.REQUESTED
    return DecisionRequest(booked.booking_id, booked.version)


def holds(session: Db) -> int:
    """Return how many holds are stored."""
    return len(session.execute(select(Hold.id)).all())


def notices(session: Db, person: Actor) -> list[str]:
    """Return the codes in a person's inbox, oldest first."""
    query = select(Notice.code).where(Notice.person_id == person.person_id).order_by(Notice.id)
    return list(session.execute(query).scalars())


@pytest.mark.parametrize(("room", "before"), [("cedar", 1), ("delta", 0)])
def test_approve_writes_the_holds_whether_or_not_requests_hold(
    session: Db, house: House, room: str, before: int
) -> None:
    wish = ask(house, getattr(house, room))
    assert holds(session) == before
    session.rollback()

    done = approvals.approve(wish, house.approver, now=NOW)

    assert (done.state, done.version) == (State.CONFIRMED, 2)
    assert holds(session) == 1


def test_approve_tells_the_person_who_asked_and_keeps_who_decided(
    session: Db, house: House
) -> None:
    wish = ask(house, house.cedar)
    approvals.approve(wish, house.approver, now=NOW)

    assert notices(session, house.member) == ["notice_approved"]
    audit = session.execute(select(Audit).order_by(Audit.id.desc())).scalars().first()
    assert audit is not None
    assert (audit.verb, audit.actor_id) == ("approve", house.approver.person_id)
    assert audit.old is not None
    assert audit.old["state"] == "requested"


def test_refuse_needs_a_reason_and_gives_the_time_back(session: Db, house: House) -> None:
    wish = ask(house, house.cedar)
    with pytest.raises(InvalidRequest, match="reason_missing"):
        approvals.refuse(wish, house.approver, now=NOW)

    refusal = DecisionRequest(wish.booking_id, wish.version, reason="The floor is being waxed.")
    done = approvals.refuse(refusal, house.approver, now=NOW)

    assert done.state is State.REFUSED
    assert holds(session) == 0
    assert notices(session, house.member) == ["notice_refused"]
    view = agenda.booking(session(), wish.booking_id)
    assert view.occurrences[0].reason == "The floor is being waxed."


def actor_with(grant: Grant | None) -> Actor:
    """Return somebody with this one right."""
    return Actor(None, "Somebody", Door.WEB, grants=frozenset([grant] if grant else []))


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("none", False),
        ("another room", False),
        ("another site", False),
        ("the room", True),
        ("the site", True),
        ("every room", True),
        ("admin of the site", True),
        ("admin of another site", False),
    ],
)
def test_only_who_decides_about_the_room_may_approve(
    session: Db, house: House, scope: str, allowed: bool
) -> None:
    site = house.site.id
    grants = {
        "none": None,
        "another room": Grant(Role.APPROVER, space_id=house.delta.id),
        "another site": Grant(Role.APPROVER, site_id=site + 1),
        "the room": Grant(Role.APPROVER, space_id=house.cedar.id),
        "the site": Grant(Role.APPROVER, site_id=site),
        "every room": Grant(Role.APPROVER),
        "admin of the site": Grant(Role.ADMIN, site_id=site),
        "admin of another site": Grant(Role.ADMIN, site_id=site + 1),
    }
    wish = ask(house, house.cedar)
    actor = actor_with(grants[scope])
    if allowed:
        assert approvals.approve(wish, actor, now=NOW).state is State.CONFIRMED
    else:
        with pytest.raises(NotAllowed, match="not_your_decision"):
            approvals.approve(wish, actor, now=NOW)
        assert agenda.booking(session(), wish.booking_id).state is State.REQUESTED


def test_approving_one_rival_leaves_the_other_to_be_refused(session: Db, house: House) -> None:
    first, second = ask(house, house.delta), ask(house, house.delta, start=10.5, end=11.5)
    approvals.approve(first, house.approver, now=NOW)

    with pytest.raises(Conflicted) as raised:
        approvals.approve(second, house.approver, now=NOW)

    (clash,) = raised.value.clashes
    assert clash.occurrence is not None
    assert clash.occurrence.booking_id == first.booking_id
    assert raised.value.alternatives
    assert agenda.booking(session(), second.booking_id).state is State.REQUESTED


def test_approve_can_skip_the_dates_that_are_taken(session: Db, house: House) -> None:
    series = ask(house, house.delta, rule="FREQ=WEEKLY;COUNT=3")
    bookings.book(house.request(house.delta, day=7), house.admin, now=NOW)
    with pytest.raises(Conflicted) as raised:
        approvals.approve(series, house.approver, now=NOW)
    taken = frozenset(clash.recurrence_id for clash in raised.value.clashes)
    assert taken == {house.at(10, day=7)}

    skipping = DecisionRequest(series.booking_id, series.version, skip=taken)
    approvals.approve(skipping, house.approver, now=NOW)

    view = agenda.booking(session(), series.booking_id)
    states = [each.state for each in view.occurrences]
    assert states == [State.CONFIRMED, State.SKIPPED, State.CONFIRMED]


def test_approver_of_one_room_decides_about_that_room_alone(session: Db, house: House) -> None:
    booked = bookings.book(house.request(house.cedar, house.delta), house.member, now=NOW)
    wish = DecisionRequest(booked.booking_id, booked.version)
    approver = actor_with(Grant(Role.APPROVER, space_id=house.cedar.id))

    done = approvals.approve(wish, approver, now=NOW)

    view = agenda.booking(session(), booked.booking_id)
    assert {each.space_id: each.state for each in view.occurrences} == {
        house.cedar.id: State.CONFIRMED,
        house.delta.id: State.REQUESTED,
    }
    assert done.state is State.REQUESTED


def test_decision_on_what_is_no_longer_so_changes_nothing(session: Db, house: House) -> None:
    wish = ask(house, house.cedar)
    approvals.approve(wish, house.approver, now=NOW)
    with pytest.raises(AlreadyDecided) as raised:
        approvals.refuse(DecisionRequest(wish.booking_id, 1, reason="No."), house.approver, now=NOW)
    assert raised.value.state == "confirmed"

    other = ask(house, house.cedar, start=14, end=15)
    with pytest.raises(Stale):
        approvals.approve(DecisionRequest(other.booking_id, 7), house.approver, now=NOW)

    bookings.cancel(CancelRequest(other.booking_id, 1), house.member, now=NOW)
    with pytest.raises(AlreadyDecided):
        approvals.approve(other, house.approver, now=NOW)
    with pytest.raises(NotFound):
        approvals.approve(DecisionRequest(999_999, 1), house.approver, now=NOW)
    assert holds(session) == 1


def test_approver_books_the_room_without_asking(session: Db, house: House) -> None:
    booked = bookings.book(house.request(house.cedar), house.approver, now=NOW)
    assert booked.state is State.CONFIRMED
    assert holds(session) == 1


def test_approve_nothing_but_left_out_dates_is_refused(session: Db, house: House) -> None:
    wish = ask(house, house.cedar)
    with pytest.raises(InvalidRequest, match="all_dates_skipped"):
        approvals.approve(replace(wish, skip=frozenset({house.at(10)})), house.approver, now=NOW)
    assert notices(session, house.member) == []


def test_offer_for_what_was_answered_meanwhile_is_empty(session: Db, house: House) -> None:
    nothing = clashes.offer(
        session(), [], (house.cedar.id,), site=house.site, spaces=house.rooms, now=NOW
    )
    assert nothing == []


def test_a_request_is_told_to_those_who_decide_it_and_to_nobody_else(
    session: Db, house: House
) -> None:
    ask(house, house.cedar)

    assert notices(session, house.approver) == ["notice_requested"]
    assert notices(session, house.admin) == []
    assert notices(session, house.stranger) == []


def test_a_request_that_no_approver_decides_is_told_to_the_admins(
    session: Db, house: House
) -> None:
    with writing(house.engine) as connection:
        connection.execute(delete(RoleGrant).where(RoleGrant.role == Role.APPROVER.value))

    ask(house, house.cedar)

    assert notices(session, house.admin) == ["notice_requested"]
    assert notices(session, house.approver) == []


def test_part_of_a_series_is_decided_and_the_rest_waits(session: Db, house: House) -> None:
    wish = ask(house, house.cedar, rule="FREQ=WEEKLY;COUNT=3")
    first, second, third = (house.at(10, day=day) for day in (0, 7, 14))

    approvals.approve(replace(wish, dates=frozenset({first})), house.approver, now=NOW)
    done = approvals.refuse(
        replace(wish, version=2, dates=frozenset({third}), reason="Works"), house.approver, now=NOW
    )

    found = agenda.booking(session(), wish.booking_id)
    assert [(each.recurrence_id, each.state) for each in found.occurrences] == [
        (first, State.CONFIRMED),
        (second, State.REQUESTED),
        (third, State.REFUSED),
    ]
    assert done.version == 3
    assert notices(session, house.member) == ["notice_approved", "notice_refused"]


@pytest.mark.parametrize("dates", [frozenset(), frozenset({NOW.replace(tzinfo=None)})])
def test_no_date_chosen_is_told(session: Db, house: House, dates: frozenset[object]) -> None:
    wish = replace(ask(house, house.cedar), dates=dates)
    with pytest.raises(InvalidRequest, match="no_date_chosen"):
        approvals.approve(wish, house.approver, now=NOW)
    with pytest.raises(InvalidRequest, match="no_date_chosen"):
        approvals.refuse(replace(wish, reason="No"), house.approver, now=NOW)
    assert holds(session) == 1
