"""Killed at every step, cut off at any request, edited on both sides: both sides come together."""

import os
import signal
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from booking.actions import connections as verbs
from booking.actions.bookings import book, cancel, change
from booking.actions.bookings.change import as_request
from booking.core.connections import Deletes, Edits, Settings
from booking.core.errors import BookingError
from booking.core.requests import CancelRequest, ChangeRequest
from booking.db import db
from booking.queries import agenda
from booking.queries.connections import remote_objects
from booking.sync.run import run
from tests.support.factories import NOW

FOLLOW = Settings(edits=Edits.FOLLOW, deletes=Deletes.CANCEL)


def take(house, **more):
    return book(house.request(**more), house.member, now=NOW).booking_id


def stored(booking_id):
    db.session.rollback()
    return agenda.booking(db.session(), booking_id)


def killed_at(mine, proxy, number, *, is_done):
    """Let a worker of its own run, and kill it at a request; return whether it came so far."""
    verbs.sync_now(mine.id, mine.owner, now=mine.clock())
    claimed = verbs.claim(now=mine.clock())
    assert claimed is not None
    db.session.remove()
    db.engine.dispose()
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(ready, 1)
        try:
            run(claimed, mine.config, mine.clock)
        finally:
            os._exit(0)
    proxy.reset()
    proxy.lose, proxy.kill = (number, is_done), child
    os.write(go, b"1")
    _pid, status = os.waitpid(child, 0)
    os.close(ready)
    os.close(go)
    proxy.reset()
    mine.clock.now += timedelta(minutes=2)  # its lease ends
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def test_killed_at_every_request_nothing_is_lost_or_doubled(connect, odd, house, clock):
    proxy, server = odd
    first = [take(house, title=f"Day {day}", day=day) for day in range(3)]
    for number in range(1, 12):
        for is_done in (False, True):
            mine = connect(server)
            if not killed_at(mine, proxy, number, is_done=is_done):
                assert number > 5  # all requests were its last one
                return
            mine.run()
            titles = sorted(each.split("SUMMARY:")[1][:5] for each in mine.texts())
            assert titles == ["Day 0", "Day 1", "Day 2"]
            known = remote_objects(db.session(), mine.id)
            assert sorted(each.booking_id for each in known) == first
            assert {each.state for each in known} == {"synced"}
            verbs.disconnect(mine.id, mine.owner, remove=False, now=clock())
    raise AssertionError("a run of three bookings asks more than eleven times")


def test_of_two_workers_with_one_connection_one_stops(connect, odd, house, clock):
    _proxy, server = odd
    take(house)
    mine = connect(server)
    first = verbs.claim(now=clock())
    assert verbs.claim(now=clock()) is None
    clock.now += timedelta(minutes=2)
    second = verbs.claim(now=clock())
    assert second is not None
    assert first is not None
    run(first, mine.config, clock)  # wakes up late
    run(second, mine.config, clock)
    assert len(mine.there()) == 1
    assert len(remote_objects(db.session(), mine.id)) == 1


HERE = ("move here", "retitle here", "cancel here", "book here")
THERE = ("move there", "retitle there", "delete there")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(HERE + THERE), st.integers(0, 2), st.integers(8, 18)),
        st.tuples(st.just("cut off"), st.integers(1, 6), st.booleans()),
        st.just(("run", 0, 0)),
    ),
    min_size=2,
    max_size=9,
)


class Both:
    """The two sides of a connection while somebody works on both."""

    def __init__(self, mine, proxy, house):
        self.mine, self.proxy, self.house = mine, proxy, house
        self.made, self.gone = [], set()

    def book(self, *, title):
        with suppress(BookingError):
            self.made.append(take(self.house, title=title, start=8, end=9, day=len(self.made)))

    def here(self, what, booking_id, hour):
        before = stored(booking_id)
        if what == "cancel here":
            cancel(CancelRequest(booking_id, before.version), self.house.member, now=NOW)
            return
        wish = as_request(before)
        if what == "retitle here":
            wish = replace(wish, title=f"Here {hour}")
        else:
            day = wish.start.replace(hour=0, minute=0)
            start = day + timedelta(hours=hour)
            wish = replace(wish, start=start, end=start + timedelta(hours=1))
        change(ChangeRequest(booking_id, before.version, wish), self.house.member, now=NOW)

    def there(self, what, booking_id, hour):
        uid = stored(booking_id).uid.encode()
        found = next(((h, r) for h, r in self.mine.there().items() if uid in r), None)
        if found is None:
            return
        href, raw = found
        if what == "delete there":
            self.mine.remote.delete(href, None)
            return
        lines = raw.replace(b"\r\n", b"\n").split(b"\n")
        for at, line in enumerate(lines):
            if what == "retitle there" and line.startswith(b"SUMMARY:"):
                lines[at] = b"SUMMARY:There %d" % hour
            elif what == "move there" and line.startswith(b"DTSTART;"):
                lines[at] = line[: line.rindex(b"T") + 1] + b"%02d0000" % hour
            elif what == "move there" and line.startswith(b"DTEND;"):
                lines[at] = line[: line.rindex(b"T") + 1] + b"%02d0000" % (hour + 1)
        self.mine.edit(href, b"\r\n".join(lines))

    def do(self, what, which, hour):
        if what == "run":
            self.mine.run()
        elif what == "cut off":
            self.proxy.reset()
            self.proxy.lose = (which, bool(hour))
            self.mine.run()
            self.proxy.reset()
        elif what == "book here":
            self.book(title=f"New {hour}")
        elif which < len(self.made):
            act = self.here if what in HERE else self.there
            with suppress(BookingError):
                act(what, self.made[which], hour)


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(steps=STEPS)
def test_both_sides_come_together_whatever_happens(connect, odd, house, steps):
    proxy, server = odd
    mine = connect(server, settings=FOLLOW)
    both = Both(mine, proxy, house)
    for _ in range(2):
        both.book(title="First")
    try:
        for step in steps:
            both.do(*step)
        for _ in range(4):
            mine.run()
        before = mine.there()
        proxy.reset()
        mine.run()
        assert "PUT" not in proxy.seen, "no end of corrections"
        assert mine.there() == before
        open_ = [each for each in both.made if is_open(each)]
        texts = {uid: raw for raw in before.values() for uid in [uid_in(raw)]}
        assert len(before) == len(texts) == len(open_), "lost or doubled"
        for booking_id in open_:
            found = stored(booking_id)
            raw = texts[found.uid].replace(b"\r\n", b"\n")
            assert f"SUMMARY:{found.title}\n".encode() in raw
            local = found.occurrences[0].interval.start.timestamp()
            assert starts_at(raw) == local
    finally:
        for booking_id in both.made:
            if is_open(booking_id):
                wish = CancelRequest(booking_id, stored(booking_id).version)
                cancel(wish, house.member, now=NOW)
        verbs.disconnect(mine.id, house.member, remove=False, now=NOW)


def is_open(booking_id):
    return any(each.state.is_open for each in stored(booking_id).occurrences)


def uid_in(raw):
    from booking.ical.objects import uid_of

    return uid_of(raw)


def starts_at(raw):
    from icalendar import Calendar

    [event] = Calendar.from_ical(raw).walk("VEVENT")
    return event["DTSTART"].dt.timestamp()


pytestmark = pytest.mark.engines("sqlite")
