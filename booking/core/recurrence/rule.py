"""The recurrence rule as a value, and its text (RFC 5545 §3.3.10).

Taken: DAILY to YEARLY with INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS,
WKST, and COUNT or UNTIL.  Whatever goes below a day is refused: a room is
booked at one time of day, and such rules can keep a processor busy for
minutes.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import NamedTuple

from booking.core.errors import InvalidRequest
from booking.core.messages import Parameter
from booking.core.recurrence.zones import to_local, to_utc

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_COUNT = 1000
# Characters; the longest sensible rule has about 150.  What is stored has at most 300: a
# split adds UNTIL to it.
_MOST_TEXT = 270
_END_OF_DAY = time(23, 59, 59)
_LEAP_YEAR = 2000


class InvalidRule(InvalidRequest):
    """A recurrence that the house cannot keep; one message, which names its field."""


def refusal(code: str, /, field: str = "repeat", **params: Parameter) -> InvalidRequest:
    """Return the ``InvalidRule`` to raise for one code."""
    return InvalidRule.because(code, field, **params)


class Frequency(StrEnum):
    """The period that a rule repeats by."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


# Far above what people plan by, low enough that a walk over the periods ends.
MOST_INTERVAL = {
    Frequency.DAILY: 366,
    Frequency.WEEKLY: 104,
    Frequency.MONTHLY: 60,
    Frequency.YEARLY: 10,
}


class ByDay(NamedTuple):
    """The nth weekday (0 Monday to 6 Sunday) of the period; from its end when below 0.

    ``nth`` 0 means every such weekday.
    """

    nth: int
    weekday: int

    def to_text(self) -> str:
        """Return the value as in BYDAY, like ``MO``, ``2TU`` or ``-1FR``."""
        return f"{self.nth or ''}{WEEKDAYS[self.weekday]}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A recurrence rule that makes sense, without its start.

    Lists are sorted and free of repetitions, so equal rules have equal texts.
    ``until`` is the last possible start: naive in the wall clock of the
    series, or in UTC when it was read so (see ``in_zone``).  ``week_start``
    is 0 for Monday.

    Raises:
        InvalidRule: If a part is out of range or two parts contradict each other.
    """

    freq: Frequency
    interval: int = 1
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[ByDay, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: int = 0
    count: int | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("by_month", "by_month_day", "by_day", "by_set_pos"):
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))
        if self.until is not None:
            object.__setattr__(self, "until", self.until.replace(microsecond=0))
        _check_ranges(self)
        _check_together(self)

    @property
    def is_endless(self) -> bool:
        """Whether the rule has neither COUNT nor UNTIL."""
        return self.count is None and self.until is None

    def in_zone(self, zone: str) -> "Rule":
        """Return the rule with an UNTIL in UTC turned into the wall clock of the series."""
        if self.until is None or self.until.tzinfo is None:
            return self
        return replace(self, until=to_local(self.until, zone))

    def to_text(self) -> str:
        """Return the RRULE value, always with the same order of parts."""
        until = None if self.until is None else _until_text(self.until)
        return self._text_with(until)

    def to_text_for_times(self, zone: str) -> str:
        """Return the RRULE value beside a DTSTART with TZID: UNTIL is in UTC."""
        until = self.in_zone(zone).until
        return self._text_with(None if until is None else _until_text(to_utc(until, zone)))

    def to_text_for_dates(self, zone: str) -> str:
        """Return the RRULE value beside a DTSTART with VALUE=DATE: UNTIL is a date."""
        until = self.in_zone(zone).until
        return self._text_with(None if until is None else f"{until:%Y%m%d}")

    def _text_with(self, until: str | None) -> str:
        lists = {
            "BYMONTH": ",".join(map(str, self.by_month)),
            "BYMONTHDAY": ",".join(map(str, self.by_month_day)),
            "BYDAY": ",".join(each.to_text() for each in self.by_day),
            "BYSETPOS": ",".join(map(str, self.by_set_pos)),
        }
        parts = [f"FREQ={self.freq}"]
        parts += [f"INTERVAL={self.interval}"] if self.interval > 1 else []
        parts += [f"{name}={text}" for name, text in lists.items() if text]
        parts += [f"WKST={WEEKDAYS[self.week_start]}"] if self.week_start else []
        parts += [f"COUNT={self.count}"] if self.count is not None else []
        parts += [f"UNTIL={until}"] if until is not None else []
        return ";".join(parts)


def _until_text(until: datetime) -> str:
    return f"{until:%Y%m%dT%H%M%S}{'' if until.tzinfo is None else 'Z'}"


def _within(values: Iterable[int], most: int) -> bool:
    return all(value != 0 and -most <= value <= most for value in values)


def _check_ranges(rule: Rule) -> None:
    if not 1 <= rule.interval <= MOST_INTERVAL[rule.freq]:
        raise refusal("interval_out_of_range", most=MOST_INTERVAL[rule.freq])
    if rule.count is not None and not 1 <= rule.count <= MOST_COUNT:
        raise refusal("count_out_of_range", most=MOST_COUNT)
    if rule.until is not None and rule.until.tzinfo not in (None, UTC):
        raise ValueError("UNTIL is a naive local time, or in UTC")
    if rule.until is not None and not 1900 <= rule.until.year <= 9998:
        # A year from either end, so that no zone's offset can overflow.
        raise refusal("time_out_of_range")
    most_nth = 53 if rule.freq is Frequency.YEARLY and not rule.by_month else 5
    for name, is_right in (
        ("BYMONTH", all(1 <= month <= 12 for month in rule.by_month)),
        ("BYMONTHDAY", _within(rule.by_month_day, 31)),
        ("BYDAY", all(abs(nth) <= most_nth and 0 <= day <= 6 for nth, day in rule.by_day)),
        ("BYSETPOS", _within(rule.by_set_pos, 366)),
        ("WKST", 0 <= rule.week_start <= 6),
    ):
        if not is_right:
            raise refusal("malformed_rule", part=name)


def _check_together(rule: Rule) -> None:
    if rule.count is not None and rule.until is not None:
        raise refusal("count_and_until")
    nths = {nth for nth, _ in rule.by_day}
    if nths - {0} and rule.freq in (Frequency.DAILY, Frequency.WEEKLY):
        raise refusal("malformed_rule", part="BYDAY")
    if nths - {0} and 0 in nths:
        # RFC 5545 unites "MO,1TU"; dateutil, and the clients built on it, intersect.
        raise refusal("mixed_weekdays")
    if rule.by_month_day and rule.freq is Frequency.WEEKLY:
        raise refusal("malformed_rule", part="BYMONTHDAY")
    if rule.by_set_pos and not (rule.by_day or rule.by_month_day or rule.by_month):
        raise refusal("malformed_rule", part="BYSETPOS")
    if rule.by_month and rule.by_month_day:
        longest = max(monthrange(_LEAP_YEAR, month)[1] for month in rule.by_month)
        if min(map(abs, rule.by_month_day)) > longest:
            raise refusal("no_such_day")


_NUMBER = re.compile(r"[+-]?[0-9]{1,5}")
_BY_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?")
_SMALL_UNITS = ("SECONDLY", "MINUTELY", "HOURLY")
_SMALL_PARTS = ("BYSECOND", "BYMINUTE", "BYHOUR", "BYYEARDAY", "BYWEEKNO", "RSCALE", "SKIP")


def parse_rule(text: str) -> Rule:
    """Return the rule of an RRULE value, with or without ``RRULE:`` before it.

    UNTIL as a date counts as the end of that day.  With Z it stays in UTC
    until the zone of the series is known (``Rule.in_zone``).

    Raises:
        InvalidRule: If the text is malformed, asks for what the house does
            not offer (anything below a day, weeks or days of the year), or
            can never have a date.
    """
    fields: dict[str, object] = {}
    for part in text[: _MOST_TEXT + 1].strip().upper().removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name in _SMALL_PARTS or value in _SMALL_UNITS:
            raise refusal("unsupported_rule", part=part[:40])
        key, read = _READERS.get(name, ("", None))
        if read is None or key in fields or len(text) > _MOST_TEXT:
            raise refusal("malformed_rule", part=part[:40])
        try:
            fields[key] = read(value)
        except ValueError:
            raise refusal("malformed_rule", part=part[:40]) from None
    if "freq" not in fields:
        raise refusal("malformed_rule", part="FREQ")
    return Rule(**fields)  # type: ignore[arg-type]  # each reader returns its field's type


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(_number(each) for each in text.split(","))


def _by_days(text: str) -> tuple[ByDay, ...]:
    found = [_BY_DAY.fullmatch(each) for each in text.split(",")]
    # "0MO" matches and is no nth weekday; "MO" has no number at all.
    if any(each is None or (each[1] is not None and int(each[1]) == 0) for each in found):
        raise ValueError(text)
    return tuple(ByDay(int(each[1] or 0), WEEKDAYS.index(each[2])) for each in found if each)


def _until(text: str) -> datetime:
    found = _UNTIL.fullmatch(text)
    if found is None:
        raise ValueError(text)
    day = date(int(found[1]), int(found[2]), int(found[3]))
    if found[4] is None:
        return datetime.combine(day, _END_OF_DAY)
    # Second 60 is legal (RFC 5545 §3.3.12) and no time in Python.
    clock = time(int(found[4]), int(found[5]), min(int(found[6]), 59))
    return datetime.combine(day, clock, tzinfo=UTC if found[7] else None)


_READERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "FREQ": ("freq", Frequency),
    "INTERVAL": ("interval", _number),
    "BYMONTH": ("by_month", _numbers),
    "BYMONTHDAY": ("by_month_day", _numbers),
    "BYDAY": ("by_day", _by_days),
    "BYSETPOS": ("by_set_pos", _numbers),
    "WKST": ("week_start", WEEKDAYS.index),
    "COUNT": ("count", _number),
    "UNTIL": ("until", _until),
}
