"""Which time a lease takes, and which shares of a space.  Pure.

A space is let in equal lanes.  A lease that takes k of them takes any k at
each instant: which ones is nobody's business, so it may go on in another lane
where the one it had is let to somebody else.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from math import lcm

from booking.core.errors import InvalidRequest
from booking.core.intervals import Interval, merge, subtract
from booking.core.recurrence import to_utc
from booking.core.values import Hold, Tenancy

FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2999, 12, 31)
WEEKDAYS_AHEAD = timedelta(days=3_653)  # ten years
MOST_LANES = 60  # so that halves, thirds, quarters, fifths and sixths go together
ALL_DAYS = frozenset(range(7))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Fit:
    """What a lease may take: by part, lanes with their times.

    ``divide`` has the parts whose lanes have to become so many times as many
    before they can be taken, ``since`` the ids of the leases in the way, each
    with the instant from which on it is.
    """

    lanes: Mapping[int, Sequence[tuple[int, Interval]]]
    divide: Mapping[int, int]
    since: Mapping[int, datetime]


def let_times(
    starts: date,
    ends: date | None,
    weekdays: Collection[int],
    zone: str,
    *,
    today: date | None = None,
) -> list[Interval]:
    """Return the time that a lease takes, from midnight to midnight of the site, in order.

    Without an end it reaches to the end of ``LAST_DAY``; some weekdays only are
    taken for ten years from its start, or from ``today`` where that is later,
    as they are an interval a week.
    """
    last = ends or LAST_DAY
    if not weekdays or {*weekdays} >= ALL_DAYS:
        return [Interval(_midnight(starts, zone), _midnight(last + _DAY, zone))]
    last = min(last, max(starts, today or starts) + WEEKDAYS_AHEAD)
    days = (starts + number * _DAY for number in range((last - starts).days + 1))
    return merge(
        Interval(_midnight(each, zone), _midnight(each + _DAY, zone))
        for each in days
        if each.weekday() in weekdays
    )


@lru_cache(maxsize=20_000)
def _midnight(day: date, zone: str) -> datetime:
    return to_utc(datetime.combine(day, time(0)), zone)


def fit(
    wanted: Sequence[Interval],
    share: int,
    shares: int,
    *,
    present: Mapping[int, int],
    held: Mapping[int, Sequence[Hold]],
) -> Fit:
    """Return what ``share`` of ``shares`` takes of parts: ``present`` are the lanes of each.

    ``held`` are the holds of leases, by part, that overlap the wanted times.

    Raises:
        InvalidRequest: If the share does not go with how a part is let.
    """
    lanes: dict[int, Sequence[tuple[int, Interval]]] = {}
    divide: dict[int, int] = {}
    since: dict[int, datetime] = {}
    for part_id, before in present.items():
        together = lanes_together(before, shares)
        if together is None:
            raise InvalidRequest.because("lease_shares_odd", "shares", shares=before)
        times = together // before
        finer = divided(held.get(part_id, ()), times)
        count = together * share // shares
        free = free_lanes(wanted, count, lanes=together, held=finer)
        if free is None:
            in_way = too_full(wanted, count, lanes=together, held=finer)
            _note(since, finer, in_way)
            continue
        lanes[part_id] = free
        if times > 1:
            divide[part_id] = times
    return Fit(lanes, divide, since)


def divided(held: Iterable[Hold], times: int) -> list[Hold]:
    """Return holds as they are once each lane has become so many."""
    return [
        Hold(each.part_id, each.interval, each.layer, lane, lease_id=each.lease_id, id=each.id)
        for each in held
        for lane in range(each.lane * times, (each.lane + 1) * times)
    ]


def _note(since: dict[int, datetime], held: Iterable[Hold], in_way: Mapping[int, datetime]) -> None:
    """Note the earliest instant at which each lease is in the way."""
    for each in held:
        at = None if each.id is None else in_way.get(each.id)
        if at is not None and each.lease_id is not None:
            since[each.lease_id] = min(since.get(each.lease_id, at), at)


def lanes_together(lanes: int, shares: int) -> int | None:
    """Return in how many lanes both a space's ``lanes`` and ``shares`` can be told, None if none.

    That would be more than ``MOST_LANES``.
    """
    found = lcm(lanes, shares)
    return found if found <= MOST_LANES else None


def free_lanes(
    wanted: Iterable[Interval], count: int, *, lanes: int, held: Sequence[Hold]
) -> list[tuple[int, Interval]] | None:
    """Return ``count`` lanes for each instant of the wanted times, None where there are too few.

    ``held`` are the holds of one part that overlap them.  Each lane is kept
    for as long as it is free, so that a lease has few holds.
    """
    by_lane: defaultdict[int, list[Interval]] = defaultdict(list)
    taken: list[int] = []
    for piece, busy in pieces(wanted, held):
        free = [lane for lane in range(lanes) if lane not in busy]
        if len(free) < count:
            return None
        taken = sorted(free, key=lambda lane: (lane not in taken, lane))[:count]
        for lane in taken:
            by_lane[lane].append(piece)
    return [(lane, each) for lane in sorted(by_lane) for each in merge(by_lane[lane])]


def too_full(
    wanted: Iterable[Interval], count: int, *, lanes: int, held: Sequence[Hold]
) -> dict[int, datetime]:
    """Return hold id -> since when it is in the way: fewer than ``count`` lanes are free then."""
    found: dict[int, datetime] = {}
    for piece, busy in pieces(wanted, held):
        if lanes - len(busy) < count:
            for hold in busy.values():
                if hold.id is not None:
                    found.setdefault(hold.id, piece.start)
    return found


def other_tenants(
    wanted: Iterable[Interval], let: Sequence[Tenancy], organisation_id: int | None
) -> list[str]:
    """Return the names of the tenants who have a wanted time that ``organisation_id`` has not.

    ``let`` is of one part.  Who shares an office with others has its time as they have.
    """
    for each in wanted:
        met = [one for one in let if one.interval.overlaps(each)]
        own = [one.interval for one in met if one.organisation_id == organisation_id]
        others = {one.organisation_name for one in met if subtract(one.interval.common(each), own)}
        if others:
            return sorted(others)
    return []


def times_of_others(let: Sequence[Tenancy], organisations: Collection[int]) -> list[Interval]:
    """Return when a part is let, but not to one of some organisations, merged."""
    own = merge(each.interval for each in let if each.organisation_id in organisations)
    others = merge(each.interval for each in let if each.organisation_id not in organisations)
    return [piece for each in others for piece in subtract(each, own)]


def pieces(
    wanted: Iterable[Interval], held: Sequence[Hold]
) -> Iterable[tuple[Interval, Mapping[int, Hold]]]:
    """Yield the wanted times cut where a hold begins or ends, with who has which lane then."""
    coming = sorted(held, key=lambda each: each.interval.start, reverse=True)
    running: list[Hold] = []
    for whole in merge(wanted):
        start = whole.start
        while start < whole.end:
            running = [each for each in running if each.interval.end > start]
            while coming and coming[-1].interval.start <= start:
                if (next_one := coming.pop()).interval.end > start:
                    running.append(next_one)
            cuts = [whole.end, *(each.interval.end for each in running)]
            if coming:
                cuts.append(coming[-1].interval.start)
            end = min(cuts)
            yield Interval(start, end), {each.lane: each for each in running}
            start = end
