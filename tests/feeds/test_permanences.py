"""The calendar of permanences: what anybody may read, "not today" as CANCELLED, late as a note."""

from datetime import time

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions import permanences
from booking.actions.bookings import cancel
from booking.core.permanences import DayAsked, Details, LateRequest, PermanenceRequest
from booking.core.requests import CancelRequest
from booking.db import db
from booking.queries import agenda
from tests.support.factories import NOW, House

SECRET = "the key lies under the mat"
WORDS = Details("Bring papers", phone="+33 4 75 00 00 00", by_appointment=True,
                appointment_link="https://example.org/when")  # fmt: skip


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def days(app: Flask, house: House) -> list[DayAsked]:
    """Make a permanence of four Thursdays; return its dates."""
    asked = house.request(
        start=9,
        end=12,
        title="Advice",
        rule="FREQ=WEEKLY;COUNT=4",
        organisation_id=house.ours,
        note=SECRET,
        attendance=7,
    )
    with app.app_context():
        made = permanences.make(PermanenceRequest(asked, WORDS), house.manager, now=NOW)
        booking = agenda.booking(db.session(), made.booking_id)
        return [DayAsked(booking.id, each.occurrence_id) for each in booking.occurrences]


def events(visitor: FlaskClient, path: str = "/permanences.ics?lang=en") -> list:
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    return icalendar.Calendar.from_ical(answer.data).walk("VEVENT")


def test_feed_says_who_receives_and_nothing_of_anybody(visitor, days, house):
    (event,) = events(visitor)
    assert (event["SUMMARY"], event["STATUS"], event["CLASS"]) == ("Advice", "CONFIRMED", "PUBLIC")
    assert event["RRULE"]["COUNT"] == [4]
    for said in ("Ours", "Bring papers", "by appointment https://example.org/when", "+33 4 75"):
        assert said in event["DESCRIPTION"]
    assert "Atlas" in event["LOCATION"]
    text = visitor.get("/permanences.ics?lang=en").text.replace("\r\n ", "")
    for hidden in (SECRET, "Manager", "expected: 7", "ORGANIZER"):
        assert hidden not in text


def test_not_today_stays_as_cancelled(app, visitor, days, house):
    with app.app_context():
        permanences.stay_away(days[1], house.member, now=NOW)
    series, day = events(visitor)
    assert series["STATUS"] == "CONFIRMED"
    assert "EXDATE" not in series
    assert (day["STATUS"], day["UID"]) == ("CANCELLED", series["UID"])
    assert day["RECURRENCE-ID"].dt.replace(tzinfo=None) == house.at(9, day=7)
    assert series["SEQUENCE"] == 1
    with app.app_context():
        permanences.come_after_all(days[1], house.member, now=NOW)
    assert [each["STATUS"] for each in events(visitor)] == ["CONFIRMED"]


def test_late_is_a_note_on_its_day(app, visitor, days, house):
    known = {"If-None-Match": visitor.get("/permanences.ics").headers["ETag"]}
    assert visitor.get("/permanences.ics", headers=known).status_code == 304
    with app.app_context():
        permanences.be_late(LateRequest(days[0], time(9, 30)), house.member, now=NOW)
    assert visitor.get("/permanences.ics", headers=known).status_code == 200
    series, day = events(visitor)
    assert day["DESCRIPTION"].startswith("Late: from 09:30")
    assert "Late" not in series["DESCRIPTION"]
    assert (day["STATUS"], series["SEQUENCE"]) == ("CONFIRMED", 0)


def test_ended_permanence_is_cancelled(app, visitor, days, house):
    with app.app_context():
        cancel(CancelRequest(days[0].booking_id, 1), house.manager, now=NOW)
    assert [each["STATUS"] for each in events(visitor)] == ["CANCELLED"]


def test_request_is_not_told(visitor, house):
    house.add_booking(house.birch, days=(0, 1), visibility="public", title="No permanence")
    assert events(visitor) == []


def test_feed_of_a_house_and_of_none(visitor, days):
    assert len(events(visitor, "/permanences/house.ics")) == 1
    assert visitor.get("/permanences/elsewhere.ics").status_code == 404
