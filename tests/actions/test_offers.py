"""One of several rivals is approved: the others are refused, and offered what else is free."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, scoped_session

from booking.actions.approvals import approve
from booking.actions.bookings import book
from booking.actions.offers import accept_offer, decline_offer
from booking.core.errors import (
    AlreadyDecided,
    Conflicted,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from booking.core.requests import DecisionRequest
from booking.core.values import Actor, Grant, Role, State
from booking.models import Notice, Offer
from booking.queries import agenda
from tests.support.databases import writing
from tests.support.factories import House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]
WHY = "The choir comes every year."


def ask(house: House, by: Actor, **more: object) -> int:
    """Ask for Delta, where requests do not hold their time."""
    return book(house.request(house.delta, **more), by, now=house.now).booking_id


def choose(house: House, booking_id: int, *, why: str = WHY, by: Actor | None = None) -> None:
    wish = DecisionRequest(booking_id, 1, refuse_rivals=why)
    approve(wish, by or house.approver, now=house.now)


def states(session: Db, booking_id: int) -> list[State]:
    found = [each.state for each in agenda.booking(session(), booking_id).occurrences]
    session.rollback()
    return found


def offers(session: Db) -> list[Offer]:
    found = [*session.scalars(select(Offer).order_by(Offer.id))]
    session.rollback()
    return found


def codes(session: Db, person: Actor) -> list[str]:
    query = select(Notice.code).where(Notice.person_id == person.person_id).order_by(Notice.id)
    found = [*session.scalars(query)]
    session.rollback()
    return found


def test_rivals_are_refused_with_the_reason_and_an_offer(session: Db, house: House) -> None:
    chosen, rival = ask(house, house.member), ask(house, house.stranger, start=10.5, end=12)
    later = ask(house, house.stranger, start=15, end=16)

    choose(house, chosen)

    assert states(session, chosen) == [State.CONFIRMED]
    assert states(session, rival) == [State.REFUSED]
    assert states(session, later) == [State.REQUESTED]
    assert codes(session, house.stranger) == ["notice_offered"]
    (made,) = offers(session)
    assert (made.booking_id, made.state) == (rival, "open")
    params = session.scalars(select(Notice.params).where(Notice.code == "notice_offered")).one()
    assert params["reason"] == WHY
    session.rollback()


def test_rivals_stay_where_nobody_refuses_them(session: Db, house: House) -> None:
    chosen, rival = ask(house, house.member), ask(house, house.stranger)
    choose(house, chosen, why="")
    assert states(session, rival) == [State.REQUESTED]
    assert offers(session) == []


def test_buffers_and_shared_parts_make_rivals(session: Db, house: House) -> None:
    hall = house.add_space(
        "Hall", parts=(house.delta, house.birch), needs_approval=True, requests_hold=False
    )
    chosen = ask(house, house.member)
    in_buffer = ask(house, house.stranger, start=11.25, end=12)
    whole = book(house.request(hall), house.stranger, now=house.now).booking_id

    choose(house, chosen)

    assert states(session, in_buffer) == [State.REFUSED]
    assert states(session, whole) == [State.REFUSED]


def test_of_a_rival_series_the_dates_that_cannot_be_are_refused_and_offered(
    session: Db, house: House
) -> None:
    chosen = ask(house, house.member)
    series = ask(house, house.stranger, title="Play", rule="FREQ=DAILY;COUNT=3")
    choose(house, chosen)
    assert states(session, series) == [State.REFUSED, State.REQUESTED, State.REQUESTED]
    (made,) = offers(session)
    first = agenda.booking(session(), series).occurrences[0]
    session.rollback()
    assert (made.booking_id, made.occurrence_id) == (series, first.occurrence_id)

    taken = accept_offer(made.id, house.stranger, now=house.now)

    found = agenda.booking(session(), taken.booking_id)
    session.rollback()
    assert (found.title, found.rule, found.follows_id) == ("Play", None, series)
    assert found.starts_at == made.starts_local
    assert states(session, series) == [State.REFUSED, State.REQUESTED, State.REQUESTED]


def test_several_dates_of_a_rival_are_told_in_one_message(session: Db, house: House) -> None:
    chosen = ask(house, house.member, rule="FREQ=DAILY;COUNT=2")
    series = ask(house, house.stranger, rule="FREQ=DAILY;COUNT=3")
    choose(house, chosen)
    assert states(session, series) == [State.REFUSED, State.REFUSED, State.REQUESTED]
    assert len(offers(session)) == 2
    assert codes(session, house.stranger) == ["notice_dates_offered"]


def test_a_rival_series_that_cannot_be_at_all_is_offered_as_a_whole(
    session: Db, house: House
) -> None:
    chosen = ask(house, house.member, rule="FREQ=DAILY;COUNT=3")
    series = ask(house, house.stranger, rule="FREQ=DAILY;COUNT=3")
    choose(house, chosen)
    (made,) = offers(session)
    assert (made.booking_id, made.occurrence_id) == (series, None)

    taken = accept_offer(made.id, house.stranger, now=house.now)

    assert states(session, taken.booking_id) == [State.CONFIRMED] * 3
    assert codes(session, house.approver)[-1] == "notice_accepted"


def test_rivals_that_somebody_else_decides_are_left(session: Db, house: House) -> None:
    hall = house.add_space(
        "Hall", parts=(house.delta, house.birch), needs_approval=True, requests_hold=False
    )
    warden = house.add_person("Warden", grants=(Grant(Role.APPROVER, space_id=house.delta.id),))
    chosen = ask(house, house.member)
    whole = book(house.request(hall), house.stranger, now=house.now).booking_id

    choose(house, chosen, by=warden)

    assert states(session, whole) == [State.REQUESTED]


def test_offer_is_taken_and_confirmed_where_its_maker_decides(session: Db, house: House) -> None:
    chosen, _rival = ask(house, house.member), ask(house, house.stranger, title="Play")
    choose(house, chosen)
    (made,) = offers(session)

    taken = accept_offer(made.id, house.stranger, now=house.now)

    found = agenda.booking(session(), taken.booking_id)
    session.rollback()
    assert (found.title, found.starts_at, found.space_ids) == (
        "Play",
        made.starts_local,
        tuple(made.space_ids),
    )
    assert found.state is State.CONFIRMED
    assert found.organiser_id == house.stranger.person_id
    with pytest.raises(AlreadyDecided):
        accept_offer(made.id, house.stranger, now=house.now)
    with pytest.raises(AlreadyDecided):
        decline_offer(made.id, house.stranger, now=house.now)


def test_offer_is_for_its_own_people_and_for_a_time(session: Db, house: House) -> None:
    chosen, rival = ask(house, house.member), ask(house, house.stranger)
    choose(house, chosen)
    (made,) = offers(session)

    with pytest.raises(NotAllowed):
        accept_offer(made.id, house.member, now=house.now)
    with pytest.raises(NotAllowed):
        decline_offer(made.id, house.member, now=house.now)
    with pytest.raises(InvalidRequest, match="offer_over"):
        accept_offer(made.id, house.stranger, now=made.expires_at)
    with pytest.raises(NotFound):
        accept_offer(9_999, house.stranger, now=house.now)
    assert decline_offer(made.id, house.stranger, now=house.now) == rival
    assert offers(session)[0].state == "declined"


def test_offer_that_somebody_took_meanwhile_is_refused_in_words(session: Db, house: House) -> None:
    chosen, _rival = ask(house, house.member), ask(house, house.stranger)
    choose(house, chosen)
    (made,) = offers(session)
    room = house.rooms[[each.id for each in house.rooms].index(made.space_ids[0])]
    hour = made.starts_local.hour + made.starts_local.minute / 60
    length = (made.ends_local - made.starts_local).total_seconds() / 3600
    day = (made.starts_local.date() - house.at(0).date()).days
    house.add_booking(room, start=hour, end=hour + length, days=(day,))

    with pytest.raises(Conflicted) as refused:
        accept_offer(made.id, house.stranger, now=house.now)

    assert refused.value.alternatives
    assert offers(session)[0].state == "open"


def test_approving_two_rivals_at_once_chooses_one(house: House, engine_url: str) -> None:
    rounds = []
    for day in range(3):
        pair = [
            house.add_booking(house.delta, days=(day,), by=by, state=State.REQUESTED)
            for by in (house.member, house.stranger)
        ]
        rounds.append(
            [
                Attempt(approve, DecisionRequest(each, 1, refuse_rivals=WHY), house.approver)
                for each in pair
            ]
        )

    for outcomes in race(engine_url, *rounds):
        kinds = sorted(each.kind for each in outcomes)
        assert kinds in (["AlreadyDecided", "won"], ["Conflicted", "won"], ["Stale", "won"]), (
            outcomes
        )


def test_an_offer_and_a_booking_at_once_never_overlap(
    session: Db, house: House, engine_url: str
) -> None:
    chosen, _rival = ask(house, house.member), ask(house, house.stranger)
    choose(house, chosen)
    (made,) = offers(session)
    rooms = {each.id: each for each in house.rooms}
    wish = house.request(rooms[made.space_ids[0]])
    wish = replace(wish, start=made.starts_local, end=made.ends_local)

    ((taken, booked),) = race(
        engine_url,
        [Attempt(_accept, made.id, house.stranger), Attempt(book, wish, house.admin)],
    )

    assert sorted([taken.kind, booked.kind]) == ["Conflicted", "won"]


def _accept(offer_id: int, actor: Actor, *, now: object) -> object:
    return accept_offer(offer_id, actor, now=now)  # type: ignore[arg-type]


def test_chosen_request_that_changed_is_told(session: Db, house: House) -> None:
    chosen, rival = ask(house, house.member), ask(house, house.stranger)
    with pytest.raises(Stale):
        approve(DecisionRequest(chosen, 7, refuse_rivals=WHY), house.approver, now=house.now)
    assert states(session, rival) == [State.REQUESTED]


def test_whoever_decides_is_told_of_a_taken_offer_that_has_to_be_approved(
    session: Db, house: House
) -> None:
    chosen, _rival = ask(house, house.member), ask(house, house.stranger)
    choose(house, chosen)
    (made,) = offers(session)
    # Another room, and nobody who decides about it has made the offer.
    room = house.add_space("Elsewhere", needs_approval=True)
    with writing(house.engine) as connection:
        connection.execute(update(Offer).values(space_ids=[room.id], made_by_id=None))
    before = codes(session, house.approver).count("notice_requested")

    taken = accept_offer(made.id, house.stranger, now=house.now)

    assert taken.state is State.REQUESTED
    assert codes(session, house.approver).count("notice_requested") == before + 1
