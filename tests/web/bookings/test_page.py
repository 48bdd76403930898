"""The page of one booking."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from booking.actions import approvals
from booking.actions.expiry import expire_requests
from booking.actions.offers import decline_offer
from booking.core.requests import DecisionRequest
from booking.core.values import Actor, Visibility
from booking.db import db
from booking.queries.offers import open_offers
from tests.support.factories import NOW, Clock, House
from tests.support.forms import (
    FRAGMENT,
    Browser,
)

Open = Callable[[Actor], Browser]


def test_page_shows_everything_to_its_own_people(browser: Browser, house: House) -> None:
    found = browser.have(
        house.birch,
        title="Choir <script>",
        note="loud",
        attendance=5,
        organisation_id=house.ours,
    )
    page = browser.get(f"/bookings/{found}").text
    for text in (
        "Choir &lt;script&gt;",
        "Birch",
        "Thursday, 11 March 2027, 10:00–11:00",
        "Member",
        "Ours",
        "5 people expected",
        "loud",
        "Confirmed",
        "History",
        "in the browser",
    ):
        assert text in page, text
    for path in (f"/bookings/{found}/edit", f"/bookings/{found}/cancel"):
        assert f'href="{path}"' in page
    assert f'href="/bookings/new?copy={found}"' in page


def test_page_shows_others_no_note_no_history_and_no_buttons(
    browser: Browser, open_as: Open, house: House
) -> None:
    found = browser.have(note="loud")
    page = open_as(house.stranger).get(f"/bookings/{found}").text
    assert "Choir" in page
    assert "loud" not in page
    assert "History" not in page
    assert f"/bookings/{found}/edit" not in page
    assert f"/bookings/{found}/cancel" not in page


@pytest.mark.parametrize("fragment", [True, False])
def test_page_of_a_private_booking_is_busy_to_others(
    browser: Browser, open_as: Open, house: House, fragment: bool
) -> None:
    found = browser.have(title="Secret", note="hush", attendance=77, visibility=Visibility.PRIVATE)
    headers = FRAGMENT if fragment else {}
    page = open_as(house.stranger).get(f"/bookings/{found}", **headers)
    assert page.status_code == 200
    assert "Busy" in page.text
    for text in ("Secret", "hush", "77 people", "Member</", "copy="):
        assert text not in page.text, text


def test_page_leads_approvers_to_the_decision(
    browser: Browser, open_as: Open, house: House
) -> None:
    found = browser.have(house.cedar, title="Secret", visibility=Visibility.PRIVATE, note="hush")
    page = open_as(house.approver).get(f"/bookings/{found}").text
    assert f"/approvals/{found}" in page
    assert "hush" in page
    assert "History" in page
    assert f"/bookings/{found}/edit" not in page
    assert "/approvals#" not in browser.get(f"/bookings/{found}").text


def test_page_shows_the_answer_of_the_approver(browser: Browser, house: House) -> None:
    found = browser.have(house.cedar)
    with browser.app.app_context():
        approvals.refuse(DecisionRequest(found, 1, "Film evening"), house.approver, now=NOW)
    page = browser.get(f"/bookings/{found}").text
    assert "Refused" in page
    assert "Film evening" in page
    assert f"/bookings/{found}/edit" not in page


def test_page_of_a_series_lists_coming_dates_first(browser: Browser, clock: Any) -> None:
    found = browser.have(rule="FREQ=WEEKLY;COUNT=20")
    clock.now = NOW + timedelta(days=12)
    page = browser.get(f"/bookings/{found}").text
    assert "Every week, 20 times" in page
    assert "18 dates to come" in page
    assert "10 more dates" in page
    assert "2 dates are over" in page
    assert len(re.findall(rf"/bookings/{found}/cancel\?occurrence=", page)) == 18


def test_history_has_words_for_what_happens_by_itself_and_for_offers(
    app: Flask, browser: Browser, house: House, clock: Clock
) -> None:
    chosen, rival = (browser.have(house.delta) for _ in range(2))
    with app.app_context():
        wish = DecisionRequest(chosen, 1, refuse_rivals="Chosen by lot")
        approvals.approve(wish, house.approver, now=NOW)
        (offer,) = open_offers(db.session(), rival, now=NOW)
        decline_offer(offer.id, house.member, now=NOW)
    waiting = browser.have(house.cedar, day=20)
    clock.now = NOW + timedelta(days=7)
    with app.app_context():
        expire_requests(now=clock.now)

    for booking_id, words in ((rival, "Offer declined"), (waiting, "Expired")):
        history = browser.get(f"/bookings/{booking_id}").text.split('class="history"')[1]
        assert words in history
        assert "decline_offer" not in history
        assert ">expire<" not in history


def test_page_history_is_in_words(browser: Browser, house: House) -> None:
    found = browser.have(house.atlas, organisation_id=house.ours)
    browser.edit(
        found,
        title="Band",
        space=house.birch.id,
        start="14:00",
        end="15:00",
        organisation=house.ours,
        organiser=house.manager.person_id,
        category="event",
    )
    browser.post(f"/bookings/{found}/cancel", version=2, reason="Ill")
    page = browser.get(f"/bookings/{found}").text.split('class="history"')[1]
    for text in (
        "<del>Choir</del>",
        "<ins>Band</ins>",
        "<del>Atlas</del>",
        "<ins>Birch</ins>",
        "<ins>11 Mar 2027, 14:00</ins>",
        "<del>Member</del>",
        "<ins>Manager</ins>",
        "<ins>Public event</ins>",
        "<ins>Ill</ins>",
        "<ins>Cancelled</ins>",
    ):
        assert text in page, text


def test_page_of_no_booking(browser: Browser) -> None:
    assert browser.get("/bookings/999").status_code == 404
    assert browser.get("/bookings/99999999999999999999").status_code == 404


def test_page_asks_for_the_same_number_of_statements(
    browser: Browser, house: House, count: Any
) -> None:
    """A series of 300 dates costs as many as a single booking."""
    seen = []
    for found in (browser.have(), browser.have(start=12, end=13, rule="FREQ=DAILY;COUNT=300")):
        browser.get(f"/bookings/{found}")
        with count() as statements:
            assert browser.get(f"/bookings/{found}").status_code == 200
        seen.append(len(statements))
    assert seen[0] == seen[1]
    assert seen[0] <= 12
