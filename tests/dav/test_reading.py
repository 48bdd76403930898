"""Objects as their reader may see them: GET, multiget, ETags, files of whole calendars."""

import re

from icalendar import Calendar

from booking.actions.bookings import cancel
from booking.core.requests import CancelRequest
from booking.core.values import SitePolicy
from booking.db import db
from booking.queries import agenda
from tests.dav.conftest import texts, tree
from tests.support.databases import writing


def get(program, house, room, name, **headers):
    return program.ask("GET", program.home(f"space-{room.id}", name), **headers)


def test_object_is_what_its_reader_may_read(member, stranger, house):
    booking = house.add_booking(house.atlas, title="Choir", note="Two tables", days=(0, 7))

    own = get(member, house, house.atlas, f"booking-{booking}.ics")
    others = get(stranger, house, house.atlas, f"booking-{booking}.ics")

    assert own.headers["Content-Type"] == "text/calendar; charset=utf-8"
    [mine], [theirs] = (Calendar.from_ical(each.data).events for each in (own, others))
    assert (mine["SUMMARY"], mine["DESCRIPTION"]) == ("Choir", "Two tables")
    assert theirs["SUMMARY"] == "Choir"
    assert "Two tables" not in others.text
    assert mine["UID"] == theirs["UID"]
    assert "METHOD" not in own.text
    assert own.headers["ETag"] != others.headers["ETag"]


def test_private_booking_is_busy_under_another_name(member, stranger, house):
    booking = house.add_booking(house.atlas, title="Secret", visibility="private")

    assert get(member, house, house.atlas, f"booking-{booking}.ics").status_code == 200
    assert get(member, house, house.atlas, f"busy-{booking}.ics").status_code == 404
    assert get(stranger, house, house.atlas, f"booking-{booking}.ics").status_code == 404
    busy = get(stranger, house, house.atlas, f"busy-{booking}.ics")
    [event] = Calendar.from_ical(busy.data).events
    assert event["SUMMARY"] == "Occupé"
    own = get(member, house, house.atlas, f"booking-{booking}.ics")
    [uid] = re.findall("UID:(.*)\r", own.text)
    for secret in ("Secret", "Member", "Ours", "/bookings/", uid):
        assert secret not in busy.text


def test_known_object_is_not_sent_again(member, house):
    booking = house.add_booking(house.atlas)
    name = f"booking-{booking}.ics"
    etag = get(member, house, house.atlas, name).headers["ETag"]

    assert get(member, house, house.atlas, name, If_None_Match=etag).status_code == 304
    assert get(member, house, house.atlas, name, If_Match='"other"').status_code == 412
    head = member.ask("HEAD", member.home(f"space-{house.atlas.id}", name))
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", etag)


def test_change_gives_a_new_tag(member, house):
    booking = house.add_booking(house.atlas, days=(0, 1, 2))
    name = f"booking-{booking}.ics"
    before = get(member, house, house.atlas, name)
    with member.client.application.app_context():
        date = agenda.booking(db.session(), booking).occurrences[1].occurrence_id
        cancel(CancelRequest(booking, 1, occurrence_id=date), house.member, now=house.now)

    after = get(member, house, house.atlas, name)

    assert before.headers["ETag"] != after.headers["ETag"]
    assert "EXDATE" in after.text


def test_multiget_answers_each_address(member, house):
    one = house.add_booking(house.atlas)
    path = member.home(f"space-{house.atlas.id}/")
    hrefs = [f"{path}booking-{one}.ics", f"{path}booking-99999.ics", "http://else.example/x.ics"]
    asked = "".join(f"<href>{each}</href>" for each in hrefs)

    answer = member.report(
        path, "C:calendar-multiget", f"<prop><getetag/><C:calendar-data/></prop>{asked}"
    )

    statuses = {
        each.findtext("{DAV:}href"): each.findtext(".//{DAV:}status")
        for each in tree(answer).findall("{DAV:}response")
    }
    assert statuses == {
        hrefs[0]: "HTTP/1.1 200 OK",
        hrefs[1]: "HTTP/1.1 404 Not Found",
        hrefs[2]: "HTTP/1.1 404 Not Found",
    }
    assert "SUMMARY:Choir" in texts(answer)[f"booking-{one}.ics"]


def test_combined_room_shows_in_its_parts(member, house):
    hall = house.add_space("Hall", parts=(house.atlas, house.birch))
    booking = house.add_booking(hall, title="Ball")

    for room in (hall, house.atlas, house.birch):
        assert "LOCATION:Hall" in get(member, house, room, f"booking-{booking}.ics").text
    assert get(member, house, house.cedar, f"booking-{booking}.ics").status_code == 404


def test_whole_calendar_is_a_file(member, house):
    for day in range(3):
        house.add_booking(house.atlas, days=(day,), title=f"Choir {day}")
    path = member.home(f"space-{house.atlas.id}/")

    answer = member.ask("GET", path)

    events = Calendar.from_ical(answer.data).events
    assert [each["SUMMARY"] for each in events] == ["Choir 0", "Choir 1", "Choir 2"]
    etag = answer.headers["ETag"]
    assert member.ask("GET", path, If_None_Match=etag).status_code == 304
    house.add_booking(house.birch)


def test_calendars_have_what_they_are_about(member, stranger, house):
    house.add_booking(house.atlas, title="Mine")
    house.add_booking(house.birch, title="Theirs", by=house.stranger, visibility="public")
    everyday = {"space": house.atlas.id, "person": house.member.person_id}

    def titles(kind: str, owner: int) -> list[str]:
        answer = member.ask("GET", member.home(f"{kind}-{owner}/"))
        return re.findall("SUMMARY:(.*)\r", answer.text)

    assert [titles(*each) for each in everyday.items()] == [["Mine"], ["Mine"]]
    assert titles("organisation", house.ours) == ["Mine"]
    assert titles("programme", house.site.id) == ["Theirs"]


def test_public_calendars_need_no_account(program, house):
    anybody = program(None)
    house.add_booking(house.atlas, title="Open day", visibility="public", by=house.member)
    house.add_booking(house.birch, title="Choir")
    path = f"/dav/public/programme-{house.site.id}/"

    listed = anybody.properties("/dav/public/", "displayname", "current-user-principal", depth="1")
    answer = anybody.ask("GET", path)

    assert [*listed] == ["/dav/public/", path]
    assert "unauthenticated" in listed[path]["current-user-principal"]
    assert re.findall("SUMMARY:(.*)\r", answer.text) == ["Open day"]
    assert "Member" not in answer.text
    assert anybody.ask("PUT", f"{path}x.ics", "x").status_code == 403
    assert anybody.ask("GET", f"/dav/public/space-{house.atlas.id}/").status_code == 404


def test_programme_that_is_not_shown_is_not_there(program, house):
    from sqlalchemy import update

    from booking.models import Site

    with writing(house.engine) as connection:
        connection.execute(update(Site).values(policy=SitePolicy(programme=False).to_json()))

    assert [*program(None).properties("/dav/public/", "displayname", depth="1")] == ["/dav/public/"]
