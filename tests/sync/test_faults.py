"""Workers killed at every moment of a run, and two at one connection."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from booking.actions import connections as verbs
from booking.actions.bookings import book, cancel, change
from booking.actions.bookings.change import as_request
from booking.core.connections import Deletes, Edits, Settings
from booking.core.requests import CancelRequest, ChangeRequest
from booking.core.values import State
from booking.db import db
from booking.ical.objects import uid_of
from booking.queries import agenda
from booking.queries.connections import remote_objects
from booking.sync.run import run
from tests.support.factories import NOW
from tests.sync.events import event, retimed, retitled, start_of, title_of
from tests.sync.killing import MOMENTS, killed

FOLLOW = Settings(edits=Edits.FOLLOW, deletes=Deletes.CANCEL, books=True)


def stored(booking_id):
    db.session.rollback()
    return agenda.booking(db.session(), booking_id)


@dataclass
class Day:
    """A day on which everything happens at once, each thing to a booking of its own."""

    mine: object
    house: object
    day: int
    ids: dict[str, int] = field(default_factory=dict)

    def book(self, title, start, by=None):
        wish = self.house.request(title=title, start=start, end=start + 1, day=self.day)
        self.ids[title] = book(wish, by or self.house.member, now=NOW).booking_id

    def change(self):
        """Change both sides."""
        there = {title_of(raw): href for href, raw in self.mine.there().items()}
        for title, changed in (
            ("moved", lambda raw: retimed(raw, 16)),
            ("retitled", lambda raw: retitled(raw, "renamed")),
            ("on both sides", lambda raw: retitled(raw, "merged")),
            ("onto others", lambda raw: retimed(raw, 13)),
        ):
            raw = self.mine.remote.item(there[title]).raw
            self.mine.edit(there[title], changed(raw))
        self.mine.remote.delete(there["deleted"], None)
        at = self.house.interval(18, 19, day=self.day).start
        own = event(f"own-{self.day}", "written", at, place="Birch")
        self.mine.remote.put(self.mine.remote.href_for(f"own-{self.day}"), own, None)

        before = stored(self.ids["on both sides"])
        wish = as_request(before)
        wish = replace(wish, start=self.house.at(17, day=self.day), end=None)
        wish = replace(wish, end=wish.start + timedelta(hours=1))
        change(ChangeRequest(before.id, before.version, wish), self.house.member, now=NOW)
        cancel(CancelRequest(self.ids["cancelled"], 1), self.house.member, now=NOW)
        self.book("new", 15)

    def expected(self):
        """Return what both sides have to have in the end, by title, with their hours."""
        hours = {"moved": 16, "renamed": 9, "merged": 17, "onto others": 12, "new": 15}
        day = self.day
        return {x: self.house.interval(at, at + 1, day=day).start for x, at in hours.items()}

    def check(self):
        raws = [raw for raw in self.mine.there().values() if title_of(raw) != "written"]
        assert {title_of(raw): start_of(raw) for raw in raws} == self.expected()
        assert len(raws) == len(self.expected())
        [written] = [raw for raw in self.mine.there().values() if title_of(raw) == "written"]
        known = {each.uid: each for each in remote_objects(db.session(), self.mine.id)}
        assert known.keys() == {uid_of(raw) for raw in (*raws, written)}
        assert {each.state for each in known.values()} == {"synced"}
        for uid, each in known.items():
            found = stored(each.booking_id)
            raw = next(raw for raw in (*raws, written) if uid_of(raw) == uid)
            assert (found.title, found.occurrences[0].interval.start) == (
                *(title_of(raw), start_of(raw)),
            )
        assert stored(self.ids["deleted"]).state is State.CANCELLED
        assert stored(self.ids["cancelled"]).state is State.CANCELLED

    def clear(self):
        for each in remote_objects(db.session(), self.mine.id):
            found = stored(each.booking_id)
            cancel(CancelRequest(found.id, found.version), self.house.member, now=NOW)


@pytest.mark.parametrize(
    "stride",
    [pytest.param(3, id="some"), pytest.param(1, marks=pytest.mark.soak, id="every")],
)
def test_killed_at_any_moment_nothing_is_lost_or_doubled(connect, odd, house, stride):
    proxy, server = odd
    mine = connect(server, settings=FOLLOW)
    day = 0
    for moment in MOMENTS:
        for number in range(1, 60, stride):
            day += 1
            now = Day(mine, house, day)
            for hour, title in enumerate(
                ("moved", "retitled", "deleted", "on both sides", "onto others"), 8
            ):
                now.book(title, hour)
            now.book("in the way", 13, by=house.stranger)
            now.book("cancelled", 14)
            mine.run()
            now.change()
            is_killed = killed(mine, proxy, moment, number)
            for _ in range(3):
                mine.run()
            now.check()
            now.clear()
            if not is_killed:  # the run ended before
                assert number > 5
                break
        else:
            raise AssertionError("a run has no end")


def test_of_two_workers_with_one_connection_one_stops(connect, odd, house, clock):
    _proxy, server = odd
    book(house.request(), house.member, now=NOW)
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
