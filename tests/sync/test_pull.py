"""What was changed in a member's calendar, and what becomes of it here."""

from dataclasses import replace

import pytest

from booking.actions.bookings import book, change
from booking.actions.bookings.change import as_request
from booking.core.connections import Deletes, Edits, Settings
from booking.core.requests import ChangeRequest
from booking.core.values import State
from booking.db import db
from booking.queries import agenda
from booking.queries.connections import events, questions, remote_objects
from tests.support.factories import NOW

FOLLOW = Settings(edits=Edits.FOLLOW, deletes=Deletes.CANCEL, books=True)
ASK = Settings(edits=Edits.ASK, deletes=Deletes.ASK)


def take(house, *spaces, by=None, **more):
    return book(house.request(*spaces, **more), by or house.member, now=NOW).booking_id


def stored(booking_id):
    db.session.rollback()
    return agenda.booking(db.session(), booking_id)


def starts(booking_id):
    return [each.interval.start for each in stored(booking_id).occurrences if each.state.is_open]


def settled(mine):
    """Run until there is nothing left to do; return how many runs wrote anything."""
    for number in range(6):
        before = mine.there()
        mine.run()
        if mine.there() == before and number:
            return
    raise AssertionError("it goes on and on")


def moved(raw, old, new):
    assert old.encode() in raw
    return raw.replace(old.encode(), new.encode())


@pytest.fixture(params=["radicale_server", "xandikos_server"])
def server(request):
    return request.getfixturevalue(request.param)


def test_move_there_moves_the_booking(connect, server, house):
    made = take(house, title="Choir", start=10, end=11)
    mine = connect(server, settings=FOLLOW)
    mine.run()
    [(href, raw)] = mine.there().items()
    text = moved(moved(raw, "T100000", "T150000"), "T110000", "T163000")
    mine.edit(href, text.replace(b"END:VEVENT", b"X-MINE:yes\r\nEND:VEVENT"))

    settled(mine)

    assert starts(made) == [house.interval(15, 16).start]
    [there] = mine.texts()
    assert "DTSTART;TZID=Europe/Paris:20270311T150000" in there
    assert "X-MINE:yes" in there


def test_move_onto_others_is_refused_put_back_and_told(connect, radicale_server, house):
    take(house, title="Tango", start=15, end=16, by=house.stranger)
    made = take(house, title="Choir", start=10, end=11)
    mine = connect(radicale_server, settings=FOLLOW)
    mine.run()
    [(href, raw)] = mine.there().items()
    mine.edit(href, moved(moved(raw, "T100000", "T150000"), "T110000", "T160000"))

    settled(mine)

    assert starts(made) == [house.interval(10, 11).start]
    [there] = mine.texts()
    assert "DTSTART;TZID=Europe/Paris:20270311T100000" in there
    from booking.queries.notices import notices

    told = [each.message for each in notices(db.session(), house.member.person_id)]
    assert [each.code for each in told].count("notice_object_taken") == 1
    said = [each.message for each in events(db.session(), mine.id)]
    assert [each.code for each in said] == [
        *("sync_changed", "sync_put_back", "sync_free_instead", "time_taken", "sync_put"),
    ]
    assert "2027-03-11T" in said[2].params["free"]


def test_deleted_there_is_cancelled_where_its_owner_said_so(connect, server, house):
    made = take(house)
    mine = connect(server, settings=FOLLOW)
    mine.run()
    [href] = mine.there()
    mine.remote.delete(href, None)
    settled(mine)
    assert stored(made).state is State.CANCELLED
    assert mine.there() == {}


def test_deleted_there_asks_and_changes_nothing(connect, radicale_server, house):
    made = take(house)
    mine = connect(radicale_server, settings=ASK)
    mine.run()
    [href] = mine.there()
    mine.remote.delete(href, None)
    settled(mine)
    assert stored(made).state is State.CONFIRMED
    assert mine.there() == {}
    [asked] = questions(db.session(), mine.id)
    assert (asked.booking_id, asked.what) == (made, "delete")

    from booking.actions.connections import settle_object

    settle_object(mine.id, asked.id, "restore", house.member, now=NOW)
    settled(mine)
    assert len(mine.there()) == 1
    assert questions(db.session(), mine.id) == []


def test_both_changed_time_is_ours_and_texts_theirs(connect, radicale_server, house):
    made = take(house, title="Choir", start=10, end=11)
    mine = connect(radicale_server, settings=FOLLOW)
    mine.run()
    [(href, raw)] = mine.there().items()
    mine.edit(href, moved(moved(raw, "SUMMARY:Choir", "SUMMARY:Big choir"), "T110000", "T120000"))
    before = stored(made)
    wanted = replace(as_request(before), start=house.at(17), end=house.at(18))
    change(ChangeRequest(made, before.version, wanted), house.member, now=NOW)

    settled(mine)

    assert starts(made) == [house.interval(17, 18).start]
    assert stored(made).title == "Big choir"
    [there] = mine.texts()
    assert "SUMMARY:Big choir" in there
    assert "T170000" in there


def test_exception_of_a_series_made_there_moves_its_date(connect, radicale_server, house):
    made = take(house, title="Weekly", rule="FREQ=WEEKLY;COUNT=3", start=10, end=11)
    mine = connect(radicale_server, settings=FOLLOW)
    mine.run()
    [(href, raw)] = mine.there().items()
    text = raw.decode().replace("\r\n", "\n")
    event = text[text.index("BEGIN:VEVENT") : text.index("END:VEVENT") + 10]
    lines = [each for each in event.split("\n") if not each.startswith("RRULE")]
    other = "\n".join(lines).replace("20270311T100000", "20270318T140000")
    other = other.replace("20270311T110000", "20270318T150000")
    other = other.replace(
        "END:VEVENT", "RECURRENCE-ID;TZID=Europe/Paris:20270318T100000\nEND:VEVENT"
    )
    text = text.replace("END:VCALENDAR", f"{other}\nEND:VCALENDAR")
    mine.edit(href, text.replace("\n", "\r\n").encode())

    settled(mine)

    assert starts(made) == [
        house.interval(10, 11).start,
        house.interval(14, 15, day=7).start,
        house.interval(10, 11, day=14).start,
    ]


def test_event_with_a_room_as_its_place_is_booked(connect, server, house):
    mine = connect(server, settings=FOLLOW)
    mine.run()
    own = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:me\r\nBEGIN:VEVENT\r\nUID:own@me\r\n"
        b"DTSTAMP:20270101T000000Z\r\nDTSTART:20270320T090000Z\r\nDTEND:20270320T100000Z\r\n"
        b"SUMMARY:Tea\r\nLOCATION:Birch\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    mine.remote.put(mine.remote.href_for("own"), own, None)
    settled(mine)
    [known] = remote_objects(db.session(), mine.id)
    assert known.booking_id is not None
    assert stored(known.booking_id).title == "Tea"
    assert len(mine.there()) == 1


def test_two_programs_at_odds_are_stopped_by_the_breaker(connect, radicale_server, house):
    take(house, title="Tango", start=15, end=16, by=house.stranger)
    take(house, title="Choir", start=10, end=11)
    mine = connect(radicale_server, settings=FOLLOW)
    mine.run()
    for _ in range(8):
        [(href, raw)] = mine.there().items()
        if b"T150000" not in raw:
            mine.edit(href, moved(moved(raw, "T100000", "T150000"), "T110000", "T160000"))
        mine.run()
    assert [each.state for each in remote_objects(db.session(), mine.id)] == ["ask"]
