"""Closures: what they take, what they leave, what falls to them later."""

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from booking.actions import approvals, bookings, closures
from booking.core.errors import Conflicted, InvalidRequest, NotFound
from booking.core.requests import (
    CancelRequest,
    ClosureRequest,
    DecisionRequest,
    MoveRequest,
)
from booking.core.values import State
from booking.models import Hold
from tests.support.factories import NOW, House

Db = scoped_session[Session]


def close_day(house: House, **more: object) -> int:
    """Close the house for the first day; return the closure."""
    values = {"start": house.at(8), "end": house.at(20), "reason": "Works", **more}
    return closures.close(ClosureRequest(house.site.id, **values), house.admin, now=NOW).closure_id


def test_closure_keeps_bookings_and_names_them(session: Db, house: House) -> None:
    booked = bookings.book(house.request(house.atlas), house.member, now=NOW)
    closed = closures.close(
        ClosureRequest(house.site.id, house.at(8), house.at(20), "Works"), house.admin, now=NOW
    )

    assert [(each.booking_id, each.state) for each in closed.over] == [
        (booked.booking_id, State.CONFIRMED)
    ]
    with pytest.raises(Conflicted) as raised:
        bookings.book(house.request(house.birch), house.member, now=NOW)
    (clash,) = raised.value.clashes
    assert clash.closure is not None
    assert clash.closure.reason == "Works"


def test_closure_of_one_space_leaves_the_others_open(session: Db, house: House) -> None:
    wish = ClosureRequest(
        house.site.id, house.at(8), house.at(20), "Paint", space_id=house.atlas.id
    )
    closures.close(wish, house.admin, now=NOW)
    bookings.book(house.request(house.birch), house.member, now=NOW)
    with pytest.raises(Conflicted):
        bookings.book(house.request(house.atlas), house.member, now=NOW)


def test_reopen_gives_the_time_back(session: Db, house: House) -> None:
    wish = ClosureRequest(house.site.id, house.at(8), house.at(20), "Works")
    closed = closures.close(wish, house.admin, now=NOW)
    closures.reopen(closed.closure_id, house.admin, now=NOW)
    assert session.execute(select(func.count(Hold.id))).scalar() == 0
    session.rollback()
    bookings.book(house.request(house.atlas), house.member, now=NOW)
    with pytest.raises(NotFound):
        closures.reopen(closed.closure_id, house.admin, now=NOW)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"reason": ""}, "reason_missing"),
        ({"end": None}, "end_before_start"),
        ({"space_id": 999_999}, "not_found"),
        ({"site_id": 999_999}, "not_found"),
    ],
)
def test_close_refuses(session: Db, house: House, wrong: dict, error: str) -> None:
    values = {
        "site_id": house.site.id,
        "start": house.at(8),
        "end": house.at(20),
        "reason": "Works",
        **wrong,
    }
    values["end"] = values["end"] or values["start"]
    with pytest.raises((InvalidRequest, NotFound), match=error):
        closures.close(ClosureRequest(**values), house.admin, now=NOW)
    assert session.execute(select(func.count(Hold.id))).scalar() == 0


def test_close_refuses_times_that_do_not_exist(session: Db, house: House) -> None:
    for start, end, code in (
        (
            datetime.fromisoformat("2027-03-28T02:00"),
            datetime.fromisoformat("2027-03-28T03:00"),
            "end_before_start",
        ),
        (
            datetime.fromisoformat("0001-01-01T00:00"),
            datetime.fromisoformat("0002-01-01T00:00"),
            "time_out_of_range",
        ),
        (
            datetime.fromisoformat("9999-12-30T00:00"),
            datetime.fromisoformat("9999-12-31T00:00"),
            "time_out_of_range",
        ),
    ):
        with pytest.raises(InvalidRequest, match=code):
            close_day(house, start=start, end=end)


@pytest.mark.parametrize("way", ["cancel", "move", "refuse"])
def test_time_given_back_within_a_closure_falls_to_it(session: Db, house: House, way: str) -> None:
    room = house.cedar if way == "refuse" else house.atlas
    booked = bookings.book(house.request(room), house.member, now=NOW)
    close_day(house)
    if way == "cancel":
        bookings.cancel(CancelRequest(booked.booking_id, 1), house.member, now=NOW)
    elif way == "move":
        to = MoveRequest(booked.booking_id, 1, house.at(10, day=1), house.at(11, day=1))
        bookings.move(to, house.member, now=NOW)
    else:
        wish = DecisionRequest(booked.booking_id, 1, reason="No")
        approvals.refuse(wish, house.approver, now=NOW)

    with pytest.raises(Conflicted) as raised:
        bookings.book(house.request(room), house.admin, now=NOW)
    assert raised.value.clashes[0].closure is not None


def test_shorter_booking_leaves_the_rest_to_the_closure(session: Db, house: House) -> None:
    booked = bookings.book(house.request(end=12), house.member, now=NOW)
    close_day(house)
    shorter = MoveRequest(booked.booking_id, 1, house.at(10), house.at(11))
    assert bookings.move(shorter, house.member, now=NOW).state is State.CONFIRMED
    with pytest.raises(Conflicted):
        bookings.book(house.request(start=11, end=12), house.admin, now=NOW)


def test_second_closure_takes_over_when_the_first_is_reopened(session: Db, house: House) -> None:
    first = close_day(house)
    second = close_day(house, reason="Paint", space_id=house.atlas.id)
    closures.reopen(first, house.admin, now=NOW)

    bookings.book(house.request(house.birch), house.member, now=NOW)
    with pytest.raises(Conflicted) as raised:
        bookings.book(house.request(house.atlas), house.member, now=NOW)
    assert raised.value.clashes[0].closure is not None
    assert raised.value.clashes[0].closure.id == second

    closures.reopen(second, house.admin, now=NOW)
    bookings.book(house.request(house.atlas), house.member, now=NOW)
