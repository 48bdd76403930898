"""Rules from what a form offers, and rules from rules (a series that is split or moved)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from booking.core.recurrence.rule import ByDay, Frequency, Rule, refusal

_END_OF_DAY = time(23, 59, 59)
_WORKING_DAYS = tuple(ByDay(0, weekday) for weekday in range(5))

# The rule of a series whose dates are all chosen one by one: its start alone.
ONCE = Rule(Frequency.DAILY, count=1)
_SECOND = timedelta(seconds=1)


def daily(*, every: int = 1, until: date | None = None, count: int | None = None) -> Rule:
    """Return "every n days", to the end of a day or for a number of dates.

    Raises:
        InvalidRule: If a number is out of range, or both ``until`` and ``count`` are given.
    """
    return Rule(Frequency.DAILY, every, count=count, until=_end_of(until))


def weekly(
    weekdays: Iterable[int] = (),
    *,
    every: int = 1,
    until: date | None = None,
    count: int | None = None,
) -> Rule:
    """Return "every n weeks on these weekdays" (0 Monday); without any, on the start's.

    Raises:
        InvalidRule: If a number is out of range, or both ``until`` and ``count`` are given.
    """
    by_day = tuple(ByDay(0, weekday) for weekday in weekdays)
    return Rule(Frequency.WEEKLY, every, by_day=by_day, count=count, until=_end_of(until))


def monthly_by_day(
    day: int, *, every: int = 1, until: date | None = None, count: int | None = None
) -> Rule:
    """Return "every n months on this day"; -1 is the last day of the month.

    Months that are too short for the day are left out (RFC 5545 §3.3.10).

    Raises:
        InvalidRule: If a number is out of range, or both ``until`` and ``count`` are given.
    """
    until_time = _end_of(until)
    return Rule(Frequency.MONTHLY, every, by_month_day=(day,), count=count, until=until_time)


def monthly_by_weekday(
    nth: int, weekday: int, *, every: int = 1, until: date | None = None, count: int | None = None
) -> Rule:
    """Return "every n months on the nth weekday" (0 Monday); nth -1 is the last one.

    Raises:
        InvalidRule: If a number is out of range, or both ``until`` and ``count`` are given.
    """
    return monthly_by_weekdays([nth], [weekday], every=every, until=until, count=count)


def monthly_by_weekdays(
    nths: Iterable[int],
    weekdays: Iterable[int],
    *,
    every: int = 1,
    until: date | None = None,
    count: int | None = None,
) -> Rule:
    """Return "every n months on the 1st and 3rd Tuesday": each nth of each weekday (0 Monday).

    -1 is the last one.

    Raises:
        InvalidRule: If a number is out of range, or both ``until`` and ``count`` are given.
    """
    by_day = tuple(ByDay(nth, weekday) for nth in set(nths) for weekday in set(weekdays))
    if not by_day or any(nth == 0 for nth, _ in by_day):
        raise refusal("malformed_rule", part="BYDAY")
    return Rule(Frequency.MONTHLY, every, by_day=by_day, count=count, until=_end_of(until))


def monthly_by_last_working_day(
    *, every: int = 1, until: date | None = None, count: int | None = None
) -> Rule:
    """Return "every n months on the last day from Monday to Friday" (RFC 5545 §3.3.10).

    Raises:
        InvalidRule: If a number is out of range, or both ``until`` and ``count`` are given.
    """
    return Rule(
        Frequency.MONTHLY,
        every,
        by_day=_WORKING_DAYS,
        by_set_pos=(-1,),
        count=count,
        until=_end_of(until),
    )


def is_last_working_day(rule: Rule) -> bool:
    """Whether a rule is "the last working day" of every nth month, however it ends."""
    plain = monthly_by_last_working_day(every=rule.interval) if rule.by_set_pos else None
    return replace(rule, count=None, until=None) == plain


def nths_and_weekdays(rule: Rule) -> tuple[list[int], list[int]] | None:
    """Return the nths and the weekdays of a rule that ``monthly_by_weekdays`` makes.

    Nths in the order of the month, the last one at its end.  None for any other rule.
    """
    nths = sorted({nth for nth, _ in rule.by_day}, key=lambda nth: (nth < 0, nth))
    weekdays = sorted({weekday for _, weekday in rule.by_day})
    is_plain = rule.freq is Frequency.MONTHLY and not (
        rule.by_month or rule.by_month_day or rule.by_set_pos
    )
    offered = is_plain and nths and set(nths) <= {1, 2, 3, 4, 5, -1}
    if not offered or len(rule.by_day) != len(nths) * len(weekdays):
        return None
    return nths, weekdays


def yearly(*, every: int = 1, until: date | None = None, count: int | None = None) -> Rule:
    """Return "every n years" on the start's month and day.

    Raises:
        InvalidRule: If a number is out of range, or both ``until`` and ``count`` are given.
    """
    return Rule(Frequency.YEARLY, every, count=count, until=_end_of(until))


def with_until(rule: Rule, last: datetime) -> Rule:
    """Return the rule with ``last``, a naive local time, as its last possible start."""
    return replace(rule, count=None, until=last)


def with_count(rule: Rule, count: int) -> Rule:
    """Return the rule that ends after a number of dates.

    Raises:
        InvalidRule: If the number is below 1 or above the house's limit.
    """
    return replace(rule, until=None, count=count)


def ended_before(rule: Rule, start: datetime) -> Rule:
    """Return the rule without a naive local start and all after it, as a split needs it."""
    return with_until(rule, start - _SECOND)


def moved(rule: Rule, old: date, new: date) -> Rule:
    """Return the rule of a series whose dates move along from one day to another.

    A weekly rule on Tuesday and Thursday that moves from a Tuesday to a
    Wednesday is then on Wednesday and Friday; a monthly one takes the day, or
    the nth weekday, of the new day.  UNTIL and COUNT stay.

    Raises:
        InvalidRule: If the rule has no plain counterpart on the new day.
    """
    if old == new or not (rule.by_day or rule.by_month_day or rule.by_month):
        return rule
    if rule.freq is Frequency.WEEKLY and not rule.by_month and not rule.by_set_pos:
        days = (new - old).days
        shifted = (ByDay(0, (each.weekday + days) % 7) for each in rule.by_day)
        return replace(rule, by_day=tuple(shifted))
    if rule.freq is Frequency.MONTHLY and not rule.by_month and not rule.by_set_pos:
        if len(rule.by_month_day) == 1 and not rule.by_day:
            is_last = rule.by_month_day == (-1,) and _is_last_week(new, within=1)
            return replace(rule, by_month_day=(-1 if is_last else new.day,))
        if len(rule.by_day) == 1 and rule.by_day[0].nth and not rule.by_month_day:
            is_last = rule.by_day[0].nth < 0 and _is_last_week(new, within=7)
            nth = -1 if is_last else (new.day - 1) // 7 + 1
            return replace(rule, by_day=(ByDay(nth, new.weekday()),))
    raise refusal("rule_not_movable")


def _is_last_week(day: date, *, within: int) -> bool:
    return (day + timedelta(days=within)).month != day.month


def _end_of(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, _END_OF_DAY)
