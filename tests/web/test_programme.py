"""The programme: what is public, for anybody, and nothing of anybody."""

import re
from datetime import timedelta

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions.bookings import book, cancel
from booking.core.requests import CancelRequest
from booking.core.values import Category, Visibility
from booking.db import db
from tests.support.databases import writing
from tests.support.factories import NOW, House

MONTH = "/programme?month=2027-03"
SECRET = "the key lies under the mat"


@pytest.fixture
def visitor(app: Flask, house: House) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def offer(app: Flask, house: House):
    """Return what books something public: ``offer(space, title=...)``."""

    def booked(*spaces, by=None, **more):
        values = {"visibility": Visibility.PUBLIC, "note": SECRET, "attendance": 7, **more}
        with app.app_context():
            return book(house.request(*spaces, **values), by or house.member, now=NOW)

    return booked


def texts(page: str) -> list[str]:
    return re.findall(r'<h3 dir="auto">(.*?)</h3>', page)


def test_programme_shows_what_is_public_with_its_place_and_organisation(visitor, house, offer):
    offer(
        house.atlas,
        house.birch,
        title="Concert <i>",
        category=Category.EVENT,
        organisation_id=house.ours,
    )

    page = visitor.get(MONTH)

    assert page.status_code == 200
    assert texts(page.text) == ["Concert &lt;i&gt;"]
    for said in ("Atlas, Birch", "Ours", "Public event", "10:00–11:00"):
        assert said in page.text


@pytest.mark.parametrize("path", [MONTH, "/programme.ics", "/programme/house.ics"])
def test_programme_tells_nothing_of_anybody(visitor, house, offer, path):
    offer(house.atlas, title="Concert", rule="FREQ=WEEKLY;COUNT=2")
    for day, visibility in enumerate((Visibility.MEMBERS, Visibility.PRIVATE)):
        offer(house.birch, title=f"Hidden {visibility}", visibility=visibility, day=day)
    offer(house.cedar, title="Hidden request", day=3)
    with visitor.application.app_context():
        gone = offer(house.atlas, title="Hidden as cancelled", day=4)
        cancel(CancelRequest(gone.booking_id, gone.version), house.member, now=NOW)

    text = visitor.get(path).text

    assert "Concert" in text
    for hidden in ("Hidden", SECRET, "Member", "member@", "mailto", "ORGANIZER", "expected: 7"):
        assert hidden not in text


def test_programme_goes_by_month_and_leaves_out_what_is_over(visitor, house, offer, clock):
    offer(house.atlas, title="March")
    offer(house.atlas, title="April", day=30)

    assert texts(visitor.get("/programme").text) == ["March"]
    assert texts(visitor.get("/programme?month=2027-04").text) == ["April"]
    clock.now = NOW + timedelta(days=3)
    assert texts(visitor.get("/programme").text) == []
    clock.now = NOW + timedelta(days=40)
    assert texts(visitor.get(MONTH).text) == ["March"]


@pytest.mark.parametrize("month", ["2027-13", "2027-1", "1999-12", "2200-01", "x", "2027-03-01"])
def test_month_that_is_none(visitor, month):
    assert visitor.get(f"/programme?month={month}").status_code == 404


@pytest.mark.parametrize("path", ["/programme/elsewhere", "/programme/elsewhere.ics"])
def test_house_that_is_not_there(visitor, path):
    assert visitor.get(path).status_code == 404


def test_feed_is_kept_and_changes_with_what_it_shows(visitor, house, offer):
    offer(house.atlas, title="Concert", rule="FREQ=DAILY;COUNT=3")
    first = visitor.get("/programme.ics")
    (event,) = icalendar.Calendar.from_ical(first.data).walk("VEVENT")
    assert (event["SUMMARY"], event["CLASS"]) == ("Concert", "PUBLIC")
    assert str(event["URL"]).endswith("/programme/house?month=2027-03")
    assert "Set-Cookie" not in first.headers
    assert first.headers["Cache-Control"] == "public, max-age=300"

    known = {"If-None-Match": first.headers["ETag"]}
    assert visitor.get("/programme.ics", headers=known).status_code == 304
    assert visitor.head("/programme.ics").headers["ETag"] == first.headers["ETag"]
    offer(house.birch, title="Play")
    changed = visitor.get("/programme.ics", headers=known)
    assert changed.status_code == 200
    assert len(icalendar.Calendar.from_ical(changed.data).walk("VEVENT")) == 2


def test_feed_speaks_the_language_that_is_asked_for(visitor, house, offer):
    offer(house.atlas, title="Concert", category=Category.EVENT)
    french, english = (visitor.get(f"/programme.ics?lang={each}").text for each in ("fr", "en"))
    assert "Public event" in english
    assert "Public event" not in french


def test_visitors_find_the_programme(visitor, house):
    assert 'href="/programme"' in visitor.get("/sign-in").text


def test_feed_leads_to_the_month_of_the_wall_clock(visitor, house, offer):
    """Midnight in Paris on the first is still the month before in UTC."""
    offer(house.atlas, title="Fair", day=21, start=0, end=24, all_day=True)
    (event,) = icalendar.Calendar.from_ical(visitor.get("/programme.ics").data).walk("VEVENT")

    page = visitor.get(str(event["URL"]).removeprefix("http://localhost"))

    assert texts(page.text) == ["Fair"]


def test_feed_of_a_house_that_is_made_anew_is_not_that_of_the_one_before(visitor, house, offer):
    """What a process keeps is by state, and a new house counts its changes from the beginning."""
    offer(house.atlas, title="Concert")
    first = visitor.get("/programme.ics")
    gone = {"hold", "allocation", "occurrence", "change", "collection", "notice", "job"}
    gone |= {"booking_word", "booking"}
    with writing(house.engine) as connection:
        for table in reversed(db.metadata.sorted_tables):
            if table.name in gone:
                connection.execute(table.delete())
    offer(house.atlas, title="Play")

    again = visitor.get("/programme.ics", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 200
    assert "Play" in again.text
