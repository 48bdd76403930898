"""The week page of four rooms: CPU, requests a second, and the same with 100 times the data."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

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


@dataclass(frozen=True, slots=True)
class Page:
    """The page in this process: CPU times, its size, the bookings on it, its statements.

    ``drawn_ms`` is the first request of a minute, or after a change; ``kept_ms`` those after it;
    ``same_ms`` those of a browser that has the page.
    """

    kept_ms: float
    drawn_ms: float
    same_ms: float
    size: int
    squeezed: int
    bookings: int
    statements: int


def run(effort: Effort) -> Iterator[Figure]:
    """Yield the figures of the page with little data, then with much."""
    with place("sqlite") as here:
        fill(here.house, days_of_meetings(here.house, first=-7, days=effort.days))
        small = _page(here, effort)
        many = fill(
            here.house,
            days_of_meetings(
                here.house,
                first=-7 - effort.days * (effort.more - 1),
                days=effort.days * (effort.more - 1),
            ),
        )
        large = _page(here, effort)
        remark = f"a request in the app, {small.bookings} bookings"
        yield Figure("week.cpu_drawn", small.drawn_ms, "ms", 6, None, f"{remark}, drawn anew")
        yield Figure("week.cpu", small.kept_ms, "ms", 6, 2.3, "the same again within its minute")
        yield Figure("week.unchanged", small.same_ms, "ms", 6, 1, "304")
        yield Figure("week.size", small.size / 1000, "kB", 40, None, "before gzip")
        yield Figure("week.size_gzipped", small.squeezed / 1000, "kB", 8)
        yield Figure("week.statements", small.statements, "", 8, remark="drawn, with sign-in")
        remark = f"drawn, {many:,} more bookings in the rooms"
        ratio = large.drawn_ms / small.drawn_ms
        yield Figure("week.cpu_with_more", ratio, "x", 1.2, 1.0, remark)
        yield from _served(here, effort)


def _page(here: Place, effort: Effort) -> Page:
    with here.app() as app:
        signed_in = {"Cookie": cookie(app, here.house.member)}
        browser = Browser(app, **signed_in)
        plain = Browser(app, **signed_in, **{"Accept-Encoding": "identity"}).get(PATH)
        assert plain.status == 200, f"the page answers {plain.status}"
        with app.app_context():
            counting = count_statements(db.engine)
        app.extensions.pop(SHELF)
        with counting as statements:
            browser.get(PATH)
        kept, drawn, same = [], [], []
        for _ in range(WARM_UP + effort.rounds):
            kept.append(browser.get(PATH).cpu_ms)
            app.extensions.pop(SHELF)
            page = browser.get(PATH)
            drawn.append(page.cpu_ms)
            unchanged = browser.get(PATH, If_None_Match=page.headers["ETag"])
            assert unchanged.status == 304, "the page has not changed"
            same.append(unchanged.cpu_ms)
        found = plain.body.count(CSS_CLASS_OF_A_BOOKING)
        again, anew, as_known = (spread(each[WARM_UP:]).p50 for each in (kept, drawn, same))
        return Page(
            kept_ms=again,
            drawn_ms=anew,
            same_ms=as_known,
            size=len(plain.body),
            squeezed=len(page.body),
            bookings=found,
            statements=len(statements),
        )


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
