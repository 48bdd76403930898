"""Dates, times and lengths as they stand in a file (RFC 5545 §3.3.4 to §3.3.6, §3.3.9)."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from booking.core.checks import FIRST_YEAR, LAST_YEAR
from booking.ical.reading.properties import Property

_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?")
# A TZID with a colon and no quotes leaves its rest before the value.
_AT_END = re.compile(r"(?:^|:)(\d{8}(?:T\d{4,6}Z?)?)$")
_LENGTH = re.compile(
    r"([+-])?P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?"
)


class Moment(NamedTuple):
    """A time as it was written: ``zone`` is "UTC", a TZID, or "" for a floating one."""

    local: datetime
    zone: str = ""
    is_date: bool = False


class Length(NamedTuple):
    """A DURATION: days are those of the calendar, ``exact`` is time that passes."""

    days: int
    exact: timedelta


def moment(found: Property) -> Moment | None:
    """Return a date or a time, None for one that cannot be read or is far off."""
    return moment_of(found.value, found.params.get("TZID", ""))


def moment_of(text: str, zone: str) -> Moment | None:
    """Return the same from a value and its TZID."""
    text = text.strip().upper()
    if not (digits := _MOMENT.fullmatch(text)):
        at_end = _AT_END.search(text.replace("-", ""))
        digits = _MOMENT.fullmatch(at_end[1]) if at_end else None
        if digits is None:
            return None
    # Seconds are left out: a room is booked by the minute.
    year, month, day, hour, minute, _second, utc = digits.groups()
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    try:
        if hour is None:
            return Moment(datetime(int(year), int(month), int(day)), is_date=True)  # noqa: DTZ001
        local = datetime(int(year), int(month), int(day), int(hour), int(minute))  # noqa: DTZ001
    except ValueError:
        return None
    return Moment(local, "UTC" if utc else zone)


def moments(found: Property) -> tuple[list[Moment], int]:
    """Return the times of a list (RDATE, EXDATE), and how many could not be read.

    Of a PERIOD its start.
    """
    zone = found.params.get("TZID", "")
    texts = [each for each in found.value.split(",") if each.strip()]
    read = [moment_of(each.partition("/")[0], zone) for each in texts]
    good = [each for each in read if each is not None]
    return good, len(texts) - len(good)


def length(text: str) -> Length | None:
    """Return a DURATION, None for one that cannot be read."""
    found = _LENGTH.fullmatch(text.strip().upper())
    if found is None or not any(found.groups()[1:]):
        return None
    sign = -1 if found[1] == "-" else 1
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    exact = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return Length(sign * (weeks * 7 + days), sign * exact)
