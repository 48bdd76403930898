"""The guard alone, with no lock before it: eight processes store the same hold."""

from collections import Counter
from datetime import datetime

from sqlalchemy import func, insert, select

from booking.core.values import Actor, Space
from booking.db import transact
from booking.models import Hold
from tests.support.factories import House
from tests.support.racing import Attempt, race

RUNNERS = 8
ROUNDS = 5


def grab(source: tuple[Space, int, datetime, datetime], _actor: Actor, *, now: datetime) -> None:
    """Store holds of all parts of a space, as a buggy verb would: unlocked, unchecked."""
    space, closure_id, start, end = source
    shared = {"layer": "use", "lane": 0, "start_s": start, "end_s": end, "closure_id": closure_id}
    rows = [{"part_id": part_id, **shared} for part_id in space.part_ids]
    transact(lambda session: session.connection().execute(insert(Hold.__table__), rows) and None)


def test_guard_alone_admits_one(house: House, engine_url: str) -> None:
    closure_id = house.add_closure(0, 24)
    whole = house.add_space("Whole", parts=house.rooms)
    times = [house.interval(10, 11, day=day) for day in range(ROUNDS)]
    rounds = [
        [Attempt(grab, (whole, closure_id, when.start, when.end), house.admin)] * RUNNERS
        for when in times
    ]
    for outcomes in race(engine_url, *rounds):
        kinds = Counter(each.kind for each in outcomes)
        # Without row locks PostgreSQL may find more deadlocks than are tried again: those
        # lose as well.  The verbs lock first, and their races admit no deadlock.
        deadlocks = sum("DeadlockDetected" in each.text for each in outcomes)
        assert kinds["won"] == 1, outcomes
        assert kinds["GuardRefused"] + deadlocks == RUNNERS - 1, outcomes
    with house.engine.connect() as connection:
        holds = connection.execute(select(func.count()).select_from(Hold)).scalar_one()
    assert holds == ROUNDS * len(whole.part_ids)
