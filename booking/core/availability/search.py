"""Free time that fits: in one space or several together, and at the dates of a series.

Pure: who calls has read when the spaces are busy.  What the rules of a space
refuse to whoever asks is left out, what needs an approval says so.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from operator import attrgetter

from booking.core import hours, policy
from booking.core.availability.conflicts import EPOCH, STEP
from booking.core.frozen import frozen
from booking.core.intervals import Interval, gaps, merge
from booking.core.messages import Message
from booking.core.policy import NO_HOLIDAYS, Holidays, NeedsApproval, Refused
from booking.core.recurrence import to_local, to_utc
from booking.core.requests import SearchRequest
from booking.core.values import Actor, Site, Space

MOST_STARTS = 5
_HALF_HOUR = timedelta(minutes=30)
_DAY = timedelta(days=1)
_by_end = attrgetter("end")

Busy = Mapping[int, Sequence[Interval]]  # by space, buffers included, merged and in order


@dataclass(frozen=True, slots=True)
class Asking:
    """Who looks for free time, in which site, at which moment."""

    actor: Actor
    site: Site
    now: datetime
    holidays: Holidays = field(default_factory=lambda: NO_HOLIDAYS)


@frozen()
class Start:
    """A time to begin at; ``asks`` says why an approver has to agree, nothing where none has.

    ``refuses`` says what is more than a limit of fair use that is kept.
    """

    interval: Interval
    asks: tuple[Message, ...] = ()
    refuses: tuple[Message, ...] = ()


@frozen()
class Opening:
    """Free time of one local day in all of some spaces, without their buffers.

    Whatever of the wanted length begins on a step of the clock and lies
    within ``free`` can be had.  ``starts`` are a few of them, spread, once
    they have been looked for (``with_starts``).
    """

    space_ids: tuple[int, ...]
    day: date
    free: Interval
    starts: tuple[Start, ...] = ()


@frozen()
class SeriesFit:
    """How a space fits a series: how many dates are free, the local starts of those that are not.

    ``asks`` says why an approver has to agree to the free ones, ``refuses``
    what is more than a limit of fair use that is kept.
    """

    space_id: int
    free: int
    taken: tuple[datetime, ...]
    asks: tuple[Message, ...] = ()
    refuses: tuple[Message, ...] = ()


def days_of(search: SearchRequest, site: Site, now: datetime) -> list[date]:
    """Return the local days that are searched, in order: none that is over or not open yet."""
    first = max(search.first, to_local(now, site.zone).date())
    last = min(search.last, hours.last_bookable_day(site, now))
    days = (first + _DAY * each for each in range((last - first).days + 1))
    return [each for each in days if not search.weekdays or each.weekday() in search.weekdays]


def openings(
    choices: Iterable[Sequence[Space]],
    search: SearchRequest,
    asking: Asking,
    *,
    busy: Busy,
    wanted: Mapping[date, int],
) -> dict[date, list[Opening]]:
    """Return the free time of each day, by choice in the order given, then by time.

    A choice is some spaces that are to be had together.  ``wanted`` says how
    many choices that have free time are enough, for each day to look at.
    """
    rows = [tuple(each) for each in choices]
    taken: dict[int, list[Interval]] = {}
    found: dict[date, list[Opening]] = {}
    for day, enough in wanted.items():
        found[day] = []
        fitting = 0
        for spaces in rows:
            if fitting >= enough:
                break
            for each in spaces:
                if each.id not in taken:
                    taken[each.id] = _not_usable(each, [*wanted], asking, search.length, busy=busy)
            here = _openings_of(day, spaces, search, asking, [taken[each.id] for each in spaces])
            before = len(found[day])
            found[day] += here
            fitting += len(found[day]) > before
    return found


def with_starts(
    opening: Opening, spaces: Sequence[Space], length: timedelta, asking: Asking
) -> Opening | None:
    """Return an opening of these spaces with times to begin at, None if the clock tells none."""
    starts = tuple(_starts(opening.free, spaces, length, asking))
    return Opening(opening.space_ids, opening.day, opening.free, starts) if starts else None


def fit_of_series(
    dates: Sequence[tuple[datetime, Interval]],
    space: Space,
    asking: Asking,
    *,
    busy: Sequence[Interval],
) -> SeriesFit | None:
    """Return how a space fits dates (local start and time), None where it has none of them.

    ``busy`` has when the space is taken, merged.  Neighbouring dates whose
    buffers would meet are no dates of one series.
    """
    blocked = [space.blocked(interval) for _, interval in dates]
    if any(after.start < before.end for before, after in pairwise(blocked)):
        return None
    free = [
        (local, interval)
        for (local, interval), taken in zip(dates, blocked, strict=True)
        if _is_free(taken, busy)
    ]
    free, asks = _allowed(space, free, asking)
    if not free:
        return None
    had = {local for local, _ in free}
    return SeriesFit(
        space.id, len(free), tuple(local for local, _ in dates if local not in had), asks
    )


def _allowed(
    space: Space, dates: list[tuple[datetime, Interval]], asking: Asking
) -> tuple[list[tuple[datetime, Interval]], tuple[Message, ...]]:
    """Return the dates that the rules do not refuse, and why an approver has to agree to them."""
    decision = _decide(space, [interval for _, interval in dates], asking)
    if isinstance(decision, Refused):
        dates = [
            each for each in dates if not isinstance(_decide(space, [each[1]], asking), Refused)
        ]
        decision = _decide(space, [interval for _, interval in dates], asking)
    return dates, decision.reasons if isinstance(decision, NeedsApproval) else ()


def _decide(space: Space, wanted: Sequence[Interval], asking: Asking) -> policy.Decision:
    return policy.decide(
        space,
        wanted,
        asking.actor,
        site=asking.site,
        now=asking.now,
        holidays=asking.holidays,
    )


def _not_usable(
    space: Space, days: Sequence[date], asking: Asking, length: timedelta, *, busy: Busy
) -> list[Interval]:
    """Return when a booking, without its buffers, cannot be in a space: merged, in order."""
    closed = policy.closed_times(
        space,
        days,
        asking.actor,
        site=asking.site,
        now=asking.now,
        holidays=asking.holidays,
        length=length,
    )
    taken = busy[space.id]
    if space.setup or space.cleanup:
        # A booking keeps its own buffers free of what is busy, on either side.
        taken = [each.padded(space.cleanup, space.setup) for each in taken]
    return merge([*taken, *closed])


def _openings_of(
    day: date,
    spaces: Sequence[Space],
    search: SearchRequest,
    asking: Asking,
    taken: Sequence[Sequence[Interval]],
) -> Iterator[Opening]:
    window = hours.between(asking.site, day, search.earliest, search.latest)
    if window is None or window.end <= asking.now:
        return
    if window.start < asking.now:
        window = Interval(asking.now, window.end)
    near = [each for some in taken for each in _within(window, some)]
    for gap in gaps(window, near, at_least=search.length):
        first = EPOCH - (EPOCH - gap.start) // STEP * STEP
        if first + search.length <= gap.end:
            yield Opening(tuple(each.id for each in spaces), day, Interval(first, gap.end))


def _within(window: Interval, ordered: Sequence[Interval]) -> Iterator[Interval]:
    """Yield those of merged intervals that overlap a window."""
    for index in range(bisect_right(ordered, window.start, key=_by_end), len(ordered)):
        if ordered[index].start >= window.end:
            return
        yield ordered[index]


def _is_free(blocked: Interval, busy: Sequence[Interval]) -> bool:
    return next(_within(blocked, busy), None) is None


def _starts(
    free: Interval, spaces: Sequence[Space], length: timedelta, asking: Asking
) -> Iterator[Start]:
    """Yield a few bookings spread over free time, the first at its beginning."""
    spread = -(-(free.length - length) // (MOST_STARTS - 1) // _HALF_HOUR) * _HALF_HOUR
    stride = max(spread, -(-length // STEP) * STEP)
    changes = _clocks_change(free, asking.site.zone)
    start = free.start
    while start + length <= free.end:
        interval = Interval(start, start + length)
        decisions = [_decide(each, [interval], asking) for each in spaces]
        is_refused = any(isinstance(each, Refused) for each in decisions)
        if not is_refused and (not changes or _on_the_clock(interval, asking.site.zone)):
            yield Start(interval, tuple(_reasons(decisions)))
        start += stride


def _reasons(decisions: Iterable[policy.Decision]) -> Iterator[Message]:
    for each in decisions:
        if isinstance(each, NeedsApproval):
            yield from each.reasons


def _clocks_change(interval: Interval, zone: str) -> bool:
    return to_local(interval.end, zone) - to_local(interval.start, zone) != interval.length


def _on_the_clock(interval: Interval, zone: str) -> bool:
    """Whether the wall clock tells both ends: not in the hour that it shows twice."""
    return all(to_utc(to_local(at, zone), zone) == at for at in (interval.start, interval.end))
