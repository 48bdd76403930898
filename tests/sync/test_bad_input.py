"""Calendars that are large, wrong, or copied: nothing is lost, nothing doubled."""

import resource
from datetime import timedelta
from email.utils import format_datetime

import pytest

from booking.actions.bookings import book, cancel
from booking.core.connections import Deletes, Edits, Settings
from booking.core.requests import CancelRequest
from booking.core.values import State
from booking.db import db
from booking.ical.objects import uid_of
from booking.queries import agenda
from booking.queries.connections import remote_objects
from tests.support.factories import NOW
from tests.sync.events import retitled, title_of

FOLLOW = Settings(edits=Edits.FOLLOW, deletes=Deletes.CANCEL, books=True)
MANY = 50_000
LARGE = (
    "<multistatus xmlns='DAV:'>{}<sync-token>http://radicale.org/ns/sync/0</sync-token>"
    "</multistatus>"
)
RESPONSE = (
    '<response><href>{}own-{}.ics</href><propstat><prop><getetag>"{}"</getetag></prop>'
    "<status>HTTP/1.1 200 OK</status></propstat></response>"
)


def take(house, **more):
    return book(house.request(**more), house.member, now=NOW).booking_id


def stored(booking_id):
    db.session.rollback()
    return agenda.booking(db.session(), booking_id)


def test_calendar_of_50000_others_costs_one_list(connect, odd, house):
    proxy, server = odd
    take(house, title="Choir")
    mine = connect(server)
    path = mine.remote.href_for("x").removesuffix("x.ics")
    rows = "".join(RESPONSE.format(path, number, number) for number in range(MANY))

    def large(passing):
        if passing.method == "REPORT" and b"sync-collection" in passing.body:
            passing.status, passing.answer = 207, LARGE.format(rows).encode()

    proxy.before = large
    proxy.seen.clear()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert mine.run().reason is None
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert proxy.seen.count("GET") == 0
    assert proxy.seen.count("PUT") == 1
    assert len(proxy.seen) <= 5
    assert grown < 250 * 1024, "kilobytes"


def test_text_in_another_encoding_is_kept_apart(connect, odd, house):
    proxy, server = odd
    made = take(house, title="Choir")
    mine = connect(server, settings=FOLLOW)

    spoiled = []

    def spoil(passing):
        if passing.method == "PUT":
            passing.answer_headers.pop("ETag", None)
        if passing.method == "GET":
            spoiled.append(passing.answer)
            passing.answer = passing.answer.replace(b"Choir", "Ch\u0153ur".encode("utf-16"))

    proxy.after = spoil
    after = mine.run()
    assert after.reason is None or after.reason.code != "sync_broken"
    assert spoiled
    proxy.reset()
    for _ in range(3):
        assert mine.run().reason is None
    [raw] = mine.there().values()
    assert title_of(raw) == "Choir" == stored(made).title


def test_copy_of_our_event_in_another_calendar_is_not_a_second_one(connect, radicale_server, house):
    made = take(house, title="Choir")
    one, two = (connect(radicale_server, settings=FOLLOW) for _ in range(2))
    one.run()
    [raw] = one.there().values()
    two.remote.put(two.remote.href_for("copy"), raw, None)
    two.run()
    one.run()
    for each in (one, two):
        assert [uid_of(raw) for raw in each.there().values()] == [stored(made).uid]
    cancel(CancelRequest(made, 1), house.member, now=NOW)
    one.run()
    two.run()
    assert one.there() == {}
    assert stored(made).state is State.CANCELLED


@pytest.mark.parametrize("hours", [-48, 48])
def test_clocks_that_are_wrong_change_nothing(connect, odd, house, clock, hours):
    """The member's computer stamps events hours off, the server says such times, ours jumps."""
    proxy, server = odd
    made = take(house, title="Choir", day=9)
    mine = connect(server, settings=FOLLOW)
    mine.run()
    [(href, raw)] = mine.there().items()
    stamp = f"{NOW + timedelta(hours=hours):%Y%m%dT%H%M%SZ}".encode()
    lines = raw.replace(b"\r\n", b"\n").split(b"\n")
    lines = [b"DTSTAMP:" + stamp if each.startswith(b"DTSTAMP") else each for each in lines]
    mine.edit(href, retitled(b"\r\n".join(lines), "Big choir"))
    proxy.after = lambda passing: passing.answer_headers.update(
        {"Date": format_datetime(NOW + timedelta(hours=hours))}
    )
    for _ in range(3):
        assert mine.run().reason is None
    assert stored(made).title == "Big choir"

    clock.now += timedelta(hours=hours)
    before = mine.there()
    after = mine.run()
    assert mine.there() == before
    assert timedelta() < after.due_at - clock() <= timedelta(hours=7)
    assert [each.state for each in remote_objects(db.session(), mine.id)] == ["synced"]


def test_other_side_is_looked_at_less_often_where_nothing_moves(
    connect, radicale_server, house, clock
):
    take(house)
    mine = connect(radicale_server)
    mine.run()
    pauses = []
    for days in (0, 1, 5):
        clock.now = NOW + timedelta(days=days)
        pauses.append((mine.run().due_at - clock()) / timedelta(minutes=1))
    assert pauses == [pytest.approx(each, rel=0.11) for each in (5, 120, 360)]
