"""The week page of four rooms: CPU, requests a second, and the same with 100 times the data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from benchmarks import load
from benchmarks.effort import Effort
from benchmarks.figures import Figure, spread
from benchmarks.filling import days_of_meetings, fill
from benchmarks.place import Place, folder, place
from benchmarks.wsgi import Browser, cookie
from booking.app import create_app
from booking.config import load_config
from booking.db import db
from tests.support.factories import NOW
from tests.support.service import running
from tests.support.statements import count_statements

PATH = f"/board/house/week/{NOW:%Y-%m-%d}"
WARM_UP = 20
SHELF = "booking.boards"
CSS_CLASS_OF_A_BOOKING = b'<li class="bk '


@dataclass(slots=True)
class Page:
    """The page asked for in this process: CPU times, its sizes in bytes, its statements.

    ``drawn_ms`` is the first request of a minute, or after a change; ``kept_ms`` those after it;
    ``same_ms`` those of a browser that has the page.
    """

    browser: Browser
    statements: int
    size: int
    bookings: int
    squeezed: int = 0
    kept_ms: list[float] = field(default_factory=list)
    drawn_ms: list[float] = field(default_factory=list)
    same_ms: list[float] = field(default_factory=list)

    def ask(self) -> None:
        """Ask for it as it is kept, drawn anew, and with its tag."""
        browser = self.browser
        self.kept_ms.append(browser.get(PATH).cpu_ms)
        browser.app.extensions.pop(SHELF)
        drawn = browser.get(PATH)
        self.drawn_ms.append(drawn.cpu_ms)
        unchanged = browser.get(PATH, If_None_Match=drawn.headers["ETag"])
        assert unchanged.status == 304, "the page has not changed"
        self.same_ms.append(unchanged.cpu_ms)
        self.squeezed = len(drawn.body)


def run(effort: Effort) -> Iterator[Figure]:
    """Yield the figures of the page with little data, and with much."""
    with place("sqlite") as little, place("sqlite") as much:
        first, days = -7 - effort.days * (effort.more - 1), effort.days
        fill(little.house, days_of_meetings(little.house, first=-7, days=days))
        fill(much.house, days_of_meetings(much.house, first=-7, days=days))
        older = days_of_meetings(much.house, first=first, days=-7 - first)
        many = fill(much.house, older)
        yield from _compared(little, much, many, effort)
        yield from _served(much, effort)


def _compared(little: Place, much: Place, many: int, effort: Effort) -> Iterator[Figure]:
    """Ask for both pages in turn, as the cores change their speed within a run."""
    with little.app() as app, much.app() as other:
        small, large = _page(app, little), _page(other, much)
        for _ in range(WARM_UP + effort.rounds):
            small.ask()
            large.ask()
    drawn, kept, same = map(_usual, (small.drawn_ms, small.kept_ms, small.same_ms))
    remark = f"a request in the app, {small.bookings} bookings"
    yield Figure("week.cpu_drawn", drawn, "ms", 6, None, f"{remark}, drawn anew")
    yield Figure("week.cpu", kept, "ms", 6, 2.3, "the same again within its minute")
    yield Figure("week.unchanged", same, "ms", 6, 1, "304")
    yield Figure("week.size", small.size / 1000, "kB", 40, None, "before gzip")
    yield Figure("week.size_gzipped", small.squeezed / 1000, "kB", 8)
    yield Figure("week.statements", small.statements, "", 8, remark="drawn, with sign-in")
    more = large.statements - small.statements
    yield Figure("week.statements_more", more, "", 0, 0, "of the page with more data")
    remark = f"drawn, {many:,} more bookings in the rooms"
    yield Figure("week.cpu_with_more", _usual(large.drawn_ms) / drawn, "x", 1.2, 1.0, remark)


def _usual(took_ms: list[float]) -> float:
    return spread(took_ms[WARM_UP:]).p50


def _page(app: Flask, here: Place) -> Page:
    signed_in = {"Cookie": cookie(app, here.house.member)}
    plain = Browser(app, **signed_in, **{"Accept-Encoding": "identity"}).get(PATH)
    assert plain.status == 200, f"the page answers {plain.status}"
    browser = Browser(app, **signed_in)
    with app.app_context():
        counting = count_statements(db.engine)
    app.extensions.pop(SHELF)
    with counting as statements:
        browser.get(PATH)
    bookings = plain.body.count(CSS_CLASS_OF_A_BOOKING)
    return Page(browser, len(statements), len(plain.body), bookings)


def _served(here: Place, effort: Effort) -> Iterator[Figure]:
    with (
        TemporaryDirectory(dir=folder()) as var,
        running(Path(var), database_url=here.url, now=NOW) as service,
    ):
        app = create_app(load_config(Path(var) / "config.toml"))
        signed_in = cookie(app, here.house.member)
        url = service.url + PATH
        load.load(url, signed_in, effort.load_s / 4)
        used = load.cpu_s(service.process.pid)
        seen = load.load(url, signed_in, effort.load_s)
        used = load.cpu_s(service.process.pid) - used
        took = spread(seen.took_ms)
        yield Figure("week.requests", seen.per_second, "1/s", 300, 800, "8 clients, real server")
        yield Figure("week.answer_p50", took.p50, "ms", remark="as the 8 clients see it")
        yield Figure("week.answer_p95", took.p95, "ms")
        yield Figure("week.server_cpu", used / len(seen.took_ms) * 1000, "ms", remark="a request")
        yield Figure("week.failed", seen.others_than(200), "", 0, 0, "answers that are not 200")
