"""A series in intervals: the wall clock is kept across daylight saving time."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, pairwise
from operator import attrgetter

from booking.core.intervals import Interval
from booking.core.recurrence.dates import days
from booking.core.recurrence.rule import Rule, refusal
from booking.core.recurrence.zones import to_local, to_utc

MOST_DATES = 1000
# Rules may be sparse: 29 February every 10 years.  This far beyond the edge a
# bounded rule is searched for a date that it would lose there.
_LOOK_AHEAD_YEARS = 40
_OLDEST_START_YEARS = 60
_by_start = attrgetter("interval.start")


@dataclass(frozen=True, slots=True)
class Instance:
    """One date of a series: its local start as the rule gives it, and its time in UTC."""

    recurrence_id: datetime
    interval: Interval


def expand(
    start: datetime,
    length: timedelta,
    zone: str,
    *,
    rule: Rule | None = None,
    exdates: Collection[datetime] = (),
    rdates: Collection[datetime] = (),
    until: datetime,
    limit: int = MOST_DATES,
) -> list[Instance]:
    """Return the dates of a series (or the one date, without a rule), ordered by start.

    ``start``, ``exdates`` and ``rdates`` are naive wall-clock times of
    ``zone``; ``length`` is what the wall clock passes from start to end.
    ``until`` is the aware edge that no date of a series may start at or
    after: an endless rule is cut there.  A start that its own rule does not
    match is no date (see ``first_start``).

    Raises:
        InvalidRule: If nothing is left (``empty_series``), a rule with COUNT
            or UNTIL or an extra date goes past the edge (``beyond_edge`` with
            the last bookable day), there are too many dates, two of them
            overlap, or a time is outside what can be calculated with.
    """
    if length <= timedelta(0):
        raise refusal("end_before_start", "end")
    start = start.replace(fold=0)
    try:
        starts = set(_starts(start, zone, rule, until=until, limit=limit + len(exdates)))
        starts |= _within_edge(rdates, zone, until)
        starts.difference_update(exdates)
        instances = [Instance(each, interval_at(each, length, zone)) for each in starts]
    except OverflowError:
        raise refusal("time_out_of_range") from None
    instances.sort(key=_by_start)
    _check(instances, limit)
    return instances


def interval_at(local: datetime, length: timedelta, zone: str) -> Interval:
    """Return the interval of a date from its naive local start and its nominal length.

    Where the spring gap leaves no time between the two, it lasts its length
    from the start on.

    Raises:
        OverflowError: If a bound is outside the years 1 to 9999.
    """
    start, end = to_utc(local, zone), to_utc(local + length, zone)
    return Interval(start, end if end > start else start + length)


def rule_starts(start: datetime, rule: Rule, zone: str, *, until: datetime) -> list[datetime]:
    """Return the naive local starts that the rule alone gives before the aware edge, in order.

    Raises:
        InvalidRule: As ``expand``, without a look at what is left of it.
    """
    start = start.replace(fold=0)
    try:
        return list(_starts(start, zone, rule, until=until, limit=MOST_DATES))
    except OverflowError:
        raise refusal("time_out_of_range") from None


def first_start(start: datetime, rule: Rule, zone: str) -> datetime | None:
    """Return the first naive local start of a rule at or after ``start``; None if none is near.

    A series stored and sent from there is understood by all programs alike:
    they differ on a DTSTART that its own rule does not match.
    """
    local = rule.in_zone(zone)
    for day in days(local, start.date(), _years_after(start.date(), _LOOK_AHEAD_YEARS)):
        found = datetime.combine(day, start.time())
        return found if local.until is None or found <= local.until else None
    return None


def starts_from(start: datetime, rule: Rule, *, since: datetime) -> Iterator[tuple[int, datetime]]:
    """Yield the naive local starts of a rule at or after ``since``, each with how many were before.

    UNTIL is in the wall clock of the start.  A rule that is endless, or has
    nothing for so long, ends 40 years after ``since``.

    Raises:
        InvalidRule: If the rule contradicts its start.
    """
    horizon = _years_after(max(start, since).date(), _LOOK_AHEAD_YEARS)
    found = islice(_locals(start.replace(fold=0), rule, horizon), rule.count)
    return ((number, local) for number, local in enumerate(found) if local >= since)


def _starts(
    start: datetime, zone: str, rule: Rule | None, *, until: datetime, limit: int
) -> Iterator[datetime]:
    """Yield the local starts of a rule up to the edge, and no more than just over the limit."""
    if rule is None:
        yield start
        return
    if to_utc(start, zone) >= until:
        raise _beyond(zone, until)
    edge = to_local(until, zone)
    if edge.year - start.year > _OLDEST_START_YEARS:
        raise refusal("time_out_of_range")
    horizon = edge.date() if rule.is_endless else _years_after(edge.date(), _LOOK_AHEAD_YEARS)
    surely_before = edge - timedelta(days=1)
    number = 0
    for local in islice(_locals(start, rule.in_zone(zone), horizon), rule.count or limit + 1):
        number += 1
        if local < surely_before or to_utc(local, zone) < until:
            yield local
        elif not rule.is_endless:
            raise _beyond(zone, until)
    if number and rule.count is not None and number < rule.count:
        raise _beyond(zone, until)


def _locals(start: datetime, rule: Rule, horizon: date) -> Iterator[datetime]:
    last = horizon if rule.until is None else min(horizon, rule.until.date())
    for day in days(rule, start.date(), last):
        local = datetime.combine(day, start.time())
        if rule.until is not None and local > rule.until:
            return
        yield local


def _within_edge(rdates: Collection[datetime], zone: str, until: datetime) -> set[datetime]:
    for each in rdates:
        if to_utc(each, zone) >= until:
            raise _beyond(zone, until)
    return set(rdates)


def _beyond(zone: str, until: datetime) -> Exception:
    last = to_local(until - timedelta(seconds=1), zone).date()
    return refusal("beyond_edge", last=last)


def _years_after(day: date, years: int) -> date:
    # The first of the month: 29 February may not come back.
    return date(min(day.year + years, date.max.year), day.month, 1)


def _check(instances: list[Instance], limit: int) -> None:
    if not instances:
        raise refusal("empty_series")
    if len(instances) > limit:
        raise refusal("too_many_dates", most=limit)
    for one, other in pairwise(instances):
        if other.interval.start < one.interval.end:
            first, second = one.recurrence_id, other.recurrence_id
            raise refusal("overlapping_series", first=first, second=second)
