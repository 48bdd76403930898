"""Forms and addresses as nobody sends them by accident, against the whole service."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from booking.models import Site
from booking.web.board.choice import VIEWS
from tests.support.databases import writing
from tests.support.factories import Clock, House

pytestmark = pytest.mark.engines("sqlite", "postgresql")

Signs = Callable[..., FlaskClient]

# 62 numbers and all months: a rule that is understood, and longer than any sensible one.
LONG_RULE = (
    "FREQ=MONTHLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYMONTHDAY="
    + ",".join(str(each) for each in (*range(1, 32), *range(-31, 0)))
    + ";BYSETPOS="
    + ",".join(str(each) for each in range(1, 40))
    + ";COUNT=3"
)


@pytest.fixture
def browser(client: FlaskClient, house: House, sign_in: Signs) -> FlaskClient:
    """Return a browser in which the admin is signed in, who may ask for everything."""
    return sign_in(client, house.admin)


@pytest.fixture
def send(browser: FlaskClient, csrf: Callable[..., str]) -> Callable[..., object]:
    """Return what posts a form with its token."""

    def sent(path: str, **fields: str):
        return browser.post(path, data={"csrf_token": csrf(browser, "/profile"), **fields})

    return sent


@pytest.mark.parametrize(
    "path",
    [
        "/inbox?_scheme=javascript",
        "/inbox?_external=1&_scheme=javascript",
        "/inbox?_anchor=x",
        "/inbox?_method=POST",
        "/inbox?endpoint=x",
        "/board/house/day?slug=x",
        "/board/house/day?view=x&day=x",
        "/board/house/day?_scheme=ftp",
        "/board/house/day?endpoint=x",
        "/bookings/new?start=%2009:00",
        "/bookings/new?start=%2009:00&end=10:00",
        "/bookings?page=999999999",
        "/inbox?page=999999999",
        "/people?page=999999999",
        "/people?q=%00%25_",
    ],
)
def test_addresses_with_odd_queries_are_answered(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path, follow_redirects=True)

    assert answer.status_code == 200
    assert "javascript:" not in answer.text
    assert "ftp:" not in answer.text


def test_host_that_can_be_none_is_refused(browser: FlaskClient) -> None:
    for host in ("x" * 64, "www." + "x" * 64):
        for path in ("/", "/sign-in", "/dav/", "/static/none.css"):
            answer = browser.get(path, headers={"Host": host})
            assert (answer.status_code, answer.mimetype) == (400, "text/plain")


def test_language_link_stays_on_its_page_whatever_the_query_says(browser: FlaskClient) -> None:
    page = browser.get("/board/house/day/2027-03-11?slug=x&day=y&kind=meeting_room&_anchor=z").text

    (link,) = re.findall(r'class="lang" href="([^"]+)"', page)
    assert link.startswith("/board/house/day/2027-03-11?")
    assert "kind=meeting_room" in link


@pytest.mark.parametrize(
    "path",
    [
        "/board/%00",
        "/board/%00/day/2027-03-11",
        "/bookings/99999999999999999999",
        "/bookings?page=99999999999",
        "/invitations/%00",
        "/people/99999999999999999999",
        "/feeds/%00.ics",
    ],
)
def test_what_cannot_be_there_is_not_found(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("booking_id", [2**31, 2**63, 10**30])
@pytest.mark.parametrize("verb", ["approve", "refuse"])
def test_decisions_on_impossible_ids_are_not_found(
    send: Callable[..., object], verb: str, booking_id: int
) -> None:
    answer = send(f"/approvals/{booking_id}/{verb}", version="1", reason="No")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("request_key", "a\0b", 422),
        ("request_key", "k" * 65, 422),
        ("title", "A\0B", 303),
        ("note", "A\0B", 303),
        ("rule", LONG_RULE, 422),
    ],
)
def test_booking_forms_with_odd_texts_are_answered(
    send: Callable[..., object], house: House, field: str, value: str, status: int
) -> None:
    fields = {
        "space": str(house.atlas.id),
        "date": house.at(0).date().isoformat(),
        "start": "10:00",
        "end": "11:00",
        "title": "Choir",
        "repeat": "custom" if field == "rule" else "none",
        field: value,
    }

    assert send("/bookings", **fields).status_code == status


@pytest.mark.parametrize("path", ["/profile", "/calendars", "/people/invite"])
def test_names_with_control_characters_are_refused_in_words(
    send: Callable[..., object], path: str
) -> None:
    fields = {"name": "A\0B", "theme": "auto", "detail": "full", "email": "a@example.org"}

    answer = send(path, **fields)

    assert answer.status_code == 422
    assert 'id="f-name-error"' in answer.text


@pytest.mark.parametrize(
    "zone",
    [
        "America/Sao_Paulo",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Casablanca",
    ],
)
@pytest.mark.engines("sqlite")
def test_pages_of_a_house_in_another_zone_are_shown(
    browser: FlaskClient, send: Callable[..., object], house: House, zone: str
) -> None:
    with writing(house.engine) as connection:
        connection.execute(update(Site).values(zone=zone, opens_min=0, closes_min=1440))
    # Every day until all clocks have changed, over midnight.
    answer = send(
        "/bookings",
        space=str(house.atlas.id),
        date="2027-03-12",
        start="23:30",
        end="00:30",
        end_date="2027-03-13",
        title="Night",
        repeat="daily",
        ends="open",
    )
    assert answer.status_code == 303
    taken = send(
        "/bookings",
        space=str(house.atlas.id),
        date="2027-03-13",
        start="00:00",
        end="24:00",
        title="Day",
        repeat="none",
    )
    assert taken.status_code == 409
    shown = [
        "/bookings",
        "/bookings/1",
        "/bookings/1/edit",
        "/bookings/new",
        "/approvals",
        "/inbox",
    ]
    days = ["2027-03-14", "2027-03-28", "2027-04-04", "2027-10-03", "2027-10-31", "2027-11-07"]
    for path in [*shown, *(f"/board/house/{view}/{day}" for view in VIEWS for day in days)]:
        assert browser.get(path).status_code == 200, path


@pytest.mark.engines("sqlite")
def test_what_caches_share_carries_no_session(browser: FlaskClient, clock: Clock) -> None:
    page = browser.get("/inbox").text
    (sheet,) = set(re.findall(r'href="(/static/[^"]+\.css)"', page))

    clock.now += timedelta(days=1)  # the session is due to be renewed
    for path in (
        sheet,
        f"{sheet}?lang=fr",
        "/favicon.ico",
        "/health",
        "/feeds/unknown.ics?lang=fr",
    ):
        answer = browser.get(path)
        assert "Set-Cookie" not in answer.headers, path
        assert "Cookie" not in answer.headers.get("Vary", ""), path


@pytest.mark.engines("sqlite")
def test_session_is_renewed_once_a_day_and_not_after_the_sign_out(
    browser: FlaskClient, send: Callable[..., object], clock: Clock
) -> None:
    browser.get("/inbox")
    assert "Set-Cookie" not in browser.get("/inbox").headers
    clock.now += timedelta(days=1)
    assert "session=" in browser.get("/inbox").headers["Set-Cookie"]
    assert "Set-Cookie" not in browser.get("/inbox").headers

    send("/sign-out")

    assert browser.get("/inbox").location.startswith("/sign-in")
