"""The programme: what is public, for anybody, and nothing of anybody."""

import json
import re
from datetime import timedelta

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.actions.bookings import book, cancel
from booking.actions.spaces import set_site_policy
from booking.core.errors import InvalidRequest
from booking.core.requests import CancelRequest
from booking.core.values import Category, SitePolicy, Visibility
from booking.db import db
from booking.models import Booking, Occurrence
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
    return re.findall(r'<h3 dir="auto"><a [^>]*>(.*?)<', page)


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


def date_of(house: House, title: str) -> int:
    """Return the id of the first date of a booking with this title."""
    with house.engine.connect() as connection:
        query = (
            select(Occurrence.id)
            .join(Booking, Booking.id == Occurrence.booking_id)
            .where(Booking.title == title)
            .order_by(Occurrence.id)
        )
        return connection.execute(query).scalars().first() or 0


def test_event_has_a_page_with_linked_data(visitor, house, offer):
    offer(
        house.atlas,
        house.birch,
        title="Film </script><i>",
        category=Category.EVENT,
        organisation_id=house.ours,
    )
    address = f"/programme/events/{date_of(house, 'Film </script><i>')}"

    page = visitor.get(address)

    assert page.status_code == 200
    assert f'href="{address}"' in visitor.get(MONTH).text
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text)
    found = json.loads(data)
    assert found == {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": "Film </script><i>",
        "startDate": "2027-03-11T10:00:00+01:00",
        "endDate": "2027-03-11T11:00:00+01:00",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": {"@type": "Place", "name": "Atlas, Birch, The House"},
        "url": f"http://localhost{address}",
        "organizer": {"@type": "Organization", "name": "Ours"},
    }
    for hidden in (SECRET, "Member"):
        assert hidden not in page.text


def test_event_of_a_whole_day_has_days(visitor, house, offer):
    offer(house.atlas, title="Fair", start=0, end=48, all_day=True)
    page = visitor.get(f"/programme/events/{date_of(house, 'Fair')}").text
    assert '"startDate": "2027-03-11"' in page
    assert '"endDate": "2027-03-12"' in page
    assert "Thursday, 11 March 2027 to Friday, 12 March 2027, all day" in page
    assert '<p class="programme-when">until Fri 12 Mar</p>' in visitor.get(MONTH).text


def test_event_as_a_file_is_one_date_of_a_series(visitor, house, offer):
    offer(house.atlas, title="Choir", rule="FREQ=WEEKLY;COUNT=5")
    answer = visitor.get(f"/programme/events/{date_of(house, 'Choir')}.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    [event] = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    assert str(event["SUMMARY"]) == "Choir"
    assert "RRULE" not in event
    assert SECRET not in answer.text


@pytest.mark.parametrize("visibility", [Visibility.MEMBERS, Visibility.PRIVATE])
def test_what_is_not_public_has_no_page(visitor, house, offer, visibility):
    offer(house.atlas, title="Quiet", visibility=visibility)
    offer(house.cedar, title="Asked for")
    for title in ("Quiet", "Asked for"):
        for ending in ("", ".ics"):
            answer = visitor.get(f"/programme/events/{date_of(house, title)}{ending}")
            assert answer.status_code == 404
            assert title not in answer.text


def test_event_that_is_cancelled_has_no_page_any_more(app, visitor, house, offer):
    made = offer(house.atlas, title="Off")
    address = f"/programme/events/{date_of(house, 'Off')}"
    assert visitor.get(address).status_code == 200
    with app.app_context():
        cancel(CancelRequest(made.booking_id, 1), house.member, now=NOW)
    assert visitor.get(address).status_code == 404
    assert visitor.get(f"{address}.ics").status_code == 404


def set_policy(app: Flask, house: House, policy: SitePolicy) -> None:
    with app.app_context():
        set_site_policy(house.site.id, policy, house.admin, version=1, now=NOW)


def test_events_are_gone_with_the_programme(app, visitor, house, offer):
    offer(house.atlas, title="Film")
    set_policy(app, house, SitePolicy(programme=False))
    for address in (f"/programme/events/{date_of(house, 'Film')}", "/embed/programme"):
        assert visitor.get(address).status_code == 404


def test_frame_is_for_the_websites_of_the_house_alone(app, visitor, house, offer):
    offer(house.atlas, title="Film")
    usual = visitor.get("/embed/programme").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in usual
    set_policy(app, house, SitePolicy(embedders=("https://example.org", "http://localhost:8080")))
    page = visitor.get("/embed/programme")
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors https://example.org http://localhost:8080;" in policy
    assert "script-src 'self'" in policy
    assert "Set-Cookie" not in page.headers
    assert texts(page.text) == ["Film"]
    assert "frame-ancestors 'none'" in visitor.get(MONTH).headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "origin",
    [
        "example.org",
        "https://example.org/path",
        "https://example.org; script-src *",
        "javascript:alert(1)",
        "https://*.example.org",
        "https://",
    ],
)
def test_website_that_is_none_is_refused(app, house, origin):
    with pytest.raises(InvalidRequest) as refused:
        set_policy(app, house, SitePolicy(embedders=(origin,)))
    assert refused.value.messages[0].code == "origin_invalid"
