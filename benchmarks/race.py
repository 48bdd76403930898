"""8 processes x 500 random attempts, with combined rooms and series: nothing may overlap."""

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.commits import commit_many
from benchmarks.effort import Effort
from benchmarks.figures import Figure
from benchmarks.place import Place, place
from booking.actions import bookings
from booking.core.errors import BookingError
from booking.core.requests import BookingRequest
from booking.core.values import Actor, Space
from booking.db import count_overlaps, db
from tests.support.databases import ENGINES
from tests.support.factories import NOW, House
from tests.support.migrating import app_without_pages

PATIENCE_S = 600
DAYS = 200
A_SERIES = 0.1  # of the attempts
# What all attempts would take together stays below the time there is, so most succeed.
RULES = ("FREQ=WEEKLY;COUNT=5", "FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;INTERVAL=2;COUNT=4")
_processes = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one process saw: how often which answer, and the slowest of them, in seconds."""

    answers: Counter[str]
    slowest_s: float


def run(effort: Effort) -> Iterator[Figure]:
    """Yield bookings a second beside the limit of the same run, overlaps and errors."""
    # Here and not at the import: there is one such server in a process, the tests have theirs.
    _processes.set_forkserver_preload(["booking.actions.bookings", "benchmarks.race"])
    for kind in ENGINES:
        with place(kind) as here:
            yield from _race(here, effort)


def _race(here: Place, effort: Effort) -> Iterator[Figure]:
    rooms = _rooms(here.house)
    attempts = [
        [_attempt(here.house, rooms, chance) for _ in range(effort.attempts)]
        for chance in map(random.Random, range(effort.processes))
    ]
    raw_s, _ = _together(_commit, [(here.url, effort.attempts)] * effort.processes)
    asked = [(here.url, each, here.house.member) for each in attempts]
    took_s, outcomes = _together(_book, asked)
    answers = sum((each.answers for each in outcomes), Counter[str]())
    won = answers.pop("won", 0)
    refused = answers.pop("Conflicted", 0)
    with here.engine.connect() as connection:
        overlaps = count_overlaps(connection)
    count = effort.processes * effort.attempts
    name = f"race.{here.kind}"
    raw = count / raw_s
    yield Figure(f"{name}.overlaps", overlaps, "", 0, 0, f"{effort.processes} processes")
    errors = ", ".join(f"{kind} {times}" for kind, times in answers.most_common(3))
    yield Figure(f"{name}.errors", sum(answers.values()), "", 0, 0, errors or "none unhandled")
    yield Figure(
        f"{name}.bookings",
        won / took_s,
        "1/s",
        remark=f"{won:,} booked and {refused:,} refused with alternatives",
    )
    yield Figure(f"{name}.attempts", count / took_s, "1/s")
    yield Figure(f"{name}.raw_commits", raw, "1/s", remark="as many processes, same run")
    yield Figure(f"{name}.of_raw", count / took_s / raw, "x", remark="attempts beside raw commits")
    slowest = max(each.slowest_s for each in outcomes)
    yield Figure(f"{name}.slowest", slowest * 1000, "ms", remark="the longest anybody waited")


def _rooms(house: House) -> list[tuple[Space, ...]]:
    """Return what is asked for: single rooms, a combined one, two rooms in one booking."""
    large = house.add_space("Large hall", parts=(house.atlas, house.birch))
    elm, fir = house.add_space("Elm"), house.add_space("Fir")
    all_of_it = house.add_space("Whole floor", parts=(large, elm, fir))
    singles = [(each,) for each in (house.atlas, house.birch, elm, fir)]
    return [*singles * 2, (large,), (all_of_it,), (elm, fir)]


def _attempt(house: House, rooms: list[tuple[Space, ...]], chance: random.Random) -> BookingRequest:
    start = chance.randrange(8 * 4, 19 * 4) / 4
    rule = chance.choice(RULES) if chance.random() < A_SERIES else None
    return house.request(
        *chance.choice(rooms),
        start=start,
        end=start + chance.choice((0.5, 1)),
        day=chance.randrange(DAYS),
        rule=rule,
    )


def _together(
    work: Callable[..., Any], arguments: list[tuple[Any, ...]]
) -> tuple[float, list[Any]]:
    """Run ``work`` in a process for each arguments; return the seconds it took, and the results.

    The clock starts when all are ready.
    """
    start = _processes.Barrier(len(arguments) + 1)
    results = _processes.Queue()
    processes = [
        _processes.Process(target=_in_process, args=(work, each, start, results), daemon=True)
        for each in arguments
    ]
    for each in processes:
        each.start()
    start.wait(PATIENCE_S)
    began = time.perf_counter()
    found = [results.get(timeout=PATIENCE_S) for _ in processes]
    took = time.perf_counter() - began
    for each in processes:
        each.join(PATIENCE_S)
    return took, found


def _in_process(work: Callable[..., Any], arguments: tuple[Any, ...], start: Any, out: Any) -> None:
    out.put(work(*arguments, start))


def _commit(url: str, count: int, start: Any) -> None:
    commit_many(url, count, ready=lambda: start.wait(PATIENCE_S))


def _book(url: str, attempts: list[BookingRequest], actor: Actor, start: Any) -> Outcome:
    answers: Counter[str] = Counter()
    slowest = 0.0
    app = app_without_pages(url)
    with app.app_context():
        db.session.connection()
        db.session.remove()
        start.wait(PATIENCE_S)
        for attempt in attempts:
            began = time.perf_counter()
            try:
                bookings.book(attempt, actor, now=NOW)
                answers["won"] += 1
            except BookingError as error:
                answers[type(error).__name__] += 1
            except Exception as error:  # noqa: BLE001 - counted, and shown
                answers[f"{type(error).__name__}: {error}"[:80]] += 1
            db.session.remove()
            slowest = max(slowest, time.perf_counter() - began)
        db.engine.dispose()
    return Outcome(answers, slowest)
