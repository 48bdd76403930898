"""VTIMEZONE (RFC 5545 §3.6.5), from the zone data that Python itself uses.

Written here, because ``icalendar.Timezone.from_tzid`` (7.3) gives the onset
of daylight saving time in the new offset: an hour late where the RFC asks
for the wall clock before the change.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from booking.core.recurrence import zone_info
from booking.core.recurrence.rule import WEEKDAYS
from booking.ical.text import escape, instant_text

# Enough years to tell "the last Sunday" from "the fourth".
_FEWEST_YEARS = 8
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_ZERO = timedelta(0)


class _Change(NamedTuple):
    """A change of a zone's offset; ``onset`` is the wall clock just before it."""

    onset: datetime
    offset_from: timedelta
    offset_to: timedelta
    name: str


@lru_cache(maxsize=64)
def timezone(zone: str, first_year: int, last_year: int) -> str:
    """Return the VTIMEZONE of a zone that is right from one year to another, inclusive.

    Lines end in CRLF, the last one too.  Changes that come back every year
    become an RRULE; those that do not are listed.

    Raises:
        ZoneInfoNotFoundError: If there is no such zone (a ``KeyError``).
    """
    start = first_year - 1  # so that its last change rules the first January
    end = max(last_year, start + _FEWEST_YEARS)
    changes = list(_changes(zone, start, end))
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone}"]
    if not changes or changes[0].onset.year >= first_year:
        lines += _first_observance(zone, start)
    groups: defaultdict[tuple[timedelta, timedelta, str], list[datetime]] = defaultdict(list)
    for change in changes:
        groups[change[1:]].append(change.onset)
    for (offset_from, offset_to, name), onsets in groups.items():
        lines += _observance(offset_from, offset_to, name=name, onsets=onsets, last_year=end)
    return "\r\n".join([*lines, "END:VTIMEZONE", ""])


def _changes(zone: str, first_year: int, last_year: int) -> Iterator[_Change]:
    """Yield the changes of offset or name within these years, in order."""
    info = zone_info(zone)

    def at(instant: datetime) -> tuple[timedelta, str]:
        there = instant.astimezone(info)
        return there.utcoffset() or _ZERO, there.tzname() or ""

    day = datetime(first_year, 1, 1, tzinfo=UTC)
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    before = at(day)
    while day < end:
        after = at(day + _DAY)
        if after != before:
            low, high = day, day + _DAY
            while high - low > _SECOND:
                middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
                low, high = (middle, high) if at(middle) == before else (low, middle)
            onset = (high + before[0]).replace(tzinfo=None)
            yield _Change(onset, before[0], after[0], after[1])
        before, day = after, day + _DAY


def _first_observance(zone: str, year: int) -> list[str]:
    start = datetime(year, 1, 1)  # noqa: DTZ001  a wall clock
    there = start.replace(tzinfo=zone_info(zone))
    offset = there.utcoffset() or _ZERO
    return _observance(offset, offset, name=there.tzname() or "", onsets=[start], last_year=year)


def _observance(
    offset_from: timedelta,
    offset_to: timedelta,
    *,
    name: str,
    onsets: Sequence[datetime],
    last_year: int,
) -> list[str]:
    kind = "DAYLIGHT" if offset_to > offset_from else "STANDARD"
    compact = [instant_text(onset.replace(tzinfo=UTC))[:-1] for onset in onsets]
    again = []
    if rule := _yearly(onsets, last_year):
        again = [f"RRULE:{rule}"]
    elif compact[1:]:
        again = [f"RDATE:{each}" for each in compact[1:]]
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{compact[0]}",
        *again,
        f"TZNAME:{escape(name)}",
        f"TZOFFSETFROM:{_offset(offset_from)}",
        f"TZOFFSETTO:{_offset(offset_to)}",
        f"END:{kind}",
    ]


def _yearly(onsets: Sequence[datetime], last_year: int) -> str | None:
    """Return "every year on the nth weekday of a month", if that is what they do to the end."""
    first = onsets[0]
    years = [each.year for each in onsets]
    if len(years) < 2 or years != list(range(first.year, last_year + 1)):
        return None
    if len({(each.month, each.weekday(), each.time()) for each in onsets}) > 1:
        return None
    nths = {(each.day - 1) // 7 + 1 for each in onsets}
    if all((each + timedelta(days=7)).month != each.month for each in onsets):
        nths = {-1}
    if len(nths) > 1:
        return None
    return f"FREQ=YEARLY;BYMONTH={first.month};BYDAY={nths.pop()}{WEEKDAYS[first.weekday()]}"


def _offset(offset: timedelta) -> str:
    """Return a UTC-OFFSET (RFC 5545 §3.3.14): ``+0100``, seconds only where there are any."""
    sign = "-" if offset < _ZERO else "+"
    minutes, seconds = divmod(int(abs(offset).total_seconds()), 60)
    return f"{sign}{minutes // 60:02}{minutes % 60:02}" + (f"{seconds:02}" if seconds else "")
