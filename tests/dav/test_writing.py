"""PUT books, DELETE cancels, MOVE changes the room: under the rules of everybody else."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.actions.approvals import refuse
from booking.actions.bookings import change
from booking.actions.bookings.change import as_request
from booking.core.requests import ChangeRequest, DecisionRequest
from booking.core.values import State
from booking.db import db
from booking.models import Booking, Notice
from booking.queries import agenda
from tests.dav.conftest import condition
from tests.support.factories import NOW
from tests.support.objects import calendar, vevent


def event(
    uid="one@phone",
    *,
    start="20270311T100000",
    end="20270311T110000",
    place="LOCATION:Atlas\r\n",
    more="",
    title="Choir",
):
    """Return an object as a phone sends it."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Phone//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20270310T090000Z\r\nDTSTART;TZID=Europe/Paris:{start}\r\n"
        f"DTEND;TZID=Europe/Paris:{end}\r\nSUMMARY:{title}\r\n{place}{more}END:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )


ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:x\r\nEND:VALARM\r\n"


@pytest.fixture
def stored(app):
    """Return what reads bookings: all of them, unredacted, by id."""

    def read():
        with app.app_context():
            ids = db.session.execute(select(Booking.id).order_by(Booking.id)).scalars()
            return [agenda.booking(db.session(), each) for each in ids]

    return read


@pytest.fixture
def room(member, house):
    """Return the address of Atlas."""
    return member.home(f"space-{house.atlas.id}/")


def put(program, path, text, **headers):
    return program.ask("PUT", path, text, Content_Type="text/calendar; charset=utf-8", **headers)


def test_put_books_and_comes_back_as_it_was(member, house, room, stored):
    body = event(more=f"X-COLOR:red\r\n{ALARM}")
    path = f"{room}phone.ics"

    made = put(member, path, body, If_None_Match="*")
    read = member.ask("GET", path)

    assert made.status_code == 201
    [booking] = stored()
    assert (booking.title, booking.space_ids, booking.state) == (
        "Choir",
        (house.atlas.id,),
        State.CONFIRMED,
    )
    assert booking.organiser_id == house.member.person_id
    assert read.text == body
    assert read.headers["ETag"] == made.headers["ETag"]
    assert [*member.sync(room)[0]] == ["phone.ics"]
    assert put(member, path, body, If_None_Match="*").status_code == 412
    assert len(stored()) == 1


@pytest.mark.parametrize("bookings", [1, 12])
def test_put_takes_as_many_statements_however_full_the_room(member, house, room, count, bookings):
    for day in range(bookings):
        house.add_booking(house.atlas, start=16, end=17, days=(day,))
    put(member, f"{room}first.ics", event("first@phone", start="20270312T100000"))

    def statements(text, path="phone.ics"):
        with count() as made:
            answer = put(member, room + path, text)
        assert answer.status_code in (201, 204)
        return len(made)

    texts = (event(place=""), event(), event(title="Other"))
    assert [statements(each) for each in texts] == [17, 16, 29]


def test_what_a_program_keeps_for_itself_is_for_its_person(member, stranger, house, room, stored):
    put(member, f"{room}phone.ics", event(more=f"X-COLOR:red\r\n{ALARM}"))
    [booking] = stored()

    theirs = stranger.ask(
        "GET", stranger.home(f"space-{house.atlas.id}", f"booking-{booking.id}.ics")
    )

    assert theirs.status_code == 200
    assert not re.search("VALARM|X-COLOR", theirs.text)


def test_request_is_tentative_and_fetched_again(member, house, stored):
    path = member.home(f"space-{house.cedar.id}", "phone.ics")

    made = put(member, path, event(more=ALARM))

    assert (made.status_code, made.headers.get("ETag")) == (201, None)
    read = member.ask("GET", path).text
    assert "STATUS:TENTATIVE" in read
    assert "TRIGGER:-PT15M" in read
    assert stored()[0].state is State.REQUESTED


def test_change_asks_for_the_version_that_was_seen(member, house, room, stored):
    path = f"{room}phone.ics"
    first = put(member, path, event())
    later = event(start="20270311T140000", end="20270311T150000")

    assert put(member, path, later, If_Match='"other"').status_code == 412
    changed = put(member, path, later, If_Match=first.headers["ETag"])
    assert changed.status_code == 204
    assert put(member, path, event(), If_Match=first.headers["ETag"]).status_code == 412

    [booking] = stored()
    assert f"{booking.starts_at:%H}" == "14"


INVITES = (
    "ORGANIZER;CN=Member:mailto:member@example.org\r\n"
    "ATTENDEE;PARTSTAT=NEEDS-ACTION;CN=Ann:mailto:ann@else.example\r\n"
)


def rooms_of(text):
    """Return what the rooms answer: (name, PARTSTAT, SCHEDULE-STATUS) of each line."""
    lines = [x for x in text.replace("\r\n ", "").split("\r\n") if "CUTYPE=ROOM" in x]
    pattern = r'PARTSTAT=([A-Z-]+);SCHEDULE-STATUS="([0-9.]+)";CN="([^"]+)":mailto:\S+@\S+$'
    return [(found[3], found[1], found[2]) for x in lines if (found := re.search(pattern, x))]


def categories_of(text):
    """Return what CATEGORIES says, of all its lines."""
    lines = text.replace("\r\n ", "").split("\r\n")
    return [each.partition(":")[2] for each in lines if each.startswith("CATEGORIES")]


def test_categories_are_those_of_the_house_or_kept(member, stranger, house, room, stored, app):
    path = f"{room}a.ics"
    theirs = stranger.home(f"space-{house.atlas.id}", "booking-1.ics")
    put(member, path, event(more="CATEGORIES:Red\\, or so,workshop\r\nCATEGORIES:Réunion\r\n"))
    [booking] = stored()
    assert booking.category == "workshop"
    assert categories_of(member.ask("GET", path).text) == ["Red\\, or so,workshop", "Réunion"]
    assert categories_of(stranger.ask("GET", theirs).text) == ["Atelier"]

    # What others change, and what its own program adds, both come back.
    with app.app_context():
        wish = replace(as_request(booking), category="training")
        change(ChangeRequest(booking.id, booking.version, wish), house.member, now=NOW)
    written = member.ask("GET", path).text
    assert categories_of(written) == ["Formation", "Red\\, or so"]
    assert put(member, path, written).status_code == 204
    assert stored()[0].category == "training"
    assert put(member, path, written.replace("Formation", "Public event")).status_code == 204
    assert stored()[0].category == "event"
    assert categories_of(stranger.ask("GET", theirs).text) == ["Événement public"]

    # Names that are nobody's, and none at all, leave it as it is.
    for more in ("CATEGORIES:\r\n", 'CATEGORIES;X="a:b":Blue\r\n', ""):
        put(member, path, event(more=more))
        assert stored()[0].category == "event"


def test_room_answers_who_invites(member, house, room, stored):
    path, body = f"{room}a.ics", event(more=INVITES + ALARM)

    made = put(member, path, body)
    read = member.ask("GET", path)

    assert (made.status_code, made.headers.get("ETag")) == (201, None)
    assert rooms_of(read.text) == [("Atlas", "ACCEPTED", "2.0")]
    without = re.sub("ATTENDEE;CUTYPE=ROOM.*?\r\n(?! )", "", read.text, flags=re.DOTALL)
    assert without == body
    etag = read.headers["ETag"]
    assert member.query(room, '<C:comp-filter name="VCALENDAR"/>')["a.ics"] == read.text.replace(
        "\r\n ", ""
    )
    [before] = stored()
    asked = read.text.replace("PARTSTAT=ACCEPTED", "PARTSTAT=NEEDS-ACTION")
    for text, expected in ((read.text, etag), (asked, None), (body, None)):
        assert put(member, path, text, If_Match=etag).headers.get("ETag") == expected
        assert member.ask("GET", path).headers["ETag"] == etag
    assert stored() == [before]
    assert rooms_of(member.ask("GET", path).text) == [("Atlas", "ACCEPTED", "2.0")]


def test_nobody_attends_without_an_organiser(member, house, room):
    put(member, f"{room}a.ics", event())
    put(member, f"{room}a.ics", event(title="Other", more="X-COLOR:red\r\n"))
    assert "ATTENDEE" not in member.ask("GET", f"{room}a.ics").text
    assert "ATTENDEE" not in member.ask("GET", room).text


def test_answer_of_a_room_follows_its_approver(member, house, app, stored):
    mine = member.home(f"person-{house.member.person_id}/")
    path = f"{mine}a.ics"
    put(member, path, event(place="LOCATION:Atlas\\, Cedar\r\n", more=INVITES))
    asked = member.ask("GET", path)
    assert rooms_of(asked.text) == [("Atlas", "ACCEPTED", "2.0"), ("Cedar", "TENTATIVE", "2.0")]
    assert "ann@else.example" in asked.text

    [booking] = stored()
    [waiting] = [x for x in booking.occurrences if x.state is State.REQUESTED]
    with app.app_context():
        request = DecisionRequest(booking.id, booking.version, "Full", waiting.space_id)
        refuse(request, house.approver, now=NOW)
    told = member.ask("GET", path)

    assert told.headers["ETag"] != asked.headers["ETag"]
    assert rooms_of(told.text) == [("Atlas", "ACCEPTED", "2.0"), ("Cedar", "DECLINED", "2.0")]


def test_each_date_of_a_series_has_its_rooms(member, house, stored):
    mine = member.home(f"person-{house.member.person_id}/")
    body = event(more=f"RRULE:FREQ=WEEKLY;COUNT=3\r\n{INVITES}")
    own = event(
        start="20270318T100000",
        end="20270318T110000",
        place="LOCATION:Birch\r\n",
        more=f"RECURRENCE-ID;TZID=Europe/Paris:20270318T100000\r\n{INVITES}",
    )
    body = body.replace("END:VCALENDAR\r\n", own.partition("EN\r\n")[2])
    assert put(member, f"{mine}a.ics", body).status_code == 201

    usual, single = member.ask("GET", f"{mine}a.ics").text.split("BEGIN:VEVENT")[1:]
    assert rooms_of(usual) == [("Atlas", "ACCEPTED", "2.0")]
    assert rooms_of(single) == [("Birch", "ACCEPTED", "2.0")]


def test_clash_is_a_conflict(member, house, room, stored):
    house.add_booking(house.atlas, by=house.stranger, title="Secret", visibility="private")

    answer = put(member, f"{room}phone.ics", event())

    assert (answer.status_code, condition(answer)) == (409, "booking-conflict")
    assert "Secret" not in answer.text
    assert len(stored()) == 1
    assert member.ask("GET", f"{room}phone.ics").status_code == 404


def test_refusal_is_told_once_and_who_insists_waits(member, house, room, app, clock):
    house.add_booking(house.atlas, by=house.stranger)

    answers = [put(member, f"{room}phone.ics", event()) for _try in range(7)]

    assert [each.status_code for each in answers] == [409] * 6 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 600
    with app.app_context():
        query = select(Notice.code).where(Notice.person_id == house.member.person_id)
        codes = db.session.execute(query).scalars().all()
    assert codes.count("notice_object_taken") == 1
    clock.now += timedelta(minutes=11)
    assert put(member, f"{room}phone.ics", event()).status_code == 409


def test_bookings_of_others_are_theirs(member, stranger, house, stored):
    booking = house.add_booking(house.atlas)
    path = stranger.home(f"space-{house.atlas.id}", f"booking-{booking}.ics")

    for answer in (
        put(stranger, path, event()),
        stranger.ask("DELETE", path),
        stranger.ask("MOVE", path, Destination=stranger.home(f"space-{house.birch.id}", "x.ics")),
    ):
        assert (answer.status_code, condition(answer)) == (403, "need-privileges")
    assert stored()[0].state is State.CONFIRMED


def test_reader_writes_nothing(program, house, stored):
    reader = program(house.member, access="read")
    booking = house.add_booking(house.atlas)
    room = reader.home(f"space-{house.atlas.id}/")

    for answer in (
        put(reader, f"{room}new.ics", event(start="20270311T150000", end="20270311T160000")),
        put(reader, f"{room}booking-{booking}.ics", event()),
        reader.ask("DELETE", f"{room}booking-{booking}.ics"),
    ):
        assert (answer.status_code, condition(answer)) == (403, "need-privileges")
    assert len(stored()) == 1


def test_one_uid_is_one_booking(member, house, room, stored):
    put(member, f"{room}one.ics", event())

    for folder in (room, member.home(f"person-{house.member.person_id}/")):
        answer = put(member, f"{folder}two.ics", event(start="20270312T100000"))
        assert (answer.status_code, condition(answer)) == (403, "no-uid-conflict")
    assert len(stored()) == 1


def open_rooms(booking):
    return {each.space_id for each in booking.occurrences if each.state.is_open}


@pytest.mark.parametrize("name", ["a.ics", "b.ics"])
@pytest.mark.parametrize("more", ["", "RRULE:FREQ=WEEKLY;COUNT=3\r\n"])
def test_put_elsewhere_and_deleted_here_is_moved(member, house, room, stored, name, more):
    other = member.home(f"space-{house.birch.id}/")
    put(member, f"{room}a.ics", event(more=more + ALARM))
    etag = member.ask("GET", f"{room}a.ics").headers["ETag"]
    later = event(start="20270311T140000", end="20270311T150000", more=more + ALARM)

    made = put(member, other + name, later, If_None_Match="*")
    again = put(member, other + name, later, If_None_Match="*")
    gone = [member.ask("DELETE", f"{room}a.ics", **each) for each in ({"If_Match": etag}, {})]

    assert (made.status_code, again.status_code) == (201, 412)
    assert [each.status_code for each in gone] == [404, 404]
    [booking] = stored()
    assert open_rooms(booking) == {house.birch.id}
    assert f"{booking.starts_at:%H}" == "14"
    assert [*member.sync(other)[0]] == [name]
    assert [*member.sync(room)[0]] == []
    read = member.ask("GET", other + name).text
    assert "TRIGGER:-PT15M" in read
    assert "LOCATION:Birch" in read


def test_deleted_here_and_put_elsewhere_is_booked_there(member, house, room, stored):
    other = member.home(f"space-{house.birch.id}/")
    put(member, f"{room}a.ics", event())

    assert member.ask("DELETE", f"{room}a.ics").status_code == 204
    assert put(member, f"{other}a.ics", event(), If_None_Match="*").status_code == 201

    assert [open_rooms(each) for each in stored()] == [set(), {house.birch.id}]


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("how", ["put", "put by another name", "move"])
def test_between_rooms_that_share_a_part_it_moves_and_stays(member, house, stored, how, back):
    """The old calendar shows it still: whoever deletes it there next cancels nothing."""
    hall = house.add_space("Hall", parts=(house.atlas, house.birch))
    rooms = (hall, house.atlas) if back else (house.atlas, hall)
    old, new = (member.home(f"space-{each.id}/") for each in rooms)
    name = "b.ics" if how == "put by another name" else "a.ics"
    put(member, f"{old}a.ics", event(more=ALARM))
    etag = member.ask("GET", f"{old}a.ics").headers["ETag"]

    if how == "move":
        done = member.ask("MOVE", f"{old}a.ics", Destination=new + name)
        assert done.status_code == 204
    else:
        done = put(member, new + name, event(more=ALARM))
        assert done.status_code == 201
    gone = [member.ask("DELETE", f"{old}a.ics", **each) for each in ({"If_Match": etag}, {})]

    assert [each.status_code for each in gone] == ([404, 404] if name == "b.ics" else [412, 403])
    assert [open_rooms(each) for each in stored()] == [{rooms[1].id}]
    # Whoever knows its version changes it from either calendar, and it stays where it is.
    etag = member.ask("GET", old + name).headers["ETag"]
    later = event(start="20270311T150000", end="20270311T160000")
    assert put(member, old + name, later, If_Match=etag).status_code == 204
    assert open_rooms(stored()[0]) == {rooms[1].id}
    away = member.ask("MOVE", old + name, Destination=member.home(f"space-{house.cedar.id}", name))
    assert (away.status_code, condition(away)) == (403, "need-privileges")
    assert member.ask("DELETE", new + name).status_code == 204
    assert open_rooms(stored()[0]) == set()


def test_what_cannot_be_put_elsewhere_stays(member, stranger, house, room, stored):
    """A taken room, and rooms where a program that deletes the old one would cancel all."""
    put(member, f"{room}a.ics", event())
    house.add_booking(house.birch, by=house.stranger)
    taken = put(member, member.home(f"space-{house.birch.id}", "a.ics"), event())
    foreign = put(stranger, stranger.home(f"space-{house.cedar.id}", "a.ics"), event())
    mine = member.home(f"person-{house.member.person_id}/")
    two = event("two@phone", start="20270312T100000", end="20270312T110000")
    put(member, f"{mine}two.ics", two.replace("LOCATION:Atlas", "LOCATION:Atlas\\, Birch"))
    several = put(member, member.home(f"space-{house.cedar.id}", "two.ics"), two)

    assert (taken.status_code, condition(taken)) == (409, "booking-conflict")
    assert (foreign.status_code, condition(foreign)) == (403, "no-uid-conflict")
    assert (several.status_code, condition(several)) == (403, "no-uid-conflict")
    assert [open_rooms(each) for each in stored()] == [
        {house.atlas.id},
        {house.birch.id},
        {house.atlas.id, house.birch.id},
    ]


def test_place_names_the_room_in_my_bookings(member, house, stored):
    mine = member.home(f"person-{house.member.person_id}/")

    assert put(member, f"{mine}a.ics", event(place="LOCATION:Birch\r\n")).status_code == 201
    lost = put(member, f"{mine}b.ics", event("two@phone", place="LOCATION:The pub\r\n"))

    assert (lost.status_code, condition(lost)) == (403, "valid-calendar-object-resource")
    [booking] = stored()
    assert booking.space_ids == (house.birch.id,)
    assert [*member.sync(mine)[0]] == ["a.ics"]


def test_delete_gives_the_room_back(member, house, room, stored):
    path = f"{room}phone.ics"
    etag = put(member, path, event()).headers["ETag"]
    _all, token = member.sync(room)

    assert member.ask("DELETE", path, If_Match='"other"').status_code == 412
    assert member.ask("DELETE", path, If_Match=etag).status_code == 204

    assert stored()[0].state is State.CANCELLED
    assert member.ask("DELETE", path).status_code == 404
    news, _token = member.sync(room, token)
    assert news["phone.ics"] == ""
    again = put(member, path, event())
    assert again.status_code == 201
    assert [*member.sync(room)[0]] == ["phone.ics"]


def test_delete_in_a_room_leaves_the_other(member, house, stored):
    mine = member.home(f"person-{house.member.person_id}/")
    put(member, f"{mine}a.ics", event(place="LOCATION:Atlas\\, Birch\r\n"))

    assert member.ask("DELETE", member.home(f"space-{house.atlas.id}", "a.ics")).status_code == 204

    states = {each.space_id: each.state for each in stored()[0].occurrences}
    assert states == {house.atlas.id: State.CANCELLED, house.birch.id: State.CONFIRMED}


def test_move_changes_the_room(member, house, room, stored):
    other = member.home(f"space-{house.birch.id}/")
    put(member, f"{room}a.ics", event(more=ALARM))

    answer = member.ask("MOVE", f"{room}a.ics", Destination=f"http://localhost{other}a.ics")

    assert answer.status_code == 201
    [booking] = stored()
    assert {x.space_id for x in booking.occurrences if x.state.is_open} == {house.birch.id}
    assert member.ask("GET", f"{room}a.ics").status_code == 404
    assert "TRIGGER:-PT15M" in member.ask("GET", f"{other}a.ics").text


def test_move_into_a_taken_room_changes_nothing(member, house, room, stored):
    house.add_booking(house.birch, by=house.stranger)
    put(member, f"{room}a.ics", event())
    other = member.home(f"space-{house.birch.id}", "a.ics")

    answer = member.ask("MOVE", f"{room}a.ics", Destination=other)

    assert (answer.status_code, condition(answer)) == (409, "booking-conflict")
    assert member.ask("GET", f"{room}a.ics").status_code == 200


def test_destination_elsewhere(member, house, room):
    put(member, f"{room}a.ics", event())
    statuses = {
        target: member.ask("MOVE", f"{room}a.ics", Destination=target).status_code
        for target in (
            "",
            "http://else.example/dav/cal/1/space-2/a.ics",
            "/board",
            member.home("space-999/a.ics"),
            member.home(f"person-{house.member.person_id}/a.ics"),
            f"{room}a.ics",
        )
    }
    assert [*statuses.values()] == [400, 502, 403, 404, 403, 403]


def test_series_with_an_exception_is_one_object(member, house, room, stored):
    body = event(more="RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE;TZID=Europe/Paris:20270318T100000\r\n")
    put(member, f"{room}a.ics", body)

    [booking] = stored()
    assert [f"{x.recurrence_id:%d}" for x in booking.occurrences if x.state.is_open] == ["11", "25"]


def test_this_and_following_dates_are_an_object_of_their_own(member, room, stored):
    """RFC 5545 §3.2.13; the program fetches what has become of its object."""
    weekly = event(more="RRULE:FREQ=WEEKLY;COUNT=4\r\n")
    first = put(member, f"{room}a.ics", weekly)
    _all, token = member.sync(room)
    then = event(
        title="Later",
        start="20270325T140000",
        end="20270325T150000",
        more="RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20270325T100000\r\n",
    ).partition("EN\r\n")[2]
    body = weekly.replace("END:VCALENDAR\r\n", then)

    changed = put(member, f"{room}a.ics", body, If_Match=first.headers["ETag"])
    news, _token = member.sync(room, token)

    assert (changed.status_code, changed.headers.get("ETag")) == (204, None)
    assert [name for name, etag in news.items() if etag] == ["a.ics", "booking-2.ics"]
    texts = [member.ask("GET", room + name).text for name in ("a.ics", "booking-2.ics")]
    assert ["RANGE" in each for each in texts] == [False, False]
    assert ["DTSTART;TZID=Europe/Paris:20270325T140000" in each for each in texts] == [False, True]
    assert [open_rooms(each) and len(each.occurrences) for each in stored()] == [2, 2]

    # What is new cannot have it at once.
    again = put(member, f"{room}b.ics", body.replace("one@phone", "two@phone"))
    assert (again.status_code, condition(again)) == (403, "this-and-future")


BAD = {
    "no text": (b"\xff\xfe", "valid-calendar-data"),
    "no calendar": (b"hello", "valid-calendar-data"),
    "nothing": (b"", "valid-calendar-data"),
    "two uids": (
        event().replace("END:VCALENDAR\r\n", "") + event("two@phone").partition("EN\r\n")[2],
        "valid-calendar-object-resource",
    ),
    "no uid": (event().replace("UID:one@phone\r\n", ""), "valid-calendar-object-resource"),
    "a method": (
        event().replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST"),
        "valid-calendar-object-resource",
    ),
    "a task": (event().replace("VEVENT", "VTODO"), "supported-calendar-component"),
    "no start": (event().replace("DTSTART", "X-START"), "valid-calendar-data"),
    "mixed times": (
        event().replace("DTEND;TZID=Europe/Paris:20270311T110000", "DTEND;VALUE=DATE:20270312"),
        "valid-calendar-object-resource",
    ),
    "each second": (
        event(more="RRULE:FREQ=SECONDLY\r\n"),
        "valid-calendar-object-resource",
    ),
    "never": (
        event(more="RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31\r\n"),
        "valid-calendar-object-resource",
    ),
}


def test_bad_objects_are_refused(member, room, stored):
    for name, (body, expected) in BAD.items():
        answer = put(member, f"{room}a.ics", body)
        assert answer.status_code == 403, (name, answer.text)
        assert condition(answer) == expected, name
    wrong = member.ask("PUT", f"{room}a.ics", event(), Content_Type="application/json")
    assert (wrong.status_code, condition(wrong)) == (415, "supported-calendar-data")
    large = put(member, f"{room}a.ics", b"x" * (1024 * 1024 + 1))
    assert (large.status_code, condition(large)) == (413, "max-resource-size")
    for name in ("booking-7.ics", "busy-7.ics"):
        assert condition(put(member, room + name, event())) == "need-privileges"
    for path in (room, member.home(), member.home("x.ics")):
        assert put(member, path, event()).status_code in (403, 404)
    assert stored() == []


def test_writing_is_told_as_it_is(member, house, room):
    put(member, f"{room}a.ics", event())
    others = house.add_booking(house.atlas, by=house.stranger, start=15, end=16)
    said = member.properties(room, "current-user-privilege-set", depth="1")

    def may(path):
        return set(
            re.findall(
                "<(?:D:)?(write-content|bind|unbind)", said[path]["current-user-privilege-set"]
            )
        )

    assert may(room) == {"write-content", "bind", "unbind"}
    assert may(f"{room}a.ics") == {"write-content"}
    assert may(f"{room}booking-{others}.ics") == set()


def test_new_series_before_the_old_one_ends(member, house):
    path = member.home(f"space-{house.atlas.id}/")
    kind = {"Content_Type": "text/calendar", "Accept_Language": "en"}
    weekly, ended = "RRULE:FREQ=WEEKLY;COUNT=8", "RRULE:FREQ=WEEKLY;COUNT=2"
    old = calendar(vevent(weekly))
    later = {
        "DTSTART": ";TZID=Europe/Paris:20270325T103000",
        "DTEND": ";TZID=Europe/Paris:20270325T113000",
    }
    new = calendar(vevent("RRULE:FREQ=WEEKLY;COUNT=6", uid="two@example.org", **later))

    assert member.ask("PUT", f"{path}old.ics", old, **kind).status_code == 201
    refused = member.ask("PUT", f"{path}new.ics", new, **kind)
    assert (refused.status_code, condition(refused)) == (409, "booking-conflict")
    assert "yourself (Choir): end" in refused.text

    assert member.ask("PUT", f"{path}old.ics", calendar(vevent(ended)), **kind).status_code == 204
    assert member.ask("PUT", f"{path}new.ics", new, **kind).status_code == 201


def test_time_of_others_is_not_ones_own(member, house):
    house.add_booking(house.atlas, by=house.stranger, start=9, end=12, title="Theirs")
    path = member.home(f"space-{house.atlas.id}/a.ics")
    kind = {"Content_Type": "text/calendar", "Accept_Language": "en"}
    refused = member.ask("PUT", path, calendar(vevent()), **kind)
    assert (refused.status_code, "yourself" in refused.text) == (409, False)
