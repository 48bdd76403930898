"""Members' busy times: read of real servers, cut down to times, and gone when they say so."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from booking.actions import connections as verbs
from booking.actions.bookings import book
from booking.actions.connections import Read
from booking.core.busy import Knowledge, Way
from booking.core.connections import Standing
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.intervals import Interval
from booking.db import db
from booking.queries.busy import busy_calendars, times_of
from booking.sync import busy, discovery
from booking.sync.remote import Remote
from booking.sync.run import guard_of
from booking.sync.transport import Credentials
from tests.support.databases import writing
from tests.support.factories import NOW

SECRET = "Zyxomma"  # a word that stands nowhere else
WEEK = Interval(NOW, NOW + timedelta(days=7))


def event(uid, start, end, *more):
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//phone//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20270301T000000Z",
        f"DTSTART{start}",
        f"DTEND{end}",
        f"SUMMARY:{SECRET} title",
        f"LOCATION:{SECRET} place",
        f"DESCRIPTION:{SECRET} note\\n that goes on and on and on and on and on and on and o",
        " n and on",
        f"ATTENDEE;CN={SECRET}:mailto:{SECRET.lower()}@example.org",
        *more,
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-PT5M",
        f"DESCRIPTION:{SECRET} alarm",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines).encode()


EVENTS = {
    "dentist": event("a", ":20270311T090000Z", ":20270311T100000Z"),
    "free": event("b", ":20270311T120000Z", ":20270311T130000Z", "TRANSP:TRANSPARENT"),
    "off": event("c", ":20270311T140000Z", ":20270311T150000Z", "STATUS:CANCELLED"),
    "maybe": event("d", ":20270311T160000Z", ":20270311T170000Z", "STATUS:TENTATIVE"),
    "daily": event(
        "e",
        ";TZID=Europe/Paris:20270312T080000",
        ";TZID=Europe/Paris:20270312T083000",
        "RRULE:FREQ=DAILY;COUNT=3",
        "EXDATE;TZID=Europe/Paris:20270313T080000",
    ),
    "long ago": event("f", ":20200311T090000Z", ":20200311T100000Z"),
}


def at(day, hour, minute=0):
    return datetime(2027, 3, day, hour, minute, tzinfo=UTC)


EXPECTED = [
    Interval(at(11, 9), at(11, 10)),
    Interval(at(11, 16), at(11, 17)),
    Interval(at(12, 7), at(12, 7, 30)),
    Interval(at(14, 7), at(14, 7, 30)),
]


def fill(remote, events=EVENTS):
    for name, raw in events.items():
        remote.put(remote.href_for(name.replace(" ", "-")), raw, None)


def times(house, person=None, viewer=None, **more):
    person = person or house.member
    with db.session.no_autoflush:
        found = times_of(
            db.session(),
            [person.person_id],
            WEEK,
            viewer or house.stranger,
            now=more.pop("now", NOW),
            **more,
        )
    db.session.rollback()
    return found


def everything(engine):
    """Return all that the database stores, as one text."""
    with writing(engine) as connection:
        names = db.metadata.tables
        rows = (connection.execute(text(f"SELECT * FROM {name}")).all() for name in names)
        return repr([*rows])


def second_calendar(connected, server):
    """Return another calendar of the same account, offered by the connection too."""
    given = Credentials(server.url, server.username, server.password)
    made = discovery.make_calendar(given, guard_of(connected.config), "Private")
    found = [[connected.remote.url, "Work"], [made.url, "Private"]]
    with writing(db.session().get_bind()) as connection:
        connection.execute(
            text("UPDATE connection SET found = :found WHERE id = :id"),
            {"found": json.dumps(found), "id": connected.id},
        )
    return Remote(made.url, connected.transport)


def share(connected, *remotes):
    urls = [each.url for each in remotes]
    verbs.share_busy(connected.id, urls, connected.owner, now=connected.clock())


@pytest.mark.engines("sqlite", "postgresql")
def test_times_of_other_calendars_are_read_and_nothing_else(
    connect, radicale_server, house, engine
):
    connected = connect(radicale_server)
    private = second_calendar(connected, radicale_server)
    fill(private)
    connected.run()
    assert times(house).known(house.member.person_id, NOW) is Knowledge.NONE

    share(connected, private)
    assert times(house).known(house.member.person_id, NOW) is Knowledge.WAITING
    connected.run()

    [calendar] = busy_calendars(db.session(), connected.id, now=NOW)
    assert (calendar.way, calendar.times, calendar.left) == (Way.TIMES, 4, 0)
    assert times(house).of(house.member.person_id) == EXPECTED
    assert times(house).known(house.member.person_id, NOW) is Knowledge.FRESH
    stored = everything(engine)
    assert SECRET not in stored
    assert SECRET.lower() not in stored

    share(connected)
    assert times(house).of(house.member.person_id) == []
    assert "busy" not in everything(engine).replace("share_busy", "")
    with writing(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM busy_time")).scalar() == 0
    assert not connected.view().shares_busy


def test_where_busy_times_cannot_be_asked_events_lose_their_texts(connect, odd, house, engine):
    proxy, server = odd
    connected = connect(server)
    private = second_calendar(connected, server)
    fill(private)
    share(connected, private)

    def no_free_busy(passing):
        if b"free-busy-query" in passing.body:
            passing.status = 403

    proxy.before = no_free_busy
    connected.run()
    asked = len(proxy.seen)
    connected.run()

    [calendar] = busy_calendars(db.session(), connected.id, now=NOW)
    assert calendar.way is Way.EVENTS
    assert times(house).of(house.member.person_id) == EXPECTED
    assert SECRET not in everything(engine)
    assert len(proxy.seen) - asked == 2  # sync, and events: what is not known is not asked again


def test_what_the_house_wrote_there_does_not_count(connect, xandikos_server, house):
    connected = connect(xandikos_server)
    booking = book(house.request(start=15, end=16), house.member, now=NOW).booking_id
    connected.run()
    fill(connected.remote, {"dentist": EVENTS["dentist"]})
    share(connected, connected.remote)
    connected.run()

    own = Interval(at(11, 14), at(11, 15))
    assert times(house).of(house.member.person_id) == [EXPECTED[0], own]
    assert times(house, but_for=booking).of(house.member.person_id) == [EXPECTED[0]]


def test_xandikos_tells_times(connect, xandikos_server, house):
    connected = connect(xandikos_server)
    fill(connected.remote)
    share(connected, connected.remote)
    with writing(db.session().get_bind()) as connection:  # so that the house writes elsewhere
        moved = "UPDATE connection SET url = url || 'other/' WHERE id = :id"
        connection.execute(text(moved), {"id": connected.id})
    claimed = verbs.claim(now=NOW)
    busy.refresh(claimed, connected.view(), connected.transport, connected.clock)
    [calendar] = busy_calendars(db.session(), connected.id, now=NOW)
    assert calendar.reason is None
    assert times(house).of(house.member.person_id) == EXPECTED


def test_what_cannot_be_read_stays_and_grows_old(connect, odd, house, clock):
    proxy, server = odd
    connected = connect(server)
    private = second_calendar(connected, server)
    fill(private)
    share(connected, private)
    connected.run()

    def broken(passing):
        if passing.path.rstrip("/").endswith(private.url.rstrip("/").rpartition("/")[2]):
            passing.status = 503
            passing.answer_headers = {"Retry-After": "3600"}

    proxy.before = broken
    clock.now += timedelta(hours=25)
    view = connected.run()
    assert view.state is Standing.ACTIVE
    assert view.tries == 0
    [calendar] = busy_calendars(db.session(), connected.id, now=NOW)
    assert calendar.reason.code == "remote_busy"
    assert calendar.due_at >= clock.now + timedelta(hours=1)
    assert calendar.times == 4
    found = times(house, now=clock.now)
    assert found.of(house.member.person_id) == EXPECTED
    assert found.known(house.member.person_id, clock.now) is Knowledge.STALE


def test_workers_that_lost_the_connection_store_nothing(connect, radicale_server, house):
    connected = connect(radicale_server)
    share(connected, connected.remote)
    [calendar] = busy_calendars(db.session(), connected.id, now=NOW)
    claimed = verbs.claim(now=NOW)
    verbs.share_busy(connected.id, (), connected.owner, now=NOW)
    verbs.keep_busy(claimed, calendar.id, Read(EXPECTED, Way.TIMES), now=NOW)
    verbs.pause(connected.id, connected.owner, now=NOW)
    with pytest.raises(verbs.LostLease):
        verbs.keep_busy(claimed, calendar.id, Read(EXPECTED, Way.TIMES), now=NOW)
    assert times(house).of(house.member.person_id) == []


def test_only_offered_calendars_of_ones_own_count(connect, radicale_server, house):
    connected = connect(radicale_server)
    with pytest.raises(InvalidRequest):
        share_busy = (connected.id, ["https://elsewhere.example.org/"], connected.owner)
        verbs.share_busy(*share_busy, now=NOW)
    with pytest.raises(NotAllowed):
        many = [f"https://elsewhere.example.org/{each}" for each in range(11)]
        verbs.share_busy(connected.id, many, connected.owner, now=NOW)
    with pytest.raises(Exception, match="not_found"):
        verbs.share_busy(connected.id, (), house.stranger, now=NOW)


def test_who_is_looked_for_is_read_again_soon(connect, radicale_server, house, clock):
    connected = connect(radicale_server)
    share(connected, connected.remote)
    connected.run()
    assert times(house).due == frozenset()
    clock.now += timedelta(minutes=6)
    due = times(house, now=clock.now).due
    assert due == {house.member.person_id}
    verbs.read_busy_soon(due, now=clock.now)
    assert connected.view().due_at <= clock.now
