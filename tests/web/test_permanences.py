"""Permanences in the browser: the form, what visitors read, and what is said with one tap."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions import permanences
from booking.core.permanences import Details, PermanenceRequest
from booking.core.values import Actor
from booking.db import db
from booking.queries import agenda
from booking.queries.attended import attended
from tests.support.factories import NOW, Clock, House
from tests.support.forms import fields_of

FORM = "/bookings/permanences/new"
OURS = "/bookings/permanences"
WORDS = Details(text="Bring <papers>", phone="+33 4 75 00 00 00", link="https://example.org/us")
SECRET = "the key lies under the mat"


@pytest.fixture
def visitor(app: Flask, house: House) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def keeper(app: Flask, house: House, sign_in) -> FlaskClient:
    """Return the browser of the organisation's manager."""
    client = sign_in(app.test_client(), house.manager)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def make(app: Flask, house: House):
    """Return what makes a permanence on Thursdays 9:00-12:00; returns booking and first date."""

    def made(by: Actor | None = None, details: Details = WORDS, **more) -> tuple[int, int]:
        usual = {"start": 9, "end": 12, "rule": "FREQ=WEEKLY;COUNT=5", "title": "Advice"}
        asked = house.request(**{**usual, "organisation_id": house.ours, "note": SECRET, **more})
        with app.app_context():
            wish = PermanenceRequest(asked, details)
            done = permanences.make(wish, by or house.manager, now=NOW)
            booking = agenda.booking(db.session(), done.booking_id)
            return done.booking_id, booking.occurrences[0].occurrence_id

    return made


def marks(page: str) -> list[str]:
    """Return what is said of the dates on a page, in order."""
    return re.findall(r'class="tag standing is-\w+">(.*?)</span>', page)


def say(client: FlaskClient, csrf, ids: tuple[int, int], **fields: str):
    path = f"/bookings/{ids[0]}/dates/{ids[1]}/standing"
    data = {"csrf_token": csrf(client, "/profile"), **fields}
    return client.post(path, data=data, follow_redirects=True)


def test_visitors_read_who_receives_where_and_how(visitor, make):
    make()
    page = visitor.get("/permanences")
    assert page.status_code == 200
    for said in (
        ">Advice<", "Ours", "Atlas", "09:00–12:00", "Bring &lt;papers&gt;", "without an",
        'href="tel:+33475000000"', 'href="https://example.org/us"', "https://schema.org/Event",
        'datetime="2027-03-11T09:00"', "Nobody receives today.",
    ):  # fmt: skip
        assert said in page.text
    for hidden in (SECRET, "Manager", "manager@"):
        assert hidden not in page.text


def test_appointments_are_a_link_away(visitor, make):
    link = "https://example.org/when?a=1&b=2"
    make(details=Details(by_appointment=True, appointment_link=link))
    page = visitor.get("/permanences").text
    assert 'href="https://example.org/when?a=1&amp;b=2" rel="noopener noreferrer"' in page
    assert "Make an appointment" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", 1),
        ("?view=day", 0),
        ("?view=day&day=2027-03-11", 1),
        ("?view=month", 4),
        ("?day=2027-03-12", 1),
        ("?day=2027-05-12", 0),
        ("?organisation=999", 0),
    ],
)
def test_days_are_chosen(visitor, make, query, shown):
    make()
    page = visitor.get(f"/permanences{query}")
    assert page.text.count('itemtype="https://schema.org/Event"') == shown


@pytest.mark.parametrize("query", ["?view=year", "?day=2027-02-30", "?organisation=x"])
def test_what_is_no_page(visitor, make, query):
    assert visitor.get(f"/permanences{query}").status_code == 404


def test_house_that_is_not_there(visitor):
    assert visitor.get("/permanences/elsewhere").status_code == 404


def test_today_is_told_as_it_is(visitor, keeper, make, csrf, house: House, clock: Clock):
    ids = make()
    clock.now = house.interval(8, 9).start
    assert marks(visitor.get("/permanences").text) == []

    said = say(keeper, csrf, ids, say="late", expected="09:30")
    assert "Visitors read from now on: late, from 09:30." in said.text
    assert marks(visitor.get("/permanences").text) == ["Late: from 09:30"]
    card = f"/plan/spaces/{house.atlas.id}?at={house.at(8.5):%Y-%m-%dT%H:%M}"
    assert "Late: from 09:30" in keeper.get(card).text
    say(keeper, csrf, ids, say="on_time")
    assert marks(visitor.get("/permanences").text) == []

    clock.now = house.interval(9, 10).start
    assert marks(visitor.get("/permanences").text) == ["Here now"]
    said = say(keeper, csrf, ids, say="away")
    assert "nobody receives" in said.text
    assert marks(visitor.get("/permanences").text) == ["Not today"]
    clock.now -= timedelta(days=1)
    assert marks(visitor.get("/permanences").text) == ["Not that day"]
    say(keeper, csrf, ids, say="back")
    assert marks(visitor.get("/permanences").text) == []


def test_people_received_are_counted_by_date(
    keeper, make, csrf, house: House, clock: Clock, app: Flask
):
    booking_id, date_id = make(attendance=5)
    clock.now = house.interval(9, 10).start
    path = f"/bookings/{booking_id}/came"
    assert f'href="{path}"' in keeper.get(OURS).text
    fields = {"csrf_token": csrf(keeper, "/profile"), f"came-{date_id}": "7"}
    assert keeper.post(path, data=fields).status_code == 303
    with app.app_context():
        assert attended(db.session(), [date_id]) == {date_id: 7}
    say(keeper, csrf, (booking_id, date_id), say="late", expected="09:30")
    with app.app_context():
        assert attended(db.session(), [date_id]) == {date_id: 7}


def test_members_of_the_organisation_say_it_on_their_page(client, make, csrf, house, sign_in):
    ids = make()
    member = sign_in(client, house.member)
    member.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = member.get(OURS)
    assert page.text.count("Not that day") == 2
    assert "New permanence" not in page.text
    assert "Not that day" in say(member, csrf, ids, say="away").text
    assert "It takes place after all" in member.get(OURS).text


def test_others_see_and_say_nothing_of_it(client, make, csrf, house, sign_in):
    ids = make()
    stranger = sign_in(client, house.stranger)
    assert "Advice" not in stranger.get(OURS).text
    assert say(stranger, csrf, ids, say="away").status_code == 403


def test_office_that_is_taken_by_now_is_told(keeper, app, make, csrf, house):
    from booking.actions.bookings import book

    ids = make()
    say(keeper, csrf, ids, say="away")
    with app.app_context():
        book(house.request(start=9, end=10), house.stranger, now=NOW)
    assert "The office is taken by now:" in say(keeper, csrf, ids, say="back").text


def filled(house: House, page: str, **more) -> dict:
    return {
        **fields_of(page),
        "title": "Advice",
        "space": str(house.atlas.id),
        "date": "2027-03-11",
        "start": "09:00",
        "end": "12:00",
        "ends": "count",
        "count": "4",
        **more,
    }


def test_form_makes_one(keeper, visitor, house):
    page = keeper.get(FORM)
    sent = keeper.post(FORM, data=filled(house, page.text, text="Bring papers", phone="0475000000"))
    assert sent.status_code == 303
    assert sent.headers["Location"].endswith(OURS)
    assert "Bring papers" in visitor.get("/permanences").text
    ours = keeper.get(OURS).text
    assert "Advice" in ours
    assert "End it" in ours


def test_form_tells_all_that_is_wrong_and_keeps_what_was_typed(keeper, house):
    page = keeper.get(FORM)
    wrong = {
        "title": "",
        "link": "http://x.org",
        "by_appointment": "1",
        "repeat": "none",
        "text": "Kept",
    }
    sent = keeper.post(FORM, data=filled(house, page.text, **wrong))
    assert sent.status_code == 422
    for said in ("Say what the booking is for.", "begins with https://", "Say how an appointment"):
        assert said in sent.text
    assert "Kept</textarea>" in sent.text


def test_form_tells_a_clash_and_keeps_the_words(keeper, house):
    house.add_booking(house.atlas, start=10, end=11, days=(7,), by=house.stranger)
    page = keeper.get(FORM)
    sent = keeper.post(FORM, data=filled(house, page.text, text="Kept"))
    assert sent.status_code == 409
    assert "One date of the series is taken" in sent.text
    assert "Kept</textarea>" in sent.text
    again = {**filled(house, sent.text, text="Kept"), "skip": "2027-03-18"}
    assert keeper.post(FORM, data=again).status_code == 303


def test_further_dates_get_a_field_without_scripts(keeper, house):
    page = keeper.get(FORM)
    more = keeper.post(f"{FORM}?another=1", data=filled(house, page.text, more="2027-03-12"))
    assert more.status_code == 200
    assert more.text.count("data-more") == 2


def test_form_changes_words_and_times(keeper, visitor, make):
    booking_id, _date = make()
    path = f"/bookings/{booking_id}/permanence"
    page = keeper.get(path)
    assert "Bring &lt;papers&gt;" in page.text
    sent = keeper.post(path, data=fields_of(page.text) | {"text": "Come in", "end": "11:00"})
    assert sent.status_code == 303
    shown = visitor.get("/permanences").text
    assert "Come in" in shown
    assert "09:00–11:00" in shown
    stale = keeper.post(path, data=fields_of(page.text) | {"text": "Late"})
    assert stale.status_code == 409


def test_who_may_not_open_the_forms(client, make, house, sign_in):
    booking_id, _date = make()
    member = sign_in(client, house.member)
    assert member.get(FORM).status_code == 403
    assert member.get(f"/bookings/{booking_id}/permanence").status_code == 403


def test_booking_that_is_none_has_no_such_page(keeper, house):
    plain = house.add_booking(by=house.manager)
    assert keeper.get(f"/bookings/{plain}/permanence").status_code == 404


def test_visitors_find_it(visitor, house):
    assert 'href="/permanences"' in visitor.get("/sign-in").text
