"""A taken time: who has it, what is free instead, in one tap."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from booking.actions import closures
from booking.core.requests import ClosureRequest
from booking.core.values import Actor, Policy, State, Visibility
from tests.support.factories import NOW, House
from tests.support.forms import (
    THURSDAY,
    WEEKLY,
    Browser,
    buttons,
    checked,
    value,
)

Open = Callable[[Actor], Browser]


def test_conflict_tells_who_and_keeps_what_was_typed(browser: Browser, house: House) -> None:
    browser.have(by=house.stranger, title="Yoga", organisation_id=house.theirs)
    answer = browser.book(title="Band & <b>friends</b>", note="loud", attendance="5")
    assert answer.status_code == 409
    assert "This time is already taken" in answer.text
    assert "Yoga" in answer.text
    assert "Theirs" in answer.text
    assert value(answer, "title") == "Band & <b>friends</b>"
    assert "<b>friends" not in answer.text
    assert value(answer, "attendance") == "5"
    assert checked(answer, "space") == [str(house.atlas.id)]
    assert browser.count() == 1


def test_conflict_with_a_private_booking_says_busy(browser: Browser, house: House) -> None:
    browser.have(by=house.stranger, title="Secret", visibility=Visibility.PRIVATE)
    page = browser.book().text
    assert "Busy: a private booking" in page
    assert "Secret" not in page
    assert "Stranger" not in page


def test_conflict_alternatives_book_with_one_tap(browser: Browser, house: House) -> None:
    browser.have(by=house.stranger)
    answer = browser.book(title="Band", note="loud")
    offers = buttons(answer, "take")
    assert len(offers) >= 4

    booked = browser.book(title="Band", note="loud", take=offers[0])
    assert booked.status_code == 303
    stored = browser.stored()
    assert (stored.title, stored.note) == ("Band", "loud")
    assert stored.occurrences[0].interval in (house.interval(9, 10), house.interval(11, 12))

    other_room = next(each for each in offers if each.endswith(f"|{house.birch.id}"))
    assert browser.book(title="Duo", take=other_room).status_code == 303
    assert browser.stored().space_ids == (house.birch.id,)
    assert browser.stored().occurrences[0].interval == house.interval(10, 11)


def test_conflict_first_button_of_the_form_books_no_alternative(
    browser: Browser, house: House
) -> None:
    """Enter in a field presses the first one."""
    browser.have(by=house.stranger)
    form = browser.book().text.split("data-booking-form")[1]
    first = re.search(r"<button([^>]*)>", form)
    assert first is not None
    assert "name=" not in first[1]


def test_conflict_as_fragment_is_the_form(browser: Browser, house: House) -> None:
    browser.have(by=house.stranger)
    answer = browser.book(fragment=True)
    assert answer.status_code == 409
    assert "<html" not in answer.text
    assert buttons(answer, "take")


@pytest.mark.parametrize(
    "offer", ["x", "|||||", "2027-03-11|x|y|||1", "2027-03-11|10:00|11:00|||999", "||||||||"]
)
def test_alternative_that_is_none_of_ours_is_refused(browser: Browser, offer: str) -> None:
    answer = browser.book(take=offer)
    assert answer.status_code == 422
    assert browser.count() == 0


def test_conflict_of_a_series_lists_the_dates_and_skips_them(
    browser: Browser, house: House
) -> None:
    for day in (7, 21):
        browser.have(by=house.stranger, day=day)
    series = {"repeat": "weekly", "every": "1", "ends": "count", "count": "4"}
    answer = browser.book(**series)
    assert answer.status_code == 409
    assert "2 dates of the series are taken" in answer.text
    assert "Book the other 2 dates" in answer.text
    assert buttons(answer, "skip") == ["2027-03-18 2027-04-01"]

    booked = browser.book(**series, skip=buttons(answer, "skip")[0])
    assert booked.status_code == 303
    assert [each.state for each in browser.stored().occurrences] == [
        State.CONFIRMED,
        State.SKIPPED,
        State.CONFIRMED,
        State.SKIPPED,
    ]


def test_conflict_of_a_series_without_an_end_counts_the_dates_that_its_room_has(
    browser: Browser, house: House
) -> None:
    room = house.add_space("Narrow", policy=Policy(ahead=timedelta(days=30)))
    browser.have(room, by=house.stranger, day=7)
    series = {"space": room.id, "repeat": "weekly", "every": "1", "ends": "open"}
    answer = browser.book(**series)
    assert "Book the other 4 dates" in answer.text
    assert browser.book(**series, skip=buttons(answer, "skip")[0]).status_code == 303
    assert len(browser.stored().occurrences) == 5


def test_conflict_of_a_series_moves_all_dates_with_one_tap(browser: Browser, house: House) -> None:
    browser.have(by=house.stranger, day=7)
    series = {"repeat": "weekly", "every": "1", "ends": "count", "count": "3"}
    answer = browser.book(**series)
    booked = browser.book(**series, take=buttons(answer, "take")[0])
    assert booked.status_code == 303
    stored = browser.stored()
    assert len(stored.occurrences) == 3
    assert stored.starts_at.date().isoformat() == THURSDAY
    assert stored.starts_at.hour in (9, 11)


def test_conflict_with_all_dates_taken_offers_no_skipping(browser: Browser, house: House) -> None:
    browser.have(by=house.stranger, rule=WEEKLY)
    answer = browser.book(repeat="weekly", every="1", ends="count", count="4")
    assert answer.status_code == 409
    assert buttons(answer, "skip") == []


def test_conflict_with_a_closure_gives_its_reason(browser: Browser, house: House) -> None:
    with browser.app.app_context():
        wish = ClosureRequest(house.site.id, house.at(8), house.at(20), "Floor <i>works</i>")
        closures.close(wish, house.admin, now=NOW)
    page = browser.book().text
    assert "Closed: Floor &lt;i&gt;works&lt;/i&gt;" in page


def test_conflict_by_a_buffer_says_why(open_as: Open, house: House) -> None:
    browser = open_as(house.admin)
    browser.have(house.delta, by=house.admin, start=11, end=12)
    answer = browser.book(space=house.delta.id)
    assert answer.status_code == 409
    assert "kept free to set up and clear away" in answer.text


def test_conflict_with_a_closure_of_days_says_from_when_to_when(
    browser: Browser, house: House
) -> None:
    with browser.app.app_context():
        wish = ClosureRequest(house.site.id, house.at(0, day=-1), house.at(0, day=3), "Paint")
        closures.close(wish, house.admin, now=NOW)
    assert "Wed 10 Mar to Sat 13 Mar" in browser.book().text


def test_conflict_with_a_night_says_the_other_day(browser: Browser, house: House) -> None:
    browser.have(by=house.stranger, start=22, end=34)
    page = browser.book(date="2027-03-12", start="09:00", end="10:00").text
    assert "Thu 11 Mar, 22:00 to Fri 12 Mar, 10:00" in page


def test_script_gets_the_trouble_alone(browser: Browser, house: House) -> None:
    browser.have(by=house.stranger, title="Yoga")
    alone = {"X-Fragment": "1", "X-Part": "trouble", "Accept-Language": "en"}

    def ask(**fields: str) -> TestResponse:
        data = {"csrf_token": browser.token, **browser.form(**fields)}
        return browser.client.post("/bookings", data=data, headers=alone)

    part = ask()
    assert (part.status_code, part.headers["X-Part"]) == (409, "trouble")
    assert "Yoga" in part.text
    assert "<form" not in part.text
    offer = buttons(part, "take")[0]
    browser.book(take=offer)
    taken = ask(take=offer)
    assert "X-Part" not in taken.headers, "the form says now what was offered"
    assert "<form" in taken.text
    assert "X-Part" not in ask(title="").headers, "a wrong field is told beside it"
