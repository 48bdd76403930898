"""The page on which a booking is handed over."""

import re
from collections.abc import Callable

import pytest

from booking.core.values import Actor
from tests.support.factories import House
from tests.support.forms import WEEKLY, Browser, value

Open = Callable[[Actor], Browser]


def offered(page: str) -> list[str]:
    """Return the names that can be chosen."""
    return re.findall(r'<option value="\d+"[^>]*>([^<]+)', page.split('name="person"')[1])


def mine(browser: Browser) -> int:
    return browser.have(organisation_id=browser.house.ours)


def test_own_booking_leads_to_it(browser: Browser, open_as: Open, house: House) -> None:
    booking_id = mine(browser)
    link = f"/bookings/{booking_id}/hand-over"
    assert link in browser.get(f"/bookings/{booking_id}").text
    assert link not in open_as(house.stranger).get(f"/bookings/{booking_id}").text
    page = browser.get(link).text
    assert offered(page) == ["Manager"]
    assert "so far for Member" in page


def test_an_administrator_chooses_among_all(open_as: Open, house: House) -> None:
    desk = open_as(house.admin)
    page = desk.get(f"/bookings/{mine(desk)}/hand-over").text
    assert offered(page) == ["Manager", "Stranger", "Admin", "Approver"]
    assert re.findall(r'optgroup label="([^"]*)"', page) == ["Ours", "Theirs", "Others"]


def test_it_is_handed_over(browser: Browser, house: House) -> None:
    booking_id = mine(browser)
    answer = browser.post(
        f"/bookings/{booking_id}/hand-over",
        person=house.manager.person_id,
        words="I move away.",
        version=1,
    )
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "Handed over: Choir is now for Manager." in page
    assert f"/bookings/{booking_id}/hand-over" not in page
    assert browser.stored().organiser_id == house.manager.person_id


def test_history_tells_it_with_the_words(browser: Browser, open_as: Open, house: House) -> None:
    booking_id = mine(browser)
    browser.post(
        f"/bookings/{booking_id}/hand-over",
        person=house.manager.person_id,
        words="<b>Bye</b>",
        version=1,
    )
    page = open_as(house.manager).get(f"/bookings/{booking_id}").text
    assert "Handed over" in page
    assert "&lt;b&gt;Bye" in page


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        pytest.param({"person": ""}, 422, "Choose a person.", id="nobody"),
        pytest.param({"person": "x"}, 422, "There is no such person", id="no id"),
        pytest.param({"person": "99999"}, 422, "There is no such person", id="unknown"),
        pytest.param({"version": ""}, 422, "The form is no longer valid", id="no version"),
        pytest.param({"version": "7"}, 409, "Somebody has changed this", id="stale"),
        pytest.param({"words": "x" * 501}, 422, "At most 500 characters", id="too long"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_stays(
    browser: Browser, house: House, fields: dict[str, str], status: int, sentence: str
) -> None:
    booking_id = mine(browser)
    wish = {"person": house.manager.person_id, "words": "Bye", "version": 1, **fields}
    answer = browser.post(f"/bookings/{booking_id}/hand-over", fragment=True, **wish)
    assert answer.status_code == status
    assert sentence in answer.text
    assert wish["words"] in answer.text
    assert value(answer, "version") == ("" if fields.get("version") == "" else "1")
    assert browser.stored().organiser_id == house.member.person_id


def test_others_get_no_further(browser: Browser, open_as: Open, house: House) -> None:
    address = f"/bookings/{mine(browser)}/hand-over"
    other = open_as(house.stranger)
    assert other.get(address).status_code == 403
    wish = {"person": house.stranger.person_id, "version": 1}
    assert other.post(address, **wish).status_code == 403
    answer = browser.post(address, **wish)
    assert answer.status_code == 422
    assert "person of the same organisation" in answer.text


def test_a_series_is_named_by_its_rule(browser: Browser, house: House) -> None:
    booking_id = browser.have(rule=WEEKLY, organisation_id=house.ours)
    assert "Every week" in browser.get(f"/bookings/{booking_id}/hand-over").text


def test_alone_in_the_organisation(open_as: Open, house: House) -> None:
    alone = open_as(house.stranger)
    booking_id = alone.have(by=house.stranger, organisation_id=house.theirs)
    page = alone.get(f"/bookings/{booking_id}/hand-over").text
    assert "Nobody else belongs to this organisation" in page
