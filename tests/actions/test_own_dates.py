"""A series changes as a whole or from a date on; what single dates had of their own stays."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import book, cancel, change, change_date
from booking.actions.bookings.change import as_request
from booking.core.errors import Conflicted, InvalidRequest
from booking.core.requests import (
    BookingRequest,
    CancelRequest,
    ChangeRequest,
    DateRequest,
    OwnDate,
)
from booking.core.series import by_date, own_dates
from booking.core.values import BookingView, State
from booking.db import db
from booking.models import Space
from booking.queries import agenda
from tests.support.databases import writing
from tests.support.factories import NOW, House

Db = scoped_session[Session]
WEEKLY = "FREQ=WEEKLY;COUNT=4"
DAY = timedelta(days=1)


def read(booking_id: int) -> BookingView:
    return agenda.booking(db.session(), booking_id)


def booked(house: House, wish: BookingRequest) -> BookingView:
    return read(book(wish, house.member, now=NOW).booking_id)


def weekly(house: House, **more: object) -> BookingView:
    """Book the choir on four Thursdays, from ten to eleven in Atlas."""
    return booked(house, replace(house.request(rule=WEEKLY), **more))  # type: ignore[arg-type]


def own(
    house: House, booking: BookingView, week: int, *, hour: float = 14, **more: object
) -> BookingView:
    """Give the date of a week another hour; return the series as it is then."""
    at = house.at(10, day=7 * week)
    [date] = by_date(booking)[at]
    wish = DateRequest(
        booking.id,
        date.occurrence_id,
        booking.version,
        house.at(hour, day=7 * week),
        house.at(hour + 1, day=7 * week),
        booking.usual_spaces,
    )
    change_date(replace(wish, **more), house.member, now=NOW)  # type: ignore[arg-type]
    return read(booking.id)


def changed(
    house: House,
    booking: BookingView,
    *,
    since: datetime | None = None,
    now: datetime = NOW,
    **more: object,
) -> BookingView:
    """Change the series; return the one that has the change."""
    wanted = replace(as_request(booking), **more)  # type: ignore[arg-type]
    request = ChangeRequest(booking.id, booking.version, wanted, since)
    return read(change(request, house.member, now=now).booking_id)


def hours(booking: BookingView) -> list[str]:
    """Return day and hour (UTC) of the open dates, in the order of the rule."""
    return [
        f"{views[0].interval.start:%m-%d %H:%M}"
        for views in by_date(booking).values()
        if views[0].state.is_open
    ]


# --- booked with dates of their own


def test_dates_of_their_own_are_booked_with_the_series(session: Db, house: House) -> None:
    second, third = house.at(10, day=7), house.at(10, day=14)
    booking = weekly(
        house,
        own=(
            OwnDate(second, start=house.at(14, day=7), end=house.at(15, day=7)),
            OwnDate(third, space_ids=(house.birch.id,), title="Concert"),
        ),
    )
    assert hours(booking) == ["03-11 09:00", "03-18 13:00", "03-25 09:00", "04-01 08:00"]
    [concert] = by_date(booking)[third]
    assert (concert.space_id, concert.title) == (house.birch.id, "Concert")
    assert booking.usual_spaces == (house.atlas.id,)
    assert len(own_dates(booking)) == 2


def test_room_of_a_single_date_is_asked_by_its_own_rules(session: Db, house: House) -> None:
    booking = weekly(house, own=(OwnDate(house.at(10, day=7), space_ids=(house.cedar.id,)),))
    states = [views[0].state for views in by_date(booking).values()]
    assert states == [State.CONFIRMED, State.REQUESTED, State.CONFIRMED, State.CONFIRMED]


def test_taken_time_of_a_single_date_is_refused(session: Db, house: House) -> None:
    house.add_booking(house.birch, days=(7,), by=house.stranger)
    with pytest.raises(Conflicted) as refused:
        weekly(house, own=(OwnDate(house.at(10, day=7), space_ids=(house.birch.id,)),))
    assert [each.space_id for each in refused.value.clashes] == [house.birch.id]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param({"space_ids": ()}, "space_missing", id="nowhere"),
        pytest.param({"space_ids": (99,)}, "space_unknown", id="unknown room"),
        pytest.param({"start": 15, "end": 14}, "end_before_start", id="backwards"),
        pytest.param({"title": "x" * 201}, "title_too_long", id="long title"),
        pytest.param({"note": "x" * 2001}, "note_too_long", id="long note"),
    ],
)
def test_nonsense_of_a_single_date_is_refused(
    session: Db, house: House, more: dict[str, object], code: str
) -> None:
    times = {key: house.at(more[key], day=7) for key in ("start", "end") if key in more}  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest) as refused:
        weekly(house, own=(OwnDate(house.at(10, day=7), **(more | times)),))  # type: ignore[arg-type]
    assert code in [each.code for each in refused.value.messages]


def test_date_of_its_own_outside_the_series_is_left_out(session: Db, house: House) -> None:
    booking = weekly(house, own=(OwnDate(house.at(10, day=8), title="Concert"),))
    assert own_dates(booking) == ()


# --- the whole series


def test_changed_date_keeps_its_time_when_the_series_gets_another(
    session: Db, house: House
) -> None:
    before = own(house, weekly(house), 1)
    after = changed(house, before, start=house.at(16), end=house.at(17))
    assert after.id == before.id
    assert hours(after) == ["03-11 15:00", "03-18 13:00", "03-25 15:00", "04-01 14:00"]
    [date] = own_dates(after)
    assert date.recurrence_id == house.at(16, day=7)


def test_changed_date_keeps_its_room_when_the_series_gets_another(
    session: Db, house: House
) -> None:
    before = own(house, weekly(house), 1, hour=10, space_ids=(house.birch.id,))
    assert before.usual_spaces == (house.atlas.id,)
    after = changed(house, before, space_ids=(house.add_space("Elm").id,))
    rooms = [views[0].space_id for views in by_date(after).values()]
    assert rooms[1] == house.birch.id
    assert set(rooms) == {*after.usual_spaces, house.birch.id}


def test_title_of_a_date_follows_the_time_of_its_series(session: Db, house: House) -> None:
    before = own(house, weekly(house), 1, hour=10, title="Concert")
    after = changed(house, before, start=house.at(16), end=house.at(17))
    [date] = own_dates(after)
    assert (date.title, date.start) == ("Concert", None)
    assert hours(after)[1] == "03-18 15:00"


def test_changed_date_stays_with_its_rows(session: Db, house: House) -> None:
    before = own(house, weekly(house), 1)
    after = changed(house, before, start=house.at(16), end=house.at(17))
    assert [views[0].occurrence_id for views in by_date(after).values()] == [
        views[0].occurrence_id for views in by_date(before).values()
    ]


def test_series_that_moves_to_another_weekday_takes_its_dates_along(
    session: Db, house: House
) -> None:
    before = own(house, weekly(house), 1, title="Concert")
    [gone] = by_date(before)[house.at(10, day=14)]
    cancel(
        CancelRequest(before.id, before.version, occurrence_id=gone.occurrence_id),
        house.member,
        now=NOW,
    )
    after = changed(house, read(before.id), start=house.at(10, day=1), end=house.at(11, day=1))
    assert hours(after) == ["03-12 09:00", "03-18 13:00", "04-02 08:00"]
    [date] = own_dates(after)
    assert (date.recurrence_id, date.title) == (house.at(10, day=8), "Concert")


def test_date_without_a_place_in_the_new_series_goes(session: Db, house: House) -> None:
    before = own(house, weekly(house), 3)
    after = changed(house, before, rule="FREQ=WEEKLY;COUNT=3")
    assert own_dates(after) == ()
    assert len(hours(after)) == 3


def test_text_of_the_series_leaves_its_changed_dates_alone(session: Db, house: House) -> None:
    before = own(house, weekly(house), 1, title="Concert")
    after = changed(house, before, title="Singing")
    titles = [views[0].title for views in by_date(after).values()]
    assert titles == ["Singing", "Concert", "Singing", "Singing"]
    assert hours(after) == hours(before)


def test_clash_of_a_kept_date_refuses_the_change(session: Db, house: House) -> None:
    room = house.add_space("Elm")
    house.add_booking(room, start=14, end=15, days=(7,), by=house.stranger)
    before = own(house, weekly(house), 1)
    with pytest.raises(Conflicted) as refused:
        changed(house, before, space_ids=(room.id,))
    assert [each.wanted for each in refused.value.clashes] == [house.interval(14, 15, day=7)]
    assert read(before.id) == before


# --- this and following


def following(house: House, before: BookingView, week: int, **more: object) -> BookingView:
    at = house.at(10, day=7 * week)
    count = f"FREQ=WEEKLY;COUNT={4 - week}"
    times = {"start": at, "end": at + timedelta(hours=1), "rule": count}
    return changed(house, before, since=at, **(times | more))


def test_this_and_following_become_a_series_that_knows_where_it_came_from(
    session: Db, house: House
) -> None:
    before = weekly(house)
    new = following(house, before, 2, title="Singing")
    old = read(before.id)
    assert new.follows_id == before.id
    assert hours(old) == ["03-11 09:00", "03-18 09:00"]
    assert hours(new) == ["03-25 09:00", "04-01 08:00"]
    assert (old.title, new.title) == ("Choir", "Singing")
    assert old.rule == "FREQ=WEEKLY;UNTIL=20270325T095959"


def test_following_dates_move_and_keep_what_they_had(session: Db, house: House) -> None:
    before = own(house, weekly(house), 3, title="Concert")
    at = house.at(16, day=14)
    new = following(house, before, 2, start=at, end=at + timedelta(hours=1))
    assert hours(new) == ["03-25 15:00", "04-01 12:00"]
    [date] = own_dates(new)
    assert (date.recurrence_id, date.title) == (house.at(16, day=21), "Concert")


def test_dates_before_keep_what_they_had(session: Db, house: House) -> None:
    before = own(house, weekly(house), 1, title="Concert")
    following(house, before, 2, title="Singing")
    [date] = own_dates(read(before.id))
    assert date.title == "Concert"


def test_split_at_the_first_date_is_a_change_of_the_whole(session: Db, house: House) -> None:
    before = weekly(house)
    after = following(house, before, 0, title="Singing")
    assert (after.id, after.title) == (before.id, "Singing")


def test_split_at_the_last_date_leaves_a_series_of_one(session: Db, house: House) -> None:
    before = weekly(house)
    new = following(house, before, 3, title="Singing")
    assert (len(hours(new)), len(hours(read(before.id)))) == (1, 3)


def test_split_never_touches_what_has_begun(session: Db, house: House) -> None:
    before = weekly(house)
    midway = NOW + timedelta(days=9)  # the second date is over
    new = changed(house, before, since=house.at(10), now=midway, title="Singing")
    assert len(hours(read(before.id))) == 2
    assert hours(new) == ["03-25 09:00", "04-01 08:00"]


def test_date_that_was_moved_back_over_now_stays_in_the_old_series(
    session: Db, house: House
) -> None:
    before = weekly(house)
    # The second date moves before the first one's week ends, the first far ahead.
    before = own(house, before, 0, start=house.at(14, day=20), end=house.at(15, day=20))
    after = changed(
        house, before, now=NOW + timedelta(days=9), start=house.at(16), end=house.at(17)
    )
    assert after.id != before.id
    assert hours(read(before.id)) == ["03-31 12:00", "03-18 09:00"]
    assert hours(after) == ["03-25 15:00", "04-01 14:00"]


def test_split_that_clashes_leaves_everything_as_it_was(session: Db, house: House) -> None:
    house.add_booking(house.birch, days=(21,), by=house.stranger)
    before = weekly(house)
    with pytest.raises(Conflicted):
        following(house, before, 2, space_ids=(house.birch.id,))
    assert read(before.id) == before


def test_series_without_a_date_in_its_usual_room_is_changed_by_somebody_else(
    session: Db, house: House
) -> None:
    before = weekly(house, rule="FREQ=WEEKLY;COUNT=2")
    for week in (0, 1):
        before = own(house, before, week, hour=10, space_ids=(house.birch.id,))
    wanted = replace(as_request(before), start=house.at(16), end=house.at(17))
    change(ChangeRequest(before.id, before.version, wanted), house.admin, now=NOW)
    after = read(before.id)
    assert {each.space_id for each in after.occurrences} == {house.birch.id}
    assert after.usual_spaces == (house.atlas.id,)


@pytest.mark.parametrize("gone", [{"bookable": False}, {"archived_at": NOW}])
def test_room_of_one_date_that_cannot_be_booked_any_more_is_named(
    session: Db, house: House, gone: dict[str, object]
) -> None:
    before = own(house, weekly(house), 1, space_ids=(house.birch.id,))
    session.rollback()
    with writing(house.engine) as connection:
        connection.execute(update(Space).where(Space.id == house.birch.id).values(**gone))
    hour = timedelta(hours=1)
    later = replace(as_request(before), start=before.starts_at + hour, end=before.ends_at + hour)
    with pytest.raises(InvalidRequest) as error:
        change(ChangeRequest(before.id, before.version, later), house.member, now=NOW)
    [said] = error.value.messages
    assert (said.code, said.params["space"]) == ("own_room_gone", "Birch")
    assert said.params["start"] == house.at(14, day=7)

    # Words are changed all the same, and the date keeps its room.
    words = replace(as_request(before), title="Band")
    change(ChangeRequest(before.id, before.version, words), house.member, now=NOW)
    kept = read(before.id)
    assert [each.space_id for each in kept.occurrences].count(house.birch.id) == 1

    # Once the date has another room, the series can be changed.
    there = own(house, kept, 1)
    change(ChangeRequest(there.id, there.version, later), house.member, now=NOW)
    after = read(there.id)
    assert {each.space_id for each in after.occurrences} == {house.atlas.id}
    assert {each.state for each in after.occurrences} == {State.CONFIRMED}
