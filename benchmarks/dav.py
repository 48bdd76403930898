"""CalDAV: the same events, asked for in the same way, of our service, Radicale and Xandikos.

Each server runs by itself, as people start it, and one connection asks it.
What the others hold was read from ours, object by object.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from html import unescape
from itertools import islice

from benchmarks.dav_servers import DAV, Objects, Program, Server, ours, radicale, xandikos
from benchmarks.effort import Effort
from benchmarks.figures import Figure, spread
from benchmarks.filling import Meeting, fill
from benchmarks.place import place
from booking.actions.app_passwords import AppPasswordRequest, create_app_password
from booking.core.values import Space
from tests.support.factories import NOW, House

A_DAY = 24  # half hours between 8:00 and 20:00
LARGE = 10  # times the events of the effort
CHANGES = 10
MONTH_EVENTS = 10  # a day
ROUNDS, FEW = 7, 3  # of what is quick, and of what is not
UTC_FORM = "%Y%m%dT%H%M%SZ"
# Unit, limit, aim and remark of each figure.
FIGURES: Mapping[str, tuple[str, float, float, str]] = {
    "put": ("1/s", 150, 300, "new events, one after the other"),
    "put_later": ("x", 1.5, 1, "time of the last fifth of them against the first"),
    "query": ("ms", 40, 15, "calendar-query, a week out of {large:,} events"),
    "sync": ("ms", 15, 6, "sync-collection, {changes} changes"),
    "first": ("ms", 400, 200, "sync-collection without a token"),
    "busy": ("ms", 25, 8, "free-busy-query, a month of {month:,} events"),
    "get": ("ms", 250, 100, "GET of the whole calendar, after a change"),
    "get_304": ("ms", 3, 1, "the same, not modified"),
}


def run(effort: Effort) -> Iterator[Figure]:
    """Yield the figures of each server, ours first."""
    days = 30 if effort.events > 100 else 3
    with place("sqlite") as here:
        rooms = [here.house.add_space(name) for name in ("Large", "Month", "Empty")]
        fill(here.house, _half_hours(here.house, rooms[0], effort.events * LARGE))
        fill(here.house, _ten_a_day(here.house, rooms[1], days=days))
        with here.app() as app, app.app_context():
            made = create_app_password(AppPasswordRequest("bench"), here.house.member, now=NOW)
        with ours(here.url, here.house, rooms, made.secret) as server:
            filled = [_objects(server.program, each) for each in (server.large, server.month)]
            yield from _figures("ours", _measured(server, effort, here.house), filled)
        for name, peer in (("radicale", radicale), ("xandikos", xandikos)):
            with peer(filled) as server:
                yield from _figures(name, _measured(server, effort, here.house), filled)


def _figures(name: str, values: Mapping[str, float], filled: list[Objects]) -> Iterator[Figure]:
    sizes = {"large": len(filled[0]), "month": len(filled[1]), "changes": CHANGES}
    for key, (unit, limit, aim, remark) in FIGURES.items():
        if key not in values:
            continue
        bounds = (limit, aim) if name == "ours" else (None, None)
        said = remark.format(**sizes) if name == "ours" else ""
        yield Figure(f"dav.{name}.{key}", values[key], unit, *bounds, said)


def _measured(server: Server, effort: Effort, house: House) -> dict[str, float]:
    program = server.program
    rounds, few = (ROUNDS, FEW) if effort.rounds > ROUNDS else (1, 1)
    start = house.interval(0, 24, day=4).start
    _query(program, server.large, start)  # what others build once stays out of the figures
    found = {
        "query": _median(_query(program, server.large, start) for _ in range(rounds)),
        "first": _median(_synced(program, server.large)[0] for _ in range(few)),
        "sync": _sync(program, server.large, house, rounds),
        "get": _get(program, server.large, house, few),
    }
    if (same := _unchanged(program, server.large)) is not None:
        found["get_304"] = same
    if (busy := _busy(program, server.month, start)) is not None:
        found["busy"] = busy
    times = [
        program.put(f"{server.empty}{uid}.ics", text)
        for uid, text in _events(house, effort.events, day=20)
    ]
    fifth = max(len(times) // 5, 1)
    found["put"] = 1000 * len(times) / sum(times)
    found["put_later"] = sum(times[-fifth:]) / sum(times[:fifth])
    return found


def _query(program: Program, path: str, start: datetime) -> float:
    times = _range(start, timedelta(days=7))
    asked = (
        "<prop><getetag/><C:calendar-data/></prop><C:filter><C:comp-filter name='VCALENDAR'>"
        f"<C:comp-filter name='VEVENT'>{times}</C:comp-filter></C:comp-filter></C:filter>"
    )
    answer = program.report(path, "C:calendar-query", asked)
    assert answer.body.count(b"BEGIN:VEVENT") > 0
    return answer.ms


def _synced(program: Program, path: str, token: str = "") -> tuple[float, str, int]:
    """Return the milliseconds, the next token, and how many objects were named."""
    asked = f"<sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop>"
    answer = program.report(path, "sync-collection", asked)
    text = answer.body.decode()
    found = re.search(r"sync-token[^>]*>([^<]+)<", text)
    assert found, text[:300]
    return answer.ms, unescape(found[1]), len(re.findall(r"getetag[^>]*>[^<]", text))


def _sync(program: Program, path: str, house: House, rounds: int) -> float:
    """Return the median time that so many changes take to be found."""
    times = []
    changes = _events(house, CHANGES * rounds, day=200)
    _ms, token, _all = _synced(program, path)
    for _ in range(rounds):
        for uid, text in islice(changes, CHANGES):
            program.put(f"{path}{uid}.ics", text)
        ms, token, named = _synced(program, path, token)
        assert named == CHANGES, named
        times.append(ms)
    return _median(times)


def _get(program: Program, path: str, house: House, few: int) -> float:
    times = []
    for uid, text in _events(house, few, day=300):
        program.put(f"{path}{uid}.ics", text)
        answer = program.send("GET", path, Accept="text/calendar")
        assert answer.body.count(b"BEGIN:VEVENT") > 1, answer.body[:300]
        times.append(answer.ms)
    return _median(times)


def _unchanged(program: Program, path: str) -> float | None:
    """Return the median time of an answer 304, None of a server that never says so."""
    tag = program.send("GET", path, Accept="text/calendar").headers.get("ETag")
    if tag is None:
        return None
    found = [
        program.send("GET", path, Accept="text/calendar", If_None_Match=tag) for _ in range(ROUNDS)
    ]
    return _median(each.ms for each in found) if {each.status for each in found} == {304} else None


def _busy(program: Program, path: str, start: datetime) -> float | None:
    """Return the median time of free-busy of a month, None of a server that does not tell it."""
    month = _range(start - timedelta(days=5), timedelta(days=31))
    body = f"<C:free-busy-query {DAV}>{month}</C:free-busy-query>".encode()
    found = [program.send("REPORT", path, body, Depth="1") for _ in range(ROUNDS)]
    is_told = all(each.status == 200 and b"FREEBUSY" in each.body for each in found)
    return _median(each.ms for each in found) if is_told else None


def _range(start: datetime, length: timedelta) -> str:
    ends = (start + length).strftime(UTC_FORM)
    return f'<C:time-range start="{start.strftime(UTC_FORM)}" end="{ends}"/>'


def _events(house: House, count: int, *, day: int) -> Iterator[tuple[str, bytes]]:
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


def _objects(program: Program, path: str) -> Objects:
    """Return all that a calendar of ours has, by name."""
    asked = "<sync-token/><sync-level>1</sync-level><prop><C:calendar-data/></prop>"
    text = program.report(path, "sync-collection", asked).body.decode()
    found = re.findall(r"<D:href>([^<]+)</D:href>.*?calendar-data>([^<]*)<", text, re.DOTALL)
    return {
        href.rpartition("/")[2]: re.sub("\r?\n", "\r\n", unescape(inner)).encode()
        for href, inner in found
    }


def _half_hours(house: House, room: Space, count: int) -> Iterator[Meeting]:
    """Yield half hours of a room without a gap: most of them past, some to come."""
    first = min(60 - count // A_DAY, 3)
    for number in range(count):
        hour = 8 + number % A_DAY / 2
        at = house.interval(hour, hour + 0.5, day=first + number // A_DAY)
        yield Meeting(room, at, (house.member, house.stranger)[number % 2])


def _ten_a_day(house: House, room: Space, *, days: int) -> Iterator[Meeting]:
    for day in range(days):
        for nth in range(MONTH_EVENTS):
            at = house.interval(9 + nth, 9.5 + nth, day=day)
            yield Meeting(room, at, house.member)


def _median(values: Iterable[float]) -> float:
    return spread([*values]).p50
