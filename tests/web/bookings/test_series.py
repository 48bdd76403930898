"""The form of a series: certain weekdays, the last working day, further dates."""

from typing import Any

import pytest

from booking.core.values import BookingView
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


def test_page_and_history_tell_of_further_dates(browser: Browser, house: House) -> None:
    browser.book(repeat="weekly", ends="count", count="3", more="2027-03-12")
    stored = browser.stored()
    page = browser.get(f"/bookings/{stored.id}").text
    assert "Every week, 3 times, and 1 further date" in page
    browser.edit(stored.id, repeat="weekly", ends="count", count="3", more="2027-03-13")
    text = browser.get(f"/bookings/{stored.id}").text
    history = text[text.index("Further dates") :]
    assert history.index("12 Mar") < history.index("13 Mar")
