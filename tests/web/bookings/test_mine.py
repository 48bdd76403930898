"""The list of one's own bookings."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from booking.actions.spaces import archive_space
from booking.core.values import Actor
from tests.support.factories import NOW, House
from tests.support.forms import (
    WEEKLY,
    Browser,
)

Open = Callable[[Actor], Browser]


def listed(answer: TestResponse) -> list[int]:
    return [int(each) for each in re.findall(r'agenda-line" href="/bookings/(\d+)"', answer.text)]


def test_mine_shows_what_comes_waits_and_is_over(
    browser: Browser, house: House, clock: Any
) -> None:
    over = browser.have()
    waits = browser.have(house.cedar, day=3)
    later = browser.have(day=9)
    browser.have(by=house.stranger, day=5)
    clock.now = NOW + timedelta(days=2)
    assert listed(browser.get("/bookings")) == [waits, later]
    assert listed(browser.get("/bookings?show=waiting")) == [waits]
    assert listed(browser.get("/bookings?show=past")) == [over]


def test_mine_filters_by_state_and_hides_what_was_cancelled(browser: Browser, house: House) -> None:
    kept, gone = browser.have(), browser.have(day=1)
    browser.post(f"/bookings/{gone}/cancel", version=1)
    assert listed(browser.get("/bookings")) == [kept]
    assert listed(browser.get("/bookings?state=cancelled")) == [gone]
    assert listed(browser.get("/bookings?state=requested")) == []
    assert listed(browser.get("/bookings?state=nonsense&show=nonsense")) == [kept]


def test_mine_shows_a_series_once_with_its_next_date(browser: Browser, clock: Any) -> None:
    found = browser.have(rule=WEEKLY)
    clock.now = NOW + timedelta(days=5)
    answer = browser.get("/bookings")
    assert listed(answer) == [found]
    assert 'datetime="2027-03-18"' in answer.text
    assert "and 2 dates after" in answer.text


def test_mine_shows_what_others_booked_for_me(browser: Browser, house: House) -> None:
    found = browser.have(
        by=house.manager, organiser_id=house.member.person_id, organisation_id=house.ours
    )
    assert listed(browser.get("/bookings")) == [found]


def test_mine_shows_managers_the_bookings_of_their_organisation(
    browser: Browser, open_as: Open, house: House
) -> None:
    found = browser.have(organisation_id=house.ours)
    manager = open_as(house.manager)
    assert listed(manager.get("/bookings")) == []
    assert listed(manager.get("/bookings?of=organisation")) == [found]
    assert listed(open_as(house.stranger).get("/bookings?of=organisation")) == []


def test_mine_goes_on_to_further_pages(browser: Browser) -> None:
    found = [browser.have(day=day) for day in range(27)]
    first, second = browser.get("/bookings"), browser.get("/bookings?page=2")
    assert listed(first) + listed(second) == found
    assert "page=2" in first.text
    assert browser.get("/bookings?page=x").status_code == 404


def test_mine_asks_for_the_same_number_of_statements(
    browser: Browser, house: House, count: Any
) -> None:
    seen = []
    for days in (1, 3, 40):
        browser.have(start=8 + len(seen), end=9 + len(seen), rule=f"FREQ=DAILY;COUNT={days}")
        browser.get("/bookings")
        with count() as statements:
            browser.get("/bookings")
        seen.append(len(statements))
    assert len(set(seen)) == 1
    assert seen[0] <= 9


def test_form_asks_for_a_fixed_number_of_statements(
    browser: Browser, house: House, count: Any
) -> None:
    browser.get("/bookings/new")
    with count() as before:
        browser.get("/bookings/new")
    for number in range(5):
        house.add_person(f"Person{number}", organisation=house.ours)
        house.add_space(f"Space{number}")
    with count() as after:
        browser.get("/bookings/new")
    assert len(before) == len(after) <= 8


def test_mine_finds_by_words_and_room(browser: Browser, house: House) -> None:
    choir = browser.have(title="Chorale d'été")
    chess = browser.have(house.birch, title="Échecs", day=1)
    assert listed(browser.get("/bookings?q=ete")) == [choir]
    assert listed(browser.get("/bookings?q=%C3%A9chec")) == [chess]
    assert listed(browser.get(f"/bookings?space={house.birch.id}")) == [chess]
    assert listed(browser.get(f"/bookings?space={house.birch.id}&q=ete")) == []
    assert "Nothing found" in browser.get("/bookings?q=nothing").text
    for odd in ("q=%00", "q=%25", "space=x", "space=99999999999999", "q=" + "x" * 5000, "of=x"):
        assert browser.get(f"/bookings?{odd}").status_code == 200


def test_house_is_searched_as_far_as_one_may_read(browser: Browser, house: House) -> None:
    house.add_booking(title="Budget", by=house.stranger, visibility="private")
    open_one = house.add_booking(title="Budget", by=house.stranger, days=(1,), note="Door code 42")
    answer = browser.get("/bookings?of=house&q=budget")
    assert listed(answer) == [open_one]
    assert "Door code" not in answer.text
    assert listed(browser.get("/bookings?q=budget")) == []


def test_house_is_listed_for_words_alone(browser: Browser, house: House) -> None:
    house.add_booking(title="Budget", by=house.stranger)
    for nothing in ("", "&q=", "&q=%21", f"&space={house.atlas.id}", "&show=past"):
        answer = browser.get(f"/bookings?of=house{nothing}")
        assert listed(answer) == []
        assert "Search the whole house" in answer.text


def test_filters_stay_from_page_to_page(browser: Browser, house: House) -> None:
    for day in range(27):
        house.add_booking(title="Choir <b>", days=(day,))
    first = browser.get("/bookings?q=choir&of=house")
    assert len(listed(first)) == 25
    more = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert more is not None
    address = more[1].replace("&amp;", "&")
    assert {"q=choir", "of=house", "page=2"} <= {*address.partition("?")[2].split("&")}
    assert len(listed(browser.get(address))) == 2


def test_mine_lists_what_was_in_a_room_that_is_archived_by_now(
    app: Flask, browser: Browser, house: House, clock: Any
) -> None:
    over = browser.have(house.birch)
    clock.now = NOW + timedelta(days=20)
    with app.app_context():
        archive_space(house.birch.id, house.admin, version=1, now=clock.now)
    answer = browser.get("/bookings?show=past")
    assert listed(answer) == [over]
    assert "Birch" in answer.text
