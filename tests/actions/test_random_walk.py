"""Hundreds of verbs in random order: whatever people do, the guarantee holds.

Combined rooms, lanes, buffers, closures, series that begin while the clock
runs, stale versions and other people's bookings, all mixed.  Refusals are
fine, anything but an error of the house is not.
"""

import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

from booking.actions import approvals, bookings, closures, serving, waiting
from booking.actions.bookings.change import as_request
from booking.actions.override import displaced_by, override
from booking.actions.swaps import accept_swap, propose_swap
from booking.core.errors import BookingError
from booking.core.requests import (
    BookingRequest,
    CancelRequest,
    ChangeRequest,
    ClosureRequest,
    DateBackRequest,
    DateRequest,
    DateSeen,
    DecisionRequest,
    MoveRequest,
    Over,
    OverrideRequest,
    SwapRequest,
)
from booking.core.series import GIVEN_UP
from booking.core.values import BookingView, OccurrenceView, State, WaitMode
from booking.queries import agenda
from tests.support.checks import assert_house_in_order
from tests.support.factories import House

Db = scoped_session[Session]
RULES = (
    *[None] * 6,
    "FREQ=DAILY;COUNT=4",
    "FREQ=DAILY;INTERVAL=2;COUNT=3",
    "FREQ=DAILY;UNTIL=20270316",
    "FREQ=WEEKLY;BYDAY=TH,FR,MO;COUNT=5",
)

# More confirmed bookings of a part at one instant than it has lanes, or one beside that of a
# combined space, which has its parts for itself.
CROWDED = text(
    """
    SELECT one.id FROM allocation AS one
    JOIN space_part AS mine ON mine.space_id = one.space_id
    JOIN space AS part ON part.id = mine.part_id
    JOIN space_part AS theirs ON theirs.part_id = mine.part_id
    JOIN allocation AS other ON other.space_id = theirs.space_id
    WHERE one.state = 'confirmed' AND other.state = 'confirmed'
      AND other.start_s - other.setup_s <= one.start_s - one.setup_s
      AND one.start_s - one.setup_s < other.end_s + other.cleanup_s
    GROUP BY one.id, mine.part_id, part.lanes
    HAVING count(DISTINCT other.id) > CASE
      WHEN max(CASE WHEN other.space_id <> mine.part_id THEN 1 ELSE 0 END) = 1 THEN 1
      ELSE part.lanes END
    """
)
# A closure's time on a part and lane that nothing holds.
OPEN_WHILE_CLOSED = text(
    """
    SELECT closure.id, space_part.part_id
    FROM closure
    JOIN space ON space.site_id = closure.site_id
      AND (closure.space_id IS NULL OR closure.space_id = space.id)
    JOIN space_part ON space_part.space_id = space.id
    JOIN space AS part ON part.id = space_part.part_id
    LEFT JOIN hold ON hold.part_id = space_part.part_id AND hold.layer = 'use'
      AND hold.start_s < closure.end_s AND hold.end_s > closure.start_s
    GROUP BY closure.id, closure.start_s, closure.end_s, space.id, space_part.part_id, part.lanes
    HAVING coalesce(sum(
        (CASE WHEN hold.end_s < closure.end_s THEN hold.end_s ELSE closure.end_s END)
        - (CASE WHEN hold.start_s > closure.start_s THEN hold.start_s ELSE closure.start_s END)
      ), 0) <> part.lanes * (closure.end_s - closure.start_s)
    """
)


class Walk:
    """Somebody who does anything."""

    def __init__(self, house: House, session: Db, seed: int) -> None:
        self.house, self.session, self.random = house, session, random.Random(seed)
        half = house.add_space("Half")
        desks = house.add_space("Desks", lanes=2)
        both = house.add_space("Both", parts=(house.atlas, half))
        wide = house.add_space("Wide", parts=(half, desks))
        self.spaces = [*house.rooms, half, desks, both, wide]
        self.people = [house.member, house.member, house.stranger, house.manager, house.admin]
        self.ids: list[int] = []
        self.closed: list[int] = []
        self.places: list[int] = []
        self.now = house.now
        self.done: dict[str, int] = {}

    def step(self) -> None:
        """Do one thing; a refusal by the house is fine."""
        verbs = {
            self.book: 8,
            self.change: 5,
            self.date: 5,
            self.back: 2,
            self.move: 5,
            self.cancel: 2,
            self.decide: 4,
            self.close: 1,
            self.reopen: 2,
            self.wait: 4,
            self.serve: 4,
            self.answer: 2,
            self.displace: 2,
            self.swap: 3,
        }
        verb = self.random.choices([*verbs], [*verbs.values()])[0]
        if self.random.random() < 0.04:
            self.now += timedelta(hours=self.random.randint(1, 20))
        with suppress(BookingError):
            verb()
            self.done[verb.__name__] = self.done.get(verb.__name__, 0) + 1

    def book(self) -> None:
        """Book."""
        actor = self.random.choice(self.people)
        booked = bookings.book(self.wish(), actor, now=self.now)
        self.ids.append(booked.booking_id)

    def wish(self, **more: object) -> BookingRequest:
        """Return any wish."""
        start = self.random.randint(0, 26 * 4) / 4
        length = self.random.choice([0.25, 0.5, 1, 1, 2, 3, 12, 30])
        spaces = self.random.sample(self.spaces, self.random.choice([1, 1, 1, 2, 3]))
        return self.house.request(
            *spaces,
            start=start,
            end=start + length,
            day=self.random.randint(0, 16),
            rule=self.random.choice(RULES),
            **more,
        )

    def any_booking(self, *states: State) -> BookingView:
        """Return a stored booking as a page showed it, in one of the states where it can be."""
        asked = [self.random.choice(self.ids or [1]) for _ in range(8)]
        found = [agenda.booking(self.session(), each) for each in asked]
        return next((each for each in found if each.state in states), found[0])

    def version(self, stored: BookingView) -> int:
        """Return its version, seldom an old one."""
        return stored.version - (self.random.random() < 0.05)

    def change(self) -> None:
        """Change time, rooms, rule, skipped dates or texts."""
        stored = self.any_booking(State.CONFIRMED, State.REQUESTED)
        wanted = as_request(stored)
        other = self.wish()
        for name in self.random.sample(["space_ids", "times", "rule", "title", "skip"], 2):
            if name == "times":
                shift = timedelta(minutes=15 * self.random.randint(-12, 12))
                wanted = replace(wanted, start=wanted.start + shift, end=wanted.end + shift)
            elif name == "skip":
                dates = [each.recurrence_id for each in stored.occurrences]
                some = frozenset(self.random.sample(dates, self.random.randint(0, len(dates) // 2)))
                wanted = replace(wanted, skip=wanted.skip | some)
            else:
                wanted = replace(wanted, **{name: getattr(other, name)})
        since = self.random.choice(
            [None, None, *(each.recurrence_id for each in stored.occurrences)]
        )
        wish = ChangeRequest(stored.id, self.version(stored), wanted, since)
        actor = self.random.choice([self.house.admin, self.house.admin, self.house.member])
        self.ids.append(bookings.change(wish, actor, now=self.now).booking_id)

    def any_date(self) -> tuple[BookingView, OccurrenceView]:
        """Return a stored series, if there is one, and one of its dates."""
        found = [self.any_booking(State.CONFIRMED, State.REQUESTED) for _ in range(4)]
        stored = next((each for each in found if each.rule), found[0])
        return stored, self.random.choice(stored.occurrences)

    def date(self) -> None:
        """Change one date of a series."""
        stored, date = self.any_date()
        start = date.recurrence_id + timedelta(minutes=15 * self.random.randint(-40, 40))
        wish = DateRequest(
            stored.id,
            date.occurrence_id,
            self.version(stored),
            start,
            start + timedelta(minutes=15 * self.random.randint(1, 12)),
            self.wish().space_ids,
            self.random.choice(["", "Concert"]),
        )
        bookings.change_date(wish, self.house.admin, now=self.now)

    def back(self) -> None:
        """Bring a date back."""
        stored, _ = self.any_date()
        gone = [each for each in stored.occurrences if each.state in GIVEN_UP]
        date = self.random.choice(gone or stored.occurrences)
        wish = DateBackRequest(stored.id, date.occurrence_id, self.version(stored))
        bookings.bring_back(wish, self.house.admin, now=self.now)

    def move(self) -> None:
        """Drag a booking."""
        stored = self.any_booking(State.CONFIRMED, State.REQUESTED)
        shift = timedelta(minutes=15 * self.random.randint(-20, 20))
        longer = timedelta(minutes=15 * self.random.randint(-2, 4))
        wish = MoveRequest(
            stored.id,
            self.version(stored),
            stored.starts_at + shift,
            stored.ends_at + shift + longer,
            *self.random.choice(
                [
                    (None, None),
                    (stored.space_ids[0], self.random.choice(self.spaces).id),
                ]
            ),
        )
        actor = self.random.choice([self.house.admin, self.house.admin, self.house.member])
        bookings.move(wish, actor, now=self.now)

    def cancel(self) -> None:
        """Cancel a booking or a date."""
        stored = self.any_booking()
        dates = [None, *(each.occurrence_id for each in stored.occurrences)]
        wish = CancelRequest(
            stored.id, self.version(stored), occurrence_id=self.random.choice(dates)
        )
        bookings.cancel(wish, self.house.admin, now=self.now)

    def decide(self) -> None:
        """Approve or refuse."""
        stored = self.any_booking(State.REQUESTED)
        dates = [each.recurrence_id for each in stored.occurrences]
        skip = frozenset(self.random.sample(dates, self.random.randint(0, len(dates) // 3)))
        wish = DecisionRequest(stored.id, self.version(stored), "Because", skip=skip)
        verb = self.random.choice([approvals.approve, approvals.approve, approvals.refuse])
        verb(wish, self.random.choice([self.house.admin, self.house.approver]), now=self.now)

    def wait(self) -> None:
        """Wait for what somebody has, or for any time."""
        wish = replace(self.wish(), rule=None)
        if self.ids and self.random.random() < 0.7:
            wish = replace(as_request(self.any_booking(State.CONFIRMED)), rule=None)
        mode = self.random.choice([*WaitMode])
        actor = self.random.choice(self.people)
        self.places.append(waiting.wait(wish, mode, actor, now=self.now))

    def serve(self) -> None:
        """Look after the waiting list."""
        serving.serve_due(now=self.now)

    def answer(self) -> None:
        """Accept what is offered, or leave the list."""
        place = self.random.choice(self.places or [999_999])
        verb = self.random.choice([waiting.accept, waiting.accept, waiting.leave])
        verb(place, self.random.choice(self.people), now=self.now)

    def displace(self) -> None:
        """Book, or change a booking, over whatever is in the way."""
        asked: BookingRequest | ChangeRequest = self.wish()
        if self.random.random() < 0.3:
            stored = self.any_booking(State.CONFIRMED, State.REQUESTED)
            spaces = tuple(each.id for each in self.random.sample(self.spaces, 1))
            wanted = replace(as_request(stored), space_ids=spaces)
            asked = ChangeRequest(stored.id, stored.version, wanted)
        gone = displaced_by(asked, self.house.admin, now=self.now)
        agreed = frozenset(each.allocation_id for each in gone)
        request = OverrideRequest(asked, "Because", agreed)
        self.ids.append(override(request, self.house.admin, now=self.now).booking_id)

    def swap(self) -> None:
        """Propose to exchange two dates, and agree to it."""
        seen = []
        for _ in range(2):
            stored = self.any_booking(State.CONFIRMED)
            date = self.random.choice(stored.occurrences)
            seen.append(DateSeen(stored.id, date.occurrence_id, stored.version))
        made = propose_swap(SwapRequest(*seen), self.house.admin, now=self.now)
        accept_swap(made, self.house.admin, now=self.now)

    def close(self) -> None:
        """Close a room or the house."""
        start = self.house.at(self.random.randint(0, 20), day=self.random.randint(0, 6))
        space = self.random.choice([None, *(each.id for each in self.spaces)])
        end = start + timedelta(hours=self.random.randint(1, 8))
        over = self.random.choice([Over.KEEP, Over.CANCEL])
        wish = ClosureRequest(self.house.site.id, start, end, "Works", space_id=space, over=over)
        self.closed.append(closures.close(wish, self.house.admin, now=self.now).closure_id)

    def reopen(self) -> None:
        """Take a closure back."""
        closures.reopen(
            self.random.choice(self.closed or [999_999]), self.house.admin, now=self.now
        )


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_that_people_do_books_twice(session: Db, house: House, seed: int) -> None:
    walk = Walk(house, session, seed)
    for number in range(300):
        walk.step()
        if number % 10:
            continue
        session.rollback()
        assert list(session.execute(CROWDED)) == []
        assert list(session.execute(OPEN_WHILE_CLOSED)) == []
        assert_house_in_order(house.engine)
        session.rollback()
    often = ("book", "change", "date", "move", "decide", "wait", "displace", "swap")
    assert min(walk.done.get(verb, 0) for verb in often) > 0, walk.done
