"""One date of a series: changed by itself, brought back, and what the series makes of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import book, bring_back, cancel, change_date, move, preview_date
from booking.core.errors import Conflicted, InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.intervals import Interval
from booking.core.requests import (
    BookingRequest,
    CancelRequest,
    DateBackRequest,
    DateRequest,
    MoveRequest,
)
from booking.core.series import by_date, own_date, own_dates
from booking.core.values import Actor, BookingView, OccurrenceView, State
from booking.db import db
from booking.models import Audit, Hold, Notice, Occurrence
from booking.queries import agenda
from tests.support.factories import NOW, House

Db = scoped_session[Session]
WEEKLY = "FREQ=WEEKLY;COUNT=4"


def read(booking_id: int) -> BookingView:
    return agenda.booking(db.session(), booking_id)


def booked(house: House, wish: BookingRequest) -> BookingView:
    return read(book(wish, house.member, now=NOW).booking_id)


def weekly(house: House, **more: object) -> BookingView:
    """Book the choir on four Thursdays, from ten to eleven in Atlas."""
    return booked(house, replace(house.request(rule=WEEKLY), **more))  # type: ignore[arg-type]


def nth(booking: BookingView, number: int) -> OccurrenceView:
    """Return the first allocation of the nth date, counted from 0 by the rule."""
    return list(by_date(booking).values())[number][0]


def as_asked(booking: BookingView, number: int, **more: object) -> DateRequest:
    """Return the request that keeps the nth date as it is, but for ``more``."""
    date = nth(booking, number)
    length = booking.ends_at - booking.starts_at
    asked = DateRequest(
        booking.id,
        date.occurrence_id,
        booking.version,
        date.recurrence_id,
        date.recurrence_id + length,
        booking.usual_spaces,
    )
    return replace(asked, **more)  # type: ignore[arg-type]


def later(house: House, booking: BookingView, number: int = 1, **more: object) -> BookingView:
    """Let the nth date begin and end two hours later; return the series as it is then."""
    date = nth(booking, number).recurrence_id
    times = {"start": date + timedelta(hours=2), "end": date + timedelta(hours=3)}
    change_date(as_asked(booking, number, **(times | more)), house.member, now=NOW)
    return read(booking.id)


def holds_of(session: Db, view: OccurrenceView) -> list[Interval]:
    rows = session.execute(select(Hold).where(Hold.allocation_id == view.allocation_id)).scalars()
    return [Interval(each.start, each.end) for each in rows]


def test_date_gets_another_time_and_keeps_its_place(session: Db, house: House) -> None:
    before = weekly(house)
    after = later(house, before)
    changed, old = nth(after, 1), nth(before, 1)
    assert changed.occurrence_id == old.occurrence_id
    assert changed.recurrence_id == old.recurrence_id
    assert changed.interval == old.interval.shifted(timedelta(hours=2))
    assert holds_of(session, changed) == [changed.interval]
    assert [nth(after, each).interval for each in (0, 2, 3)] == [
        nth(before, each).interval for each in (0, 2, 3)
    ]
    assert (after.rule, after.starts_at, after.version) == (before.rule, before.starts_at, 2)
    assert after.sequence == before.sequence + 1


def test_date_goes_to_another_room(session: Db, house: House) -> None:
    before = weekly(house)
    change_date(as_asked(before, 2, space_ids=(house.birch.id,)), house.member, now=NOW)
    after = read(before.id)
    assert [nth(after, each).space_id for each in range(4)] == [
        house.atlas.id,
        house.atlas.id,
        house.birch.id,
        house.atlas.id,
    ]
    assert after.usual_spaces == (house.atlas.id,)
    assert holds_of(session, nth(after, 2)) == [nth(before, 2).interval]


def test_date_gets_texts_of_its_own_without_a_new_sequence(session: Db, house: House) -> None:
    before = weekly(house)
    change_date(as_asked(before, 1, title="Concert", note="Chairs"), house.member, now=NOW)
    after = read(before.id)
    assert [nth(after, each).title for each in range(4)] == ["Choir", "Concert", "Choir", "Choir"]
    assert nth(after, 1).note == "Chairs"
    assert nth(after, 1).allocation_id == nth(before, 1).allocation_id
    assert after.sequence == before.sequence


def test_text_that_the_series_has_anyway_is_none_of_its_own(session: Db, house: House) -> None:
    before = weekly(house)
    change_date(as_asked(before, 1, title="Choir"), house.member, now=NOW)
    row = session.get_one(Occurrence, nth(before, 1).occurrence_id)
    assert (row.title, row.note) == (None, None)


def test_own_dates_tell_what_differs(session: Db, house: House) -> None:
    after = later(house, weekly(house), space_ids=(house.birch.id,), title="Concert")
    [own] = own_dates(after)
    assert own.recurrence_id == house.at(10, day=7)
    assert (own.start, own.end) == (house.at(12, day=7), house.at(13, day=7))
    assert own.space_ids == (house.birch.id,)
    assert (own.title, own.note) == ("Concert", "")
    assert own_date(after, by_date(after)[house.at(10)]) is None


def test_date_in_a_room_that_asks_waits_for_its_approver(session: Db, house: House) -> None:
    before = weekly(house)
    change_date(as_asked(before, 1, space_ids=(house.cedar.id,)), house.member, now=NOW)
    after = read(before.id)
    assert [nth(after, each).state for each in range(3)] == [
        State.CONFIRMED,
        State.REQUESTED,
        State.CONFIRMED,
    ]
    told = session.execute(select(Notice.code)).scalars().all()
    assert "notice_requested" in told


def test_approved_date_that_shrinks_stays_approved(session: Db, house: House) -> None:
    rule = "FREQ=WEEKLY;COUNT=2"
    before = read(house.add_booking(house.cedar, days=(0, 7), start=10, end=12, rule=rule))
    date = nth(before, 1).recurrence_id
    asked = as_asked(before, 1, start=date, end=date + timedelta(hours=1))
    change_date(asked, house.member, now=NOW)
    assert nth(read(before.id), 1).state is State.CONFIRMED


def test_taken_time_is_refused_with_alternatives(session: Db, house: House) -> None:
    before = weekly(house)
    house.add_booking(house.atlas, start=12, end=13, days=(7,), by=house.stranger)
    with pytest.raises(Conflicted) as refused:
        later(house, before)
    assert [each.wanted for each in refused.value.clashes] == [house.interval(12, 13, day=7)]
    assert refused.value.alternatives
    assert read(before.id) == before


def test_date_cannot_lie_on_another_of_its_series(session: Db, house: House) -> None:
    before = weekly(house)
    asked = as_asked(before, 1, start=house.at(10.5, day=14), end=house.at(11.5, day=14))
    with pytest.raises(Conflicted):
        change_date(asked, house.member, now=NOW)


def test_date_may_overlap_where_it_was(session: Db, house: House) -> None:
    before = weekly(house)
    asked = as_asked(before, 1, start=house.at(10.5, day=7), end=house.at(11.5, day=7))
    change_date(asked, house.member, now=NOW)
    assert nth(read(before.id), 1).interval == house.interval(10.5, 11.5, day=7)


def test_somebody_elses_date_is_not_theirs_to_change(session: Db, house: House) -> None:
    before = weekly(house)
    with pytest.raises(NotAllowed):
        change_date(as_asked(before, 1), house.stranger, now=NOW)


def test_second_editor_of_a_date_is_told(session: Db, house: House) -> None:
    before = weekly(house)
    later(house, before)
    with pytest.raises(Stale):
        change_date(as_asked(before, 2, title="Concert"), house.member, now=NOW)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param({"space_ids": ()}, "space_missing", id="nowhere"),
        pytest.param({"space_ids": (99,)}, "space_unknown", id="unknown room"),
        pytest.param(
            {"end": datetime.fromisoformat("2027-03-18T09:00")}, "end_before_start", id="backwards"
        ),
        pytest.param({"title": "x" * 201}, "title_too_long", id="long title"),
    ],
)
def test_nonsense_is_refused(session: Db, house: House, more: dict[str, object], code: str) -> None:
    before = weekly(house)
    with pytest.raises(InvalidRequest) as refused:
        change_date(as_asked(before, 1, **more), house.member, now=NOW)
    assert code in [each.code for each in refused.value.messages]
    assert read(before.id) == before


def test_date_that_is_no_date_of_the_series_is_not_found(session: Db, house: House) -> None:
    before = weekly(house)
    with pytest.raises(NotFound):
        change_date(as_asked(before, 1, occurrence_id=999), house.member, now=NOW)


def test_single_booking_has_no_dates_to_change(session: Db, house: House) -> None:
    before = booked(house, house.request())
    with pytest.raises(InvalidRequest, match="not_a_series"):
        change_date(as_asked(before, 0), house.member, now=NOW)


def test_date_that_is_over_stays(session: Db, house: House) -> None:
    before = weekly(house)
    with pytest.raises(InvalidRequest, match="not_open"):
        change_date(as_asked(before, 0), house.member, now=NOW + timedelta(days=3))


def test_date_of_whole_days_stays_one(session: Db, house: House) -> None:
    whole = {"start": house.at(0), "end": house.at(24), "all_day": True}
    before = weekly(house, **whole)
    asked = as_asked(before, 1, start=house.at(9, day=7), end=house.at(10, day=7))
    with pytest.raises(InvalidRequest, match="all_day_date"):
        change_date(asked, house.admin, now=NOW)


def test_preview_of_a_date_tells_what_is_in_the_way(session: Db, house: House) -> None:
    house.add_booking(house.atlas, start=12, end=13, days=(7,), by=house.stranger)
    before = weekly(house)
    asked = as_asked(before, 1, start=house.at(12, day=7), end=house.at(13, day=7))
    assert len(preview_date(asked, house.member, now=NOW).clashes) == 1
    asks = preview_date(as_asked(before, 1, space_ids=(house.cedar.id,)), house.member, now=NOW)
    assert (asks.clashes, [*asks.asks]) == ((), [house.cedar.id])


def test_organiser_hears_of_a_date_that_somebody_else_changed(session: Db, house: House) -> None:
    before = weekly(house)
    change_date(as_asked(before, 1, space_ids=(house.birch.id,)), house.admin, now=NOW)
    [notice] = session.execute(select(Notice)).scalars()
    assert (notice.code, notice.person_id) == ("notice_changed", house.member.person_id)
    assert notice.params["space"] == "Birch"
    assert notice.params["start"] == house.at(10, day=7).isoformat()


def test_history_tells_the_date_before_and_after(session: Db, house: House) -> None:
    later(house, weekly(house))
    last = session.execute(select(Audit).order_by(Audit.id.desc())).scalars().first()
    assert last is not None
    assert (last.verb, last.door) == ("change_date", "web")
    old, new = last.old["date"], last.new["date"]  # type: ignore[index]
    assert (old["start"], new["start"]) == ("2027-03-18T10:00", "2027-03-18T12:00")  # type: ignore[index]


# --- a date of a series is dragged


def test_dragged_date_moves_alone(session: Db, house: House) -> None:
    before = weekly(house)
    wish = MoveRequest(
        before.id,
        before.version,
        house.at(14, day=7),
        house.at(15, day=7),
        space_from=house.atlas.id,
        space_to=house.birch.id,
        occurrence_id=nth(before, 1).occurrence_id,
    )
    move(wish, house.member, now=NOW)
    after = read(before.id)
    assert nth(after, 1).interval == house.interval(14, 15, day=7)
    assert nth(after, 1).space_id == house.birch.id
    assert len(own_dates(after)) == 1


def test_dragged_date_keeps_its_texts(session: Db, house: House) -> None:
    before = weekly(house)
    change_date(as_asked(before, 1, title="Concert"), house.member, now=NOW)
    before = read(before.id)
    times = (house.at(14, day=7), house.at(15, day=7))
    occurrence_id = nth(before, 1).occurrence_id
    wish = MoveRequest(before.id, before.version, *times, occurrence_id=occurrence_id)
    move(wish, house.member, now=NOW)
    assert nth(read(before.id), 1).title == "Concert"


# --- a date comes back


def given_up(house: House, number: int = 1, *, before: BookingView | None = None) -> BookingView:
    before = before or weekly(house)
    gone = CancelRequest(before.id, before.version, occurrence_id=nth(before, number).occurrence_id)
    cancel(gone, house.member, now=NOW)
    return read(before.id)


def back(booking: BookingView, number: int, actor: Actor) -> BookingView:
    wish = DateBackRequest(booking.id, nth(booking, number).occurrence_id, booking.version)
    bring_back(wish, actor, now=NOW)
    return read(booking.id)


def test_cancelled_date_comes_back(session: Db, house: House) -> None:
    before = given_up(house)
    after = back(before, 1, house.member)
    assert nth(after, 1).state is State.CONFIRMED
    assert nth(after, 1).interval == nth(before, 1).interval
    assert holds_of(session, nth(after, 1)) == [nth(after, 1).interval]


def test_date_comes_back_at_its_own_time_with_its_own_texts(session: Db, house: House) -> None:
    before = later(house, weekly(house), title="Concert", space_ids=(house.birch.id,))
    after = back(given_up(house, before=before), 1, house.member)
    back_again = nth(after, 1)
    assert back_again.interval == house.interval(12, 13, day=7)
    assert (back_again.title, back_again.space_id) == ("Concert", house.birch.id)


def test_skipped_date_comes_back_when_it_is_free(session: Db, house: House) -> None:
    taken = house.add_booking(house.atlas, days=(7,), by=house.stranger)
    wish = BookingRequest(
        (house.atlas.id,),
        house.at(10),
        house.at(11),
        "Choir",
        rule=WEEKLY,
        skip=frozenset({house.at(10, day=7)}),
    )
    before = booked(house, wish)
    with pytest.raises(Conflicted):
        back(before, 1, house.member)
    stranger = read(taken)
    cancel(CancelRequest(taken, stranger.version), house.stranger, now=NOW)
    assert nth(back(before, 1, house.member), 1).state is State.CONFIRMED


def test_date_that_takes_place_does_not_come_back(session: Db, house: House) -> None:
    with pytest.raises(InvalidRequest, match="date_not_given_up"):
        back(weekly(house), 1, house.member)


def test_given_up_date_is_not_changed(session: Db, house: House) -> None:
    before = given_up(house)
    with pytest.raises(InvalidRequest, match="date_given_up"):
        change_date(as_asked(before, 1, title="Concert"), house.member, now=NOW)


def test_brought_back_date_asks_where_the_room_asks(session: Db, house: House) -> None:
    raw = house.add_booking(house.cedar, days=(0, 7), rule="FREQ=WEEKLY;COUNT=2")
    after = back(given_up(house, before=read(raw)), 1, house.member)
    assert nth(after, 1).state is State.REQUESTED
