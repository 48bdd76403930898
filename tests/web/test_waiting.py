"""The waiting list in the browser: from the taken time to one's place, and to the answer."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from booking.actions.serving import serve_due
from booking.core.values import Actor, Visibility
from booking.db import db
from tests.support.factories import NOW, House
from tests.support.forms import Browser


@pytest.fixture
def open_as(app: Flask, house: House, sign_in: Any, csrf: Any) -> Callable[[Actor], Browser]:
    """Return what opens a browser in which a person is signed in."""

    def opened(person: Actor) -> Browser:
        client = sign_in(app.test_client(), person)
        return Browser(app, house, client, csrf(client, "/profile"))

    return opened


@pytest.fixture
def browser(open_as: Callable[[Actor], Browser], house: House) -> Browser:
    """Return the member's browser."""
    return open_as(house.member)


def ask(browser: Browser, mode: str = "offer", **fields: Any) -> Any:
    """Press a button of the waiting list on the page of a taken time."""
    return browser.post("/waiting", **browser.form(mode=mode, **fields))


def free(browser: Browser, booking_id: int) -> None:
    """Let the administrator give a booking back, and do the work."""
    from booking.actions.bookings import cancel
    from booking.core.requests import CancelRequest

    with browser.app.app_context():
        cancel(CancelRequest(booking_id, 1), browser.house.admin, now=NOW)
        serve_due(now=NOW)


def place(browser: Browser) -> int:
    """Return the id of the last place in the list."""
    with browser.app.app_context():
        return int(db.session.execute(db.text("SELECT max(id) FROM want")).scalar_one())


def test_taken_time_offers_a_place_in_the_list(browser: Browser, house: House) -> None:
    browser.have(by=house.admin)
    answer = browser.book()
    assert answer.status_code == 409
    assert 'formaction="/waiting"' in answer.text
    assert "Or wait for this time:" in answer.text

    placed = ask(browser, title="Band")
    assert placed.status_code == 303
    page = browser.get("/waiting").text
    assert "Band" in page
    assert "You are next" in page
    assert "offered to you when it becomes free" in page
    assert "1 person waits already." in browser.book(title="Duo").text


def test_place_in_line_counts_people_without_naming_them(
    open_as: Callable[[Actor], Browser], house: House
) -> None:
    member, stranger = open_as(house.member), open_as(house.stranger)
    made = member.have(by=house.admin)
    ask(stranger, title="Secret plan")
    ask(member, "claim", title="Band")
    page = member.get("/waiting").text
    assert "1 person is before you" in page
    assert "booked for you when it becomes free" in page
    assert "Secret plan" not in page
    assert "Stranger" not in page
    assert "2 people wait for this time." in member.get(f"/bookings/{made}").text


def test_offer_is_taken_with_one_click(browser: Browser, house: House) -> None:
    made = browser.have(by=house.admin)
    ask(browser, title="Band")
    free(browser, made)
    page = browser.get("/waiting").text
    assert "Free for you: Band" in page
    assert "Held for you until" in page
    assert "Held for you from the waiting list" in browser.book().text
    taken = browser.post(f"/waiting/{place(browser)}/accept")
    assert taken.status_code == 303
    assert browser.stored().title == "Band"
    assert "You got it" in browser.get("/waiting").text


def test_what_is_held_says_nothing_about_who_waits(
    open_as: Callable[[Actor], Browser], house: House
) -> None:
    member, stranger = open_as(house.member), open_as(house.stranger)
    made = member.have(by=house.admin)
    ask(stranger, title="Secret plan", visibility=Visibility.PUBLIC.value)
    free(member, made)
    refused = member.book().text
    assert "Held for the waiting list until" in refused
    board = member.get("/board/house/day/2027-03-11").text
    assert "Held for the waiting list" in board
    assert 'start=10:00"' not in board.split("Birch")[0]  # no free time to click
    for page in (refused, board, member.get("/board/house/week/2027-03-11").text):
        assert "Secret plan" not in page
        assert "Stranger" not in page


def test_offer_is_declined(browser: Browser, house: House) -> None:
    made = browser.have(by=house.admin)
    ask(browser)
    free(browser, made)
    assert browser.post(f"/waiting/{place(browser)}/leave").status_code == 303
    assert "Given up" in browser.get("/waiting").text
    assert "Held for the waiting list" not in browser.get("/board/house/day/2027-03-11").text
    assert browser.post(f"/waiting/{place(browser)}/accept").status_code == 422


def test_waiting_keeps_what_was_typed_when_it_is_refused(browser: Browser, house: House) -> None:
    browser.have(by=house.admin)
    assert ask(browser).status_code == 303
    again = ask(browser, title="Band")
    assert again.status_code == 422
    assert "You wait for this already." in again.text
    assert 'value="Band"' in again.text
    assert ask(browser, "steal").status_code == 422
    assert ask(browser, start="14:00", end="15:00").status_code == 422


def test_places_of_others_are_not_mine(open_as: Callable[[Actor], Browser], house: House) -> None:
    member, stranger = open_as(house.member), open_as(house.stranger)
    member.have(by=house.admin)
    ask(member)
    for verb in ("accept", "leave"):
        assert stranger.post(f"/waiting/{place(member)}/{verb}").status_code == 403
        assert stranger.post(f"/waiting/999999/{verb}").status_code == 404


def test_series_is_not_waited_for_as_a_whole(browser: Browser, house: House) -> None:
    browser.have(by=house.admin)
    answer = browser.book(repeat="daily", ends="count", count="3")
    assert 'formaction="/waiting"' not in answer.text


def test_change_of_a_booking_is_not_waited_for(browser: Browser, house: House) -> None:
    mine = browser.have(start=14, end=15)
    browser.have(by=house.admin)
    answer = browser.edit(mine)
    assert answer.status_code == 409
    assert 'formaction="/waiting"' not in answer.text


def test_nobody_waits_who_is_not_signed_in(app: Flask, house: House) -> None:
    answer = app.test_client().get("/waiting")
    assert answer.status_code == 302
    assert "/sign-in" in answer.headers["Location"]


def left_out(browser: Browser, **fields: Any) -> int:
    """Book a series without its first date, which is taken; return what was in the way."""
    made = browser.have(by=browser.house.admin)
    asked = {"repeat": "daily", "ends": "count", "count": "3"} | fields
    refused = browser.book(**asked)
    assert "Leave these dates out?" in refused.text
    assert browser.book(**asked, skip="2027-03-11").status_code == 303
    return made


def test_dates_that_are_left_out_wait_as_one_chooses(browser: Browser, house: House) -> None:
    made = left_out(browser, waits="claim")
    page = browser.get("/waiting").text
    assert "booked for you when it becomes free" in page
    assert "Open the booking" in page
    stored = browser.stored()
    assert "On the waiting list" in browser.get(f"/bookings/{stored.id}").text

    free(browser, made)
    with browser.app.app_context():
        from booking.actions.serving import serve

        serve(place(browser), now=NOW)
    assert {each.state.value for each in browser.stored().occurrences} == {"confirmed"}
    assert "A date became free" in browser.get(f"/bookings/{stored.id}").text


def test_dates_that_are_let_go_can_be_waited_for_later(browser: Browser, house: House) -> None:
    left_out(browser, waits="none")
    assert "You wait for nothing" in browser.get("/waiting").text
    stored = browser.stored()
    page = browser.get(f"/bookings/{stored.id}").text
    assert "Wait for it" in page
    date = next(each for each in stored.occurrences if each.state.value == "skipped")
    asked = browser.post(f"/bookings/{stored.id}/wait", occurrence=date.occurrence_id)
    assert asked.status_code == 303
    page = browser.get(f"/bookings/{stored.id}").text
    assert "On the waiting list" in page
    assert "Wait for it" not in page
    assert browser.post(f"/bookings/{stored.id}/wait", occurrence="x").status_code == 404


def test_inbox_leads_to_the_list(browser: Browser, house: House) -> None:
    made = browser.have(by=house.admin)
    ask(browser)
    free(browser, made)
    page = browser.get("/inbox").text
    assert "Free for you: Choir" in page
    assert 'href="/waiting"' in page.split("Free for you")[1]
