"""The plan in the browser's words: floor, instant, card, and what nobody may read."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions.spaces import Drawn, FloorDrawing, draw_floor
from booking.actions.spaces.floors import create_floor
from booking.core.shapes import rectangle
from booking.core.values import Actor
from tests.support.factories import House

SignIn = Callable[[FlaskClient, Actor], FlaskClient]


@pytest.fixture
def floor(app: Flask, house: House) -> int:
    """A floor with two rooms that are drawn."""
    with app.app_context():
        made = create_floor(house.site.id, 0, "Rez-de-chaussée", house.admin, now=house.now)
        rooms = (
            Drawn(house.atlas.id, 1, "Atlas", rectangle(0, 0, 600, 500)),
            Drawn(house.birch.id, 1, "Birch", rectangle(600, 0, 600, 500)),
        )
        asked = FloorDrawing(1, Decimal(20), Decimal(10), rooms)
        draw_floor(made, asked, house.admin, now=house.now)
    return made


@pytest.fixture
def member(app: Flask, house: House, sign_in: SignIn) -> FlaskClient:
    """A member's browser."""
    return sign_in(app.test_client(), house.member)


def text_of(answer: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer).split())


def at(house: House, hour: float) -> str:
    return house.at(hour).isoformat(timespec="minutes")


def test_plan_says_the_same_drawn_and_in_words(
    member: FlaskClient, house: House, floor: int
) -> None:
    house.add_booking(house.atlas, start=10, end=12, title="Chorale")
    page = member.get(f"/plan?at={at(house, 11)}").text
    assert 'aria-label="Atlas: occupé jusqu’à 12:00"' in page
    assert 'aria-label="Birch: libre"' in page
    assert '<polygon points="0,0 600,0 600,500 0,500"/>' in page
    words = text_of(page)
    assert "Atlas occupé jusqu’à 12:00 · Chorale" in words
    assert "11 mars 2027, 11:00" in words
    before = text_of(member.get(f"/plan?date={house.at(0):%Y-%m-%d}&minute=570").text)
    assert "Atlas libre jusqu’à 10:00" in before


def test_without_a_time_it_is_the_present(member: FlaskClient, house: House, floor: int) -> None:
    page = member.get("/plan").text
    assert "10 mars 2027, <b>10:00</b> · maintenant" in page
    assert f'href="/plan/spaces/{house.atlas.id}"' in page  # which stays with the present


def test_private_bookings_are_busy_and_nothing_else(
    member: FlaskClient, house: House, floor: int
) -> None:
    house.add_booking(house.atlas, by=house.stranger, title="Secret", visibility="private")
    for path in (f"/plan?at={at(house, 10)}", f"/plan/spaces/{house.atlas.id}?at={at(house, 10)}"):
        page = member.get(path).text
        assert "Secret" not in page
        assert "Stranger" not in page
        assert "Occupé" in page or "occupé" in page


def test_card_has_what_is_next_and_books_the_time(
    member: FlaskClient, house: House, floor: int
) -> None:
    house.add_booking(house.atlas, start=14, end=15, title="Théâtre")
    card = member.get(f"/plan/spaces/{house.atlas.id}?at={at(house, 13.5)}").text
    assert "Libre jusqu’à 14:00" in text_of(card)
    assert "14:00–15:00 Théâtre" in text_of(card)
    assert "30 m²" in text_of(card)
    day = f"{house.at(0):%Y-%m-%d}"
    booked = f"/bookings/new?space={house.atlas.id}&amp;date={day}&amp;start=13:30&amp;end=14:00"
    assert booked in card.replace("%3A", ":")
    busy = member.get(f"/plan/spaces/{house.atlas.id}?at={at(house, 14.5)}").text
    assert "start=15:00&amp;end=16:00" in busy.replace("%3A", ":")
    past = member.get(f"/plan/spaces/{house.atlas.id}?at=2027-03-01T10:00").text
    assert "/bookings/new" not in past


def test_a_script_gets_the_floor_alone(member: FlaskClient, house: House, floor: int) -> None:
    page = member.get("/plan", headers={"X-Fragment": "1"}).text
    assert "<html" not in page
    assert "<polygon" in page


def test_bars_of_a_day_on_which_the_clocks_change(
    member: FlaskClient, house: House, floor: int
) -> None:
    house.add_booking(house.atlas, start=10, end=12, days=(17,))  # 28 March, a Sunday
    page = member.get("/plan?at=2027-03-28T09:00").text
    assert 'd="M180 0h120v8h-120z"' in page  # from 7:00 on
    assert 'aria-label="Atlas: libre jusqu’à 10:00"' in page


def test_who_is_in_the_house(member: FlaskClient, house: House, floor: int) -> None:
    house.add_booking(house.atlas, start=10, end=12, organisation_id=house.ours)
    words = text_of(member.get(f"/plan?at={at(house, 8)}").text)
    assert re.search(r"Dans la maison ce jour-là .* Atlas 10:00–12:00", words)


@pytest.mark.parametrize(
    "query",
    [
        "at=yesterday",
        "at=2027-03-11T10:00Z",
        "at=0001-01-01T00:00",
        "date=2027-02-30&minute=0",
        "minute=1440",
        "minute=-1",
        "minute=٣",
        "floor=99",
        "floor=x",
        "site=elsewhere",
    ],
)
def test_what_makes_no_sense_is_not_found(member: FlaskClient, floor: int, query: str) -> None:
    assert member.get(f"/plan?{query}").status_code == 404


def test_a_house_that_nobody_has_drawn_has_its_list(member: FlaskClient, house: House) -> None:
    page = text_of(member.get("/plan").text)
    assert "Rien n’est encore dessiné ici" in page
    assert "Atlas libre" in page


def test_strangers_sign_in_first(app: Flask, house: House, floor: int) -> None:
    assert app.test_client().get("/plan").status_code == 302
    assert app.test_client().get(f"/plan/spaces/{house.atlas.id}").status_code == 302
