"""Series with dates of their own: further ones, and what becomes of them when it is changed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import book, change, preview
from booking.actions.bookings.change import as_request
from booking.actions.offers import as_offered
from booking.core.errors import Conflicted, InvalidRequest
from booking.core.recurrence import ONCE
from booking.core.requests import ChangeRequest
from booking.core.values import BookingView, Space
from booking.db import db
from booking.models import Audit, Site
from booking.queries import agenda
from tests.support.databases import writing
from tests.support.factories import NOW, House

Db = scoped_session[Session]
WEEKLY = "FREQ=WEEKLY;COUNT=3"

pytestmark = pytest.mark.usefixtures("session")


def read(booking_id: int) -> BookingView:
    return agenda.booking(db.session(), booking_id)


def booked(house: House, **more: object) -> BookingView:
    return read(book(house.request(**more), house.member, now=NOW).booking_id)  # type: ignore[arg-type]


def saved(booking: BookingView, house: House, now: datetime = NOW, **more: object) -> BookingView:
    wanted = replace(as_request(booking), **more)  # type: ignore[arg-type]
    request = ChangeRequest(booking.id, booking.version, wanted)
    return read(change(request, house.member, now=now).booking_id)


def days(booking: BookingView) -> list[int]:
    """Return the days of the open dates, counted as ``House.at`` does."""
    first = (NOW + timedelta(days=1)).date()
    return [
        (each.recurrence_id.date() - first).days
        for each in booking.occurrences
        if each.state.is_open
    ]


def test_book_further_dates_of_a_rule(session: Db, house: House) -> None:
    further = (house.at(10, day=9), house.at(10, day=2))
    found = booked(house, rule=WEEKLY, rdates=further)
    assert days(found) == [0, 2, 7, 9, 14]
    assert found.rdates == (house.at(10, day=2), house.at(10, day=9))
    (entry,) = session.execute(select(Audit).where(Audit.entity == "booking")).scalars()
    assert entry.new is not None
    assert (entry.new["dates"], entry.new["rdates"]) == (
        5,
        ["2027-03-13T10:00", "2027-03-20T10:00"],
    )


def test_book_chosen_dates_without_a_rule_is_a_series_from_the_earliest_on(house: House) -> None:
    found = booked(house, day=3, rdates=(house.at(10, day=9), house.at(10, day=1)))
    assert (found.starts_at, found.rule) == (house.at(10, day=1), ONCE.to_text())
    assert days(found) == [1, 3, 9]


def test_book_a_single_date_twice_is_a_single_booking(house: House) -> None:
    found = booked(house, rdates=(house.at(10),))
    assert (found.rule, found.rdates, days(found)) == (None, (), [0])


def test_book_forgets_further_dates_that_the_rule_gives(house: House) -> None:
    found = booked(house, rule=WEEKLY, rdates=(house.at(10, day=7), house.at(10, day=8)))
    assert found.rdates == (house.at(10, day=8),)


@pytest.mark.parametrize(
    ("hour", "day", "code"),
    [
        pytest.param(10, -1, "further_date_before", id="before the first"),
        pytest.param(15, 7, "two_dates_a_day", id="on a day of the rule"),
        pytest.param(2.5, 17, "time_in_gap", id="in the hour that is skipped"),
        pytest.param(10, 500, "beyond_edge", id="beyond the edge"),
    ],
)
def test_book_refuses_a_further_date(house: House, hour: float, day: int, code: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        booked(house, rule=WEEKLY, rdates=(house.at(hour, day=day),))
    assert caught.value.messages[0].code == code


def test_book_refuses_a_further_date_that_is_taken(house: House) -> None:
    booked(house, day=2)
    with pytest.raises(Conflicted) as caught:
        booked(house, rule=WEEKLY, rdates=(house.at(10, day=2),))
    assert [each.recurrence_id for each in caught.value.clashes] == [house.at(10, day=2)]


def test_change_of_texts_keeps_further_dates_and_rows(house: House) -> None:
    before = booked(house, rule=WEEKLY, rdates=(house.at(10, day=2),))
    after = saved(before, house, title="Band")
    assert (after.rdates, after.sequence) == (before.rdates, before.sequence)
    rows = [each.occurrence_id for each in before.occurrences]
    assert [each.occurrence_id for each in after.occurrences] == rows


def test_change_adds_and_drops_further_dates(house: House) -> None:
    before = booked(house, rule=WEEKLY, rdates=(house.at(10, day=2),))
    after = saved(before, house, rdates=(house.at(10, day=3), house.at(10, day=4)))
    assert days(after) == [0, 3, 4, 7, 14]
    assert days(saved(after, house, rdates=())) == [0, 7, 14]


def test_change_of_a_begun_series_splits_its_further_dates(house: House) -> None:
    before = booked(house, rule=WEEKLY, rdates=(house.at(10, day=2), house.at(10, day=9)))
    later = saved(
        before,
        house,
        now=NOW + timedelta(days=5),
        start=house.at(14),
        end=house.at(15),
        rdates=tuple(each + timedelta(hours=4) for each in before.rdates),
    )
    ended = read(before.id)
    assert (days(ended), ended.rdates) == ([0, 2], (house.at(10, day=2),))
    assert (days(later), later.rdates) == ([7, 9, 14], (house.at(14, day=9),))
    assert later.follows_id == before.id


def test_change_of_a_series_with_further_dates_alone_to_come(house: House) -> None:
    before = booked(house, rdates=(house.at(10, day=9), house.at(10, day=12)))
    later = saved(before, house, now=NOW + timedelta(days=5), space_ids=(house.birch.id,))
    assert (days(later), later.starts_at) == ([9, 12], house.at(10, day=9))
    assert days(read(before.id)) == [0]


def test_proposal_takes_further_dates_along(house: House) -> None:
    before = booked(house, rule=WEEKLY, rdates=(house.at(10, day=2),))
    wish = as_offered(before, before.space_ids, house.at(14), house.at(15))
    assert wish.rdates == (house.at(14, day=2),)


@pytest.mark.parametrize("verb", [preview, book])
def test_ten_years_take_as_many_statements_as_ten_weeks(
    house: House, count: Callable[[], AbstractContextManager[list[str]]], verb: Callable[..., Any]
) -> None:
    with writing(house.engine) as connection:
        connection.execute(update(Site).values(bookable_days=3_660))

    def statements_of(number: int, room: Space) -> int:
        wish = house.request(room, rule=f"FREQ=WEEKLY;COUNT={number}")
        with count() as statements:
            verb(wish, house.member, now=house.now)
        return len(statements)

    assert statements_of(522, house.atlas) == statements_of(10, house.birch) > 0
