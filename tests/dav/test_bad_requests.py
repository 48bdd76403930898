"""Whatever is sent: the right status, nothing written, never our fault."""

from dataclasses import replace
from itertools import product

import pytest
from lxml import etree
from sqlalchemy import update

from booking.models import Person
from tests.dav.conftest import NAMESPACES, D, condition
from tests.dav.test_vdirsyncer import EVENT
from tests.support.databases import writing

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 if n else str()};" * 10}">' for n in range(9))
    + ']><propfind xmlns="DAV:"><prop><x>&a8;</x></prop></propfind>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    '<propfind xmlns="DAV:"><prop><x>&f;</x></prop></propfind>'
)


@pytest.fixture
def room(member, house):
    """Return the address of Atlas."""
    return member.home(f"space-{house.atlas.id}/")


BODIES = (
    BOMB,
    OUTSIDE,
    "<x",
    "<x/><y/>",
    "no xml",
    b"\xff\xfe<\x00",
    b"<x>\xff</x>",
    "<a>" * 100_000,
    '<x xmlns="' + "y" * 100_000,
    f"<other {NAMESPACES}/>",
    b"\0",
)


def test_bad_bodies(member, room):
    for method, body in product(("PROPFIND", "REPORT", "PROPPATCH"), BODIES):
        answer = member.ask(method, room, body, Depth="0")
        assert answer.status_code in (400, 403), answer.text
        if answer.status_code == 403:
            assert condition(answer) == "supported-report"


PATHS = (
    "/dav/cal/",
    "/dav/cal/x/",
    "/dav/cal/1/../../",
    "/dav/cal/1/space-1/%2e%2e/x.ics",
    "/dav/cal/1/space-1/a%2fb.ics",
    "/dav/cal/1/space-1/%00.ics",
    "/dav/cal/1/space-1/%0a.ics",
    "/dav/cal/1/space-1/" + "x" * 4_000 + ".ics",
    "/dav//cal//1//space-1//",
    "/dav/cal/1/space-1/booking-99999999999999999999999.ics",
    "/dav/cal/1/space-99999999999999999999/",
    "/dav/cal/1/space-1/booking-١.ics",
    "/dav/principals/1/2/3",
    "/dav/%ff",
)


def test_odd_addresses(member):
    for method, path in product(("GET", "PROPFIND", "DELETE", "REPORT", "MOVE", "PUT"), PATHS):
        answer = member.ask(method, path, "<x/>", Depth="0")
        assert answer.status_code in (400, 403, 404, 415), (method, path, answer.status)


def test_too_large(member, room):
    for method in ("PROPFIND", "REPORT"):
        answer = member.ask(method, room, b" " * (1024 * 1024 + 1), Depth="0")
        assert (answer.status_code, condition(answer)) == (413, "max-resource-size")


def test_depth_that_is_none(member, room):
    assert member.ask("PROPFIND", room, Depth="2").status_code == 400


def test_unknown_methods_are_named(member, room):
    for method in ("LOCK", "UNLOCK", "COPY", "POST", "PATCH", "ACL"):
        answer = member.ask(method, room)
        assert answer.status_code == 405
        assert "PROPFIND" in answer.headers["Allow"]


def test_calendars_are_made_on_the_web(member):
    for method in ("MKCALENDAR", "MKCOL"):
        answer = member.ask(method, member.home("new/"))
        assert (answer.status_code, condition(answer)) == (403, "need-privileges")


def test_guessing_ends(member, room):
    secret, member.secret = member.secret, "aaaa-bbbb-cccc-dddd-eeee-ffff-gggg"
    statuses = [member.ask("PROPFIND", room, Depth="0").status_code for _try in range(12)]
    member.secret = secret

    assert statuses == [401] * 10 + [429] * 2
    assert member.ask("PROPFIND", room, Depth="0").status_code == 207


def test_sessions_count_for_nothing(client, house, sign_in):
    browser = sign_in(client, house.member)

    answer = browser.open(f"/dav/cal/{house.member.person_id}/", method="PROPFIND")

    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


def told(answer):
    """Return the sentence for people."""
    return etree.fromstring(answer.data).findtext(f"{D}responsedescription")


def test_errors_are_told_in_the_language_of_the_account(program, house, room, member, client):
    english = program(replace(house.stranger, locale="en"))
    with writing(house.engine) as connection:
        theirs = update(Person).where(Person.id == house.stranger.person_id)
        connection.execute(theirs.values(locale="en"))
    house.add_booking(house.atlas, by=house.admin)
    event = EVENT.format(uid="a", day=11, hour=10, title="Choir", place="Atlas")

    for one, asked, deep, taken in (
        (member, "", "Posez la question avec Depth 0 ou 1.", "Cet horaire est déjà pris."),
        (member, "en", "Ask with Depth 0 or 1.", "This time is already taken."),
        (english, "fr", "Ask with Depth 0 or 1.", "This time is already taken."),
    ):
        path = one.home(f"space-{house.atlas.id}/")
        answer = one.ask("PROPFIND", path, Depth="infinity", Accept_Language=asked)
        assert told(answer) == deep
        put = {"Content_Type": "text/calendar", "Accept_Language": asked}
        assert taken in told(one.ask("PUT", f"{path}a.ics", event, **put))
    for asked, expected in (("fr", "Identifiez-vous"), ("en", "Sign in"), ("de", "Identifiez")):
        answer = client.open("/dav/", method="PROPFIND", headers={"Accept-Language": asked})
        assert answer.text.startswith(expected)


ODD_HREFS = (
    "",
    "..",
    "../../",
    "http://[",
    "//else.example/x.ics",
    "/etc/passwd",
    "{room}../a.ics",
    "{room}%2e%2e/a.ics",
    "{room}a%2fb.ics",
    "{room}%00.ics",
    "{room}%ff.ics",
    "{room}" + "x" * 4_000 + ".ics",
    "{room}",
)


def test_odd_addresses_in_bodies_and_headers(member, room, house):
    """Each is answered by itself: those that mean nothing here are 404, and stop no other."""
    good = f"{room}booking-{house.add_booking(house.atlas)}.ics"
    asked = [each.format(room=room) for each in ODD_HREFS]
    hrefs = "".join(f"<href>{each}</href>" for each in [*asked, good])

    answer = member.report(room, "C:calendar-multiget", f"<prop><getetag/></prop>{hrefs}")
    found = {
        each.findtext(f"{D}href"): each.findtext(f".//{D}status") or ""
        for each in etree.fromstring(answer.data)
    }
    moved = [member.ask("MOVE", good, Destination=each).status_code for each in asked]

    assert answer.status_code == 207
    assert "200" in found.pop(good)
    assert all("404" in status for status in found.values())
    assert set(moved) <= {400, 403, 404, 502}
    assert member.ask("GET", good).status_code == 200


def test_unknown_time_zone_is_that_of_the_house(member, room):
    event = EVENT.format(uid="a", day=11, hour=10, title="Choir", place="Atlas")
    put = {"Content_Type": "text/calendar"}

    made = member.ask("PUT", f"{room}a.ics", event.replace("Europe/Paris", "Nowhere/At all"), **put)

    # Something else than was sent, so it is fetched again (RFC 4791 §5.3.4).
    assert (made.status_code, made.headers.get("ETag")) == (201, None)
    assert "DTSTART;TZID=Europe/Paris:20270311T100000" in member.ask("GET", f"{room}a.ics").text
