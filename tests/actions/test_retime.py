"""New time zone data: the wall clock stays, and what cannot be placed is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import book, cancel, change_date
from booking.actions.bookings.retime import Lost, Retimed, retime
from booking.actions.bookings.rows import tzdata_version
from booking.actions.closures import close
from booking.core.requests import CancelRequest, ClosureRequest, DateRequest, Over
from booking.core.values import BookingView, State
from booking.db import db
from booking.models import Audit, Booking, Closure, Hold, Notice, Occurrence
from booking.queries import agenda
from tests.support.databases import writing
from tests.support.factories import NOW, House
from tests.support.retiming import made_with_old_data

Db = scoped_session[Session]
pytestmark = pytest.mark.usefixtures("session")


def read(booking_id: int) -> BookingView:
    return agenda.booking(db.session(), booking_id)


def booked(house: House, *spaces: object, **more: object) -> BookingView:
    wish = house.request(*spaces, **{"rule": "FREQ=DAILY;COUNT=3", **more})  # type: ignore[arg-type]
    return read(book(wish, house.member, now=NOW).booking_id)


def times(booking: BookingView) -> list[object]:
    return [each.interval for each in booking.occurrences]


@pytest.mark.parametrize("hours", [1, -1])
def test_neighbours_move_along_and_nothing_is_in_the_way(
    session: Db, house: House, hours: int
) -> None:
    made = [booked(house, start=start, end=start + 1) for start in (9, 10, 11, 12)]
    combined = house.add_space("Both", parts=(house.birch, house.cedar))
    made.append(booked(house, combined, start=9, end=12))
    made_with_old_data(house.engine, hours=hours)
    assert times(read(made[0].id)) != times(made[0])

    assert retime(now=NOW) == Retimed(5)
    for before in made:
        after = read(before.id)
        assert times(after) == times(before)
        assert {each.state for each in after.occurrences} == {State.CONFIRMED}
        assert after.sequence == before.sequence + 1
    versions = session.execute(select(Booking.tzdata_version).distinct()).scalars().all()
    assert versions == [tzdata_version()]
    assert retime(now=NOW) == Retimed()


def test_data_that_changes_nothing_here_leaves_bookings_alone(session: Db, house: House) -> None:
    before = booked(house)
    made_with_old_data(house.engine, hours=0)
    assert retime(now=NOW) == Retimed()
    assert read(before.id) == before
    assert session.execute(select(Booking.tzdata_version)).scalar_one() == tzdata_version()


def test_what_has_begun_stays_as_it_was(house: House) -> None:
    before = booked(house)
    made_with_old_data(house.engine)
    old = read(before.id)
    assert retime(now=house.interval(11.5, 12).start) == Retimed(1)
    assert times(read(before.id)) == [times(old)[0], *times(before)[1:]]


def test_date_that_comes_upon_something_is_a_conflict_and_told(session: Db, house: House) -> None:
    before = booked(house)
    made_with_old_data(house.engine, booking_ids=[before.id])
    end = house.at(11, day=1)
    wish = ClosureRequest(house.site.id, house.at(10.5, day=1), end, "Works", house.atlas.id)
    close(wish, house.admin, now=NOW)

    assert retime(now=NOW) == Retimed(1, (Lost(before.id, house.at(10, day=1)),))
    after = read(before.id)
    assert times(after) == times(before)
    states = [each.state for each in after.occurrences]
    assert states == [State.CONFIRMED, State.CONFLICT, State.CONFIRMED]
    told = session.execute(select(Notice).where(Notice.code == "notice_retimed")).scalars().all()
    assert {each.person_id for each in told} == {house.member.person_id, house.admin.person_id}
    assert (told[0].params["number"], told[0].params["zone"]) == (1, "Europe/Paris")
    entry = session.execute(select(Audit).where(Audit.verb == "retime")).scalar_one()
    assert entry.new is not None
    assert entry.new["conflicts"] == ["2027-03-12T10:00"]


def test_of_two_that_meet_the_older_has_the_time(house: House) -> None:
    older, younger = booked(house, rule=None), booked(house, start=11, end=12, rule=None)
    # Made an hour apart by the clocks of then: both ten o'clock by those of today.
    made_with_old_data(house.engine, hours=0)
    with_old_clocks = house.at(10)
    with writing(house.engine) as connection:
        values = {
            "starts_local": with_old_clocks,
            "ends_local": with_old_clocks + timedelta(hours=1),
        }
        connection.execute(update(Booking).where(Booking.id == younger.id).values(values))
        connection.execute(
            update(Occurrence)
            .where(Occurrence.booking_id == younger.id)
            .values(recurrence_id=with_old_clocks)
        )
    assert [each.booking_id for each in retime(now=NOW).lost] == [younger.id]
    assert read(older.id).state is State.CONFIRMED


def test_date_with_a_time_of_its_own_keeps_that_wall_clock(house: House) -> None:
    before = booked(house)
    second = before.occurrences[1]
    wish = DateRequest(
        before.id,
        second.occurrence_id,
        1,
        house.at(15, day=1),
        house.at(17, day=1),
        (house.atlas.id,),
        "Choir",
    )
    change_date(wish, house.member, now=NOW)
    own = read(before.id)
    assert own.occurrences[1].interval == house.interval(15, 17, day=1)
    made_with_old_data(house.engine)
    assert retime(now=NOW) == Retimed(1)
    assert times(read(before.id)) == times(own)


def test_request_waits_on_and_a_cancelled_date_takes_nothing(house: House) -> None:
    waits = booked(house, house.cedar)
    rival = booked(house, house.delta)
    gone = booked(house, house.birch)
    cancel(CancelRequest(gone.id, 1), house.member, now=NOW)
    made_with_old_data(house.engine)
    assert retime(now=NOW) == Retimed(3)
    for each, state in ((waits, "requested"), (rival, "requested"), (gone, "cancelled")):
        assert read(each.id).state.value == state
        assert times(read(each.id)) == times(each)


def closed(house: House, session: Session, *, hours: int) -> int:
    """Close the house for a morning, and store it as other time zone data would have."""
    request = ClosureRequest(house.site.id, house.at(9), house.at(12), "Works", over=Over.KEEP)
    made = close(request, house.admin, now=house.now).closure_id
    session.rollback()
    shift = f"start_s = start_s + {hours * 3600}, end_s = end_s + {hours * 3600}"
    with writing(house.engine) as connection:
        rows = connection.execute(
            text("DELETE FROM hold RETURNING part_id, layer, lane, start_s, end_s, closure_id")
        ).all()
        connection.execute(text(f"UPDATE closure SET {shift}"))
        for row in rows:
            values = dict(row._mapping)
            values["start_s"] += hours * 3600
            values["end_s"] += hours * 3600
            connection.execute(
                text(
                    "INSERT INTO hold (part_id, layer, lane, start_s, end_s, closure_id) VALUES"
                    " (:part_id, :layer, :lane, :start_s, :end_s, :closure_id)"
                ),
                values,
            )
    return made


def test_closure_stays_at_its_wall_clock(house: House, session: Session) -> None:
    made = closed(house, session, hours=1)
    done = retime(now=house.now)
    assert (done.moved, done.lost, done.closures) == (0, (), 1)
    row = session.execute(select(Closure.start, Closure.end).where(Closure.id == made)).one()
    when = house.interval(9, 12)
    assert (row.start, row.end) == (when.start, when.end)
    holds = session.execute(select(Hold.part_id, Hold.start, Hold.end)).all()
    assert {(each.start, each.end) for each in holds} == {(when.start, when.end)}
    assert {each.part_id for each in holds} == {each.id for each in house.rooms}
    session.rollback()
    assert retime(now=house.now).closures == 0


def test_closure_and_what_is_booked_beside_it_move_together(house: House, session: Session) -> None:
    """Each would be in the other's way, if one moved first."""
    closed(house, session, hours=1)
    made = book(house.request(start=13, end=14), house.member, now=house.now)
    made_with_old_data(house.engine, booking_ids=[made.booking_id])
    done = retime(now=house.now)
    assert (done.moved, done.lost, done.closures) == (1, (), 1)
    held = session.execute(
        select(Hold.start, Hold.closure_id)
        .where(Hold.part_id == house.atlas.id)
        .order_by(Hold.start)
    ).all()
    assert [each.start for each in held] == [
        house.interval(9, 12).start,
        house.interval(13, 14).start,
    ]


def test_closure_takes_what_is_left_where_somebody_is_by_now(
    house: House, session: Session
) -> None:
    closed(house, session, hours=3)  # stored from noon on: the morning looked free
    made = book(house.request(start=9, end=10), house.member, now=house.now)
    assert retime(now=house.now).closures == 1
    held = session.execute(
        select(Hold.start, Hold.end, Hold.closure_id)
        .where(Hold.part_id == house.atlas.id)
        .order_by(Hold.start)
    ).all()
    assert [(each.start, each.end) for each in held] == [
        (one.start, one.end) for one in (house.interval(9, 10), house.interval(10, 12))
    ]
    assert agenda.booking(session, made.booking_id).occurrences[0].state is State.CONFIRMED
