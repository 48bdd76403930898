"""People work on both sides, and anything may fail: both sides come together all the same.

A state machine of Hypothesis edits bookings here and events there at random,
between runs that are cut off, refused, answered by half, or killed.  At its
end, after a few runs in peace, both sides have to say the same, nothing is
lost or there twice, and a further run writes nothing.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from booking.actions.bookings import book, cancel, change
from booking.actions.bookings.change import as_request
from booking.actions.connections import disconnect
from booking.core.connections import Deletes, Edits, Settings
from booking.core.errors import BookingError
from booking.core.requests import CancelRequest, ChangeRequest
from booking.db import db
from booking.ical.objects import uid_of
from booking.queries import agenda
from booking.queries.connections import remote_objects
from booking.sync.errors import RemoteError
from tests.support.factories import NOW
from tests.support.odd_calendars import proxy as in_front
from tests.support.odd_calendars import through
from tests.sync.events import DENTIST, MARK, event, marked, retimed, retitled, start_of, title_of
from tests.sync.killing import MOMENTS, killed

FOLLOW = Settings(edits=Edits.FOLLOW, deletes=Deletes.CANCEL, books=True)
FIRST_DAY = 3  # so that nothing is over before the end
MOST = 5  # bookings: where more than five are gone at once, it stops and asks
EDITS = ("move_here", "retitle_here", "move_there", "retitle_there")
WHICH, HOURS, NUMBERS = st.integers(0, 99), st.integers(8, 18), st.integers(1, 6)


class TwoSides(RuleBasedStateMachine):
    """A connection with both of its sides.

    ``ended`` are bookings that somebody meant to end; ``marked`` the uids of events to which
    their owner added something that is the owner's alone.
    """

    def __init__(self, app, connect, proxy, server, house):
        super().__init__()
        self.app, self.proxy, self.house = app, proxy, house
        proxy.reset()
        self.mine = connect(server, settings=FOLLOW)
        self.clock = self.mine.clock
        self.made, self.ended, self.written, self.marked = [], set(), [], set()
        self.mine.remote.put(self.mine.remote.href_for("dentist"), DENTIST, None)
        self.book(8)

    # -- here

    def book(self, hour):
        day = FIRST_DAY + len(self.made)
        wish = self.house.request(title=f"New {hour}", start=hour, end=hour + 1, day=day)
        with suppress(BookingError):
            self.made.append(book(wish, self.house.member, now=self.clock()).booking_id)

    def move_here(self, which, hour):
        def moved(wish):
            start = wish.start.replace(hour=hour, minute=0)
            return replace(wish, start=start, end=start + timedelta(hours=1))

        self._change(which, moved)

    def retitle_here(self, which, hour):
        self._change(which, lambda wish: replace(wish, title=f"Here {hour}"))

    def cancel_here(self, which):
        found = self._one(which)
        self.ended.add(found.id)
        with suppress(BookingError):
            cancel(CancelRequest(found.id, found.version), self.house.member, now=self.clock())

    def _change(self, which, changed):
        before = self._one(which)
        wish = ChangeRequest(before.id, before.version, changed(as_request(before)))
        with suppress(BookingError):
            change(wish, self.house.member, now=self.clock())

    def _one(self, which):
        """Return a booking, of those that nobody ended if there are any."""
        open_ = [each for each in self.made if each not in self.ended] or self.made
        return stored(open_[which % len(open_)])

    # -- there

    def write_there(self, hour):
        uid = f"own-{len(self.written)}@example.org"
        at = self.house.interval(hour, hour + 1, day=2).start
        raw = event(uid, f"Own {hour}", at, place="Birch")
        self.mine.remote.put(self.mine.remote.href_for(uid.partition("@")[0]), raw, None)
        self.written.append(uid)

    def move_there(self, which, hour):
        self._edit(which, lambda raw: retimed(raw, hour))

    def retitle_there(self, which, hour):
        self._edit(which, lambda raw: marked(retitled(raw, f"There {hour}")))

    def delete_there(self, which):
        if (found := self._there(which)) is not None:
            self.ended.add(self._one(which).id)
            with suppress(RemoteError):
                self.mine.remote.delete(found[0], None)
                self.marked.discard(uid_of(found[1]))

    def _edit(self, which, changed):
        if (found := self._there(which)) is not None:
            raw = changed(found[1])
            with suppress(RemoteError):  # somebody was quicker
                self.mine.edit(found[0], raw)
                self.marked |= {uid_of(raw)} if MARK in raw else set()

    def _there(self, which):
        """Return the object of a booking."""
        uid = self._one(which).uid
        return next(((h, r) for h, r in self.mine.there().items() if uid_of(r) == uid), None)

    # -- what may happen

    @rule(what=st.sampled_from(EDITS), which=WHICH, hour=HOURS)
    def edit(self, what, which, hour):
        getattr(self, what)(which, hour)

    @precondition(lambda self: len(self.made) - len(self.ended) < MOST - 1)
    @rule(hour=HOURS)
    def begin(self, hour):
        self.book(hour)
        if not self.written:
            self.write_there(hour)

    @rule(what=st.sampled_from(["cancel_here", "delete_there"]), which=WHICH)
    def end(self, what, which):
        getattr(self, what)(which)

    @rule()
    def run(self):
        self.clock.now += timedelta(minutes=20)
        self.mine.run()

    @rule(number=NUMBERS, what=st.sampled_from(EDITS), which=WHICH, hour=HOURS)
    def run_while_somebody_works(self, number, what, which, hour):
        is_done = []

        def work(_passing):
            if len(self.proxy.seen) >= number and not is_done:
                is_done.append(True)
                with self.app.app_context():
                    getattr(self, what)(which, hour)

        self._odd_run(before=work)

    @rule(number=NUMBERS, fault=st.sampled_from(["asks", "hears", "half", 429, 500, 503]))
    def run_that_goes_wrong(self, number, fault):
        def refuse(passing):
            passing.status = fault if len(self.proxy.seen) == number else 0

        def cut(passing):
            passing.is_cut = len(self.proxy.seen) == number

        if fault in MOMENTS:
            self._odd_run(lose=(number, fault == "hears"))
        elif fault == "half":
            self._odd_run(after=cut)
        else:
            self._odd_run(before=refuse)

    @rule(number=NUMBERS, moment=st.sampled_from(MOMENTS))
    def run_that_is_killed(self, number, moment):
        killed(self.mine, self.proxy, moment, number)

    def _odd_run(self, **odd):
        self.proxy.reset()
        for name, value in odd.items():
            setattr(self.proxy, name, value)
        self.run()
        self.proxy.reset()

    # -- in the end

    def teardown(self):
        try:
            self._comes_together()
        finally:
            self.proxy.reset()
            disconnect(self.mine.id, self.house.member, remove=False, now=self.clock())
            for found in bookings():
                if is_open(found):
                    wish = CancelRequest(found.id, found.version)
                    cancel(wish, self.house.member, now=self.clock())
            self.clock.now = NOW

    def _comes_together(self):
        for _ in range(4):
            self.run()
        before = self.mine.there()
        self.proxy.reset()
        self.run()
        assert not {"PUT", "DELETE"} & {*self.proxy.seen}, "no end of corrections"
        assert self.mine.there() == before

        there = {uid_of(raw): raw for raw in before.values()}
        assert len(there) == len(before), "doubled there"
        here = {found.uid: found for found in bookings() if is_open(found)}
        lost = {*self.made} - self.ended - {found.id for found in here.values()}
        assert not lost, "ended by nobody"
        left = there.keys() - here.keys()
        assert left <= {*self.written, uid_of(DENTIST)}
        assert not here.keys() - there.keys(), "missing there"
        assert there[uid_of(DENTIST)] == self.dentist
        for uid, found in here.items():
            assert title_of(there[uid]) == found.title
            [start] = [each.interval.start for each in found.occurrences if each.state.is_open]
            assert start_of(there[uid]) == start
            assert uid not in self.marked or MARK in there[uid], "written over unseen"
        known = remote_objects(db.session(), self.mine.id)
        assert {each.state for each in known} <= {"synced"}
        assert sorted(each.uid for each in known) == sorted(here)

    @property
    def dentist(self):
        return next(raw for raw in self.mine.there().values() if uid_of(raw) == uid_of(DENTIST))


def stored(booking_id):
    db.session.rollback()
    return agenda.booking(db.session(), booking_id)


def bookings():
    from sqlalchemy import select

    from booking.models import Booking

    db.session.rollback()
    ids = db.session().execute(select(Booking.id)).scalars().all()
    return [stored(each) for each in ids]


def is_open(found):
    return any(each.state.is_open for each in found.occurrences)


PLENTY = pytest.param("radicale_server", 200, 50, marks=pytest.mark.soak, id="soak")


@pytest.mark.parametrize(
    ("behind", "examples", "steps"),
    [
        pytest.param("radicale_server", 8, 25, id="radicale"),
        pytest.param("ours_server", 4, 25, id="ours"),
        PLENTY,
    ],
)
def test_both_sides_come_together(request, app, connect, house, behind, examples, steps):
    server = request.getfixturevalue(behind)
    with in_front(server.url) as proxy:
        run_state_machine_as_test(
            lambda: TwoSides(app, connect, proxy, through(proxy, server), house),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
                derandomize=True,
                deadline=None,
            ),
        )
