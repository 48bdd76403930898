"""Book anyway: an administrator sees what would be displaced, says why, and has the time."""

import re
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from booking.actions.closures import close
from booking.core.requests import ClosureRequest, Over
from booking.core.values import Actor, State, Visibility
from tests.support.factories import NOW, House
from tests.support.forms import WEEKLY, Browser, buttons

Open = Callable[[Actor], Browser]
OFFER = "Book anyway and displace"
WHY = "The mayor comes."


@pytest.fixture
def desk(open_as: Open, house: House) -> Browser:
    """The browser of an administrator."""
    return open_as(house.admin)


def section(answer: TestResponse) -> str:
    """Return what the page says of booking anyway, as text."""
    found = re.search(r'<details class="fold displace".*?</details>', answer.text, re.DOTALL)
    assert found, "no such offer"
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_an_administrator_displaces_with_a_reason(desk: Browser, house: House) -> None:
    theirs = desk.have(by=house.stranger, title="Yoga", organisation_id=house.theirs)
    refused = desk.book(title="Council")
    assert refused.status_code == 409
    said = section(refused)
    assert "Yoga" in said
    assert "Stranger · Theirs" in said
    assert "Atlas · Thu 11 Mar 10:00–11:00" in said
    [agreed] = buttons(refused, "displace")

    done = desk.book(title="Council", displace=agreed, displace_reason=WHY)

    assert done.status_code == 303
    assert desk.stored().title == "Council"
    assert desk.stored(theirs).state is State.CANCELLED
    history = desk.get(f"/bookings/{theirs}").text
    assert "Displaced" in history
    assert WHY in history


def test_a_reason_is_asked_for_and_the_rest_stays(desk: Browser, house: House) -> None:
    theirs = desk.have(by=house.stranger)
    [agreed] = buttons(desk.book(), "displace")
    answer = desk.book(note="loud", displace=agreed, displace_reason=" ")
    assert answer.status_code == 409
    assert "Give a reason." in section(answer)
    assert '<details class="fold displace" open>' in answer.text
    assert buttons(answer, "displace") == [agreed]
    assert buttons(answer, "take")
    assert desk.stored(theirs).state is State.CONFIRMED

    long = desk.book(displace=agreed, displace_reason="x" * 501)
    assert "At most 500 characters" in section(long)


def test_what_came_in_the_way_since_is_shown_first(desk: Browser, house: House) -> None:
    desk.have(by=house.stranger, title="Yoga")
    [agreed] = buttons(desk.book(end="12:00"), "displace")
    late = desk.have(by=house.member, title="Tea", start=11, end=12)
    answer = desk.book(end="12:00", displace=agreed, displace_reason=WHY)
    assert answer.status_code == 409
    assert "Tea" in section(answer)
    assert WHY in answer.text
    assert desk.stored(late).state is State.CONFIRMED


def test_others_are_not_asked(browser: Browser, open_as: Open, house: House) -> None:
    theirs = browser.have(by=house.stranger)
    ids = " ".join(str(each.allocation_id) for each in browser.stored(theirs).occurrences)
    for person in (house.member, house.manager, house.approver):
        other = open_as(person)
        assert OFFER not in other.book().text
        answer = other.book(displace=ids, displace_reason=WHY)
        assert answer.status_code == 403
    assert browser.stored(theirs).state is State.CONFIRMED


def test_private_bookings_are_the_administrators_to_see(desk: Browser, house: House) -> None:
    desk.have(by=house.stranger, title="Secret", visibility=Visibility.PRIVATE)
    assert "Secret" in section(desk.book())


def test_a_series_displaces_date_by_date(desk: Browser, house: House) -> None:
    series = desk.have(by=house.stranger, title="Yoga", rule=WEEKLY)
    refused = desk.book(repeat="weekly", every="1", ends="count", count="2")
    said = section(refused)
    assert "Thu 11 Mar 10:00–11:00; Thu 18 Mar" in said
    assert "Its other dates stay." in said
    [agreed] = buttons(refused, "displace")

    done = desk.book(
        repeat="weekly",
        every="1",
        ends="count",
        count="2",
        displace=agreed,
        displace_reason=WHY,
    )

    assert done.status_code == 303
    gone, kept = State.CANCELLED, State.CONFIRMED
    assert [each.state for each in desk.stored(series).occurrences] == [gone, gone, kept, kept]


def test_a_change_displaces_too(desk: Browser, house: House) -> None:
    theirs = desk.have(by=house.stranger, start=14, end=15)
    mine = desk.have(by=house.admin)
    refused = desk.edit(mine, start="14:00", end="15:00", fragment=True)
    assert refused.status_code == 409
    [agreed] = buttons(refused, "displace")
    done = desk.edit(mine, start="14:00", end="15:00", displace=agreed, displace_reason=WHY)
    assert done.status_code == 303
    assert desk.stored(mine).starts_at == house.at(14)
    assert desk.stored(theirs).state is State.CANCELLED


def test_a_closure_is_not_offered(desk: Browser, house: House) -> None:
    with desk.app.app_context():
        works = ClosureRequest(house.site.id, house.at(10), house.at(11), "Works", over=Over.KEEP)
        close(works, house.admin, now=NOW)
    assert OFFER not in desk.book().text


@pytest.mark.parametrize("ids", ["", "x", "99999", "1 2 3", "-1", "١"])
def test_invented_ids_displace_nothing(desk: Browser, house: House, ids: str) -> None:
    theirs = desk.have(by=house.stranger)
    allocation_id = desk.stored(theirs).occurrences[0].allocation_id
    if str(allocation_id) in ids.split():
        ids = "99999"
    answer = desk.book(displace=ids, displace_reason=WHY)
    assert answer.status_code == 409
    assert desk.stored(theirs).state is State.CONFIRMED


def test_date_of_a_series_displaces_too(desk: Browser, house: House) -> None:
    series = desk.have(house.birch, by=house.admin, rule=WEEKLY)
    theirs = desk.have(by=house.stranger, title="Yoga", start=14, end=16, day=7)
    date = desk.stored(series).occurrences[1].occurrence_id
    path = f"/bookings/{series}/dates/{date}"
    fields = {
        "version": "1",
        "space": str(house.atlas.id),
        "date": f"{house.at(0, day=7):%Y-%m-%d}",
        "start": "15:00",
        "end": "17:00",
        "title": "",
    }
    refused = desk.post(path, **fields)
    assert refused.status_code == 409
    assert "Yoga" in section(refused)
    [agreed] = buttons(refused, "displace")
    again = desk.post(path, displace=agreed, displace_reason="", **fields)
    assert "Give a reason." in section(again)
    assert desk.post(path, displace=agreed, displace_reason=WHY, **fields).status_code == 303
    assert desk.stored(theirs).state is State.CANCELLED


def test_series_that_goes_as_a_whole_is_said_to(desk: Browser, house: House) -> None:
    desk.have(by=house.stranger, rule="FREQ=WEEKLY;COUNT=3")
    whole = section(desk.book(repeat="weekly", ends="count", count="3"))
    assert "Its other dates stay." not in whole
    assert "No other date of it is to come." in whole


def test_displaced_one_sees_the_place_in_the_waiting_list(
    desk: Browser, open_as: Open, house: House
) -> None:
    theirs = desk.have(by=house.stranger, title="Yoga")
    [agreed] = buttons(desk.book(), "displace")
    desk.book(displace=agreed, displace_reason=WHY)
    stranger = open_as(house.stranger)
    assert "You are on the waiting list for this time." in stranger.get(f"/bookings/{theirs}").text
    assert "Yoga" in stranger.get("/waiting").text
