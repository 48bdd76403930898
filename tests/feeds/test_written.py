"""What is kept of a feed: after every verb it reads as if it had been written anew."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update

from booking.actions import approvals, bookings, expiry, offers, proposals, swaps
from booking.actions.bookings.book import Booked
from booking.actions.override import displaced_by, override
from booking.actions.subscriptions import SubscriptionRequest, create_subscription
from booking.core.calendars import Scope
from booking.core.requests import (
    CancelRequest,
    ChangeRequest,
    DateSeen,
    DecisionRequest,
    HandOverRequest,
    MoveRequest,
    OverrideRequest,
    ProposalRequest,
    SwapRequest,
)
from booking.core.values import Visibility
from booking.db import db, transact
from booking.models import Person
from booking.queries import agenda
from tests.support.factories import NOW, House

SERIES = "FREQ=WEEKLY;COUNT=4"


class Feeds:
    """The calendars of a member and of a room, as a process sees them that read them before."""

    def __init__(self, app: Flask, house: House) -> None:
        self.app, self.client, self.house = app, app.test_client(), house
        wanted = [SubscriptionRequest("Mine")]
        wanted += [
            SubscriptionRequest("Room", scope=Scope(space_id=each.id)) for each in house.rooms
        ]
        with app.app_context():
            self.paths = [create_subscription(each, house.member, now=NOW).path for each in wanted]
        self.before = self.read()

    def read(self) -> list[str]:
        """Ask for each."""
        return [self.client.get(path).text for path in self.paths]

    def after(self, verb: Callable[[], object]) -> None:
        """Do something, and see that what is kept agrees with what is read anew."""
        with self.app.app_context():
            verb()
        kept = self.read()
        self.app.extensions.pop("booking.feeds")
        assert kept == self.read()
        assert kept != self.before, "nothing changed"
        self.before = kept


@pytest.fixture
def feeds(app: Flask, house: House) -> Feeds:
    """Return feeds that were read before."""
    house.add_booking(house.birch, days=(1,), title="Never touched")
    return Feeds(app, house)


def test_kept_feed_follows_every_verb_of_a_booking(feeds: Feeds, house: House) -> None:
    made: list[Booked] = []

    def last() -> tuple[int, int]:
        return made[-1].booking_id, made[-1].version

    def do(verb: Callable[..., Booked], request: object, actor: object) -> None:
        feeds.after(lambda: made.append(verb(request, actor, now=NOW)))

    series = house.request(house.atlas, rule=SERIES, visibility=Visibility.PRIVATE)
    do(bookings.book, series, house.member)
    do(
        bookings.change,
        ChangeRequest(*last(), house.request(house.birch, rule=SERIES)),
        house.member,
    )
    dates = _dates(feeds, made[-1].booking_id)
    do(bookings.cancel, CancelRequest(*last(), occurrence_id=dates[1]), house.member)
    do(bookings.cancel, CancelRequest(*last()), house.member)
    do(bookings.book, house.request(house.atlas, start=15, end=16), house.member)
    do(bookings.move, MoveRequest(*last(), house.at(17), house.at(18)), house.member)
    do(bookings.book, house.request(house.cedar, rule=SERIES), house.member)
    do(
        approvals.approve,
        DecisionRequest(*last(), dates=frozenset({house.at(10, day=7)})),
        house.approver,
    )
    do(approvals.refuse, DecisionRequest(*last(), "Full"), house.approver)
    do(bookings.book, house.request(house.cedar, start=14, end=15), house.member)
    wish = ProposalRequest(*last(), (house.delta.id,), house.at(15), house.at(16))
    with feeds.app.app_context():
        offer = proposals.propose(wish, house.approver, now=NOW)
    do(lambda _request, actor, now: offers.accept_offer(offer, actor, now=now), None, house.member)
    do(bookings.book, house.request(house.cedar, start=8, end=9), house.member)
    do(bookings.book, house.request(house.atlas, start=12, end=13), house.member)
    given = made[-1]
    do(bookings.book, house.request(house.birch, start=12, end=13), house.stranger)
    with feeds.app.app_context():
        swap_id = swaps.propose_swap(
            SwapRequest(*(_seen(each) for each in (given, made[-1]))), house.member, now=NOW
        )
    do(
        lambda _request, actor, now: swaps.accept_swap(swap_id, actor, now=now),
        None,
        house.stranger,
    )
    taken = house.request(house.birch, start=12, end=13)
    with feeds.app.app_context():
        ids = {each.allocation_id for each in displaced_by(taken, house.admin, now=NOW)}
    do(override, OverrideRequest(taken, "The mayor comes.", frozenset(ids)), house.admin)
    hand = HandOverRequest(*last(), house.member.person_id or 0)
    do(bookings.hand_over, hand, house.admin)
    feeds.after(lambda: expiry.expire_requests(now=NOW + timedelta(days=30)))


def _seen(booked: Booked) -> DateSeen:
    date = agenda.booking(db.session(), booked.booking_id).occurrences[0]
    return DateSeen(booked.booking_id, date.occurrence_id, booked.version)


def _dates(feeds: Feeds, booking_id: int) -> list[int]:
    with feeds.house.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT id FROM occurrence WHERE booking_id = {booking_id} ORDER BY start_s"
        )
        return [id_ for (id_,) in rows]


def test_kept_feed_follows_names(feeds: Feeds, house: House) -> None:
    feeds.after(
        lambda: transact(
            lambda session: session.execute(
                update(Person).values(name="Somebody", version=Person.version + 1)
            )
        )
    )


def test_only_what_changed_is_read_again(feeds: Feeds, house: House) -> None:
    with feeds.app.app_context():
        booked = bookings.book(house.request(house.atlas, day=4), house.member, now=NOW)
    read: list[object] = []

    def note(_c: object, _x: object, statement: str, given: Any, *_more: object) -> None:
        if "booking.note" in statement:
            values = given.values() if isinstance(given, dict) else given
            read.extend(each for each in values if str(each).startswith("[["))

    with feeds.app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        feeds.read()
    assert read == [f"[[{booked.booking_id}]]"] * 2  # the member's own, and the room's
