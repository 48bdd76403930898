"""A calendar file of single events: looked at, then booked, with all rules and clashes."""

import io
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from flask_babel import force_locale

from benchmarks.effort import Effort
from benchmarks.figures import Figure
from benchmarks.place import Place, place
from booking.core.imports import Choice, Clashing, Fate, Into, Left, Outcome, Wish
from booking.db import db
from booking.ical.reading import Calendar, read
from booking.imports import booked, into_of, looked_at, wishes
from tests.support.factories import NOW

A_DAY = 20  # half hours from nine to seven
FIRST = datetime(2027, 3, 15, 9)  # noqa: DTZ001  a wall clock


def run(effort: Effort) -> Iterator[Figure]:
    """Yield the seconds of CPU for as many events as the feed has, on both engines."""
    for kind in ("sqlite", "postgresql"):
        with place(kind) as here:
            yield from _imported(here, effort.events)


def _imported(here: Place, count: int) -> Iterator[Figure]:
    body = _file(count)
    actor = here.house.member
    with here.app() as app, app.app_context():
        rooms = tuple(each.id for each in here.house.rooms[:2])
        choice = Choice(space_ids=rooms[:1])
        with force_locale("en"):
            into = into_of(db.session(), here.house.site, choice, now=NOW)
        began = time.process_time()
        seen = _fates(looked_at(_wishes(body, into), actor, now=NOW))
        looked = time.process_time()
        made = _fates(
            booked(_wishes(body, into), actor, clashing=Clashing.LEAVE, now=NOW, told=set())
        )
        ended = time.process_time()
    assert seen[Fate.BOOKED] == count
    assert made[Fate.BOOKED] == count - count // 50, made
    remark = f"{count:,} events, one in 50 clashes, {here.kind}"
    yield Figure(f"import.looked.{here.kind}", looked - began, "s", remark=remark)
    yield Figure(f"import.booked.{here.kind}", ended - looked, "s", count / 500, remark=remark)


def _wishes(body: bytes, into: Into) -> Iterator[Wish | Left]:
    calendar: Calendar = read(io.BytesIO(body), zone=into.zone)
    return wishes(calendar, into)


def _fates(outcomes: Iterator[Outcome]) -> Counter[Fate]:
    return Counter(each.fate for each in outcomes)


def _file(count: int) -> bytes:
    """Return events in turns of half an hour; each fiftieth is when the one before it is."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for number in range(count):
        slot = number - 1 if number % 50 == 49 else number
        days, turn = divmod(slot, A_DAY)
        start = FIRST + timedelta(days=days, minutes=30 * turn)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}@bench.example",
            f"DTSTART;TZID=Europe/Paris:{start:%Y%m%dT%H%M%S}",
            "DURATION:PT30M",
            f"SUMMARY:Meeting {number}",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()
