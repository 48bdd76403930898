"""The outbox: when rooms and people are free, and what nobody learns of them."""

import re
from email.utils import quote as quoted

import pytest
from lxml import etree

from booking.addresses import room_address
from booking.core.values import State, Visibility
from tests.dav.conftest import C, D, condition

DAY = ("20270311T000000Z", "20270312T000000Z")


@pytest.fixture
def ask(member, house):
    """Return what asks for the time of rooms and people: kinds and periods of each by address."""

    def asking(*attendees, program=member, start=DAY[0], end=DAY[1]):
        answer = send(program, question(program, *attendees, start=start, end=end))
        assert answer.status_code == 200, answer.text
        root = etree.fromstring(answer.data)
        assert root.tag == f"{C}schedule-response"
        return {
            each.findtext(f"{C}recipient/{D}href"): periods(each)
            for each in root.findall(f"{C}response")
        }

    return asking


def question(program, *attendees, start=DAY[0], end=DAY[1], organizer=""):
    """Return a VFREEBUSY REQUEST of a program's person."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//x//x//EN",
        "METHOD:REQUEST",
        "BEGIN:VFREEBUSY",
        "UID:asked-1",
        "DTSTAMP:20270310T090000Z",
        f"DTSTART:{start}",
        f"DTEND:{end}",
        f"ORGANIZER:{organizer or email(program.user)}",
        *(f'ATTENDEE;CN="{quoted("Somebody")}":{each}' for each in attendees),
        "END:VFREEBUSY",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


def send(program, text, kind="text/calendar; charset=utf-8"):
    """Post a text to a person's outbox."""
    path = f"/dav/outbox/{program.user.person_id}/"
    return program.ask("POST", path, text, Content_Type=kind)


def periods(response):
    """Return what a response says of when somebody is busy, its status where nothing."""
    data = response.findtext(f"{C}calendar-data")
    status = response.findtext(f"{C}request-status")
    if data is None:
        return status
    assert status == "2.0;Success"
    assert "METHOD:REPLY" in data
    assert "UID:asked-1" in data
    assert "ORGANIZER:mailto:" in data
    assert "ATTENDEE;" in data
    return re.findall("FREEBUSY;FBTYPE=(.*)", data.replace("\r", ""))


def email(actor):
    """Return the calendar user address of a person."""
    return f"mailto:{actor.name.lower()}@example.org"


def test_outbox_is_found_from_the_principal(member, house):
    person = house.member.person_id
    found = member.properties(f"/dav/principals/{person}/", "C:schedule-outbox-URL")
    [said] = found.values()
    assert f"/dav/outbox/{person}/" in said["schedule-outbox-URL"]
    [said] = member.properties(f"/dav/outbox/{person}/", "resourcetype").values()
    assert "schedule-outbox" in said["resourcetype"]
    assert "schedule" not in member.ask("OPTIONS", "/dav/").headers["DAV"]


def test_rooms_and_people_are_asked_at_once(member, house, ask):
    house.add_booking(house.atlas, by=house.stranger)
    house.add_booking(house.cedar, start=14, end=15, by=house.member, state=State.REQUESTED)
    rooms = {each.name: member.home(f"space-{each.id}/") for each in house.rooms}

    found = ask(rooms["Atlas"], rooms["Cedar"], email(house.stranger), email(house.member))

    assert found == {
        rooms["Atlas"]: ["BUSY:20270311T090000Z/20270311T100000Z"],
        rooms["Cedar"]: ["BUSY-TENTATIVE:20270311T130000Z/20270311T140000Z"],
        email(house.stranger): ["BUSY:20270311T090000Z/20270311T100000Z"],
        email(house.member): ["BUSY-TENTATIVE:20270311T130000Z/20270311T140000Z"],
    }


def test_room_is_asked_by_its_mail_address(app, member, house, ask):
    house.add_booking(house.atlas, by=house.stranger)
    address = f"mailto:{room_address(house.atlas, app.extensions['booking']['config'])}"
    assert ask(address) == {address: ["BUSY:20270311T090000Z/20270311T100000Z"]}


def test_private_bookings_do_not_tell_whose_they_are(member, stranger, house, ask):
    house.add_booking(house.atlas, by=house.stranger, visibility=Visibility.PRIVATE)
    room, person = member.home(f"space-{house.atlas.id}/"), email(house.stranger)

    found = ask(room, person)

    assert found == {room: ["BUSY:20270311T090000Z/20270311T100000Z"], person: []}
    assert ask(person, program=stranger) == {person: ["BUSY:20270311T090000Z/20270311T100000Z"]}


def test_who_is_unknown_is_told_apart_from_who_is_free(member, house, ask):
    strangers = [
        "mailto:nobody@example.org",
        member.home("space-99999/"),
        "/dav/cal/99999/space-1/",
        "urn:uuid:x",
        "http://[/",
    ]
    found = ask(*strangers, email(house.admin))
    assert found.pop(email(house.admin)) == []
    assert {*found.values()} == {"3.7;Invalid calendar user"}


def test_long_questions_are_answered_for_a_part(member, house, ask):
    house.add_booking(house.atlas, by=house.member)
    found = ask(email(house.member), start="20270101T000000Z", end="21270101T000000Z")
    assert found == {email(house.member): ["BUSY:20270311T090000Z/20270311T100000Z"]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda _text: "x", "valid-calendar-data", id="nothing"),
        pytest.param(lambda text: text.encode("utf-16"), "valid-calendar-data", id="utf-16"),
        pytest.param(
            lambda text: text.replace("VFREEBUSY", "VEVENT"), "valid-scheduling-message", id="event"
        ),
        pytest.param(
            lambda text: text.replace("REQUEST", "REPLY"), "valid-scheduling-message", id="reply"
        ),
        pytest.param(
            lambda text: text.replace("UID:", "X-UID:"), "valid-scheduling-message", id="no-uid"
        ),
        pytest.param(
            lambda text: text.replace("DTEND:20270312", "DTEND:20260312"),
            "valid-scheduling-message",
            id="backwards",
        ),
        pytest.param(
            lambda text: text.replace("000000Z", "000000"), "valid-scheduling-message", id="local"
        ),
        pytest.param(
            lambda text: text.replace("ATTENDEE", "X-A"), "valid-scheduling-message", id="nobody"
        ),
        pytest.param(
            lambda text: text.replace("ORGANIZER:mailto:member", "ORGANIZER:mailto:admin"),
            "organizer-allowed",
            id="organizer",
        ),
    ],
)
def test_what_is_no_question_is_refused(member, house, change, expected):
    answer = send(member, change(question(member, email(house.admin))))
    assert answer.status_code == 403
    assert condition(answer) == expected


def test_other_refusals(member, house, app):
    text = question(member, email(house.admin))
    assert condition(send(member, text, "application/xml")) == "supported-calendar-data"
    many = question(member, *(f"mailto:p{number}@example.org" for number in range(101)))
    assert condition(send(member, many)) == "max-attendees-per-instance"
    others = f"/dav/outbox/{house.admin.person_id}/"
    assert member.ask("POST", others, text, Content_Type="text/calendar").status_code == 404
    assert member.ask("POST", member.home(), text, Content_Type="text/calendar").status_code == 405
    path = f"/dav/outbox/{house.member.person_id}/"
    assert app.test_client().post(path, data=text, content_type="text/calendar").status_code == 401


def test_statements_stay_the_same(member, house, count):
    rooms = [member.home(f"space-{each.id}/") for each in house.rooms]
    send(member, question(member, email(house.admin)))
    used = []
    for some in (1, 4):
        people = [email(each) for each in (house.member, house.stranger, house.admin)][:some]
        with count() as statements:
            send(member, question(member, *rooms[:some], *people))
        used.append(len(statements))
    assert used[0] == used[1] <= 8
