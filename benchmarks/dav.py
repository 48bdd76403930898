"""CalDAV: the same events, asked for in the same way, of our service, Radicale and Xandikos.

Each server runs by itself, as people start it, and one connection asks it.
What the others hold was read from ours, object by object, and lies in their
folders before they start.  They are asked less often, as they take longer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks import dav_work as work
from benchmarks.dav_servers import Server, ours, radicale, xandikos
from benchmarks.dav_work import A_DAY, CHANGES, Cost
from benchmarks.effort import Effort
from benchmarks.figures import Figure
from benchmarks.filling import Meeting, fill
from benchmarks.load import memory_mib
from benchmarks.place import place
from booking.actions.app_passwords import AppPasswordRequest, create_app_password
from booking.core.values import Space
from tests.support.factories import NOW, House

LARGE = 10  # times the events of the effort
MONTH_EVENTS = 10  # a day
MEASURES: Mapping[str, tuple[float, float, str]] = {  # limit and aim in ms, and a remark
    "query": (40, 15, "calendar-query, a week out of {large:,} events"),
    "sync": (15, 6, "sync-collection, {changes} changes"),
    "first": (400, 200, "sync-collection without a token"),
    "busy": (25, 8, "free-busy-query, a month of {month:,} events"),
    "get": (250, 100, "GET of the whole calendar, after a change"),
    "get_304": (3, 1, "the same, not modified"),
}


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often a server is asked: what is quick, and what is not."""

    quick: int
    slow: int


@dataclass(slots=True)
class Measured:
    """What one server took; ``memory`` in MiB, before and after."""

    costs: dict[str, Cost]
    later: float
    memory: tuple[float, float]


def run(effort: Effort) -> Iterator[Figure]:
    """Yield the figures of each server, ours first."""
    is_tiny = effort.events < 100
    often = Rounds(1, 1) if is_tiny else Rounds(20, 5)
    seldom = Rounds(1, 1) if is_tiny else Rounds(3, 1)
    with place("sqlite") as here:
        rooms = [here.house.add_space(name) for name in ("Large", "Month", "Empty")]
        fill(here.house, _half_hours(here.house, rooms[0], effort.events * LARGE))
        fill(here.house, _ten_a_day(here.house, rooms[1], days=3 if is_tiny else 30))
        with here.app() as app, app.app_context():
            made = create_app_password(AppPasswordRequest("bench"), here.house.member, now=NOW)
        with ours(here.url, here.house, rooms, made.secret) as server:
            filled = [
                work.objects_of(server.program, each) for each in (server.large, server.month)
            ]
            sizes = {"large": len(filled[0]), "month": len(filled[1]), "changes": CHANGES}
            own = _measured(server, often, here.house, effort.events)
        yield from _own(own, sizes)
        for peer in (radicale, xandikos):
            with peer(filled) as server:
                other = _measured(server, seldom, here.house, effort.events)
                yield from _beside(server.name, other, own)


def _measured(server: Server, rounds: Rounds, house: House, events: int) -> Measured:
    """Measure a server, which is sent so many new events at last."""
    program, large = server.program, server.large
    start = house.interval(0, 24, day=4).start
    work.query(program, large, start, 1)  # what others build once stays out of the figures
    before = memory_mib(program.pid)
    found = {
        "query": work.query(program, large, start, rounds.quick),
        "first": work.first_sync(program, large, rounds.slow),
        "sync": work.sync(program, large, house, rounds.quick),
        "get": work.get(program, large, house, rounds.slow),
        "get_304": work.unchanged(program, large, rounds.quick),
        "busy": work.busy(program, server.month, start, rounds.quick),
    }
    put, later = work.put(program, server.empty, house, events)
    costs = {"put": put, **{key: each for key, each in found.items() if each is not None}}
    return Measured(costs, later, (before, memory_mib(program.pid)))


def _own(own: Measured, sizes: Mapping[str, int]) -> Iterator[Figure]:
    put = own.costs["put"]
    yield Figure("dav.ours.put", 1000 / put.ms, "1/s", 150, 300, "new events, one after the other")
    yield Figure("dav.ours.put.cpu", put.cpu_ms, "ms", remark="of the server, all processes")
    yield Figure("dav.ours.put_later", own.later, "x", 1.5, 1, "the last fifth against the first")
    for name, (limit, aim, remark) in MEASURES.items():
        cost = own.costs[name]
        yield Figure(f"dav.ours.{name}", cost.ms, "ms", limit, aim, remark.format(**sizes))
        yield Figure(f"dav.ours.{name}.cpu", cost.cpu_ms, "ms")
    yield from _memory("ours", own)


def _beside(name: str, other: Measured, own: Measured) -> Iterator[Figure]:
    """Yield what another server took, and how many times ours that is."""
    for key, cost in other.costs.items():
        times = cost.ms / own.costs[key].ms
        if key == "put":
            yield Figure(f"dav.{name}.put", 1000 / cost.ms, "1/s")
            yield Figure(f"dav.{name}.put_later", other.later, "x")
        else:
            yield Figure(f"dav.{name}.{key}", cost.ms, "ms")
        yield Figure(f"dav.{name}.{key}.cpu", cost.cpu_ms, "ms")
        yield Figure(f"dav.{name}.{key}.times", times, "x", remark="as long as ours")
    yield from _memory(name, other)


def _memory(name: str, measured: Measured) -> Iterator[Figure]:
    before, after = measured.memory
    yield Figure(f"dav.{name}.memory", before, "MiB", remark="before all this, with the calendar")
    yield Figure(f"dav.{name}.memory_after", after, "MiB", remark="after it")


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
