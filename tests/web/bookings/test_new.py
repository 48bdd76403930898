"""The empty form, and the copy of a booking."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from booking.core.values import Actor, Visibility
from tests.support.factories import NOW, House
from tests.support.forms import (
    FRAGMENT,
    THURSDAY,
    WEEKLY,
    Browser,
    checked,
    chosen,
    value,
)

Open = Callable[[Actor], Browser]


@pytest.mark.parametrize(
    "path", ["/bookings", "/bookings/new", "/bookings/1", "/bookings/1/edit", "/bookings/1/cancel"]
)
def test_pages_ask_to_sign_in_first(client: FlaskClient, house: House, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_new_is_filled_with_what_the_address_says(browser: Browser, house: House) -> None:
    rooms = f"space={house.birch.id}&space={house.cedar.id}"
    answer = browser.get(f"/bookings/new?{rooms}&date={THURSDAY}&start=14:30&end=16:15")
    assert answer.status_code == 200
    assert checked(answer, "space") == [str(house.birch.id), str(house.cedar.id)]
    assert value(answer, "date") == THURSDAY
    assert (chosen(answer, "start"), chosen(answer, "end")) == ("14:30", "16:15")
    assert chosen(answer, "organisation") == str(house.ours)
    assert "An approver has to agree: Cedar." in answer.text
    assert "Send the request</button>" in answer.text


def test_new_without_an_address_offers_the_next_half_hour(browser: Browser) -> None:
    """It is 10:00 in Paris."""
    answer = browser.get("/bookings/new")
    assert value(answer, "date") == "2027-03-10"
    assert (chosen(answer, "start"), chosen(answer, "end")) == ("10:00", "11:00")
    assert checked(answer, "space") == []
    assert ">Book</button>" in answer.text


def test_new_in_the_evening_offers_tomorrow_morning(browser: Browser, clock: Any) -> None:
    clock.now = NOW + timedelta(hours=11)
    answer = browser.get("/bookings/new")
    assert (value(answer, "date"), chosen(answer, "start")) == (THURSDAY, "08:00")


@pytest.mark.parametrize(
    "query",
    [
        "date=2027-02-29&start=99:99&end=x",
        "date=9999-12-31&start=23:45",
        "date=&start=&end=&space=",
        "space=99999999999999999999999&space=-1&space=x",
        "date=0001-01-01&start=00:00&end=24:00",
        "start=23:30",
        "start=24:00",
        "copy=",
    ],
)
def test_new_with_nonsense_in_the_address_is_a_form_all_the_same(
    browser: Browser, query: str
) -> None:
    assert browser.get(f"/bookings/new?{query}").status_code == 200


def test_new_as_fragment_has_the_form_alone(browser: Browser) -> None:
    answer = browser.get("/bookings/new", **FRAGMENT)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'id="dialog-title"' in answer.text
    assert "X-Fragment" in answer.headers["Vary"]


def test_new_shows_opening_hours_first_and_24_00_as_an_end(browser: Browser) -> None:
    page = browser.get("/bookings/new").text
    start = page.split('name="start"')[1].split("</select>")[0]
    end = page.split('name="end"')[1].split("</select>")[0]
    assert re.findall(r"<option[^>]*>([^<]*)", start)[:2] == ["08:00", "08:15"]
    assert re.findall(r"<option[^>]*>([^<]*)", end)[-1] == "24:00"
    assert end.index("20:00") < end.index("20:15")


def test_duplicate_copies_what_may_be_read(browser: Browser, open_as: Open, house: House) -> None:
    found = browser.have(
        house.birch, rule=WEEKLY, attendance=5, note="loud", organisation_id=house.ours
    )
    mine = browser.get(f"/bookings/new?copy={found}")
    assert (value(mine, "title"), value(mine, "attendance")) == ("Choir", "5")
    assert checked(mine, "space") == [str(house.birch.id)]
    assert chosen(mine, "repeat") == "none"
    assert "loud</textarea>" in mine.text
    assert value(mine, "request_key")

    theirs = open_as(house.stranger).get(f"/bookings/new?copy={found}")
    assert value(theirs, "title") == "Choir"
    assert "loud" not in theirs.text
    assert chosen(theirs, "organisation") == str(house.theirs)


def test_duplicate_of_a_private_booking_is_empty(
    browser: Browser, open_as: Open, house: House
) -> None:
    found = browser.have(title="Secret", visibility=Visibility.PRIVATE)
    page = open_as(house.stranger).get(f"/bookings/new?copy={found}")
    assert "Secret" not in page.text


def test_duplicate_of_nothing_is_not_found(browser: Browser) -> None:
    for key in ("999", "x", "99999999999999999999"):
        assert browser.get(f"/bookings/new?copy={key}").status_code == 404
