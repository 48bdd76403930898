"""The search for free time, in houses of 4, 200 and 10,000 rooms, on both engines."""

import gc
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from datetime import time as clock
from typing import TypeVar

from benchmarks.crowd import Crowd, crowded
from benchmarks.effort import Effort
from benchmarks.figures import Figure, Spread, spread
from benchmarks.place import Place, place
from booking.actions import finding
from booking.core.requests import Fitting, SearchRequest
from booking.core.values import SpaceKind
from tests.support.databases import ENGINES
from tests.support.factories import NOW

Found = TypeVar("Found")
WARM_UP = 5
BUSY, QUIET = 3.0, 0.35  # holds a room and day: a house of four rooms, a town of them
OURS = "of it, what this process computes"
FORTNIGHT = SearchRequest(
    timedelta(minutes=90), date(2027, 3, 11), date(2027, 3, 24), clock(9), clock(18)
)


def run(effort: Effort) -> Iterator[Figure]:
    """Yield the time of searches, in milliseconds."""
    for kind in ENGINES:
        yield from _openings(kind, effort, "small", rooms=4, holds_a_day=BUSY, limit=15)
        yield from _openings(kind, effort, "house", effort.house_rooms, holds_a_day=BUSY, limit=50)
        yield from _openings(kind, effort, "town", effort.rooms, holds_a_day=QUIET, limit=100)
        yield from _series(kind, effort)


def _openings(
    kind: str, effort: Effort, name: str, rooms: int, *, holds_a_day: float, limit: float
) -> Iterator[Figure]:
    with place(kind) as here:
        crowd = crowded(here.house, rooms=rooms, holds_a_day=holds_a_day, days=effort.crowd_days)
        like = Fitting(crowd.site_id, SpaceKind.MEETING_ROOM)
        if rooms > 4:
            like = Fitting(crowd.site_id, SpaceKind.MEETING_ROOM, 12, frozenset({"video"}))
        took, cpu, found = _timed(
            here,
            effort,
            lambda: finding.find_openings(like, FORTNIGHT, here.house.member, now=NOW),
        )
        remark = f"90 minutes within 14 days: {len(found.openings)} found"
        yield Figure(f"search.{kind}.{name}.p50", took.p50, "ms", limit, None, remark)
        yield Figure(f"search.{kind}.{name}.p95", took.p95, "ms")
        yield Figure(f"search.{kind}.{name}.cpu_p50", cpu.p50, "ms", remark=OURS)
        yield Figure(f"search.{kind}.{name}.holds", crowd.holds, "", remark=_of(rooms, crowd))


def _series(kind: str, effort: Effort) -> Iterator[Figure]:
    with place(kind) as here:
        crowd = crowded(here.house, rooms=42, holds_a_day=BUSY, days=effort.crowd_days)
        wish = here.house.request(rule="FREQ=WEEKLY;COUNT=26")
        like = Fitting(crowd.site_id)
        took, cpu, found = _timed(
            here, effort, lambda: finding.find_for_series(like, wish, here.house.member, now=NOW)
        )
        remark = f"26 dates over 42 rooms: {len(found.fits)} shown"
        yield Figure(f"search.{kind}.series.p50", took.p50, "ms", 150, None, remark)
        yield Figure(f"search.{kind}.series.p95", took.p95, "ms")
        yield Figure(f"search.{kind}.series.cpu_p50", cpu.p50, "ms", remark=OURS)


def _of(rooms: int, crowd: Crowd) -> str:
    guard = "" if crowd.guarded else "; filled without the guard, the database is thrown away"
    return f"of {rooms:,} rooms, buffers and parts included{guard}"


def _timed(
    here: Place, effort: Effort, search: Callable[[], Found]
) -> tuple[Spread, Spread, Found]:
    """Return the spread of a search and of its CPU in milliseconds, and what it found."""
    took, cpu = [], []
    with here.app() as app:
        for _ in range(WARM_UP + max(4, effort.rounds // 5)):
            with app.app_context():  # as each request of the service has one
                gc.collect(0)
                start, used = time.perf_counter(), time.thread_time()
                found = search()
                cpu.append((time.thread_time() - used) * 1000)
                took.append((time.perf_counter() - start) * 1000)
    return spread(took[WARM_UP:]), spread(cpu[WARM_UP:]), found
