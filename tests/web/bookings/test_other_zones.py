"""Houses far from the server: board, form and feed speak of their own wall clock."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import update

from booking.db import db
from booking.ical import component, event_of
from booking.models import Site
from booking.queries import feed
from tests.ical.samples import WORDS
from tests.support.databases import writing
from tests.support.factories import House
from tests.support.forms import Browser, chosen, value

# On 11 March New York has winter time, from the 14th on summer time; Chatham the other way
# round on 4 April, and 45 minutes beside the hour.
ZONES = [
    pytest.param("America/New_York", "2027-03-11T15:00", "2027-03-18T14:00", id="New York"),
    pytest.param("Pacific/Chatham", "2027-03-10T20:15", "2027-03-17T20:15", id="Chatham"),
]


@pytest.fixture
def moved(house: House, zone: str) -> House:
    """Return the house, in another zone."""
    with writing(house.engine) as connection:
        connection.execute(update(Site).values(zone=zone))
    return house


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(("zone", "first", "second"), ZONES)
def test_form_and_board_have_the_wall_clock_of_the_house(
    browser: Browser, house: House, first: str, second: str
) -> None:
    answer = browser.book(repeat="weekly", ends="count", count="2", more="2027-04-10")
    assert answer.location == "/board/house/day/2027-03-11"
    stored = browser.stored()
    starts = [each.interval.start for each in stored.occurrences]
    assert starts[:2] == [utc(first), utc(second)]

    board = browser.get("/board/house/day/2027-03-11").text
    assert "Choir" in board
    assert "10:00–11:00" in board
    assert "Choir" in browser.get("/board/house/day/2027-04-10").text
    assert "Choir" not in browser.get("/board/house/day/2027-03-10").text
    assert "Choir" not in browser.get("/board/house/day/2027-03-12").text

    form = browser.get(f"/bookings/{stored.id}/edit")
    assert (value(form, "date"), chosen(form, "start")) == ("2027-03-11", "10:00")
    assert "10:00–11:00" in browser.get(f"/bookings/{stored.id}").text


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(("zone", "first", "second"), ZONES)
def test_feed_has_the_zone_of_the_house(
    app: Flask, browser: Browser, zone: str, first: str, second: str
) -> None:
    browser.book(repeat="weekly", ends="count", count="2", more="2027-04-10")
    with app.app_context():
        (found,) = feed.bookings(db.session(), feed.alone(browser.stored().id))
    event = event_of(found, WORDS)
    assert event is not None
    text = component(event).text
    assert f"DTSTART;TZID={zone}:20270311T100000" in text
    assert f"RDATE;TZID={zone}:20270410T100000" in text


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(("zone", "day"), [("America/New_York", "2027-03-14")])
def test_hour_that_is_skipped_there_is_refused(browser: Browser, day: str) -> None:
    answer = browser.book(date=day, start="02:30", end="04:00")
    assert answer.status_code == 422
    assert "the clocks go forward, so this hour does not exist" in answer.text
    assert browser.book(date="2027-03-28", start="02:30", end="04:00").status_code == 303
