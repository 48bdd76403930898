"""Skipped dates of a series come back: claimed or offered when their time becomes free."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import book, cancel, change
from booking.actions.bookings.change import as_request
from booking.actions.serving import serve_due
from booking.actions.spaces import set_site_policy
from booking.actions.waiting import accept, wait_for_date
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.requests import CancelRequest, ChangeRequest
from booking.core.values import (
    Actor,
    BookingView,
    SitePolicy,
    Space,
    State,
    WaitMode,
    Want,
    WantState,
)
from booking.db import db, transact
from booking.jobs import HANDLERS, work_once
from booking.models import Allocation, Notice
from booking.queries import agenda, waiting
from tests.support.factories import House

Db = scoped_session[Session]
CLAIM, OFFER = WaitMode.CLAIM, WaitMode.OFFER
DAILY = "FREQ=DAILY;COUNT=4"


def work(now: datetime) -> None:
    """Do all the work that is due."""
    for _ in range(100):
        if not work_once(HANDLERS, clock=lambda: now):
            return
    raise AssertionError("the work does not end")


def stored(booking_id: int) -> BookingView:
    found = agenda.booking(db.session(), booking_id)
    db.session().rollback()
    return found


def states(booking_id: int) -> list[State]:
    return [each.state for each in stored(booking_id).occurrences]


def place_of(person: Actor) -> Want:
    """Return the one place that somebody has, or had."""
    session = db.session()
    long_ago = datetime.fromisoformat("2000-01-01T00:00Z")
    (found,) = waiting.of_person(session, person.person_id or 0, since=long_ago, limit=9)
    session.rollback()
    return found


def in_the_way(house: House, *spaces: Space, day: int = 1, **more: object) -> int:
    return book(house.request(*spaces, day=day, **more), house.admin, now=house.now).booking_id


def series(house: House, *spaces: Space, waits: WaitMode | None = CLAIM, **more: object) -> int:
    """Book a series without its second date, which waits."""
    wish = house.request(
        *spaces, rule=DAILY, skip=frozenset({house.at(10, day=1)}), waits=waits, **more
    )
    return book(wish, house.member, now=house.now).booking_id


def give_back(booking_id: int, actor: Actor, *, now: datetime) -> None:
    cancel(CancelRequest(booking_id, stored(booking_id).version), actor, now=now)


def test_skipped_date_is_claimed_when_it_becomes_free(session: Db, house: House) -> None:
    other = in_the_way(house)
    made = series(house)
    work(house.now)
    assert states(made) == [State.CONFIRMED, State.SKIPPED, State.CONFIRMED, State.CONFIRMED]

    give_back(other, house.admin, now=house.now)
    work(house.now)
    assert states(made) == [State.CONFIRMED] * 4
    assert place_of(house.member).state is WantState.SERVED
    codes = session.scalars(select(Notice.code)).all()
    assert codes == ["notice_claimed"]
    assert stored(made).sequence == 1  # the calendars of all who follow it learn of the date


def test_skipped_date_is_offered_if_one_wants_to_be_asked(session: Db, house: House) -> None:
    other = in_the_way(house)
    made = series(house, waits=OFFER)
    give_back(other, house.admin, now=house.now)
    work(house.now)
    place = place_of(house.member)
    assert place.state is WantState.OFFERED
    assert states(made)[1] is State.SKIPPED

    done = accept(place.id, house.member, now=house.now)
    assert done.booking_id == made
    assert states(made) == [State.CONFIRMED] * 4


def test_skipped_date_that_nobody_waits_for_stays_so(session: Db, house: House) -> None:
    other = in_the_way(house)
    made = series(house, waits=None)
    give_back(other, house.admin, now=house.now)
    work(house.now)
    assert states(made)[1] is State.SKIPPED


def test_what_became_free_meanwhile_is_claimed_at_once(session: Db, house: House) -> None:
    made = series(house)
    work(house.now)
    assert states(made) == [State.CONFIRMED] * 4


def test_claimed_date_in_a_room_with_approval_is_asked_for(session: Db, house: House) -> None:
    other = in_the_way(house, house.cedar)
    made = series(house, house.cedar)
    give_back(other, house.admin, now=house.now)
    work(house.now)
    assert states(made) == [State.REQUESTED] * 4
    codes = session.scalars(select(Notice.code)).all()
    assert "notice_claim_asked" in codes


def test_one_date_is_waited_for_later(session: Db, house: House) -> None:
    other = in_the_way(house)
    made = series(house, waits=None)
    date = stored(made).occurrences[1].occurrence_id
    with pytest.raises(NotAllowed):
        wait_for_date(made, date, CLAIM, house.stranger, now=house.now)
    wait_for_date(made, date, CLAIM, house.member, now=house.now)
    for occurrence_id in (date, stored(made).occurrences[0].occurrence_id):
        with pytest.raises(InvalidRequest):
            wait_for_date(made, occurrence_id, CLAIM, house.member, now=house.now)
    give_back(other, house.admin, now=house.now)
    work(house.now)
    assert states(made) == [State.CONFIRMED] * 4


def test_whoever_gives_up_the_series_waits_no_more(session: Db, house: House) -> None:
    other = in_the_way(house)
    made = series(house)
    work(house.now)
    give_back(made, house.member, now=house.now)
    give_back(other, house.admin, now=house.now)
    work(house.now)
    assert states(made)[1] is State.SKIPPED
    assert place_of(house.member).state is WantState.GONE


def test_place_follows_its_date_when_the_series_moves(session: Db, house: House) -> None:
    in_the_way(house)
    later = in_the_way(house, start=14, end=15)
    made = series(house)
    work(house.now)
    before = stored(made)
    wish = replace(as_request(before), start=house.at(14), end=house.at(15))
    change(ChangeRequest(made, before.version, wish), house.member, now=house.now)
    serve_due(now=house.now)
    assert place_of(house.member).interval == house.interval(14, 15, day=1)
    give_back(later, house.admin, now=house.now)
    work(house.now)
    assert states(made) == [State.CONFIRMED] * 4


def test_place_follows_a_series_that_was_split(session: Db, house: House) -> None:
    """The dates to come belong to another booking then."""
    other = in_the_way(house, day=1)
    made = series(house)
    begun = house.interval(10, 11).start + timedelta(minutes=5)
    before = stored(made)
    wish = replace(as_request(before), end=house.at(10.5))
    split = change(ChangeRequest(made, before.version, wish), house.member, now=begun).booking_id
    assert split != made
    give_back(other, house.admin, now=begun)
    work(begun)
    assert states(split) == [State.CONFIRMED] * 3
    assert place_of(house.member).booking_id == split


def test_date_that_was_brought_back_by_hand_and_refused_is_not_waited_for(
    session: Db, house: House
) -> None:
    other = in_the_way(house)
    made = series(house)
    work(house.now)
    transact(
        lambda session: session.execute(
            update(Allocation)
            .where(Allocation.state == State.SKIPPED.value)
            .values(state=State.REFUSED.value)
        )
    )
    assert serve_due(now=house.now) == 1
    assert place_of(house.member).state is WantState.GONE
    give_back(other, house.admin, now=house.now)
    work(house.now)
    assert states(made)[1] is State.REFUSED


def test_change_of_a_series_lets_its_skipped_dates_wait(session: Db, house: House) -> None:
    other = in_the_way(house, start=14, end=15)
    made = book(house.request(rule=DAILY), house.member, now=house.now).booking_id
    wish = replace(
        as_request(stored(made)),
        start=house.at(14),
        end=house.at(15),
        skip=frozenset({house.at(14, day=1)}),
        waits=CLAIM,
    )
    change(ChangeRequest(made, 1, wish), house.member, now=house.now)
    assert states(made)[1] is State.SKIPPED
    give_back(other, house.admin, now=house.now)
    work(house.now)
    assert states(made) == [State.CONFIRMED] * 4


def test_offer_lasts_as_long_as_the_house_says(session: Db, house: House) -> None:
    policy = SitePolicy(offer_for=timedelta(hours=2))
    set_site_policy(house.site.id, policy, house.admin, version=1, now=house.now)
    other = in_the_way(house)
    series(house, waits=OFFER)
    give_back(other, house.admin, now=house.now)
    work(house.now)
    assert place_of(house.member).expires_at == house.now + timedelta(hours=2)


def test_date_that_was_taken_when_a_series_went_on_can_be_waited_for(
    session: Db, house: House
) -> None:
    made = series(house, waits=None)
    transact(
        lambda session: session.execute(
            update(Allocation)
            .where(Allocation.state == State.SKIPPED.value)
            .values(state=State.CONFLICT.value)
        )
    )
    date = stored(made).occurrences[1].occurrence_id
    wait_for_date(made, date, CLAIM, house.member, now=house.now)
    work(house.now)
    assert states(made) == [State.CONFIRMED] * 4
