"""A series of which dates clash: another room, another time, left out; one by one or for all."""

import re
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from booking.core.series import by_date, own_dates
from booking.core.values import BookingView
from tests.support.factories import House
from tests.support.forms import Browser, buttons

SERIES = {"repeat": "weekly", "ends": "count", "count": "4", "attendance": "5"}


@pytest.fixture
def taken(browser: Browser, house: House) -> None:
    """Somebody else has the second and the third date."""
    for day in (7, 14):
        browser.have(by=house.stranger, day=day)


def options(answer: TestResponse) -> list[list[tuple[str, str]]]:
    """Return value and text of the choices for each date."""
    selects = re.findall(r'<select id="fix-[^>]*>(.*?)</select>', answer.text, flags=re.DOTALL)
    found = [re.findall(r'<option value="([^"]*)">([^<]*)', each) for each in selects]
    return [[(unescape(value), text) for value, text in each] for each in found]


def places(booking: BookingView, house: House) -> list[str]:
    """Return day, room and hour (local) of the open dates."""
    names = {each.id: each.name for each in house.rooms}
    found = []
    for own in by_date(booking).values():
        date = own[0]
        if date.state.is_open:
            at = date.recurrence_id + (date.interval.start - by_rule(date, house))
            found.append(f"{at:%m-%d} {names[date.space_id]} {at:%H:%M}")
    return found


def by_rule(date: Any, house: House) -> Any:
    day = (date.recurrence_id.date() - house.at(0).date()).days
    return house.interval(10, 11, day=day).start


@pytest.mark.usefixtures("taken")
def test_each_date_offers_rooms_then_times_then_to_leave_it_out(
    browser: Browser, house: House
) -> None:
    answer = browser.book(**SERIES)
    assert answer.status_code == 409
    first, second = options(answer)
    assert first[0] == (f"2027-03-18=2027-03-18|10:00|11:00|||{house.birch.id}", "Birch")
    assert ("2027-03-18=2027-03-18|11:00|12:00|||1", "11:00–12:00") in first
    assert first[-1] == ("2027-03-18=skip", "Leave it out")
    assert second[-1][0] == "2027-03-25=skip"


@pytest.mark.usefixtures("taken")
def test_chosen_one_by_one_all_is_booked_at_once(browser: Browser, house: House) -> None:
    first, second = options(browser.book(**SERIES))
    later = next(value for value, text in second if text == "11:00–12:00")
    answer = browser.book(**SERIES, fix=[first[0][0], later], resolve="1")
    assert answer.status_code == 303
    assert places(browser.stored(), house) == [
        "03-11 Atlas 10:00",
        "03-18 Birch 10:00",
        "03-25 Atlas 11:00",
        "04-01 Atlas 10:00",
    ]


@pytest.mark.usefixtures("taken")
def test_one_rule_for_all_takes_another_room_each(browser: Browser, house: House) -> None:
    rooms, times = buttons(browser.book(**SERIES), "fixes")
    assert browser.book(**SERIES, fixes=rooms).status_code == 303
    assert places(browser.stored(), house)[1:3] == ["03-18 Birch 10:00", "03-25 Birch 10:00"]
    assert times != rooms


@pytest.mark.usefixtures("taken")
def test_one_rule_for_all_takes_another_time_each(browser: Browser, house: House) -> None:
    _rooms, times = buttons(browser.book(**SERIES), "fixes")
    assert browser.book(**SERIES, fixes=times).status_code == 303
    found = places(browser.stored(), house)[1:3]
    assert all("Atlas" in each and "10:00" not in each for each in found)


@pytest.mark.usefixtures("taken")
def test_left_out_dates_are_left_out(browser: Browser, house: House) -> None:
    fixes = ["2027-03-18=skip", "2027-03-25=skip"]
    assert browser.book(**SERIES, fix=fixes, resolve="1").status_code == 303
    assert [each[:5] for each in places(browser.stored(), house)] == ["03-11", "04-01"]


@pytest.mark.usefixtures("taken")
def test_what_was_chosen_goes_on_when_another_date_is_taken_meanwhile(
    browser: Browser, house: House
) -> None:
    first, _second = options(browser.book(**SERIES))
    browser.have(house.birch, by=house.stranger, day=14)
    fixes = [first[0][0], f"2027-03-25=2027-03-25|10:00|11:00|||{house.birch.id}"]
    answer = browser.book(**SERIES, fix=fixes, resolve="1")
    assert answer.status_code == 409
    kept = re.findall(r'<input type="hidden" name="fix" value="([^"]*)"', answer.text)
    assert [unescape(each) for each in kept] == [fixes[0]]
    [third] = options(answer)
    assert third[0][0].startswith("2027-03-25=")
    assert browser.book(**SERIES, fix=[*kept, third[-1][0]], resolve="1").status_code == 303
    assert len(own_dates(browser.stored())) == 1


@pytest.mark.usefixtures("taken")
def test_choices_are_for_their_own_button_alone(browser: Browser) -> None:
    first, second = options(browser.book(**SERIES))
    answer = browser.book(**SERIES, fix=[first[0][0], second[0][0]])
    assert answer.status_code == 409  # the form was changed, and is sent anew


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize(
    "fix",
    [
        "nonsense",
        "2027-03-18=",
        "2027-03-18=nonsense",
        "2027-03-18=2027-03-18|25:00|11:00|||1",
        "2027-03-18=2027-03-18|10:00|11:00|||x",
        "2027-99-18=skip",
    ],
)
def test_nonsense_of_a_choice_is_refused(browser: Browser, fix: str) -> None:
    count = browser.count()
    assert browser.book(**SERIES, fix=fix, resolve="1").status_code == 422
    assert browser.count() == count


@pytest.mark.usefixtures("taken")
def test_changed_series_offers_the_same(browser: Browser, house: House) -> None:
    series = browser.have(house.birch, rule="FREQ=WEEKLY;COUNT=4", start=14, end=15)
    answer = browser.edit(series, **SERIES)
    assert answer.status_code == 409
    fixes = [each[0][0] for each in options(answer)]
    assert browser.edit(series, **SERIES, fix=fixes, resolve="1").status_code == 303
    assert len(own_dates(browser.stored(series))) == 2


def test_single_booking_has_no_dates_to_fix(browser: Browser, house: House) -> None:
    browser.have(by=house.stranger)
    assert options(browser.book()) == []
