"""An approver proposes something else for a request, and whoever asked answers."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from booking.actions.approvals import approve, refuse
from booking.actions.bookings import book, cancel, change
from booking.actions.bookings.change import as_request
from booking.actions.offers import accept_offer, decline_offer
from booking.actions.proposals import MOST_PROPOSALS, propose, suggestions, withdraw
from booking.core.availability.alternatives import Reason
from booking.core.errors import (
    AlreadyDecided,
    Conflicted,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from booking.core.requests import CancelRequest, ChangeRequest, DecisionRequest, ProposalRequest
from booking.core.values import Actor, BookingView, Grant, Policy, Role, Space, State
from booking.models import Notice, Offer
from booking.queries import agenda
from tests.support.factories import House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]


def ask(house: House, **more: object) -> int:
    """Let the member ask for Cedar, whose requests hold their time."""
    return book(house.request(house.cedar, **more), house.member, now=house.now).booking_id


def proposal(house: House, booking_id: int, space: Space, **more: float) -> ProposalRequest:
    wish = house.request(space, **more)
    return ProposalRequest(booking_id, 1, wish.space_ids, wish.start, wish.end, "More light.")


def stored(session: Db, booking_id: int) -> BookingView:
    found = agenda.booking(session(), booking_id)
    session.rollback()
    return found


def offer_states(session: Db) -> list[str]:
    found = [*session.scalars(select(Offer.state).order_by(Offer.id))]
    session.rollback()
    return found


def codes(session: Db, person: Actor) -> list[str]:
    query = select(Notice.code).where(Notice.person_id == person.person_id).order_by(Notice.id)
    found = [*session.scalars(query)]
    session.rollback()
    return found


def test_proposed_room_and_time_are_accepted_and_confirmed(session: Db, house: House) -> None:
    booking_id = ask(house)
    made = propose(
        proposal(house, booking_id, house.delta, start=14, end=16), house.approver, now=house.now
    )
    assert codes(session, house.member) == ["notice_proposed"]
    assert stored(session, booking_id).state is State.REQUESTED

    done = accept_offer(made, house.member, now=house.now)

    after = stored(session, booking_id)
    assert (done.booking_id, done.state) == (booking_id, State.CONFIRMED)
    assert (after.space_ids, after.starts_at) == ((house.delta.id,), house.at(14))
    assert offer_states(session) == ["accepted"]
    assert codes(session, house.approver) == ["notice_requested", "notice_accepted"]


def test_declined_proposal_leaves_the_request_as_it_was(session: Db, house: House) -> None:
    booking_id = ask(house)
    made = propose(proposal(house, booking_id, house.delta), house.approver, now=house.now)

    decline_offer(made, house.member, now=house.now)

    after = stored(session, booking_id)
    assert (after.space_ids, after.state) == ((house.cedar.id,), State.REQUESTED)
    assert codes(session, house.approver) == ["notice_requested", "notice_declined"]


def test_a_series_is_proposed_as_a_whole(session: Db, house: House) -> None:
    booking_id = ask(house, rule="FREQ=WEEKLY;COUNT=3")
    made = propose(
        proposal(house, booking_id, house.cedar, start=14, end=16), house.approver, now=house.now
    )

    accept_offer(made, house.member, now=house.now)

    after = stored(session, booking_id)
    assert [each.recurrence_id for each in after.occurrences] == [
        house.at(14, day=day) for day in (0, 7, 14)
    ]
    assert after.state is State.CONFIRMED


@pytest.mark.parametrize("verb", ["approve", "refuse", "cancel", "change"])
def test_proposals_end_with_what_they_were_made_for(session: Db, house: House, verb: str) -> None:
    booking_id = ask(house)
    made = propose(proposal(house, booking_id, house.delta), house.approver, now=house.now)
    if verb == "approve":
        approve(DecisionRequest(booking_id, 1), house.approver, now=house.now)
    elif verb == "refuse":
        refuse(DecisionRequest(booking_id, 1, "No."), house.approver, now=house.now)
    elif verb == "cancel":
        cancel(CancelRequest(booking_id, 1), house.member, now=house.now)
    else:
        later = replace(as_request(stored(session, booking_id)), end=house.at(11.5))
        change(ChangeRequest(booking_id, 1, later), house.member, now=house.now)

    assert offer_states(session) == ["withdrawn"]
    with pytest.raises(AlreadyDecided):
        accept_offer(made, house.member, now=house.now)


def test_another_title_leaves_proposals_open(session: Db, house: House) -> None:
    booking_id = ask(house)
    propose(proposal(house, booking_id, house.delta), house.approver, now=house.now)
    other = replace(as_request(stored(session, booking_id)), title="Choir")
    change(ChangeRequest(booking_id, 1, other), house.member, now=house.now)
    assert offer_states(session) == ["open"]


def test_withdrawn_proposal_cannot_be_accepted(session: Db, house: House) -> None:
    booking_id = ask(house)
    made = propose(proposal(house, booking_id, house.delta), house.approver, now=house.now)
    with pytest.raises(NotAllowed):
        withdraw(made, house.member, now=house.now)
    with pytest.raises(NotFound):
        withdraw(9_999, house.approver, now=house.now)

    assert withdraw(made, house.approver, now=house.now) == booking_id

    with pytest.raises(AlreadyDecided):
        withdraw(made, house.approver, now=house.now)
    with pytest.raises(AlreadyDecided):
        accept_offer(made, house.member, now=house.now)


def test_who_may_propose_what(session: Db, house: House) -> None:
    booking_id = ask(house)
    wish = proposal(house, booking_id, house.delta)
    with pytest.raises(NotAllowed):
        propose(wish, house.member, now=house.now)
    with pytest.raises(Stale):
        propose(replace(wish, version=4), house.approver, now=house.now)
    with pytest.raises(InvalidRequest, match="proposal_same"):
        propose(proposal(house, booking_id, house.cedar), house.approver, now=house.now)
    with pytest.raises(InvalidRequest):
        propose(replace(wish, end=wish.start), house.approver, now=house.now)
    with pytest.raises(InvalidRequest):
        propose(replace(wish, words="x" * 501), house.approver, now=house.now)
    approve(DecisionRequest(booking_id, 1), house.approver, now=house.now)
    with pytest.raises(AlreadyDecided):
        propose(replace(wish, version=2), house.approver, now=house.now)
    assert offer_states(session) == []


def test_taken_time_is_not_proposed_and_says_what_else_is_free(session: Db, house: House) -> None:
    booking_id = ask(house)
    house.add_booking(house.birch)
    with pytest.raises(Conflicted) as refused:
        propose(proposal(house, booking_id, house.birch), house.approver, now=house.now)
    assert refused.value.alternatives
    assert offer_states(session) == []


def test_what_the_rules_refuse_to_the_asker_is_not_proposed(session: Db, house: House) -> None:
    booking_id = ask(house)
    short = house.add_space("Short", policy=Policy(longest=timedelta(minutes=30)))
    with pytest.raises(NotAllowed):
        propose(proposal(house, booking_id, short), house.approver, now=house.now)


def test_maker_who_does_not_decide_about_the_other_room_leaves_it_to_its_approver(
    session: Db, house: House
) -> None:
    warden = house.add_person("Warden", grants=(Grant(Role.APPROVER, space_id=house.cedar.id),))
    booking_id = ask(house)
    made = propose(proposal(house, booking_id, house.delta), warden, now=house.now)
    assert accept_offer(made, house.member, now=house.now).state is State.REQUESTED
    assert codes(session, house.approver)[-1] == "notice_request_changed"
    assert codes(session, warden)[-1] == "notice_accepted"


def test_no_more_proposals_than_somebody_reads(session: Db, house: House) -> None:
    booking_id = ask(house)
    for hour in range(MOST_PROPOSALS):
        wish = proposal(house, booking_id, house.delta, start=12 + hour, end=12.5 + hour)
        propose(wish, house.approver, now=house.now)
    with pytest.raises(InvalidRequest, match="too_many_proposals"):
        propose(
            proposal(house, booking_id, house.delta, start=18, end=19),
            house.approver,
            now=house.now,
        )


@pytest.mark.usefixtures("session")
def test_one_approves_while_another_accepts(house: House, engine_url: str) -> None:
    rounds = []
    for day in range(3):
        booking_id = house.add_booking(
            house.cedar, days=(day,), by=house.member, state=State.REQUESTED
        )
        wish = proposal(house, booking_id, house.delta, day=day)
        made = propose(wish, house.approver, now=house.now)
        rounds.append(
            [
                Attempt(accept_offer, made, house.member),
                Attempt(approve, DecisionRequest(booking_id, 1), house.approver),
            ]
        )

    for outcomes in race(engine_url, *rounds):
        kinds = [each.kind for each in outcomes]
        assert kinds.count("won") == 1, outcomes
        assert {*kinds} <= {"won", "AlreadyDecided", "Stale"}, outcomes


@pytest.mark.parametrize("rule", [None, "FREQ=DAILY;COUNT=2"])
def test_what_is_free_in_place_of_a_request_is_never_itself(
    session: Db, house: House, rule: str | None
) -> None:
    asked = stored(session, ask(house, rule=rule))
    found = suggestions(session(), asked, now=house.now)
    session.rollback()
    wanted = asked.occurrences[0].interval
    assert {each.reason for each in found} == {Reason.OTHER_TIME, Reason.OTHER_SPACE}
    for each in found:
        same_room = each.space_ids == asked.space_ids
        assert not (same_room and each.interval.overlaps(wanted))
