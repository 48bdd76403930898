"""A stored booking in the form; two editors at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from booking.core.values import Actor, State
from tests.support.factories import NOW, House
from tests.support.forms import (
    THURSDAY,
    WEEKLY,
    Browser,
    buttons,
    checked,
    chosen,
    value,
)

Open = Callable[[Actor], Browser]


def test_edit_shows_the_booking(browser: Browser, house: House) -> None:
    wish = {"note": "loud", "attendance": 5, "organisation_id": house.ours}
    found = browser.have(house.birch, start=14, end=15.5, **wish)
    answer = browser.get(f"/bookings/{found}/edit")
    assert value(answer, "title") == "Choir"
    assert (value(answer, "version"), value(answer, "attendance")) == ("1", "5")
    assert (chosen(answer, "start"), chosen(answer, "end")) == ("14:00", "15:30")
    assert checked(answer, "space") == [str(house.birch.id)]
    assert chosen(answer, "organisation") == str(house.ours)
    assert chosen(answer, "organiser") == str(house.member.person_id)


def test_edit_stores_and_leads_to_the_board(browser: Browser, house: House) -> None:
    found = browser.have()
    answer = browser.edit(found, title="Band", start="14:00", end="15:00", space=house.birch.id)
    assert (answer.status_code, answer.location) == (303, f"/board/house/day/{THURSDAY}")
    stored = browser.stored(found)
    assert (stored.title, stored.space_ids, stored.version) == ("Band", (house.birch.id,), 2)
    assert stored.organiser_id == house.member.person_id


def test_edit_in_conflict_offers_alternatives_to_the_edit(browser: Browser, house: House) -> None:
    browser.have(by=house.stranger, start=14, end=15)
    found = browser.have()
    answer = browser.edit(found, start="14:00", end="15:00")
    assert answer.status_code == 409
    assert f'action="/bookings/{found}/edit"' in answer.text
    offer = buttons(answer, "take")[0]
    assert browser.edit(found, start="14:00", end="15:00", take=offer).status_code == 303
    assert browser.stored(found).version == 2


def test_edit_after_somebody_else_shows_both_and_saves_on_request(
    browser: Browser, open_as: Open, house: House
) -> None:
    found = browser.have(organisation_id=house.ours)
    manager = open_as(house.manager)
    changed = manager.edit(
        found,
        title="Chamber choir",
        attendance="9",
        organisation=house.ours,
        organiser=house.member.person_id,
    )
    assert changed.status_code == 303

    mine = {"title": "Band", "start": "15:00", "end": "16:00", "organisation": house.ours}
    answer = browser.edit(found, **mine)
    assert answer.status_code == 409
    assert "Somebody changed this booking in the meantime" in answer.text
    assert "Manager saved it" in answer.text
    compared = answer.text.split('class="differs"')[1].split("</table>")[0]
    for text in ("Chamber choir", "Band", "15:00–16:00", "10:00–11:00"):
        assert text in compared
    assert "Organisation" not in compared
    assert (value(answer, "title"), value(answer, "version")) == ("Band", "2")

    again = browser.edit(found, **mine, version=2)
    assert again.status_code == 303
    assert browser.stored(found).title == "Band"


@pytest.mark.parametrize("who", ["stranger", "approver"])
@pytest.mark.parametrize("path", ["edit", "cancel"])
def test_edit_and_cancel_are_for_its_own_people(
    browser: Browser, open_as: Open, house: House, who: str, path: str
) -> None:
    found = browser.have()
    other = open_as(getattr(house, who))
    assert other.get(f"/bookings/{found}/{path}").status_code == 403
    assert other.edit(found, title="Mine").status_code == 403
    cancelled = other.post(f"/bookings/{found}/cancel", version=1)
    assert cancelled.status_code == 403
    assert (browser.stored(found).title, browser.stored(found).version) == ("Choir", 1)


def test_edit_begun_series_keeps_what_is_over(browser: Browser, clock: Any) -> None:
    found = browser.have(rule=WEEKLY)
    clock.now = NOW + timedelta(days=12)
    form = browser.get(f"/bookings/{found}/edit")
    assert "This series has begun." in form.text
    series = {"repeat": "weekly", "every": "1", "ends": "count", "count": "4"}
    answer = browser.edit(found, start="14:00", end="15:00", **series)
    assert answer.status_code == 303
    assert answer.location == "/board/house/day/2027-03-25"
    assert [each.recurrence_id.day for each in browser.stored().occurrences] == [25, 1]
    page = browser.get(f"/bookings/{browser.stored().id}").text
    assert f'href="/bookings/{found}"' in page


def test_edit_series_keeps_dates_that_were_left_out(browser: Browser, house: House) -> None:
    found = browser.have(rule=WEEKLY, skip=frozenset({house.at(10, day=7)}))
    series = {"repeat": "weekly", "every": "1", "ends": "count", "count": "4"}
    assert browser.edit(found, title="Band", end="12:00", **series).status_code == 303
    assert browser.stored(found).occurrences[1].state is State.SKIPPED


def moved(browser: Browser, booking_id: int, **fields: Any) -> TestResponse:
    times = {"version": 1, "date": THURSDAY, "start": "15:00", "end": "16:00"}
    path = f"/bookings/{booking_id}/move"
    return browser.post(path, fragment=True, **{**times, **fields})


def test_move_by_drag(browser: Browser, house: House) -> None:
    found = browser.have()
    answer = moved(browser, found, space_from=house.atlas.id, space_to=house.birch.id)
    assert (answer.status_code, answer.headers["X-Board"]) == (200, "reload")
    assert answer.text == "Booked: Choir, Birch, Thursday, 11 March 2027, 15:00–16:00."
    stored = browser.stored(found)
    assert (stored.space_ids, stored.occurrences[0].interval) == (
        (house.birch.id,),
        house.interval(15, 16),
    )


def test_move_without_script_leads_to_the_board(browser: Browser, house: House) -> None:
    found = browser.have()
    answer = browser.post(
        f"/bookings/{found}/move",
        version=1,
        date="2027-03-12",
        start="23:00",
        end="01:00",
        end_date="2027-03-13",
    )
    assert (answer.status_code, answer.location) == (303, "/board/house/day/2027-03-12")


def test_move_onto_somebody_is_the_form_with_the_new_time(browser: Browser, house: House) -> None:
    browser.have(house.birch, by=house.stranger, start=15, end=16, title="Yoga")
    found = browser.have(note="loud")
    answer = moved(browser, found, space_from=house.atlas.id, space_to=house.birch.id)
    assert answer.status_code == 409
    assert "Yoga" in answer.text
    assert f'action="/bookings/{found}/edit"' in answer.text
    assert checked(answer, "space") == [str(house.birch.id)]
    assert (chosen(answer, "start"), value(answer, "title")) == ("15:00", "Choir")
    assert buttons(answer, "take")
    assert browser.stored(found).version == 1


def test_move_of_a_series_or_with_nonsense_is_the_form(browser: Browser) -> None:
    found = browser.have(rule=WEEKLY)
    assert moved(browser, found).status_code == 422
    single = browser.have(start=12, end=13)
    for wrong in (
        {"date": "2027-02-29"},
        {"start": "x"},
        {"end": "14:00"},
        {"space_from": "x", "space_to": "y"},
        {"space_from": 999, "space_to": 1},
    ):
        assert moved(browser, single, **wrong).status_code == 422, wrong
    assert browser.stored(single).version == 1


def test_move_with_an_old_version_compares(browser: Browser) -> None:
    found = browser.have()
    assert moved(browser, found).status_code == 200
    answer = moved(browser, found, start="17:00", end="18:00")
    assert answer.status_code == 409
    assert "Somebody changed this booking in the meantime" in answer.text


def test_move_of_somebody_elses_booking_is_refused(
    browser: Browser, open_as: Open, house: House
) -> None:
    found = browser.have()
    assert moved(open_as(house.stranger), found).status_code == 403
