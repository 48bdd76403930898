"""The pages on which a calendar file comes in."""

import io
import re
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from booking.actions import imports
from booking.actions.imports.files import RATE
from booking.actions.jobs import LEASE
from booking.db import db
from booking.ical.reading import MOST_BYTES
from booking.imports import SMALL
from booking.imports.uploads import PART_OBJECTS
from booking.jobs import HANDLERS, work_once
from booking.models import Booking, ImportFile, ImportPart
from booking.server import MAX_BODY_BYTES
from tests.ical.reading.calendars import calendar, event
from tests.support.factories import NOW
from tests.support.killing import killed_at

SMALL_FILE = calendar(
    "X-WR-CALNAME:Choir and more",
    event("RRULE:FREQ=WEEKLY;COUNT=4", "LOCATION:Birch"),
    event("DTSTART:20200101T090000Z", "DURATION:PT1H", uid="old", summary="<b>Old</b>"),
    event("RRULE:FREQ=HOURLY", uid="hourly", summary="Bells"),
)


def many(number):
    """Return a calendar with an event each quarter of an hour."""
    start = NOW + timedelta(days=1)
    return calendar(
        *(
            event(
                f"DTSTART:{start + timedelta(hours=each):%Y%m%dT%H%M%SZ}",
                "DURATION:PT30M",
                uid=str(each),
                summary=f"Event {each}",
            )
            for each in range(number)
        )
    )


@pytest.fixture
def browser(client, house, sign_in):
    """Return a browser in which the member is signed in and reads English."""
    client.get("/calendars?lang=en")
    return sign_in(client, house.member)


@pytest.fixture
def send(browser, csrf, house):
    """Return what sends a file and gives the answer."""
    token = csrf(browser, "/calendars/import")

    def sending(body=SMALL_FILE, into=None, name="choir.ics"):
        form = {"csrf_token": token, "into": str(into or house.atlas.id)}
        if body is not None:
            form["file"] = (io.BytesIO(body), name)
        return browser.post("/calendars/import", data=form)

    return sending


@pytest.fixture
def press(browser, csrf):
    """Return what presses a button."""
    token = csrf(browser, "/calendars/import")

    def pressing(path, **form):
        return browser.post(path, data={"csrf_token": token} | form)

    return pressing


@pytest.fixture
def calendars():
    """Return the address of a server on this machine that gives the small file."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SMALL_FILE)

        def log_message(self, *_arguments):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def run(app, clock):
    """Do the jobs that are due; return how many."""
    number = 0
    with app.app_context():
        while work_once(HANDLERS, clock=clock):
            number += 1
    return number


def count(app, model):
    """Return how many rows a table has."""
    with app.app_context():
        return len(db.session.execute(select(model)).all())


def test_page_needs_a_sign_in(client):
    assert client.get("/calendars/import").status_code == 302


def test_small_file_is_looked_at_and_booked_at_once(app, browser, send, press):
    answer = send()
    assert answer.status_code == 303
    address = answer.headers["Location"]
    page = browser.get(address).text
    assert "Choir and more" in page
    assert "1 event can be booked." in page
    assert "It is over." in page
    assert "&lt;b&gt;Old&lt;/b&gt;" in page
    assert count(app, Booking) == 0

    assert press(f"{address}/book", clashing="leave").headers["Location"] == address
    page = browser.get(address).text
    assert "1 event is booked." in page
    assert count(app, Booking) == 1
    with app.app_context():
        assert {each.content for each in db.session.scalars(select(ImportPart))} == {b""}
    press(f"{address}/book")  # pressed twice
    assert count(app, Booking) == 1


def test_same_file_again_is_there_before(app, browser, send, press):
    address = send().headers["Location"]
    press(f"{address}/book")
    page = browser.get(send().headers["Location"]).text
    assert "There before" in page
    assert "There is nothing in this file to book." in page


def test_rooms_come_from_the_places(app, browser, send, press, house):
    address = send(into=f"place-{house.site.slug}").headers["Location"]
    assert "Birch" in browser.get(address).text
    press(f"{address}/book")
    with app.app_context():
        assert db.session.scalars(select(Booking.space_ids)).all() == [[house.birch.id]]


def test_dates_that_clash_go_where_it_was_chosen(app, browser, send, press, house):
    secret = {"by": house.stranger, "title": "Secret", "visibility": "private"}
    house.add_booking(start=9, end=10, days=(7,), **secret)
    address = send().headers["Location"]
    page = browser.get(address).text
    assert "1 series clashes on some dates." in page
    assert "18 Mar 2027" in page
    assert "Secret" not in page
    press(f"{address}/book", clashing="room")
    assert "Clashes" not in browser.get(address).text


def test_whole_days_have_no_hour(browser, send):
    body = calendar(event("DTSTART;VALUE=DATE:20270410", summary="Fair"))
    page = browser.get(send(body).headers["Location"]).text
    assert "10 Apr 2027" in page
    assert "00:00" not in page


def test_tabs_show_the_events_of_one_fate(browser, send):
    address = send().headers["Location"]
    page = browser.get(f"{address}?show=left").text
    assert "Bells" in page
    assert "Choir</bdi>" not in page
    assert browser.get(f"{address}?show=nonsense&after=x").status_code == 200


@pytest.mark.engines("sqlite", "postgresql")
def test_large_file_is_work_for_a_job_that_can_be_stopped(app, browser, send, press, clock):
    number = SMALL + PART_OBJECTS * 5
    address = send(many(number)).headers["Location"]
    page = browser.get(address)
    assert page.headers["Refresh"] == "3"
    assert f"0 of {number} events" in page.text

    with app.app_context():
        assert work_once(HANDLERS, clock=clock)
    assert f"{5 * PART_OBJECTS} of {number} events" in browser.get(address).text
    run(app, clock)
    assert f"{number} events can be booked." in browser.get(address).text

    press(f"{address}/book")
    with app.app_context():
        assert work_once(HANDLERS, clock=clock)
    press(f"{address}/stop")
    run(app, clock)
    assert "Stopped. What is booked stays" in browser.get(address).text
    assert count(app, Booking) == 5 * PART_OBJECTS
    press(f"{address}/book")
    run(app, clock)
    page = browser.get(address).text
    assert f"{number} events are booked." in page
    assert count(app, Booking) == number
    [more] = re.findall(r'href="([^"]*after=0)"', page)
    assert "Event 150" in browser.get(more.replace("&amp;", "&")).text


@pytest.mark.engines("sqlite", "postgresql")
def test_work_that_is_killed_at_any_commit_goes_on(app, browser, send, press, clock):
    address = send(many(SMALL + 1)).headers["Location"]
    run(app, clock)
    press(f"{address}/book")
    number, was_killed = 0, True
    while was_killed:  # each worker comes a step further than the one before
        number += 1
        with app.app_context():
            was_killed = killed_at(number, lambda: run(app, clock))
        clock.now += LEASE + timedelta(seconds=1)
    assert number > 4
    assert f"{SMALL + 1} events are booked." in browser.get(address).text
    assert count(app, Booking) == SMALL + 1


def test_file_is_fetched_from_a_trusted_address(browser, press, house, calendars, trust):
    answer = press("/calendars/import", into=str(house.atlas.id), address=f"{calendars}/choir.ics")
    assert answer.status_code == 422
    assert "The address has to begin with https://." in answer.text
    trust("nas.lan localhost")
    answer = press("/calendars/import", into=str(house.atlas.id), address=f"{calendars}/choir.ics")
    assert "Choir and more" in browser.get(answer.headers["Location"]).text


def test_private_address_is_not_fetched(press, house):
    answer = press(
        "/calendars/import", into=str(house.atlas.id), address="https://169.254.169.254/x"
    )
    assert answer.status_code == 422
    assert "inside a private network" in answer.text
    assert "169.254.169.254" in answer.text  # what was typed stays


@pytest.mark.parametrize(
    ("body", "into", "said"),
    [
        pytest.param(b"<html>", None, "This is not a calendar", id="no calendar"),
        pytest.param(None, None, "Choose a calendar file.", id="no file"),
        pytest.param(SMALL_FILE, "999", "Choose a room.", id="no such room"),
        pytest.param(SMALL_FILE, "place-nowhere", "Choose a room.", id="no such house"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(app, send, body, into, said):
    answer = send(body, into)
    assert answer.status_code == 422
    assert said in answer.text
    assert count(app, ImportFile) == 0


def test_file_of_somebody_else_is_not_there(app, client, house, sign_in, browser, send):
    address = send().headers["Location"]
    stranger = sign_in(app.test_client(), house.stranger)
    assert stranger.get(address).status_code == 404
    for verb in ("book", "stop", "delete"):
        page = stranger.get("/calendars/import").text
        [token] = re.findall(r'name="csrf_token" value="([^"]+)"', page)[:1]
        assert stranger.post(f"{address}/{verb}", data={"csrf_token": token}).status_code == 404


def test_deleted_file_leaves_what_was_booked(app, browser, send, press):
    address = send().headers["Location"]
    press(f"{address}/book")
    press(f"{address}/delete")
    assert browser.get(address).status_code == 404
    assert (count(app, Booking), count(app, ImportPart)) == (1, 0)


def test_oldest_file_gives_way_and_files_come_no_faster_than_they_may(app, browser, send):
    for _ in range(RATE.attempts):
        assert send().status_code == 303
    assert count(app, ImportFile) == imports.MOST_FILES
    answer = send()
    assert answer.status_code == 429
    assert count(app, ImportFile) == imports.MOST_FILES


def test_files_are_forgotten_after_a_day(app, browser, send):
    send()
    with app.app_context():
        imports.forget_old(now=NOW + imports.KEPT)
    assert count(app, ImportFile) == 1
    with app.app_context():
        imports.forget_old(now=NOW + imports.KEPT + timedelta(seconds=1))
    assert (count(app, ImportFile), count(app, ImportPart)) == (0, 0)


def test_server_lets_through_what_pages_take(app):
    most = [getattr(view, "most_bytes", 0) for view in app.view_functions.values()]
    assert MOST_BYTES < max(most) <= MAX_BODY_BYTES
