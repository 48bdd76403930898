"""A new booking: all that the form can say, and how it is answered."""

from datetime import datetime
from typing import Any

import pytest

from booking.core.values import State, Visibility
from tests.support.factories import House
from tests.support.forms import (
    THURSDAY,
    Browser,
    chosen,
    value,
)


def test_book_leads_to_the_board_of_the_day_and_says_so(browser: Browser) -> None:
    answer = browser.book()
    assert (answer.status_code, answer.location) == (303, f"/board/house/day/{THURSDAY}")
    stored = browser.stored()
    assert (stored.title, stored.state) == ("Choir", State.CONFIRMED)
    page = browser.get(answer.location).text
    assert "Booked: Choir, Atlas, Thursday, 11 March 2027, 10:00–11:00." in page


def test_book_as_fragment_answers_a_sentence(browser: Browser) -> None:
    answer = browser.book(fragment=True)
    assert (answer.status_code, answer.headers["X-Board"]) == (200, "reload")
    assert answer.mimetype == "text/plain"
    assert answer.text == "Booked: Choir, Atlas, Thursday, 11 March 2027, 10:00–11:00."


def test_book_everything_the_form_has(browser: Browser, house: House) -> None:
    answer = browser.book(
        space=[house.birch.id, house.atlas.id],
        organisation=house.ours,
        organiser=house.manager.person_id,
        attendance="12",
        category="event",
        visibility="public",
        note="Chairs\r\nin a circle",
    )
    assert answer.status_code == 303
    stored = browser.stored()
    assert stored.space_ids == (house.atlas.id, house.birch.id)
    assert (stored.organisation_id, stored.organiser_id) == (house.ours, house.manager.person_id)
    assert (stored.attendance, stored.category) == (12, "event")
    assert (stored.visibility, stored.note) == (Visibility.PUBLIC, "Chairs\nin a circle")


@pytest.mark.parametrize(
    ("fields", "start", "end", "all_day"),
    [
        pytest.param({"end": "24:00"}, "11T10:00", "12T00:00", False, id="to midnight"),
        pytest.param({"end": "00:00"}, "11T10:00", "12T00:00", False, id="to 0 o'clock"),
        pytest.param(
            {"start": "22:00", "end": "02:00", "end_date": "2027-03-12"},
            "11T22:00",
            "12T02:00",
            False,
            id="overnight",
        ),
        pytest.param({"end_date": "2027-03-13"}, "11T10:00", "13T11:00", False, id="three days"),
        pytest.param({"all_day": "1"}, "11T00:00", "12T00:00", True, id="all day"),
        pytest.param(
            {"all_day": "1", "end_date": "2027-03-13", "start": "", "end": ""},
            "11T00:00",
            "14T00:00",
            True,
            id="three whole days",
        ),
    ],
)
def test_book_times_of_every_kind(
    browser: Browser, fields: dict[str, str], start: str, end: str, all_day: bool
) -> None:
    assert browser.book(**fields).status_code == 303
    stored = browser.stored()
    assert stored.starts_at == datetime.fromisoformat(f"2027-03-{start}")
    assert stored.ends_at == datetime.fromisoformat(f"2027-03-{end}")
    assert stored.all_day is all_day
    # The form of what is stored is what was typed.
    again = browser.edit(stored.id, **{**fields, "title": "Band"})
    assert again.status_code == 303
    assert (browser.stored().starts_at, browser.stored().ends_at) == (
        stored.starts_at,
        stored.ends_at,
    )


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"repeat": "daily", "ends": "count", "count": "3"}, "FREQ=DAILY;COUNT=3"),
        (
            {"repeat": "weekly", "weekday": ["1", "3"], "ends": "count", "count": "4"},
            "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4",
        ),
        (
            {"repeat": "weekly", "every": "2", "ends": "until", "until": "2027-05-01"},
            "FREQ=WEEKLY;INTERVAL=2;UNTIL=20270501T235959",
        ),
        (
            {"repeat": "monthly_day", "ends": "count", "count": "3"},
            "FREQ=MONTHLY;BYMONTHDAY=11;COUNT=3",
        ),
        (
            {"repeat": "monthly_weekday", "ends": "count", "count": "3"},
            "FREQ=MONTHLY;BYDAY=2TH;COUNT=3",
        ),
        (
            {"repeat": "monthly_last", "ends": "count", "count": "2", "date": "2027-03-25"},
            "FREQ=MONTHLY;BYDAY=-1TH;COUNT=2",
        ),
        ({"repeat": "weekly", "every": "6", "ends": "open"}, "FREQ=WEEKLY;INTERVAL=6"),
        (
            {"repeat": "custom", "rule": "FREQ=YEARLY;COUNT=2"},
            "FREQ=YEARLY;COUNT=2",
        ),
        ({"repeat": "none", "every": "x", "ends": "y", "until": "z", "weekday": "9"}, None),
    ],
)
def test_book_series_of_every_kind(
    browser: Browser, fields: dict[str, Any], rule: str | None
) -> None:
    answer = browser.book(**{"every": "1", **fields})
    assert answer.status_code == 303
    stored = browser.stored()
    assert stored.rule == rule
    form = browser.get(f"/bookings/{stored.id}/edit")
    assert chosen(form, "repeat") == fields["repeat"]


def test_book_series_tells_how_many_dates(browser: Browser) -> None:
    answer = browser.book(fragment=True, repeat="weekly", every="1", ends="count", count="3")
    assert answer.text == (
        "Booked: Choir, Atlas, 3 dates from Thursday, 11 March 2027, 10:00–11:00."
    )


def test_book_room_on_request_says_who_decides(browser: Browser, house: House) -> None:
    answer = browser.book(fragment=True, space=house.cedar.id)
    assert answer.text.startswith("Requested: Choir, Cedar, ")
    assert browser.stored().state is State.REQUESTED


def test_book_same_form_twice_books_once(browser: Browser) -> None:
    key = value(browser.get("/bookings/new"), "request_key")
    assert len(key) >= 22
    assert browser.book(request_key=key).status_code == 303
    assert browser.book(request_key=key).status_code == 303
    assert browser.count() == 1


def test_form_gets_another_key_each_time(browser: Browser) -> None:
    keys = {value(browser.get("/bookings/new"), "request_key") for _ in range(2)}
    assert len(keys) == 2
