"""The form of a series: certain weekdays, the last working day, further dates."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from booking.core.values import BookingView
from booking.db import db
from booking.ical import component, event_of
from booking.models import Site
from booking.queries import feed
from booking.school import school_calendar
from tests.ical.samples import WORDS
from tests.support.databases import writing
from tests.support.factories import House
from tests.support.forms import Browser, checked, chosen, value

FIRST_AND_THIRD = {"repeat": "monthly_nth", "nth": ["1", "3"], "weekday": "1"}


def dates(booking: BookingView) -> list[str]:
    return [f"{each.recurrence_id:%m-%d}" for each in booking.occurrences]


@pytest.mark.parametrize(
    ("fields", "rule", "expected"),
    [
        pytest.param(
            FIRST_AND_THIRD,
            "FREQ=MONTHLY;BYDAY=1TU,3TU;COUNT=3",
            ["03-16", "04-06", "04-20"],
            id="first and third Tuesday",
        ),
        pytest.param(
            {"repeat": "monthly_nth", "nth": ["-1"]},
            "FREQ=MONTHLY;BYDAY=-1TH;COUNT=3",
            ["03-25", "04-29", "05-27"],
            id="last one, of the day's weekday",
        ),
        pytest.param(
            {"repeat": "monthly_workday"},
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3",
            ["03-31", "04-30", "05-31"],
            id="last working day",
        ),
        pytest.param(
            {"repeat": "weekly", "more": ["2027-03-12", "", "2027-03-12"]},
            "FREQ=WEEKLY;COUNT=3",
            ["03-11", "03-12", "03-18", "03-25"],
            id="a further date",
        ),
        pytest.param(
            {"more": ["2027-03-22", "2027-03-12"]},
            "FREQ=DAILY;COUNT=1",
            ["03-11", "03-12", "03-22"],
            id="chosen dates",
        ),
    ],
)
def test_book_and_edit_keep_a_series(
    browser: Browser, fields: dict[str, Any], rule: str, expected: list[str]
) -> None:
    answer = browser.book(ends="count", count="3", **fields)
    assert answer.status_code == 303, answer.text
    stored = browser.stored()
    assert (stored.rule, dates(stored)) == (rule, expected)

    page = browser.get(f"/bookings/{stored.id}/edit")
    shown: dict[str, Any] = {
        "repeat": chosen(page, "repeat"),
        "nth": checked(page, "nth"),
        "weekday": checked(page, "weekday"),
        "more": [each.date().isoformat() for each in stored.rdates],
        "date": value(page, "date"),
        "ends": "count",
        "count": value(page, "count"),
    }
    for day in shown["more"]:
        assert f'name="more" value="{day}"' in page.text
    assert browser.edit(stored.id, **{**shown, "title": "Band"}).status_code == 303
    again = browser.stored(stored.id)
    assert (again.title, again.rule, again.rdates) == ("Band", stored.rule, stored.rdates)
    assert again.sequence == stored.sequence


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"repeat": "monthly_nth"}, "Tick at least one"),
        ({"repeat": "monthly_nth", "nth": "6"}, "Choose one of the possibilities"),
        ({"repeat": "weekly", "more": "2027-02-30"}, "There is no such day"),
        ({"repeat": "weekly", "more": "2027-03-12T25:00"}, "There is no such time"),
        ({"repeat": "weekly", "more": "2027-03-10"}, "Further dates lie after the first one"),
        ({"repeat": "weekly", "more": "2027-03-18T15:00"}, "two dates on one day"),
    ],
)
def test_what_makes_no_sense_is_told_beside_its_field(
    browser: Browser, fields: dict[str, str], sentence: str
) -> None:
    answer = browser.book(ends="count", count="3", **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert browser.count() == 0


def test_another_date_without_a_script_is_one_more_field(browser: Browser) -> None:
    answer = browser.post("/bookings/check", **browser.form(more=["2027-03-12", "2027-03-13"]))
    assert answer.text.count('name="more"') == 3
    assert "All 3 dates are free." in answer.text


# Thursdays: 6 May is Ascension, zone A has 15 and 22 April off.
TEN = {"repeat": "weekly", "ends": "count", "count": "10"}


def test_outlook_tells_what_is_left_out(browser: Browser) -> None:
    fields = browser.form(leaves=["public", "school:A"], **TEN)
    told = browser.post("/bookings/check", fragment=True, **fields).text
    assert "All 7 dates are free." in told
    assert "3 dates are left out:" in told
    assert 'Thu 15 Apr</span> <span dir="auto">spring holidays' in told
    assert 'Thu 6 May</span> <span dir="auto">public holiday: Ascension' in told


def test_outlook_tells_from_when_on_school_holidays_are_not_known(
    app: Flask, browser: Browser, house: House
) -> None:
    with writing(house.engine) as connection:
        connection.execute(update(Site).values(bookable_days=800))
    last = school_calendar("A").last
    assert last is not None
    fields = browser.form(repeat="weekly", ends="open", leaves="school:A")
    told = browser.post("/bookings/check", fragment=True, **fields).text
    assert f"are known up to {last:%A}, {last.day} {last:%B %Y}: all later dates are kept" in told


def test_days_off_survive_an_edit_and_are_told(browser: Browser) -> None:
    assert browser.book(leaves=["public", "school:A"], **TEN).status_code == 303
    stored = browser.stored()
    page = browser.get(f"/bookings/{stored.id}").text
    assert "without public holidays and school holidays of zone A" in page
    assert "3 dates are left out" in page
    assert "public holiday: Ascension" in page

    form = browser.get(f"/bookings/{stored.id}/edit")
    assert 'name="leaves" value="public" checked' in form.text
    assert chosen(form, 'leaves" aria-label="School holidays') == "school:A"
    again = browser.edit(stored.id, title="Band", leaves=["public", "school:A"], **TEN)
    assert again.status_code == 303
    assert browser.stored(stored.id).sequence == stored.sequence
    browser.edit(stored.id, version=2, leaves=["", "public"], **TEN)
    changed = browser.stored(stored.id)
    assert (changed.leaves_out, len(changed.exdates)) == ({"public"}, 1)
    history = browser.get(f"/bookings/{stored.id}").text
    assert "Leaves out" in history


@pytest.mark.parametrize("code", ["school:Z", "rain", "school:<b>"])
def test_days_off_that_nobody_knows_are_told(browser: Browser, code: str) -> None:
    answer = browser.book(leaves=code, **TEN)
    assert answer.status_code == 422
    assert "Choose one of the possibilities" in answer.text


def test_form_offers_the_zone_of_the_house_first(browser: Browser, house: House) -> None:
    with writing(house.engine) as connection:
        connection.execute(update(Site).values(school_zone="B"))
    form = browser.get("/bookings/new").text
    offered = re.findall(r'value="school:(.)"', form)
    assert offered == ["B", "A", "C"]
    assert "zone B (this house)" in form


def test_feed_leaves_days_off_out(app: Flask, browser: Browser, house: House) -> None:
    browser.book(leaves=["public", "school:A"], more="2027-05-06", **TEN)
    stored = browser.stored()
    with app.app_context():
        (found,) = feed.bookings(db.session(), feed.alone(stored.id))
    event = event_of(found, WORDS)
    assert event is not None
    text = component(event).text
    assert "EXDATE;TZID=Europe/Paris:20270415T100000,20270422T100000\r\n" in text
    assert "RDATE;TZID=Europe/Paris:20270506T100000\r\n" in text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        pytest.param(
            {"date": "2027-03-27", "repeat": "daily", "ends": "count", "count": "2"},
            "The clocks go forward on 28 March 2027: 02:30 does not exist, it is 03:30 that day.",
            id="a date of a series in the hour that is skipped",
        ),
        pytest.param(
            {"date": "2027-10-31"},
            "The clocks go back on 31 October 2027: 02:30 comes twice, the first is meant.",
            id="in the hour that comes twice",
        ),
    ],
)
def test_outlook_explains_hours_in_which_the_clocks_change(
    browser: Browser, fields: dict[str, str], told: str
) -> None:
    wish = browser.form(start="02:30", end="03:30", **fields)
    assert told in browser.post("/bookings/check", fragment=True, **wish).text
