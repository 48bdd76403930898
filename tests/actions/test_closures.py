"""Closures: what they take, what they leave, what falls to them later."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from booking.actions import approvals, bookings, closures
from booking.actions.spaces import SpaceRequest, create_space
from booking.core.errors import (
    AnswerMissing,
    Conflicted,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from booking.core.requests import (
    CancelRequest,
    ClosureRequest,
    DecisionRequest,
    MoveRequest,
    Over,
)
from booking.core.values import SpaceKind, State
from booking.models import Closure, Hold, Notice
from booking.queries import agenda
from tests.support.factories import NOW, House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]


def close_day(house: House, **more: object) -> int:
    """Close the house for the first day; return the closure."""
    values = {
        "start": house.at(8),
        "end": house.at(20),
        "reason": "Works",
        "over": Over.KEEP,
        **more,
    }
    return closures.close(ClosureRequest(house.site.id, **values), house.admin, now=NOW).closure_id


def test_closure_keeps_bookings_and_names_them(session: Db, house: House) -> None:
    booked = bookings.book(house.request(house.atlas), house.member, now=NOW)
    closed = closures.close(
        ClosureRequest(house.site.id, house.at(8), house.at(20), "Works", over=Over.KEEP),
        house.admin,
        now=NOW,
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


def wish_for(house: House, start: float = 9, end: float = 12, **more: object) -> ClosureRequest:
    return ClosureRequest(house.site.id, house.at(start), house.at(end), "Works", **more)


def states_of(session: Db, booking_id: int) -> list[State]:
    found = [each.state for each in agenda.booking(session(), booking_id).occurrences]
    session.rollback()
    return found


def test_closure_over_bookings_asks_and_stores_nothing(session: Db, house: House) -> None:
    booked = bookings.book(house.request(house.atlas), house.member, now=NOW)

    with pytest.raises(AnswerMissing) as asked:
        closures.close(wish_for(house), house.admin, now=NOW)

    assert [each.booking_id for each in asked.value.over] == [booked.booking_id]
    assert session.execute(select(func.count(Closure.id))).scalar() == 0
    session.rollback()
    bookings.book(house.request(house.birch), house.member, now=NOW)


def test_closure_cancels_what_it_lies_over(session: Db, house: House) -> None:
    both = house.add_space("Both", parts=(house.atlas, house.birch))
    series = bookings.book(
        house.request(house.atlas, rule="FREQ=DAILY;COUNT=3"), house.member, now=NOW
    )
    other = bookings.book(house.request(house.birch, start=14, end=15), house.member, now=NOW)
    combined = bookings.book(house.request(both, start=11, end=12), house.member, now=NOW)
    own = bookings.book(house.request(house.atlas, start=9, end=10), house.admin, now=NOW)

    closed = closures.close(
        wish_for(house, space_id=house.atlas.id, over=Over.CANCEL), house.admin, now=NOW
    )

    assert len(closed.over) == 3
    assert states_of(session, series.booking_id) == [State.CANCELLED, *[State.CONFIRMED] * 2]
    assert states_of(session, combined.booking_id) == [State.CANCELLED]
    assert states_of(session, own.booking_id) == [State.CANCELLED]
    assert states_of(session, other.booking_id) == [State.CONFIRMED]
    told = session.execute(
        select(Notice.person_id, Notice.booking_id, Notice.code).where(
            Notice.code == "notice_cancelled"
        )
    ).all()
    session.rollback()
    member = house.member.person_id
    assert sorted(told) == sorted(
        (member, each.booking_id, "notice_cancelled") for each in (series, combined)
    )
    # The other half of the combined space is free again, the closed one is not.
    bookings.book(house.request(house.birch, start=11, end=12), house.member, now=NOW)
    for start in (9, 10, 11):
        with pytest.raises(Conflicted):
            bookings.book(
                house.request(house.atlas, start=start, end=start + 1), house.member, now=NOW
            )


def test_closure_over_500_bookings_keeps_or_cancels_all(session: Db, house: House) -> None:
    for number in range(10):
        room = house.add_space(f"Room {number}")
        bookings.book(house.request(room, rule="FREQ=DAILY;COUNT=50"), house.member, now=NOW)
    wish = ClosureRequest(house.site.id, house.at(0), house.at(0, day=60), "Flood")

    with pytest.raises(AnswerMissing) as asked:
        closures.close(wish, house.admin, now=NOW)
    assert len(asked.value.over) == 500
    closed = closures.close(replace(wish, over=Over.CANCEL), house.admin, now=NOW)

    assert len(closed.over) == 500
    sources = session.execute(select(func.count(Hold.allocation_id))).scalar()
    session.rollback()
    assert sources == 0


def test_changed_closure_asks_only_about_what_is_new_below_it(session: Db, house: House) -> None:
    kept = bookings.book(house.request(house.atlas), house.member, now=NOW)
    closure = closures.close(
        wish_for(house, space_id=house.atlas.id, over=Over.KEEP), house.admin, now=NOW
    )
    later = bookings.book(house.request(house.atlas, start=15, end=16), house.member, now=NOW)
    moved = wish_for(house, 10, 17, space_id=house.atlas.id)

    with pytest.raises(AnswerMissing) as asked:
        closures.change_closure(closure.closure_id, moved, house.admin, version=1, now=NOW)
    assert [each.booking_id for each in asked.value.over] == [later.booking_id]
    closures.change_closure(
        closure.closure_id, replace(moved, over=Over.CANCEL), house.admin, version=1, now=NOW
    )

    assert states_of(session, kept.booking_id) == [State.CONFIRMED]
    assert states_of(session, later.booking_id) == [State.CANCELLED]
    bookings.book(house.request(house.atlas, start=9, end=10), house.member, now=NOW)
    for start in (11, 15, 16):
        with pytest.raises(Conflicted):
            bookings.book(
                house.request(house.atlas, start=start, end=start + 1), house.member, now=NOW
            )
    with pytest.raises(Stale):
        closures.change_closure(closure.closure_id, moved, house.admin, version=1, now=NOW)


def test_changed_closure_may_move_to_another_space(session: Db, house: House) -> None:
    closure = closures.close(wish_for(house, space_id=house.atlas.id), house.admin, now=NOW)
    elsewhere = wish_for(house, space_id=house.birch.id)

    closures.change_closure(closure.closure_id, elsewhere, house.admin, version=1, now=NOW)

    bookings.book(house.request(house.atlas), house.member, now=NOW)
    with pytest.raises(Conflicted):
        bookings.book(house.request(house.birch), house.member, now=NOW)


def test_only_admins_close_and_change(session: Db, house: House) -> None:
    closure = closures.close(wish_for(house), house.admin, now=NOW)
    for somebody in (house.member, house.manager, house.approver):
        with pytest.raises(NotAllowed):
            closures.close(wish_for(house), somebody, now=NOW)
        with pytest.raises(NotAllowed):
            closures.change_closure(
                closure.closure_id, wish_for(house), somebody, version=1, now=NOW
            )
        with pytest.raises(NotAllowed):
            closures.reopen(closure.closure_id, somebody, now=NOW)


def test_new_room_is_closed_with_its_house(session: Db, house: House) -> None:
    closures.close(wish_for(house), house.admin, now=NOW)
    made = create_space(
        SpaceRequest(house.site.id, SpaceKind.MEETING_ROOM, "New", lanes=2), house.admin, now=NOW
    )
    room = replace(house.atlas, id=made, part_ids=(made,))

    with pytest.raises(Conflicted):
        bookings.book(house.request(room), house.member, now=NOW)
    bookings.book(house.request(room, start=12, end=13), house.member, now=NOW)


@pytest.mark.parametrize("over", [Over.KEEP, Over.CANCEL])
def test_closing_and_booking_at_once_never_overlap(
    house: House, engine_url: str, over: Over
) -> None:
    """Who books a room while it is closed is below the closure, or finds it closed."""
    rounds = [
        [
            Attempt(
                closures.close,
                ClosureRequest(
                    house.site.id, house.at(9, day=day), house.at(12, day=day), "Works", over=over
                ),
                house.admin,
            ),
            *(Attempt(bookings.book, house.request(day=day), house.member) for _ in range(3)),
        ]
        for day in range(3)
    ]

    for closed, *booked in race(engine_url, *rounds):
        won = [each.result.booking_id for each in booked if each.kind == "won"]
        assert closed.kind == "won"
        assert {each.kind for each in booked} <= {"won", "Conflicted"}
        assert [each.booking_id for each in closed.result.over] == won


def test_what_is_over_is_neither_asked_about_nor_cancelled(session: Db, house: House) -> None:
    """A closure of the whole day, made at noon, leaves the morning as it was."""
    morning = house.add_booking(house.atlas, start=8, end=10)
    running = house.add_booking(house.birch, start=10, end=12)
    noon = house.interval(11, 12).start
    wish = ClosureRequest(house.site.id, house.at(0), house.at(24), "Flood")

    with pytest.raises(AnswerMissing) as asked:
        closures.close(wish, house.admin, now=noon)
    assert [each.booking_id for each in asked.value.over] == [running]
    closures.close(replace(wish, over=Over.CANCEL), house.admin, now=noon)

    assert states_of(session, morning) == [State.CONFIRMED]
    assert states_of(session, running) == [State.CANCELLED]
