"""Is there enough left of what an account may have?

An hour of a space counts as much as its weight says.  Requests count as what
is confirmed does, until they are decided.  Months, weeks and peak times are
those of the site's wall clock, and a booking over the end of a month is split.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from booking.core.intervals import Interval
from booking.core.messages import Message, Parameter, message
from booking.core.permissions import may_administer, may_approve
from booking.core.recurrence import to_local, to_utc
from booking.core.values import Actor, Limits, Peak, Site, Space, Stance

NOTHING = timedelta(0)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
WHOLE = 100  # percent
# No date of a booking is as far away.
END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)


class Span(StrEnum):
    """What a limit is for: each month, each week, or all that is to come at any time."""

    MONTH = "month"
    WEEK = "week"
    COMING = "coming"


@dataclass(frozen=True, slots=True)
class Period:
    """A month, a week (from Monday), or what is to come; ``first`` is its first local day."""

    span: Span
    first: date
    time: Interval
    peaks: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One space at one time, of one date of a booking (``date_id``), and what it counts for."""

    interval: Interval
    weight: int
    date_id: object


@dataclass(frozen=True, slots=True)
class Use:
    """So much within a period: weighted time, that at peak times, dates that begin in it."""

    time: timedelta = NOTHING
    peak: timedelta = NOTHING
    dates: int = 0


Uses = Mapping[Period, Use]
Amount = float  # minutes, or a number of dates
NO_USE = Use()


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands with one limit in one period, in minutes or in dates.

    ``used`` is without what the booking had before, which is ``had``;
    ``takes`` is what it would have.
    """

    limit: str
    period: Period
    stance: Stance
    most: Amount
    used: Amount
    takes: Amount
    had: Amount = 0

    @property
    def is_over(self) -> bool:
        """Whether more than the limit is used with the booking."""
        return self.takes > 0 and self.used + self.takes > self.most

    @property
    def breaks(self) -> bool:
        """Whether the booking makes it so, rather than having been too much before."""
        return self.is_over and self.takes > self.had

    @property
    def left(self) -> Amount:
        """What is left with the booking; below zero where it is too much."""
        return self.most - self.used - self.takes


@dataclass(frozen=True, slots=True)
class _Rule:
    """One limit: how it is found, and what of a use it is about."""

    span: Span
    most: Callable[[Limits], timedelta | int | None]
    amount: Callable[[Use], Amount]


def minutes(length: timedelta) -> Amount:
    """Return a length as its minutes, to a hundredth."""
    return round(length / MINUTE, 2)


# In the order in which a person would be told.
_RULES: Mapping[str, _Rule] = {
    "included": _Rule(Span.MONTH, lambda has: has.included, lambda use: minutes(use.time)),
    "month_hours": _Rule(Span.MONTH, lambda has: has.month_hours, lambda use: minutes(use.time)),
    "week_hours": _Rule(Span.WEEK, lambda has: has.week_hours, lambda use: minutes(use.time)),
    "month_peak": _Rule(Span.MONTH, lambda has: has.month_peak, lambda use: minutes(use.peak)),
    "week_peak": _Rule(Span.WEEK, lambda has: has.week_peak, lambda use: minutes(use.peak)),
    "month_dates": _Rule(Span.MONTH, lambda has: has.month_dates, lambda use: use.dates),
    "week_dates": _Rule(Span.WEEK, lambda has: has.week_dates, lambda use: use.dates),
    "coming": _Rule(Span.COMING, lambda has: has.coming, lambda use: use.dates),
}


def limits_anything(limits: Limits) -> bool:
    """Whether there is anything to count."""
    return any(rule.most(limits) is not None for rule in _RULES.values())


def periods(
    wanted: Iterable[Interval], limits: Limits, peak: Peak, *, site: Site, now: datetime
) -> list[Period]:
    """Return the periods that the wanted times touch and some limit is about, by their start.

    What is over is left out: nothing can be done about it any more.
    """
    spans = {rule.span for rule in _RULES.values() if rule.most(limits) is not None}
    days = {
        to_local(at, site.zone).date()
        for each in wanted
        for at in _instants(each)
        if each.end > now
    }
    found: list[Period] = []
    if Span.MONTH in spans:
        at_peak = peak if limits.month_peak is not None else None
        found += [
            _period(Span.MONTH, first, _next_month(first), at_peak, site)
            for first in sorted({each.replace(day=1) for each in days})
        ]
    if Span.WEEK in spans:
        at_peak = peak if limits.week_peak is not None else None
        mondays = sorted({each - each.weekday() * DAY for each in days})
        found += [_period(Span.WEEK, first, first + 7 * DAY, at_peak, site) for first in mondays]
    if Span.COMING in spans and days:
        today = to_local(now, site.zone).date()
        found.append(Period(Span.COMING, today, Interval(now.astimezone(UTC), END_OF_TIME)))
    return [each for each in found if each.time.end > now]


def month(site: Site, first: date, peak: Peak | None = None) -> Period:
    """Return the month that begins on this day, with its peak times if any."""
    return _period(Span.MONTH, first, _next_month(first), peak, site)


def count(parts: Iterable[Part], among: Sequence[Period]) -> dict[Period, Use]:
    """Return what these parts come to in each of the periods."""
    return tally(
        (
            (_seconds(each.interval.start), _seconds(each.interval.end), each.weight, each.date_id)
            for each in parts
        ),
        among,
    )


def tally(
    rows: Iterable[tuple[int, int, int, object]], among: Sequence[Period]
) -> dict[Period, Use]:
    """Return the same for rows of start and end in epoch seconds, weight, and date.

    There may be thousands of them, so they stay numbers.
    """
    tables = [_Table([each for each in among if each.span is span]) for span in Span]
    for start, end, weight, date_id in rows:
        if weight:
            for table in tables:
                table.add(start, end, weight, date_id)
    return {period: use for table in tables for period, use in table.uses()}


class _Table:
    """The periods of one span, in order, and what was counted in each."""

    def __init__(self, periods: Sequence[Period]) -> None:
        self.periods = periods
        self.whole = _Row([each.time for each in periods])
        self.peaks = [_Row(each.peaks) for each in periods]
        self.dates: list[set[object]] = [set() for _ in periods]

    def add(self, start: int, end: int, weight: int, date_id: object) -> None:
        for at in self.whole.add(start, end, weight):
            if start >= self.whole.starts[at]:
                self.dates[at].add(date_id)
            if self.peaks[at].starts:
                self.peaks[at].add(start, end, weight)

    def uses(self) -> Iterator[tuple[Period, Use]]:
        for at, period in enumerate(self.periods):
            time, peak = self.whole.sums[at], sum(self.peaks[at].sums)
            yield period, Use(time * SECOND / WHOLE, peak * SECOND / WHOLE, len(self.dates[at]))


class _Row:
    """Intervals that do not overlap, in order, with the weighted seconds in each."""

    def __init__(self, intervals: Sequence[Interval]) -> None:
        self.starts = [_seconds(each.start) for each in intervals]
        self.ends = [_seconds(each.end) for each in intervals]
        self.sums = [0] * len(intervals)

    def add(self, start: int, end: int, weight: int) -> list[int]:
        """Count a time in the intervals that it reaches into, and return their numbers."""
        reached = []
        for at in range(max(0, bisect_right(self.starts, start) - 1), len(self.starts)):
            if self.starts[at] >= end:
                break
            if self.ends[at] > start:
                within = min(end, self.ends[at]) - max(start, self.starts[at])
                self.sums[at] += within * weight
                reached.append(at)
        return reached


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def standings(
    limits: Limits, among: Sequence[Period], *, stored: Uses, had: Uses, takes: Uses
) -> list[Standing]:
    """Return how the account stands with each of its limits, in the order of limits, then time.

    ``stored`` is all that the account uses, ``had`` that part of it which
    the booking gives back, ``takes`` what it wants.
    """
    found = []
    for name, rule in _RULES.items():
        most = rule.most(limits)
        if most is None:
            continue
        for period in among:
            if period.span is not rule.span:
                continue
            all_of_it, old, new = (
                rule.amount(uses.get(period, NO_USE)) for uses in (stored, had, takes)
            )
            found.append(
                Standing(
                    name,
                    period,
                    limits.beyond if name == "included" else limits.over,
                    minutes(most) if isinstance(most, timedelta) else most,
                    used=max(0, all_of_it - old),
                    takes=new,
                    had=old,
                )
            )
    return found


def most_telling(found: Iterable[Standing]) -> list[Standing]:
    """Return of each limit what to tell: the first period that breaks it, else the fullest."""
    chosen: dict[str, Standing] = {}
    for each in found:
        known = chosen.get(each.limit)
        if known is None or (not known.breaks and (each.breaks or each.left < known.left)):
            chosen[each.limit] = each
    return list(chosen.values())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the limits say: the reasons to refuse, to ask, and what is told only."""

    refuses: tuple[Message, ...] = ()
    asks: tuple[Message, ...] = ()
    tells: tuple[Message, ...] = ()


def judge(found: Iterable[Standing], account: str, actor: Actor, *, site_id: int) -> Verdict:
    """Return what the limits say to ``actor`` about what the account, by name, would use.

    Whoever runs the site may go over: it is told only.
    """
    said: defaultdict[Stance, list[Message]] = defaultdict(list)
    may_go_over = may_administer(actor, site_id)
    for each in most_telling(found):
        if each.breaks:
            stance = Stance.ALLOW if may_go_over else each.stance
            said[stance].append(words_of(each, account))
    return Verdict(*(tuple(said[each]) for each in (Stance.REFUSE, Stance.ASK, Stance.ALLOW)))


def asked_of(verdict: Verdict, spaces: Iterable[Space], actor: Actor) -> list[Space]:
    """Return the spaces whose approver has to agree; who decides about one does not ask."""
    if not verdict.asks:
        return []
    return [
        each
        for each in spaces
        if each.weight > 0 and not may_approve(actor, space_id=each.id, site_id=each.site_id)
    ]


def words_of(standing: Standing, account: str) -> Message:
    """Return how an account stands with one of its limits, as a message."""
    first = standing.period.first
    used, most, takes = (round(each) for each in (standing.used, standing.most, standing.takes))
    dates: dict[str, Parameter] = {"account": account, "used": used, "most": most, "takes": takes}
    hours: dict[str, Parameter] = {
        "account": account,
        "used_hours": used,
        "most_hours": most,
        "takes_hours": takes,
    }
    match standing.limit:
        case "included":
            return message("use_included", "date", month=first, **hours)
        case "month_hours":
            return message("use_month_hours", "date", month=first, **hours)
        case "week_hours":
            return message("use_week_hours", "date", week=first, **hours)
        case "month_peak":
            return message("use_month_peak", "date", month=first, **hours)
        case "week_peak":
            return message("use_week_peak", "date", week=first, **hours)
        case "month_dates":
            return message("use_month_dates", "date", month=first, **dates)
        case "week_dates":
            return message("use_week_dates", "date", week=first, **dates)
        case _:
            return message("use_coming", "date", **dates)


def _instants(wanted: Interval) -> Iterable[datetime]:
    """Yield an instant of every day that an interval touches."""
    at = wanted.start
    while at < wanted.end:
        yield at
        at += DAY
    yield wanted.end - timedelta(seconds=1)


def _next_month(first: date) -> date:
    return (first + 31 * DAY).replace(day=1)


def _period(span: Span, first: date, end: date, peak: Peak | None, site: Site) -> Period:
    whole = Interval(_midnight(first, site), _midnight(end, site))
    return Period(span, first, whole, _peaks(first, end, peak, site) if peak else ())


def _peaks(first: date, end: date, peak: Peak, site: Site) -> tuple[Interval, ...]:
    """Return the peak times of some days; one that the clocks skip in spring is left out."""
    found = []
    for on in (first + number * DAY for number in range((end - first).days)):
        if on.weekday() in peak.days:
            last = on + DAY if peak.end == time(0) else on
            begins = to_utc(datetime.combine(on, peak.start), site.zone)
            ends = to_utc(datetime.combine(last, peak.end), site.zone)
            if ends > begins:
                found.append(Interval(begins, ends))
    return tuple(found)


def _midnight(on: date, site: Site) -> datetime:
    return to_utc(datetime.combine(on, time(0)), site.zone)
