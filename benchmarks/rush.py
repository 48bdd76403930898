"""16 browsers want 60 slots of the real server: each is given once, the others are told so."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from flask import Flask
from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, select

from benchmarks import load
from benchmarks.effort import Effort
from benchmarks.figures import Figure, spread
from benchmarks.place import Place, folder, place
from benchmarks.wsgi import cookie
from booking.app import create_app
from booking.config import load_config
from booking.core.values import Space
from booking.db import count_overlaps
from booking.models import Booking
from tests.support.databases import ENGINES
from tests.support.factories import NOW, House
from tests.support.service import running

CLIENTS = 16
SLOTS_A_ROOM = 15
HALF_AN_HOUR = timedelta(minutes=30)
BOOKED, TAKEN = 200, 409
SCRIPT = "X-Fragment: 1\r\nX-Part: trouble"  # as booking/static/js/dialog.js asks


def run(effort: Effort) -> Iterator[Figure]:
    """Yield attempts a second, and what must not be: slots given twice, other answers."""
    for kind in ENGINES:
        with place(kind) as here:
            yield from _rush(here, effort)


def _rush(here: Place, effort: Effort) -> Iterator[Figure]:
    house = here.house
    rooms = [house.atlas, house.birch, house.add_space("Elm"), house.add_space("Fir")]
    with (
        TemporaryDirectory(dir=folder()) as var,
        running(Path(var), database_url=here.url, now=NOW) as service,
    ):
        app = create_app(load_config(Path(var) / "config.toml"))
        url = f"{service.url}/bookings"

        def rush(day: int, seconds: float) -> load.Load:
            chances = map(random.Random, range(CLIENTS))
            asking = [_client(app, house, rooms, url, chance, day=day) for chance in chances]
            return load.ask(url, asking, seconds)

        # The house has been open since the morning: what is loaded once has been.
        before = rush(1, effort.load_s / 4)
        seen = rush(0, effort.load_s)
    with here.engine.connect() as connection:
        stored = connection.execute(select(func.count()).select_from(Booking)).scalar_one()
        overlaps = count_overlaps(connection)
    name = f"rush.{here.kind}"
    booked, taken = seen.statuses[BOOKED], seen.statuses[TAKEN]
    lost = abs(stored - booked - before.statuses[BOOKED])
    remark = f"{CLIENTS} clients, {booked} booked, {taken} told why not"
    yield Figure(f"{name}.attempts", seen.per_second, "1/s", 300, 600, remark)
    yield Figure(f"{name}.answer_p50", spread(seen.took_ms).p50, "ms")
    yield Figure(f"{name}.overlaps", overlaps, "", 0, 0)
    yield Figure(f"{name}.lost", lost, "", 0, 0, "said, not stored")
    yield Figure(f"{name}.errors", seen.others_than(BOOKED, TAKEN), "", 0, 0, "any other answer")


def _client(
    app: Flask, house: House, rooms: list[Space], url: str, chance: random.Random, *, day: int
) -> Callable[[], bytes]:
    """Return what posts the form for a slot by chance, as the page's script does, in a session."""
    session = cookie(app, house.member)
    with app.test_request_context(headers={"Cookie": session}):
        token = generate_csrf()

    def post() -> bytes:
        start = house.at(8 + chance.randrange(SLOTS_A_ROOM) / 2, day=day)
        form = {
            "csrf_token": token,
            "request_key": token_urlsafe(18),
            "space": chance.choice(rooms).id,
            "date": f"{start:%Y-%m-%d}",
            "start": f"{start:%H:%M}",
            "end": f"{start + HALF_AN_HOUR:%H:%M}",
            "title": "Choir",
        }
        return load.request("POST", url, session, urlencode(form).encode(), by_script=SCRIPT)

    return post
