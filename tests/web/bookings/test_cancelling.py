"""The time goes back."""

from typing import Any

import pytest

from booking.actions import bookings
from booking.core.requests import CancelRequest
from booking.core.values import State
from tests.support.factories import NOW, House
from tests.support.forms import (
    WEEKLY,
    Browser,
    value,
)


def test_cancel_with_a_reason(browser: Browser) -> None:
    found = browser.have()
    page = browser.get(f"/bookings/{found}/cancel")
    assert "Cancel this booking?" in page.text
    answer = browser.post(f"/bookings/{found}/cancel", version=value(page, "version"), reason="Ill")
    assert (answer.status_code, answer.location) == (303, f"/bookings/{found}")
    assert browser.stored(found).cancel_reason == "Ill"
    assert "Cancelled: Choir." in browser.get(answer.location).text


def test_cancel_one_date(browser: Browser) -> None:
    found = browser.have(rule=WEEKLY)
    date = browser.stored(found).occurrences[1].occurrence_id
    page = browser.get(f"/bookings/{found}/cancel?occurrence={date}")
    assert "Cancel this date?" in page.text
    assert "Thursday, 18 March 2027" in page.text
    answer = browser.post(
        f"/bookings/{found}/cancel", fragment=True, version=1, occurrence=date, reason=""
    )
    assert answer.headers["X-Board"] == "reload"
    assert answer.text == "Cancelled: Choir, Thursday, 18 March 2027, 10:00–11:00."
    assert [each.state for each in browser.stored(found).occurrences].count(State.CANCELLED) == 1


def test_cancel_after_somebody_else_asks_again(browser: Browser) -> None:
    found = browser.have()
    browser.edit(found, title="Band")
    answer = browser.post(f"/bookings/{found}/cancel", version=1, reason="Ill")
    assert answer.status_code == 409
    assert value(answer, "version") == "2"
    assert ">\nIll</textarea>" in answer.text
    assert browser.stored(found).state is State.CONFIRMED


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"version": "x"}, 422),
        ({}, 422),
        ({"version": 1, "reason": "x" * 501}, 422),
        ({"version": 1, "occurrence": "x"}, 404),
        ({"version": 1, "occurrence": "99999999999999999999"}, 404),
    ],
)
def test_cancel_with_nonsense(browser: Browser, fields: dict[str, Any], status: int) -> None:
    found = browser.have()
    assert browser.post(f"/bookings/{found}/cancel", **fields).status_code == status
    assert browser.stored(found).state is State.CONFIRMED


def test_cancel_twice_says_so(browser: Browser, house: House) -> None:
    found = browser.have()
    with browser.app.app_context():
        bookings.cancel(CancelRequest(found, 1), house.member, now=NOW)
    answer = browser.post(f"/bookings/{found}/cancel", version=2)
    assert answer.status_code == 422
    assert "it cannot be changed" in answer.text
