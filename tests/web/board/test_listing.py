"""The month and the list: what is on, by day, as the reader may see it."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions.spaces import set_site_policy
from booking.core.values import SitePolicy, Stance, State
from booking.web.board.choice import Choice
from tests.support.factories import House

MONTH, LIST = "/board/house/month/2027-03-11", "/board/house/list/2027-03-11"


@pytest.fixture
def reader(client: FlaskClient, house: House, sign_in) -> FlaskClient:
    signed_in = sign_in(client, house.member)
    signed_in.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return signed_in


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2027, 3, 11), date(2027, 3, 1), date(2027, 4, 4)),
        (date(2027, 2, 28), date(2027, 2, 1), date(2027, 2, 28)),
        (date(2027, 5, 1), date(2027, 4, 26), date(2027, 6, 6)),
        (date(2028, 12, 31), date(2028, 11, 27), date(2028, 12, 31)),
    ],
)
def test_month_has_whole_weeks(day: date, first: date, last: date) -> None:
    days = Choice("month", day).days(0)
    assert (days[0], days[-1]) == (first, last)
    assert len(days) % 7 == 0


def test_views_move_by_their_own_length() -> None:
    day = date(2027, 1, 31)
    moved = {view: Choice(view, day).moved(1).day for view in ("day", "week", "month", "list")}
    assert moved == {
        "day": date(2027, 2, 1),
        "week": date(2027, 2, 7),
        "month": date(2027, 2, 1),
        "list": date(2027, 2, 28),
    }
    assert Choice("month", day).moved(-1).day == date(2026, 12, 1)


@pytest.mark.parametrize("path", [MONTH, LIST])
def test_what_is_on_is_shown_as_the_reader_may_see_it(reader, house, path):
    house.add_booking(house.atlas, title="Choir <b>", by=house.stranger)
    house.add_booking(
        house.birch, title="Secret", by=house.stranger, visibility="private", start=14, end=15
    )
    house.add_booking(house.cedar, title="Asked", state=State.REQUESTED, start=16, end=17)
    house.add_booking(house.atlas, title="Gone", state=State.CANCELLED, start=18, end=19)
    house.add_closure(8, 9, reason="Sweeping")

    page = reader.get(path).text

    for said in ("Choir &lt;b&gt;", "Busy", "Asked", "Sweeping"):
        assert said in page
    for hidden in ("Secret", "Gone"):
        assert hidden not in page


@pytest.mark.parametrize("path", [MONTH, LIST])
def test_time_that_is_held_for_the_waiting_list_is_shown_without_a_name(reader, house, path):
    until = house.now + timedelta(days=1)
    house.add_want(start=12, end=13, by=house.stranger, until=until, title="Chess")
    house.add_want(house.birch, start=15, end=16, by=house.stranger, title="Go")
    page = reader.get(path).text
    assert page.count("Held for the waiting list") == 1
    assert "12:00" in page
    assert "Chess" not in page
    assert "15:00" not in page  # nobody has been asked yet
    elsewhere = reader.get(f"{path}?space={house.birch.id}").text
    assert "Held for the waiting list" not in elsewhere


def test_month_tells_how_many_more_there_are(reader, house):
    for hour in range(9, 15):
        house.add_booking(house.atlas, start=hour, end=hour + 1, title=f"At {hour}")

    page = reader.get(MONTH).text

    assert "At 12" in page
    assert "At 13" not in page
    assert re.search(r">2 more<", page)
    assert 'href="/board/house/day/2027-03-11"' in page


def test_list_leaves_out_empty_days_and_says_when_there_are_none(reader, house):
    assert "Nothing is booked" in reader.get(LIST).text
    house.add_booking(house.atlas, days=(0, 27))
    house.add_booking(house.birch, days=(28,), title="Too late")
    page = reader.get(f"{LIST}?space={house.atlas.id}").text
    assert re.findall(r'<h2 id="day-([\d-]+)"', page) == ["2027-03-11", "2027-04-07"]
    assert "Too late" not in page


def test_night_is_on_both_days(reader, house):
    house.add_booking(house.atlas, start=22, end=26, title="Night")
    page = reader.get(LIST).text
    assert "22:00–</p>" in page
    assert "–02:00</p>" in page


@pytest.mark.parametrize("path", [MONTH, LIST])
def test_unchanged_it_is_not_sent_again_and_changed_it_is(reader, house, path):
    first = reader.get(path)
    known = {"If-None-Match": first.headers["ETag"]}
    assert reader.get(path, headers=known).status_code == 304
    house.add_booking(house.atlas, title="New one")
    assert "New one" in reader.get(path, headers=known).text


def test_public_holidays_are_named_on_every_view_once_the_rules_close_them(
    app: Flask, reader, house
):
    paths = [f"/board/house/{view}/2027-05-01" for view in ("day", "week", "month", "list")]
    assert not any("Labor Day" in reader.get(path).text for path in paths)
    with app.app_context():
        refuse = SitePolicy(holidays=Stance.REFUSE)
        set_site_policy(house.site.id, refuse, house.admin, version=1, now=house.now)
    assert [path for path in paths if "Labor Day" not in reader.get(path).text] == []
