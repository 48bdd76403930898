"""One date of a series, and a series from a date on, in the browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from booking.core.series import by_date, own_dates
from booking.core.values import Actor, BookingView, State
from tests.support.factories import House
from tests.support.forms import WEEKLY, Browser, buttons, checked, chosen, value

Open = Callable[[Actor], Browser]
SECOND = "2027-03-18"


def weekly(browser: Browser, **more: Any) -> BookingView:
    return browser.stored(browser.have(rule=WEEKLY, **more))


def nth_id(booking: BookingView, number: int) -> int:
    return list(by_date(booking).values())[number][0].occurrence_id


def path(booking: BookingView, number: int = 1) -> str:
    return f"/bookings/{booking.id}/dates/{nth_id(booking, number)}"


def save(browser: Browser, booking: BookingView, number: int = 1, **fields: Any) -> Any:
    wanted = browser.form(**{"date": SECOND, "version": booking.version, **fields})
    return browser.post(path(booking, number), **wanted)


def own_hours(booking: BookingView) -> list[str]:
    return [f"{each.start:%m-%d %H:%M}" for each in own_dates(booking) if each.start]


def test_form_of_a_date_shows_it_as_it_is(browser: Browser, house: House) -> None:
    series = weekly(browser)
    save(browser, series, title="Concert", start="14:00", end="15:30", space=house.birch.id)
    answer = browser.get(path(series))
    assert (value(answer, "title"), value(answer, "date")) == ("Concert", SECOND)
    assert (chosen(answer, "start"), chosen(answer, "end")) == ("14:00", "15:30")
    assert checked(answer, "space") == [str(house.birch.id)]
    assert value(answer, "version") == "2"


def test_saved_date_leads_to_the_board(browser: Browser, house: House) -> None:
    series = weekly(browser)
    answer = save(browser, series, start="14:00", end="15:00")
    assert (answer.status_code, answer.location) == (303, "/board/house/day/2027-03-11")
    assert own_hours(browser.stored(series.id)) == ["03-18 14:00"]


def test_empty_title_is_that_of_the_series(browser: Browser) -> None:
    series = weekly(browser)
    assert save(browser, series, title=" ", start="14:00", end="15:00").status_code == 303
    [own] = own_dates(browser.stored(series.id))
    assert own.title == ""


def test_taken_date_is_told_with_offers_of_which_one_is_taken(
    browser: Browser, house: House
) -> None:
    series = weekly(browser)
    browser.have(by=house.stranger, start=14, end=15, day=7)
    answer = save(browser, series, start="14:00", end="15:00")
    assert answer.status_code == 409
    offer = buttons(answer, "take")[0]
    assert save(browser, series, start="14:00", end="15:00", take=offer).status_code == 303
    assert len(own_dates(browser.stored(series.id))) == 1


def test_second_editor_of_a_date_sees_what_is_stored_now(
    browser: Browser, open_as: Open, house: House
) -> None:
    series = weekly(browser, organisation_id=house.ours)
    save(open_as(house.manager), series, start="16:00", end="17:00", title="Concert")
    answer = save(browser, series, start="14:00", end="15:00")
    assert answer.status_code == 409
    assert "Somebody changed this booking in the meantime" in answer.text
    assert "16:00" in answer.text
    assert value(answer, "version") == "2"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"date": "soon"}, "date", id="no day"),
        pytest.param({"start": "25:00"}, "time", id="no time"),
        pytest.param({"space": ""}, "room", id="no room"),
        pytest.param({"start": "12:00", "end": "11:00"}, "end", id="backwards"),
        pytest.param({"title": "x" * 201}, "200", id="long title"),
    ],
)
def test_nonsense_keeps_what_was_typed(browser: Browser, fields: dict[str, str], said: str) -> None:
    series = weekly(browser)
    answer = save(browser, series, **{"title": "Concert", "end": "13:00", **fields})
    assert answer.status_code == 422
    assert said in answer.text.lower()
    assert browser.stored(series.id) == series


@pytest.mark.parametrize("who", ["stranger", "approver"])
def test_date_is_for_its_own_people(
    browser: Browser, open_as: Open, house: House, who: str
) -> None:
    series = weekly(browser)
    other = open_as(getattr(house, who))
    assert other.get(path(series)).status_code == 403
    assert save(other, series).status_code == 403
    assert other.post(f"{path(series)}/back", version=1).status_code == 403
    assert browser.stored(series.id) == series


def test_date_that_is_not_there_is_not_found(browser: Browser) -> None:
    series, single = weekly(browser), browser.stored(browser.have(start=15, end=16))
    assert browser.get(f"/bookings/{series.id}/dates/999").status_code == 404
    date = single.occurrences[0].occurrence_id
    assert browser.get(f"/bookings/{single.id}/dates/{date}").status_code == 404


def test_check_of_a_date_tells_before_it_is_saved(browser: Browser, house: House) -> None:
    series = weekly(browser)
    browser.have(by=house.stranger, start=14, end=15, day=7)
    fields = browser.form(date=SECOND, start="14:00", end="15:00", version=1)
    assert "already taken" in browser.post(f"{path(series)}/check", fragment=True, **fields).text
    fields["start"], fields["end"] = "15:00", "16:00"
    assert "is free" in browser.post(f"{path(series)}/check", fragment=True, **fields).text
    page = browser.post(f"{path(series)}/check", **fields)
    assert "is free" in page.text
    assert chosen(page, "start") == "15:00"
    assert browser.stored(series.id) == series


# --- brought back


def test_cancelled_date_is_brought_back_from_the_page(browser: Browser) -> None:
    series = weekly(browser)
    browser.post(f"/bookings/{series.id}/cancel", occurrence=nth_id(series, 1), version=1)
    page = browser.get(f"/bookings/{series.id}")
    assert f'action="{path(series)}/back"' in page.text
    assert browser.post(f"{path(series)}/back", version=2).status_code == 303
    stored = browser.stored(series.id)
    assert {each.state for each in stored.occurrences} == {State.CONFIRMED}


def test_taken_date_is_not_brought_back_but_its_form_offers_others(
    browser: Browser, house: House
) -> None:
    series = weekly(browser)
    browser.post(f"/bookings/{series.id}/cancel", occurrence=nth_id(series, 1), version=1)
    browser.have(by=house.stranger, day=7)
    answer = browser.post(f"{path(series)}/back", version=2)
    assert answer.status_code == 409
    assert buttons(answer, "take")


# --- this and following


def test_form_from_a_date_on_shows_what_is_left(browser: Browser) -> None:
    series = weekly(browser)
    answer = browser.get(f"/bookings/{series.id}/edit?since={nth_id(series, 2)}")
    assert (value(answer, "date"), value(answer, "count")) == ("2027-03-25", "2")
    assert value(answer, "since") == str(nth_id(series, 2))
    assert "this and the following dates" in answer.text


def test_this_and_following_are_saved_as_a_series_of_their_own(browser: Browser) -> None:
    series = weekly(browser)
    answer = browser.edit(
        series.id,
        since=nth_id(series, 2),
        date="2027-03-25",
        title="Singing",
        repeat="weekly",
        ends="count",
        count="2",
    )
    assert answer.status_code == 303
    new, old = browser.stored(), browser.stored(series.id)
    assert (new.follows_id, new.title, old.title) == (series.id, "Singing", "Choir")
    assert (len(new.occurrences), len(old.occurrences)) == (2, 2)


def test_unknown_date_to_begin_from_is_not_found(browser: Browser) -> None:
    series = weekly(browser)
    assert browser.get(f"/bookings/{series.id}/edit?since=999").status_code == 404
    assert browser.edit(series.id, since="nonsense").status_code == 404


# --- the whole series


def whole(browser: Browser, series: BookingView, **fields: Any) -> dict[str, Any]:
    repeat = {"repeat": "weekly", "ends": "count", "count": "4"}
    return browser.form(version=series.version, booking=series.id, **(repeat | fields))


def test_check_of_a_series_tells_what_keeps_its_own(browser: Browser) -> None:
    series = weekly(browser)
    save(browser, series, start="14:00", end="15:00", title="Concert")
    series = browser.stored(series.id)
    fields = whole(browser, series, start="16:00", end="17:00")
    told = browser.post("/bookings/check", fragment=True, **fields).text
    assert "Keeps its own: Thu 18 Mar: 14:00–15:00, Concert" in told
    fields = whole(browser, series, count="1")
    told = browser.post("/bookings/check", fragment=True, **fields).text
    assert "Has no place any more: Thu 18 Mar: 14:00–15:00, Concert" in told
    assert browser.stored(series.id) == series


def test_date_that_is_lost_is_told_after_saving(browser: Browser) -> None:
    series = weekly(browser)
    save(browser, series, start="14:00", end="15:00")
    fields = whole(browser, browser.stored(series.id), count="1")
    answer = browser.post(f"/bookings/{series.id}/edit", fragment=True, **fields)
    assert "1 changed date has no place in it any more (Thu 18 Mar: 14:00–15:00)." in answer.text


# --- dragged


def test_dragged_date_of_a_series_moves_alone(browser: Browser, house: House) -> None:
    series = weekly(browser)
    fields = {
        "occurrence": nth_id(series, 1),
        "version": 1,
        "date": SECOND,
        "start": "14:00",
        "end": "15:00",
        "space_from": house.atlas.id,
        "space_to": house.birch.id,
    }
    answer = browser.post(f"/bookings/{series.id}/move", fragment=True, **fields)
    assert answer.status_code == 200
    stored = browser.stored(series.id)
    assert own_hours(stored) == ["03-18 14:00"]
    assert own_dates(stored)[0].space_ids == (house.birch.id,)


def test_refused_drag_of_a_date_is_its_form(browser: Browser, house: House) -> None:
    series = weekly(browser)
    browser.have(by=house.stranger, start=14, end=15, day=7)
    times = {"date": SECOND, "start": "14:00", "end": "15:00"}
    fields = {"occurrence": nth_id(series, 1), "version": 1, **times}
    answer = browser.post(f"/bookings/{series.id}/move", fragment=True, **fields)
    assert answer.status_code == 409
    assert f'action="{path(series)}"' in answer.text
    assert chosen(answer, "start") == "14:00"


# --- the page


def test_page_of_a_series_marks_its_changed_dates(browser: Browser) -> None:
    series = weekly(browser)
    save(browser, series, start="14:00", end="15:00")
    page = browser.get(f"/bookings/{series.id}").text
    lines = re.findall(r'<li class="date-line">(.*?)</li>', page, flags=re.DOTALL)
    assert ["changed" in each for each in lines] == [False, True, False, False]


def test_page_opened_from_a_date_is_about_that_date(browser: Browser) -> None:
    series = weekly(browser)
    page = browser.get(f"/bookings/{series.id}?date={nth_id(series, 2)}").text
    assert "25 March 2027" in page
    assert f'href="{path(series, 2)}" data-dialog' in page


def test_history_tells_what_a_date_was_before(browser: Browser, house: House) -> None:
    series = weekly(browser)
    save(browser, series, start="14:00", end="15:00", space=house.birch.id)
    page = browser.get(f"/bookings/{series.id}").text
    history = page.split('id="history-title"')[1]
    assert "One date changed" in history
    assert "10:00–11:00 · Atlas · Choir</del>" in history
    assert "14:00–15:00 · Birch · Choir</ins>" in history
