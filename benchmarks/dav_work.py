"""The work of calendar programs that is timed: what they ask, and what it costs a server."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape

from benchmarks.dav_servers import DAV, Answer, Objects, Program
from benchmarks.figures import spread
from benchmarks.load import cpu_s
from tests.support.factories import NOW, House

A_DAY = 24  # half hours between 8:00 and 20:00
CHANGES = 10
LONG_MS = 5_000
UTC_FORM = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request takes: the median as its program sees it, and the CPU of the server."""

    ms: float
    cpu_ms: float


class _Meter:
    """Adds up what requests cost; what is asked between them is left out."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.times: list[float] = []
        self.used_s = 0.0

    def add(self, ask: Callable[[], Answer]) -> Answer:
        """Ask once more, and count it."""
        begun = cpu_s(self.program.pid)
        answer = ask()
        self.used_s += cpu_s(self.program.pid) - begun
        self.times.append(answer.ms)
        return answer

    def rounds(self, most: int) -> Iterator[int]:
        """Yield rounds, no more of them once they have taken long enough."""
        for number in range(most):
            if sum(self.times) < LONG_MS:
                yield number

    @property
    def cost(self) -> Cost:
        """The cost of one of them."""
        return Cost(spread(self.times).p50, 1000 * self.used_s / len(self.times))


def query(program: Program, path: str, start: datetime, rounds: int) -> Cost:
    """Return what it costs to read the events of a week."""
    within = _range(start, timedelta(days=7))
    asked = (
        "<prop><getetag/><C:calendar-data/></prop><C:filter><C:comp-filter name='VCALENDAR'>"
        f"<C:comp-filter name='VEVENT'>{within}</C:comp-filter></C:comp-filter></C:filter>"
    )
    meter = _Meter(program)
    for _ in meter.rounds(rounds):
        answer = meter.add(lambda: program.report(path, "C:calendar-query", asked))
        assert answer.body.count(b"BEGIN:VEVENT") > 0
    return meter.cost


def first_sync(program: Program, path: str, rounds: int) -> Cost:
    """Return what it costs to be told of all objects."""
    meter = _Meter(program)
    for _ in meter.rounds(rounds):
        meter.add(lambda: _synced(program, path))
    return meter.cost


def sync(program: Program, path: str, house: House, rounds: int) -> Cost:
    """Return what it costs to be told of so many changes."""
    token = _token(_synced(program, path))
    for uid, text in events(house, CHANGES, day=200):
        program.put(f"{path}{uid}.ics", text)
    meter = _Meter(program)
    for _ in meter.rounds(rounds):
        answer = meter.add(lambda: _synced(program, path, token))
        named = len(re.findall(rb"getetag[^>]*>[^<]", answer.body))
        assert named == CHANGES, named
    return meter.cost


def _synced(program: Program, path: str, token: str = "") -> Answer:
    asked = f"<sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop>"
    return program.report(path, "sync-collection", asked)


def _token(answer: Answer) -> str:
    found = re.search(r"sync-token[^>]*>([^<]+)<", answer.body.decode())
    assert found, answer.body[:300]
    return unescape(found[1])


def get(program: Program, path: str, house: House, rounds: int) -> Cost:
    """Return what it costs to read a whole calendar that has changed."""
    meter = _Meter(program)
    for uid, text in events(house, rounds, day=300):
        program.put(f"{path}{uid}.ics", text)
        answer = meter.add(lambda: program.send("GET", path, Accept="text/calendar"))
        assert answer.body.count(b"BEGIN:VEVENT") > 1, answer.body[:300]
    return meter.cost


def unchanged(program: Program, path: str, rounds: int) -> Cost | None:
    """Return what it costs to be told that nothing changed, None where that is never said."""
    tag = program.send("GET", path, Accept="text/calendar").headers.get("ETag")
    if tag is None:
        return None
    meter = _Meter(program)
    for _ in meter.rounds(rounds):
        answer = meter.add(
            lambda: program.send("GET", path, Accept="text/calendar", If_None_Match=tag)
        )
        if answer.status != 304:
            return None
    return meter.cost


def busy(program: Program, path: str, start: datetime, rounds: int) -> Cost | None:
    """Return what it costs to be told when a month is busy, None where that is not told."""
    month = _range(start - timedelta(days=5), timedelta(days=31))
    body = f"<C:free-busy-query {DAV}>{month}</C:free-busy-query>".encode()
    meter = _Meter(program)
    for _ in meter.rounds(rounds):
        answer = meter.add(lambda: program.send("REPORT", path, body, Depth="1"))
        if answer.status != 200 or b"FREEBUSY" not in answer.body:
            return None
    return meter.cost


def put(program: Program, path: str, house: House, count: int) -> tuple[Cost, float]:
    """Return what a new event costs, one after the other, and the last fifth against the first."""
    meter = _Meter(program)
    for uid, text in events(house, count, day=20):
        meter.add(lambda uid=uid, text=text: program.put(f"{path}{uid}.ics", text))
    fifth = max(count // 5, 1)
    mean = sum(meter.times) / count
    return Cost(mean, meter.cost.cpu_ms), sum(meter.times[-fifth:]) / sum(meter.times[:fifth])


def _range(start: datetime, length: timedelta) -> str:
    ends = (start + length).strftime(UTC_FORM)
    return f'<C:time-range start="{start.strftime(UTC_FORM)}" end="{ends}"/>'


def events(house: House, count: int, *, day: int) -> Iterator[tuple[str, bytes]]:
    """Yield new events of half an hour from a day on: uid and text."""
    for number in range(count):
        hour = 8 + number % A_DAY / 2
        at = house.interval(hour, hour + 0.5, day=day + number // A_DAY)
        uid = f"event-{day}-{number}"
        lines = (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//bench//EN",
            "BEGIN:VEVENT",
            f"UID:{uid}",
            f"DTSTAMP:{NOW.strftime(UTC_FORM)}",
            f"DTSTART:{at.start.strftime(UTC_FORM)}",
            f"DTEND:{at.end.strftime(UTC_FORM)}",
            f"SUMMARY:Atelier {number}",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
        yield uid, "\r\n".join(lines).encode()


def objects_of(program: Program, path: str) -> Objects:
    """Return all that a calendar of ours has, by name."""
    asked = "<sync-token/><sync-level>1</sync-level><prop><C:calendar-data/></prop>"
    text = program.report(path, "sync-collection", asked).body.decode()
    found = re.findall(r"<D:href>([^<]+)</D:href>.*?calendar-data>([^<]*)<", text, re.DOTALL)
    return {
        href.rpartition("/")[2]: re.sub("\r?\n", "\r\n", unescape(inner)).encode()
        for href, inner in found
    }
