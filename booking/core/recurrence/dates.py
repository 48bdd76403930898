"""The days of a rule, by a walk over its periods that ends where it is told to.

dateutil answers the same (the tests compare), but it cannot be stopped
between two dates: a rule that never matches keeps it busy up to the year 9999.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain

from booking.core.recurrence.rule import ByDay, Frequency, Rule


def days(rule: Rule, first: date, last: date) -> Iterator[date]:
    """Yield the days of a rule that starts on ``first``, in order, up to ``last`` inclusive.

    COUNT and UNTIL are the caller's.  ``first`` itself comes only if it
    matches.  The work is bounded by the days between the two, whether they
    match or not.

    Raises:
        InvalidRule: If what the rule takes from its first day (RFC 5545
            §3.3.10) contradicts it, like the 31st in February.
    """
    full = _completed(rule, first)
    for period in _periods(full, first, last):
        for day in _chosen(full, period):
            if day > last:
                return
            if day >= first:
                yield day


def _completed(rule: Rule, first: date) -> Rule:
    """Return the rule with the parts that it leaves to its first day."""
    if rule.by_day or rule.by_month_day:
        return rule
    match rule.freq:
        case Frequency.WEEKLY:
            return replace(rule, by_day=(ByDay(0, first.weekday()),))
        case Frequency.MONTHLY:
            return replace(rule, by_month_day=(first.day,))
        case Frequency.YEARLY:
            months = rule.by_month or (first.month,)
            return replace(rule, by_month=months, by_month_day=(first.day,))
        case _:
            return rule


def _periods(rule: Rule, first: date, last: date) -> Iterator[list[date]]:
    """Yield the matching days of each period of the rule, before BYSETPOS."""
    match rule.freq:
        case Frequency.DAILY:
            yield from _daily(rule, first, last)
        case Frequency.WEEKLY:
            yield from _weekly(rule, first, last)
        case Frequency.MONTHLY:
            months = range(_month_number(first), _month_number(last) + 1, rule.interval)
            for year, month in (divmod(number, 12) for number in months):
                yield _month(rule, year, month + 1)
        case Frequency.YEARLY:
            for year in range(first.year, last.year + 1, rule.interval):
                yield _year(rule, year)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _daily(rule: Rule, first: date, last: date) -> Iterator[list[date]]:
    weekdays = {weekday for _, weekday in rule.by_day}
    for ordinal in range(first.toordinal(), last.toordinal() + 1, rule.interval):
        if not weekdays or (ordinal - 1) % 7 in weekdays:  # day 1 of the year 1 was a Monday
            day = date.fromordinal(ordinal)
            if not rule.by_month or day.month in rule.by_month:
                yield [day] if _has_month_day(rule, day) else []


def _has_month_day(rule: Rule, day: date) -> bool:
    if not rule.by_month_day:
        return True
    from_end = day.day - monthrange(day.year, day.month)[1] - 1
    return day.day in rule.by_month_day or from_end in rule.by_month_day


def _weekly(rule: Rule, first: date, last: date) -> Iterator[list[date]]:
    steps = sorted((weekday - rule.week_start) % 7 for _, weekday in rule.by_day)
    start = first.toordinal() - (first.weekday() - rule.week_start) % 7
    for week in range(start, last.toordinal() + 1, rule.interval * 7):
        found = [date.fromordinal(week + step) for step in steps if week + step > 0]
        if rule.by_month:
            found = [day for day in found if day.month in rule.by_month]
        yield found


def _month(rule: Rule, year: int, month: int) -> list[date]:
    """Return the days of a month that the rule's parts let through, in order."""
    if rule.by_month and month not in rule.by_month:
        return []
    offset, size = monthrange(year, month)
    numbers: Iterable[int] = range(1, size + 1)
    if rule.by_month_day:
        counted = (day if day > 0 else size + 1 + day for day in rule.by_month_day)
        numbers = sorted({day for day in counted if 1 <= day <= size})
    if rule.by_day:
        numbers = [day for day in numbers if _has_weekday(rule, day, size, offset=offset)]
    return [date(year, month, day) for day in numbers]


def _year(rule: Rule, year: int) -> list[date]:
    if rule.by_month or not any(nth for nth, _ in rule.by_day):
        return list(chain.from_iterable(_month(rule, year, month) for month in range(1, 13)))
    # Without BYMONTH the nth weekday counts within the year.
    start = date(year, 1, 1)
    size = 366 if monthrange(year, 2)[1] == 29 else 365
    numbers = range(1, size + 1)
    found = [n for n in numbers if _has_weekday(rule, n, size, offset=start.weekday())]
    every = (start + timedelta(days=number - 1) for number in found)
    return [day for day in every if _has_month_day(rule, day)]


def _has_weekday(rule: Rule, number: int, size: int, *, offset: int) -> bool:
    """Say whether the nth day of a period of ``size`` days is one of BYDAY's.

    ``offset`` is the weekday of the period's first day.
    """
    weekday = (offset + number - 1) % 7
    nth, nth_from_end = (number - 1) // 7 + 1, -((size - number) // 7 + 1)
    return any(day == weekday and each in (0, nth, nth_from_end) for each, day in rule.by_day)


def _chosen(rule: Rule, period: list[date]) -> list[date]:
    """Return the days of a period that BYSETPOS picks, in order."""
    if not rule.by_set_pos:
        return period
    size = len(period)
    places = {place - 1 if place > 0 else size + place for place in rule.by_set_pos}
    return [period[place] for place in sorted(places) if 0 <= place < size]
