"""A weekly series of ten years, and the refused form of a series over 42 rooms, on both engines."""

import gc
import time
from collections.abc import Callable, Iterator
from secrets import token_urlsafe

from flask import Flask
from flask_wtf.csrf import generate_csrf
from sqlalchemy import update

from benchmarks.crowd import FIRST_ID, crowded
from benchmarks.effort import Effort
from benchmarks.figures import Figure, Spread, spread
from benchmarks.place import Place, place
from benchmarks.wsgi import cookie
from booking.actions import bookings
from booking.core.requests import BookingRequest
from booking.models import Site
from tests.support.databases import ENGINES, writing
from tests.support.factories import NOW

DECADE = "FREQ=WEEKLY;COUNT=522"
BOOKABLE_DAYS = 3_660
WARM_UP = 2
HOURS, WEEKDAYS = 12, 7
OURS = "of it, what this process computes"
SCRIPT = {"X-Fragment": "1", "X-Part": "trouble"}


def run(effort: Effort) -> Iterator[Figure]:
    """Yield the time of a preview, of saving, and of a refusal, in milliseconds."""
    for kind in ENGINES:
        with place(kind) as here:
            with writing(here.engine) as connection:
                connection.execute(update(Site).values(bookable_days=BOOKABLE_DAYS))
            yield from _decade(here, effort)
        with place(kind) as here:
            yield from _refused(here, effort)


def _decade(here: Place, effort: Effort) -> Iterator[Figure]:
    member = here.house.member
    works: dict[str, Callable[[int], object]] = {
        "preview": lambda nth: bookings.preview(_request(here, nth), member, now=NOW),
        "save": lambda nth: bookings.book(_request(here, nth), member, now=NOW),
    }
    for name, work in works.items():
        with here.app() as app:
            took, cpu = _timed(app, work, rounds=effort.series // 5)
        yield from _figures(f"decade.{here.kind}.{name}", took, cpu, 500, "522 weekly dates")


def _refused(here: Place, effort: Effort) -> Iterator[Figure]:
    crowded(here.house, rooms=42, holds_a_day=3.0, days=effort.crowd_days)
    start = here.house.at(11)
    form = {
        "space": FIRST_ID,
        "date": f"{start:%Y-%m-%d}",
        "start": "11:00",
        "end": "12:30",
        "title": "Choir",
        "repeat": "weekly",
        "ends": "count",
        "count": "26",
    }
    with here.app() as app:
        session = cookie(app, here.house.member)
        with app.test_request_context(headers={"Cookie": session}):
            token = generate_csrf()

        def post(_nth: int) -> None:
            keys = {"csrf_token": token, "request_key": token_urlsafe(18)}
            headers = {"Cookie": session, **SCRIPT}
            answer = app.test_client(use_cookies=False).post(
                "/bookings", data=form | keys, headers=headers
            )
            assert answer.status_code == 409, answer.status

        took, cpu = _timed(app, post, rounds=max(4, effort.rounds // 10))
    remark = "26 dates, some taken, over 42 rooms: the form with what is free instead"
    yield from _figures(f"refused_series.{here.kind}", took, cpu, 150, remark)


def _figures(name: str, took: Spread, cpu: Spread, limit: float, remark: str) -> Iterator[Figure]:
    yield Figure(f"{name}.p50", took.p50, "ms", limit, None, remark)
    yield Figure(f"{name}.p95", took.p95, "ms")
    yield Figure(f"{name}.cpu_p50", cpu.p50, "ms", remark=OURS)


def _request(here: Place, nth: int) -> BookingRequest:
    """Return the nth of series that never clash: another room, hour or weekday each."""
    rooms = (here.house.atlas, here.house.birch)
    slot, room = divmod(nth, len(rooms))
    day, hour = divmod(slot, HOURS)
    start = 8 + hour
    day %= WEEKDAYS
    return here.house.request(rooms[room], start=start, end=start + 1, day=day, rule=DECADE)


def _timed(app: Flask, work: Callable[[int], object], *, rounds: int) -> tuple[Spread, Spread]:
    """Return the spread of some work and of its CPU, in milliseconds."""
    took, cpu = [], []
    for nth in range(WARM_UP + max(2, rounds)):
        with app.app_context():  # as each request of the service has one
            gc.collect(0)
            start, used = time.perf_counter(), time.thread_time()
            work(nth)
            cpu.append((time.thread_time() - used) * 1000)
            took.append((time.perf_counter() - start) * 1000)
    return spread(took[WARM_UP:]), spread(cpu[WARM_UP:])
