"""Desks: a week of half-days, booked and given back with one tap; other kinds beside the rooms."""

import re
from datetime import time, timedelta

import pytest
from flask.testing import FlaskClient

from booking.actions.bookings import book
from booking.core.values import Hours, Policy, Space, SpaceKind
from tests.support.factories import NOW, Clock, House

WEEK = Policy(hours=(*(Hours(time(9), time(18)),) * 5, None, None), half_days=time(13))
THURSDAY = "2027-03-11"


@pytest.fixture
def desks(house: House) -> list[Space]:
    return [house.add_space(f"Desk {each}", kind=SpaceKind.DESK, policy=WEEK) for each in range(2)]


@pytest.fixture
def browser(member: FlaskClient) -> FlaskClient:
    member.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return member


def tap(
    post, browser: FlaskClient, desk: Space, part: str = "morning", day: str = THURSDAY, **more
):
    fields = {"space": str(desk.id), "day": day, "part": part, **more}
    answer = post(browser, "/desks/book", **fields)
    assert answer.status_code == 303
    return browser.get(answer.headers["Location"])


def cells(page: str) -> list[str]:
    return re.findall(r'<td class="is-(\w+)"', page)


def test_week_shows_each_half_day_of_each_desk(browser, desks, house):
    page = browser.get("/desks")
    # From Wednesday, ten o'clock, on; the weekend is closed.
    assert cells(page.text) == ["free"] * 12
    assert "Book: Desk 0, Thursday 11 March, morning" in page.text
    assert cells(browser.get("/desks?by=day").text) == ["free"] * 6
    assert cells(browser.get("/desks?day=2027-03-01").text) == ["over"] * 20
    assert cells(browser.get("/desks?day=2027-03-15").text) == ["free"] * 20


def test_one_tap_books_and_one_gives_back(browser, post, desks, house):
    page = tap(post, browser, desks[0])
    assert "Booked: Desk 0, Thursday, 11 March 2027, morning." in page.text
    assert cells(page.text)[:6] == ["free"] * 2 + ["mine"] + ["free"] * 3
    [booking] = re.findall(r'name="booking" value="(\d+)"', page.text)
    answer = post(browser, "/desks/give-back", booking=booking)
    page = browser.get(answer.headers["Location"])
    assert "Given back" in page.text
    assert "mine" not in cells(page.text)


def test_whole_day_takes_both_halves(browser, post, desks):
    page = tap(post, browser, desks[1], "day", by="day")
    assert cells(page.text)[3:] == ["free", "mine", "free"]
    assert cells(browser.get(f"/desks?day={THURSDAY}").text)[8:10] == ["mine", "mine"]


def test_taken_desk_is_told_and_by_whom(browser, post, desks, app, house):
    with app.app_context():
        wish = house.request(desks[0], start=9, end=13)
        book(wish, house.stranger, now=NOW)
    page = tap(post, browser, desks[0])
    assert "Somebody was faster: Desk 0 is taken." in page.text
    assert ">Stranger</a>" in page.text


def test_what_others_keep_private_is_busy(browser, desks, house):
    house.add_booking(desks[0], start=9, end=13, by=house.stranger, visibility="private")
    page = browser.get("/desks").text
    assert "Stranger" not in page
    assert "<span>Busy</span>" in page


def test_rules_of_the_house_count(browser, post, desks, house, clock: Clock):
    late = house.add_space("Desk 9", kind=SpaceKind.DESK, policy=Policy(notice=timedelta(days=3)))
    page = tap(post, browser, late)
    assert "mine" not in cells(page.text)
    clock.now = NOW + timedelta(days=2)
    assert "mine" not in cells(tap(post, browser, desks[0]).text)


@pytest.mark.parametrize(
    "fields",
    [
        {"space": "999"},
        {"space": "x"},
        {"part": "night"},
        {"day": "2027-02-30"},
        {"day": "2027-03-13"},
    ],
)
def test_what_is_no_desk_or_no_day(browser, post, desks, fields):
    asked = {"space": str(desks[0].id), "day": THURSDAY, "part": "morning", **fields}
    assert post(browser, "/desks/book", **asked).status_code == 404


def test_others_give_nothing_back(browser, post, desks, house):
    taken = house.add_booking(desks[0], start=9, end=13, by=house.stranger)
    assert post(browser, "/desks/give-back", booking=str(taken)).status_code == 403


def test_house_without_desks(browser, house):
    assert "No desks here" in browser.get("/desks").text
    assert browser.get("/desks/elsewhere").status_code == 404


@pytest.mark.parametrize("kind", ["storage", "outdoor", "workshop", "desk"])
def test_other_kinds_are_booked_like_rooms_and_shown_apart(browser, post, house, kind):
    space = house.add_space("Elsewhere", kind=SpaceKind(kind), lanes=2 if kind == "storage" else 1)
    for number in range(space.lanes):
        answer = post(
            browser, "/bookings", title=f"Delivery {number}", space=str(space.id), date=THURSDAY,
            start="10:00", end="11:00", category="other", visibility="members",
        )  # fmt: skip
        assert answer.status_code == 303
    full = post(
        browser, "/bookings", title="One more", space=str(space.id), date=THURSDAY,
        start="10:30", end="11:00", category="other", visibility="members",
    )  # fmt: skip
    assert full.status_code == 409
    rooms = browser.get(f"/board/house/day/{THURSDAY}").text
    assert "Delivery 0" not in rooms
    shown = browser.get(f"/board/house/day/{THURSDAY}?kind={kind}").text
    for number in range(space.lanes):
        assert f"Delivery {number}" in shown
    assert "Atlas</" not in shown.split('id="board"')[1]
