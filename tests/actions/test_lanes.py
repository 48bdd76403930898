"""A space that admits n at a time: full only when n run at one instant, whatever the lanes."""

import random

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

from booking.actions.approvals import approve
from booking.actions.bookings import Booked, book, cancel, change, preview
from booking.actions.closures import close
from booking.core.availability import full_times
from booking.core.errors import Conflicted
from booking.core.intervals import Interval
from booking.core.requests import (
    CancelRequest,
    ChangeRequest,
    ClosureRequest,
    DecisionRequest,
    Over,
)
from booking.core.values import Space
from tests.support.factories import House

Db = scoped_session[Session]


@pytest.fixture
def store(house: House, session: Db) -> Space:
    """Return the food store, where two deliveries may come at a time."""
    return house.add_space("Store", lanes=2)


def deliver(house: House, store: Space, start: float, end: float, **more: object) -> Booked:
    wish = house.request(store, start=start, end=end, **more)
    return book(wish, house.member, now=house.now)


def give_up(house: House, made: Booked) -> None:
    cancel(CancelRequest(made.booking_id, made.version), house.member, now=house.now)


def lanes_of(session: Db) -> list[tuple[int, int]]:
    """Return (allocation, lane) of all holds, by their start."""
    rows = session.execute(text("SELECT allocation_id, lane FROM hold ORDER BY start_s, lane"))
    found = [(row.allocation_id, row.lane) for row in rows]
    session.rollback()
    return found


@pytest.fixture
def fragmented(house: House, store: Space, session: Db) -> None:
    """Take lane 0 from 9 to 10 and lane 1 from 11 to 12: at no instant both."""
    deliver(house, store, 9, 10)
    helper = deliver(house, store, 11, 12)
    deliver(house, store, 11, 12)
    give_up(house, helper)
    assert [lane for _, lane in lanes_of(session)] == [0, 1]


@pytest.mark.usefixtures("fragmented")
def test_others_make_room(house: House, store: Space, session: Db) -> None:
    before = {allocation for allocation, _ in lanes_of(session)}

    deliver(house, store, 9, 12)

    after = lanes_of(session)
    assert len(after) == 3
    assert before < {allocation for allocation, _ in after}


@pytest.mark.usefixtures("fragmented")
def test_full_is_full(house: House, store: Space) -> None:
    deliver(house, store, 9, 12)

    with pytest.raises(Conflicted):
        deliver(house, store, 9.5, 9.75)
    deliver(house, store, 10, 11)


@pytest.mark.usefixtures("fragmented")
def test_a_change_and_an_approval_let_others_make_room(
    house: House, store: Space, session: Db
) -> None:
    made = deliver(house, store, 15, 16)
    longer = house.request(store, start=9, end=12)

    change(ChangeRequest(made.booking_id, made.version, longer), house.member, now=house.now)

    assert len(lanes_of(session)) == 3


def test_an_approval_lets_others_make_room(house: House, session: Db) -> None:
    hall = house.add_space("Hall", lanes=2, needs_approval=True, requests_hold=False)

    def ask_and_approve(start: float, end: float) -> Booked:
        asked = deliver(house, hall, start, end)
        return approve(DecisionRequest(asked.booking_id, 1), house.admin, now=house.now)

    ask_and_approve(9, 10)
    helper = ask_and_approve(11, 12)
    ask_and_approve(11, 12)
    give_up(house, helper)
    ask_and_approve(9, 12)
    assert len(lanes_of(session)) == 3


def test_closures_do_not_make_room(house: House, store: Space, session: Db) -> None:
    deliver(house, store, 9, 10)
    close(
        ClosureRequest(
            house.site.id, house.at(9), house.at(12), "Works", space_id=store.id, over=Over.KEEP
        ),
        house.admin,
        now=house.now,
    )

    with pytest.raises(Conflicted):
        deliver(house, store, 9, 12)


def test_a_combined_space_needs_all_lanes(house: House, store: Space, session: Db) -> None:
    both = house.add_space("Store and Atlas", parts=(store, house.atlas))
    book(house.request(both, start=10, end=11), house.member, now=house.now)

    with pytest.raises(Conflicted):
        deliver(house, store, 9, 12)
    deliver(house, store, 11, 12)
    with pytest.raises(Conflicted):
        book(house.request(both, start=11, end=12), house.member, now=house.now)


def test_series_finds_its_lanes_date_by_date(house: House, store: Space, session: Db) -> None:
    for day in (0, 7):
        deliver(house, store, 9, 10, day=day)
        helper = deliver(house, store, 11, 12, day=day)
        deliver(house, store, 11, 12, day=day)
        give_up(house, helper)

    made = deliver(house, store, 9, 12, rule="FREQ=WEEKLY;COUNT=3")

    holds = lanes_of(session)
    assert len(holds) == 2 * 3 + 1
    assert made.state.value == "confirmed"


@pytest.mark.parametrize("seed", range(4))
def test_random_deliveries_are_refused_only_when_all_lanes_are_taken(
    house: House, session: Db, seed: int
) -> None:
    generator = random.Random(seed)
    store = house.add_space("Store", lanes=3)
    kept: dict[int, tuple[Booked, Interval]] = {}
    refused = 0
    for _ in range(60):
        if kept and generator.random() < 0.3:
            made, _interval = kept.pop(generator.choice(list(kept)))
            give_up(house, made)
            continue
        start = generator.randrange(8 * 4, 18 * 4) / 4
        end = min(20.0, start + generator.randrange(1, 14) / 4)
        wanted = house.interval(start, end)
        full = full_times([each for _, each in kept.values()], 3)
        has_room = not any(each.overlaps(wanted) for each in full)
        try:
            made = deliver(house, store, start, end)
        except Conflicted:
            assert not has_room
            refused += 1
        else:
            assert has_room
            kept[made.booking_id] = (made, wanted)
    assert refused > 3
    assert len(lanes_of(session)) == len(kept)


def test_nobody_is_moved_for_a_preview(house: House, store: Space, session: Db) -> None:
    deliver(house, store, 9, 10)
    helper = deliver(house, store, 11, 12)
    deliver(house, store, 11, 12)
    give_up(house, helper)
    before = lanes_of(session)

    found = preview(house.request(store, start=9, end=12), house.member, now=house.now)

    assert found.clashes == ()
    assert lanes_of(session) == before
