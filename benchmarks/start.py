"""The service from nothing: seconds until it answers, and its memory after some work."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import load
from benchmarks.effort import Effort
from benchmarks.figures import Figure, spread
from benchmarks.filling import days_of_meetings, fill
from benchmarks.place import Place, folder, place
from benchmarks.week import PATH
from benchmarks.wsgi import cookie
from booking.app import create_app
from booking.config import load_config
from tests.support.factories import NOW
from tests.support.service import running


def run(effort: Effort) -> Iterator[Figure]:
    """Yield the start of a service whose database is there, and its memory."""
    with place("sqlite") as here:
        fill(here.house, days_of_meetings(here.house, first=-7, days=effort.days))
        starts = [_once(here) for _ in range(effort.starts)]
        loaded = _loaded(here, effort.load_s / 2)
    times = spread([each[0] for each in starts])
    yield Figure("start.cold", times.p50, "s", 2, 1, "from `booking serve` to the first answer")
    yield Figure("start.memory", starts[0][1], "MiB", remark="after the first answer")
    yield Figure("start.memory_after_load", loaded, "MiB", 150, 100, "8 clients, week page")


def _once(here: Place) -> tuple[float, float]:
    """Return seconds to the first answer, and the memory in MiB."""
    began = time.perf_counter()
    with (
        TemporaryDirectory(dir=folder()) as var,
        running(Path(var), database_url=here.url) as service,
    ):
        return time.perf_counter() - began, load.memory_mib(service.process.pid)


def _loaded(here: Place, load_s: float) -> float:
    """Return the memory in MiB after a load."""
    with (
        TemporaryDirectory(dir=folder()) as var,
        running(Path(var), database_url=here.url, now=NOW) as service,
    ):
        app = create_app(load_config(Path(var) / "config.toml"))
        load.load(service.url + PATH, cookie(app, here.house.member), load_s)
        return load.memory_mib(service.process.pid)
