"""Booking one slot, and 52 weekly dates, through the verb, on both engines."""

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from benchmarks.commits import RawCommits
from benchmarks.effort import Effort
from benchmarks.figures import Figure, Spread, spread
from benchmarks.place import Place, place
from booking.actions import bookings
from booking.core.requests import BookingRequest
from tests.support.databases import ENGINES
from tests.support.factories import NOW

WARM_UP = 10
HOURS = range(8, 20)


def run(effort: Effort) -> Iterator[Figure]:
    """Yield the time of a booking beside the raw commit of the same rounds, in milliseconds."""
    for kind in ENGINES:
        with place(kind) as here:
            yield from _slot(here, effort)
        with place(kind) as here:
            yield from _series(here, effort)


def _slot(here: Place, effort: Effort) -> Iterator[Figure]:
    took, cpu, raw = _timed(here, effort.rounds, lambda nth: _request(here, nth))
    name = f"book.{here.kind}"
    limit, aim = (8, 4) if here.kind == "sqlite" else (None, None)
    yield Figure(f"{name}.p50", took.p50, "ms", limit, aim, "one slot, through the verb")
    yield Figure(f"{name}.p95", took.p95, "ms")
    yield Figure(f"{name}.cpu_p50", cpu.p50, "ms", remark="of it, what this process computes")
    yield Figure(f"{name}.raw_commit_p50", raw.p50, "ms", remark="one durable row, same rounds")
    yield Figure(f"{name}.over_raw", took.p50 - raw.p50, "ms", remark="what is ours of it")


def _series(here: Place, effort: Effort) -> Iterator[Figure]:
    took, cpu, raw = _timed(
        here,
        effort.series,
        lambda nth: replace(_request(here, nth), rule="FREQ=WEEKLY;COUNT=52"),
    )
    name = f"series.{here.kind}"
    limit, aim = (40, 20) if here.kind == "sqlite" else (None, None)
    remark = "52 weekly dates with conflict check"
    yield Figure(f"{name}.p50", took.p50, "ms", limit, aim, remark)
    yield Figure(f"{name}.p95", took.p95, "ms")
    yield Figure(f"{name}.cpu_p50", cpu.p50, "ms", remark="of it, what this process computes")
    yield Figure(f"{name}.raw_commit_p50", raw.p50, "ms", remark="one durable row, same rounds")


def _request(here: Place, nth: int) -> BookingRequest:
    """Return the nth of requests that never clash, even when each is repeated weekly."""
    rooms = (here.house.atlas, here.house.birch)
    slot, room = divmod(nth, len(rooms))
    day, hour = divmod(slot, len(HOURS))
    week, weekday = divmod(day, 7)
    start = HOURS[hour]
    return here.house.request(rooms[room], start=start, end=start + 1, day=week * 7 + weekday)


def _timed(
    here: Place, rounds: int, request: Callable[[int], BookingRequest]
) -> tuple[Spread, ...]:
    """Return the spreads of bookings, their CPU, and raw commits in between, in milliseconds."""
    took, cpu, raw = [], [], []
    commits = RawCommits(here.engine)
    with here.app() as app:
        for nth in range(WARM_UP + rounds):
            wish = request(nth)
            with app.app_context():  # as each request of the service has one
                gc.collect(0)
                start, used = time.perf_counter(), time.thread_time()
                bookings.book(wish, here.house.member, now=NOW)
                cpu.append((time.thread_time() - used) * 1000)
                took.append((time.perf_counter() - start) * 1000)
            raw.append(commits.one() * 1000)
    commits.close()
    return tuple(spread(each[WARM_UP:]) for each in (took, cpu, raw))
