"""The feed of a person with 1,000 events: built, taken from the shelf, and not modified."""

import time
from collections.abc import Iterator
from itertools import islice

import icalendar
from flask import Flask

from benchmarks.effort import Effort
from benchmarks.figures import Figure, spread
from benchmarks.filling import Meeting, days_of_meetings, fill
from benchmarks.place import Place, place
from benchmarks.wsgi import Browser
from booking.actions.bookings import book
from booking.actions.subscriptions import SubscriptionRequest, create_subscription
from tests.support.factories import NOW

WARM_UP = 3
LARGER = 10


def run(effort: Effort) -> Iterator[Figure]:
    """Yield the times of the answers, in milliseconds."""
    with place("sqlite") as here:
        fill(here.house, _meetings_of_member(here, effort.events))
        yield from _feed(here, effort)
    with place("sqlite") as here:
        fill(here.house, _meetings_of_member(here, effort.events * LARGER))
        yield from _large(here, effort)


def _meetings_of_member(here: Place, count: int) -> Iterator[Meeting]:
    own = (
        each
        for each in days_of_meetings(here.house, first=-30, days=count)
        if each.by is here.house.member
    )
    return islice(own, count)


def _feed(here: Place, effort: Effort) -> Iterator[Figure]:
    with here.app() as app:
        with app.app_context():
            link = create_subscription(SubscriptionRequest("All"), here.house.member, now=NOW)
        program = Browser(app)
        program.get(link.path)  # notes the use, once an hour
        built = []
        for _ in range(WARM_UP + max(effort.rounds // 20, 2)):
            app.extensions.pop("booking.feeds", None)  # an empty shelf
            answer = program.get(link.path)
            built.append(answer)
        changed = []
        for minute in range(max(effort.rounds // 20, 3)):
            _book_another(app, here, minute)
            answer = program.get(link.path)
            changed.append(answer.wall_ms)
        kept = [program.get(link.path).wall_ms for _ in range(effort.rounds // 2)]
        known = {"If_None_Match": answer.headers["ETag"]}
        same = [program.get(link.path, **known) for _ in range(effort.rounds)]
        assert {each.status for each in same} == {304}
        plain = Browser(app, **{"Accept-Encoding": "identity"}).get(link.path).body
    events = plain.count(b"BEGIN:VEVENT")
    peer = min(_written_by_icalendar(plain) for _ in range(3))
    times = spread([each.wall_ms for each in built[WARM_UP:]])
    ratio = peer / min(each.cpu_ms for each in built)
    yield Figure("feed.built", times.p50, "ms", 50, 20, f"{events:,} events, for the first time")
    yield Figure("feed.changed", spread(changed).p50, "ms", 50, 20, "one booking more")
    yield Figure("feed.kept", spread(kept).p50, "ms", remark="the same from the shelf")
    yield Figure("feed.unchanged", spread([x.wall_ms for x in same]).p50, "ms", 3, 1, "304")
    yield Figure(
        "feed.icalendar", peer, "ms", remark="the same events, written by icalendar alone, CPU"
    )
    yield Figure("feed.times", ratio, "x", 10, remark="as fast as that, by CPU, the best of each")
    yield Figure("feed.size", len(plain) / 1024, "KiB", remark="before gzip")


def _large(here: Place, effort: Effort) -> Iterator[Figure]:
    with here.app() as app:
        with app.app_context():
            link = create_subscription(SubscriptionRequest("All"), here.house.member, now=NOW)
        program = Browser(app)
        program.get(link.path)
        built = []
        for _ in range(3):
            app.extensions.pop("booking.feeds", None)  # an empty shelf
            answer = program.get(link.path)
            built.append(answer.cpu_ms)
        known = {"If_None_Match": answer.headers["ETag"]}
        same = [program.get(link.path, **known) for _ in range(effort.rounds)]
    remark = f"{effort.events * LARGER:,} events, for the first time in a process, CPU"
    yield Figure("feed.large.built", min(built), "ms", 250, 100, remark)
    yield Figure("feed.large.unchanged", spread([x.cpu_ms for x in same]).p50, "ms", 3, 1, "304")


def _book_another(app: Flask, here: Place, number: int) -> None:
    house = here.house
    with app.app_context():
        asked = house.request(house.delta, start=8, end=8.5, day=200 + number)
        book(asked, house.member, now=NOW)


def _written_by_icalendar(body: bytes) -> float:
    """Return the milliseconds of CPU that the usual library takes to write events it has read."""
    read = icalendar.Calendar.from_ical(body)
    began = time.thread_time()
    read.to_ical()
    return (time.thread_time() - began) * 1000
