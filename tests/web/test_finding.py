"""The search for free time: what it shows, what each link leads to, what it says to nonsense."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.actions.finding import MOST_OPENINGS
from booking.core.values import Stance
from tests.support.factories import House
from tests.support.forms import THURSDAY, Browser, checked, chosen, value

FRIDAY = "2027-03-12"


@pytest.fixture
def browser(app: Flask, house: House, sign_in: Any, csrf: Any) -> Browser:
    """Return the member's browser."""
    client = sign_in(app.test_client(), house.member)
    return Browser(app, house, client, csrf(client, "/profile"))


def taps(answer: TestResponse) -> list[str]:
    """Return the addresses of the forms that are a tap away."""
    return [unescape(each) for each in re.findall(r'class="tap[^"]*" href="([^"]+)"', answer.text)]


def words(answer: TestResponse) -> str:
    """Return the text of what was found."""
    found = answer.text.split('id="found"')[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(found)).split())


@pytest.mark.parametrize("path", ["/find", "/find/series", "/find/together"])
def test_search_asks_to_sign_in_first(client: FlaskClient, house: House, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_search_is_in_the_navigation(browser: Browser) -> None:
    page = browser.get("/find").text
    assert 'href="/find" aria-current="page"' in page
    assert "Find a room" in page


def test_at_first_the_next_fortnight_is_shown(browser: Browser, house: House) -> None:
    answer = browser.get("/find")
    assert answer.status_code == 200
    assert (value(answer, "first"), value(answer, "last")) == ("2027-03-10", "2027-03-23")
    assert (chosen(answer, "earliest"), chosen(answer, "latest")) == ("08:00", "20:00")
    assert "Wednesday, 10 March 2027" in answer.text
    assert taps(answer)[0].startswith(f"/bookings/new?space={house.birch.id}&date=2027-03-10")


def test_a_wish_is_found_and_each_time_is_one_tap_from_the_filled_form(
    browser: Browser, house: House
) -> None:
    """A room for 12 with video, 90 minutes, Tuesday to Thursday, 9-18, in the next 14 days."""
    house.add_space("Studio", capacity=14, features=("video",))
    asked = "attendance=12&feature=video&length=90&weekday=1&weekday=2&weekday=3"
    answer = browser.get(f"/find?{asked}&earliest=09:00&latest=18:00")
    assert "Studio" in words(answer)
    assert "Atlas" not in words(answer)
    for day in ("Friday", "Saturday", "Sunday", "Monday"):
        assert day not in words(answer)
    form = browser.get(taps(answer)[-1])
    assert "Studio" in form.text.split('value="' + checked(form, "space")[0])[1][:60]
    assert value(form, "attendance") == "12"
    assert (value(form, "date"), chosen(form, "start"), chosen(form, "end")) == (
        "2027-03-23",
        "15:00",
        "16:30",
    )


def test_what_needs_an_approver_says_so(browser: Browser, house: House) -> None:
    answer = browser.get(f"/find?first={THURSDAY}&last={THURSDAY}")
    lines = answer.text.split('<ul class="found">')[1].split("</li>")
    said = {
        "Atlas" in line: "on request" in line for line in lines if re.search("Atlas|Cedar", line)
    }
    assert said == {True: False, False: True}


def test_private_bookings_are_a_gap_and_nothing_else(browser: Browser, house: House) -> None:
    house.add_booking(house.atlas, by=house.stranger, title="Secret", visibility="private")
    answer = browser.get(f"/find?first={THURSDAY}&last={THURSDAY}")
    assert "free 08:00–10:00, 11:00–20:00" in words(answer)
    assert "Secret" not in answer.text


def test_a_long_answer_leads_on(browser: Browser, house: House) -> None:
    for number in range(12):
        house.add_space(f"Room {number}", capacity=4)
    answer = browser.get("/find")
    assert "More rooms on this day" in answer.text
    later = re.search(r'<a class="btn" href="([^"]+)">Later days', answer.text)
    assert later
    following = browser.get(unescape(later[1]))
    assert value(following, "first") > "2027-03-11"
    assert value(following, "last") == "2027-03-23"
    assert answer.text.count('class="found-room"') <= MOST_OPENINGS


def test_nothing_free_says_what_to_try(browser: Browser, house: House) -> None:
    answer = browser.get("/find?attendance=400")
    assert (answer.status_code, "Nothing is free" in answer.text) == (200, True)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param("attendance=many", "lies between 1 and 10000", id="no number"),
        pytest.param("attendance=-3", "lies between 1 and 10000", id="below zero"),
        pytest.param("attendance=99999999999999", "lies between 1 and 10000", id="huge"),
        pytest.param("length=long", "Write a whole number.", id="no length"),
        pytest.param("length=0", "Write a whole number.", id="length 0"),
        pytest.param("length=999999", "longer than the hours", id="longer than a day"),
        pytest.param("length=600&earliest=09:00&latest=12:00", "longer than the hours", id="tight"),
        pytest.param(f"first={FRIDAY}&last={THURSDAY}", "lies before the first", id="backwards"),
        pytest.param(f"first={THURSDAY}&last=2054-07-27", "At most 100 days", id="10,000 days"),
        pytest.param("first=2027-02-30&last=2027-03-30", "no such day", id="30 February"),
        pytest.param("first=9999-12-31", "lies before the first", id="end of time"),
        pytest.param("first=2031-01-01&last=2031-01-09", "open until", id="not open yet"),
        pytest.param("first=2027-01-01&last=2027-01-09", "already over", id="over"),
        pytest.param("earliest=25:00", "no such time", id="25 o'clock"),
        pytest.param("earliest=12:00&latest=09:00", "before the start", id="hours backwards"),
        pytest.param("weekday=7", "one of the possibilities", id="eighth weekday"),
        pytest.param("weekday=x", "one of the possibilities", id="no weekday"),
        pytest.param("kind=castle", "one of the possibilities", id="no kind"),
        pytest.param("feature=%00", "one of the possibilities", id="NUL"),
    ],
)
def test_nonsense_is_told_beside_its_field(browser: Browser, asked: str, said: str) -> None:
    answer = browser.get(f"/find?{asked}")
    assert answer.status_code in (200, 422)
    assert re.search(said, answer.text), answer.text
    if answer.status_code == 422:
        assert re.search('class="error" id="f-[a-z]+-error"', answer.text)
        assert "Not searched yet" in answer.text


def test_an_unknown_house_is_not_found(browser: Browser) -> None:
    assert browser.get("/find?site=elsewhere").status_code == 404


def test_several_rooms_together_are_booked_with_one_tap(browser: Browser, house: House) -> None:
    house.add_booking(house.atlas, start=8, end=12)
    house.add_booking(house.birch, start=13, end=20)
    rooms = f"space={house.atlas.id}&space={house.birch.id}"
    answer = browser.get(f"/find/together?{rooms}&first={THURSDAY}&last={THURSDAY}")
    assert "Free at once: Atlas, Birch" in words(answer)
    assert "Thu 11 Mar free 12:00–13:00" in words(answer)
    assert checked(answer, "space") == [str(house.atlas.id), str(house.birch.id)]
    (tap,) = taps(answer)
    form = browser.get(tap)
    assert checked(form, "space") == [str(house.atlas.id), str(house.birch.id)]
    assert (chosen(form, "start"), chosen(form, "end")) == ("12:00", "13:00")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param("", "When are they free together?", id="nothing chosen"),
        pytest.param("space=987654", "There is no such room.", id="unknown"),
        pytest.param("space=x", "There is no such room.", id="no number"),
    ],
)
def test_together_says_what_is_missing(browser: Browser, asked: str, said: str) -> None:
    answer = browser.get(f"/find/together?{asked}")
    assert said in answer.text


SERIES = f"date={THURSDAY}&start=10:00&end=11:30&repeat=weekly&ends=count&count=4&every=1"


def test_rooms_for_a_series_with_the_rule_in_the_form(browser: Browser, house: House) -> None:
    house.add_booking(house.birch, days=(7,))
    answer = browser.get(f"/find/series?{SERIES}&attendance=5&title=Choir")
    assert "Every week, 4 times" in words(answer)
    assert "Atlas 8 places" in words(answer)
    assert "free at all dates" in words(answer)
    assert "not free: Thu 18 Mar" in words(answer)
    assert "3 of 4 dates" in words(answer)
    form = browser.get(taps(answer)[0])
    assert (value(form, "title"), value(form, "attendance")) == ("Choir", "5")
    assert (chosen(form, "repeat"), value(form, "count")) == ("weekly", "4")
    assert re.search(r'name="ends" value="count" checked', form.text)
    assert (value(form, "date"), chosen(form, "start"), chosen(form, "end")) == (
        THURSDAY,
        "10:00",
        "11:30",
    )


def test_further_dates_are_looked_at_and_taken_along(browser: Browser, house: House) -> None:
    house.add_booking(house.atlas, days=(5,))
    more = "more=2027-03-16&more=2027-03-19"
    answer = browser.get(f"/find/series?date={THURSDAY}&start=10:00&end=11:00&repeat=none&{more}")
    assert "On chosen dates" in words(answer)
    assert "2 of 3 dates" in words(answer)
    form = browser.get(taps(answer)[0])
    assert re.findall(r'name="more" value="([^"]*)"', form.text) == ["2027-03-16", "2027-03-19", ""]


def test_certain_weekdays_of_the_month_are_taken_along(browser: Browser, house: House) -> None:
    rule = "repeat=monthly_nth&nth=1&nth=3&weekday=1&every=1&ends=count&count=4"
    answer = browser.get(f"/find/series?date={THURSDAY}&start=10:00&end=11:00&{rule}")
    assert "free at all dates" in words(answer)
    form = browser.get(taps(answer)[0])
    assert (checked(form, "nth"), checked(form, "weekday")) == (["1", "3"], ["1"])
    assert chosen(form, "repeat") == "monthly_nth"


def test_at_first_twelve_weeks_are_looked_at(browser: Browser) -> None:
    answer = browser.get("/find/series")
    assert answer.status_code == 200
    assert "12 times" in words(answer)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param(
            "date=2027-03-01&start=10:00&end=11:00&repeat=none", "already over", id="past"
        ),
        pytest.param("date=&start=10:00&end=11:00", "Choose a day.", id="no day"),
        pytest.param(f"date={THURSDAY}&start=11:00&end=10:00", "before the start", id="backwards"),
        pytest.param(f"{SERIES}0000", "date|dates", id="40,000 dates"),
        pytest.param(f"{SERIES}&weekday=9", "possibilities", id="weekday"),
        pytest.param("date=2031-01-01&start=10:00&end=11:00", "open until", id="far away"),
        pytest.param(
            f"date={THURSDAY}&start=10:00&end=11:00&repeat=custom&rule=FREQ%3DHOURLY",
            "HOURLY",
            id="rule",
        ),
    ],
)
def test_a_series_that_makes_no_sense_is_told(browser: Browser, asked: str, said: str) -> None:
    answer = browser.get(f"/find/series?{asked}")
    assert answer.status_code == 422
    assert re.search(said, answer.text)


def test_a_clash_leads_to_the_search(browser: Browser, house: House) -> None:
    house.add_booking(days=(0, 7))
    clash = browser.book(repeat="weekly", ends="count", count="3", every="1", attendance="5")
    assert clash.status_code == 409
    link = re.search(r'href="(/find/series\?[^"]+)">Find a room for all dates', clash.text)
    assert link
    answer = browser.get(unescape(link[1]))
    assert "Every week, 3 times" in words(answer)
    assert "1 of 3 dates" in words(answer)
    assert "title=Choir" in taps(answer)[0]
    single = browser.book()
    link = re.search(r'href="(/find\?[^"]+)">Find another room or day', single.text)
    assert link
    assert value(browser.get(unescape(link[1])), "first") == THURSDAY


def test_search_in_french(browser: Browser) -> None:
    page = browser.client.get("/find", headers={"Accept-Language": "fr"}).text
    assert "Trouver une salle" in page
    assert "mercredi 10 mars 2027" in page


@pytest.mark.parametrize(
    "path",
    [
        f"/find?first={THURSDAY}&last={THURSDAY}&length=90",
        f"/find/series?date={THURSDAY}&start=10:00&end=12:00&repeat=weekly&ends=count&count=3",
        "/find/together?space={room}",
    ],
    ids=["a room", "a series", "together"],
)
def test_what_is_over_a_limit_says_so(browser: Browser, house: House, path: str) -> None:
    path = path.replace("{room}", str(house.birch.id))
    assert "over the limit" not in words(browser.get(path))
    house.count_use(month_hours=timedelta(minutes=30))
    page = browser.get(path)
    found = words(page)
    assert "over the limit" in found
    assert found.count("Ours") <= 2  # once, above all: who it is about, and how it stands
    assert taps(page)  # for another organisation it may be different
    house.count_use(included=timedelta(minutes=30), beyond=Stance.ASK)
    found = words(browser.get(path))
    assert "over the limit" not in found
    assert "on request" in found


def test_a_limit_is_told_once_whatever_rooms_take_of_it(browser: Browser, house: House) -> None:
    house.add_space("Hall", weight=200)
    house.count_use(month_hours=timedelta(minutes=30))
    found = words(browser.get(f"/find?first={THURSDAY}&last={THURSDAY}&length=90"))
    assert "Hall" in found
    assert found.count("in March 2027 are used") == 1
