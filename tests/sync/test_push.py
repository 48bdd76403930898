"""What the house writes into a member's calendar: real servers, nothing pretended."""

from datetime import timedelta

import pytest

from booking.actions.bookings import book, cancel
from booking.core.connections import Standing
from booking.core.requests import BookingRequest, CancelRequest
from booking.db import db
from booking.queries.connections import events, remote_objects
from booking.sync.errors import Changed
from tests.support.factories import NOW


def take(house, *spaces, by=None, **more):
    """Book as a person does; return the booking's id."""
    request: BookingRequest = house.request(*spaces, **more)
    return book(request, by or house.member, now=NOW).booking_id


@pytest.fixture(params=["radicale_server", "xandikos_server"])
def server(request):
    """Return each of the real servers in turn."""
    return request.getfixturevalue(request.param)


def test_push_puts_bookings_and_takes_cancelled_ones_away(connect, server, house):
    kept, gone = take(house, title="Choir"), take(house, title="Tea", day=1)
    take(house, title="Of others", day=2, by=house.stranger)
    mine = connect(server)

    after = mine.run()

    assert after.state is Standing.ACTIVE
    assert after.reason is None
    assert sorted(
        line for text in mine.texts() for line in text.split("\n") if "SUMMARY" in line
    ) == [
        "SUMMARY:Choir",
        "SUMMARY:Tea",
    ]
    assert all("METHOD" not in each and "ATTENDEE" not in each for each in mine.texts())
    cancel(CancelRequest(gone, 1), house.member, now=NOW)
    mine.run()
    assert len(mine.there()) == 1
    assert [each.booking_id for each in remote_objects(db.session(), mine.id)] == [kept]
    codes = [each.message.code for each in events(db.session(), mine.id)]
    assert codes == ["sync_removed", "sync_put", "sync_put"]


def test_run_without_changes_is_one_request(connect, odd, house):
    proxy, server = odd
    take(house)
    mine = connect(server)
    pool, taken = db.engine.pool, []
    proxy.before = lambda _passing: taken.append(pool.checkedout())
    mine.run()
    before = mine.view()
    proxy.seen.clear()

    after = mine.run()

    assert proxy.seen == ["REPORT"]
    assert after.moved_at == before.moved_at
    assert set(taken) == {0}, "the database waits for nobody else's server"


def test_push_keeps_what_the_owner_added(connect, radicale_server, house):
    take(house, title="Choir")
    mine = connect(radicale_server)
    mine.run()
    [(href, raw)] = mine.there().items()
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Go\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n"
    added = f"COLOR:teal\r\nX-MINE:yes\r\n{alarm}END:VEVENT"
    mine.edit(href, raw.replace(b"END:VEVENT", added.encode()))
    mine.run()
    take(house, title="Tea", day=1)
    mine.run()
    [own] = [each for each in mine.texts() if "Choir" in each]
    assert "TRIGGER:-PT15M" in own
    assert "COLOR:teal" in own
    assert "X-MINE:yes" in own


def test_change_there_is_put_back_and_keeps_the_alarm(connect, radicale_server, house):
    take(house, title="Choir", start=10, end=11)
    mine = connect(radicale_server)
    mine.run()
    [(href, raw)] = mine.there().items()
    mine.edit(
        href,
        raw.replace(b"T100000", b"T150000")
        .replace(b"T110000", b"T160000")
        .replace(b"END:VEVENT", b"X-MINE:yes\r\nEND:VEVENT"),
    )
    mine.run()
    [text] = mine.texts()
    assert "DTSTART;TZID=Europe/Paris:20270311T100000" in text
    assert "X-MINE:yes" in text


def test_deleted_there_is_put_back(connect, server, house):
    take(house, title="Choir")
    mine = connect(server)
    mine.run()
    [href] = mine.there()
    mine.remote.delete(href, None)
    mine.run()
    assert len(mine.there()) == 1


@pytest.mark.parametrize("number", [8, 6])
def test_emptied_calendar_stops_and_asks(connect, radicale_server, house, number):
    for day in range(8):
        take(house, title=f"Day {day}", day=day)
    mine = connect(radicale_server)
    mine.run()
    for href in list(mine.there())[:number]:
        mine.remote.delete(href, None)

    after = mine.run()

    assert after.state is Standing.STOPPED
    assert after.reason is not None
    assert after.reason.code == "remote_emptied"
    assert len(mine.there()) == 8 - number
    assert len(remote_objects(db.session(), mine.id)) == 8


def test_series_is_one_object_with_its_exceptions(connect, server, house):
    take(house, title="Weekly", rule="FREQ=WEEKLY;COUNT=4")
    mine = connect(server)
    mine.run()
    [text] = mine.texts()
    assert "RRULE:FREQ=WEEKLY" in text
    assert text.count("BEGIN:VEVENT") == 1


def test_wrong_password_stops_and_tells_once(connect, radicale_server, house, clock):
    from booking.core.connections import Account
    from booking.vault import Vault

    mine = connect(radicale_server)
    known = mine.view().account
    wrong = Account(known.home, known.username, "basic", Vault(mine.config).seal("wrong"))
    from booking.actions.connections import set_secret

    set_secret(mine.id, wrong, house.member, now=NOW)
    after = mine.run()
    assert after.state is Standing.STOPPED
    assert after.reason is not None
    assert after.reason.code == "remote_denied"
    clock.now += timedelta(days=1)


def test_ending_takes_ours_away_and_leaves_the_rest(connect, radicale_server, house):
    from booking.actions.connections import disconnect
    from booking.core.errors import NotFound

    take(house, title="Choir")
    mine = connect(radicale_server)
    own = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:me\r\nBEGIN:VEVENT\r\nUID:own@me\r\n"
        b"DTSTAMP:20270101T000000Z\r\nDTSTART:20270320T090000Z\r\nDTEND:20270320T100000Z\r\n"
        b"SUMMARY:Dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    mine.remote.put(mine.remote.href_for("own"), own, None)
    mine.run()
    assert len(mine.there()) == 2
    disconnect(mine.id, house.member, remove=True, now=NOW)
    with pytest.raises(NotFound):
        mine.run()
    [left] = mine.texts()
    assert "Dentist" in left


@pytest.mark.parametrize("name", ["radicale_server", "xandikos_server", "ours_server"])
def test_what_somebody_changed_meanwhile_is_not_written_over(connect, house, request, name):
    house.add_booking(title="Choir")
    mine = connect(request.getfixturevalue(name))
    mine.run()
    [(href, raw)] = mine.there().items()
    known = mine.remote.item(href).etag
    mine.edit(href, raw.replace(b"Choir", b"Big choir"))

    with pytest.raises(Changed):
        mine.remote.put(href, raw, known)
    with pytest.raises(Changed):  # taken for new
        mine.remote.put(href, raw, None)
    with pytest.raises(Changed):
        mine.remote.delete(href, known)
    assert b"Big choir" in mine.there()[href]
