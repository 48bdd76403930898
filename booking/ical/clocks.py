"""Instants, in seconds since 1970, as the clocks of a zone show them (RFC 5545 §3.3.4, §3.3.5).

By whole numbers, without a datetime: a calendar of ten thousand events has forty
thousand of them.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from booking.core.recurrence import zone_info
from booking.ical.text import UTC_NAMES, date_text

_DAY_S = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_MINUTES = [f"T{hour:02}{minute:02}" for hour in range(24) for minute in range(60)]
_SECONDS = [f"{second:02}" for second in range(60)]
_MOST_DAYS = 8_000  # kept: as many as twenty years have


class _Days(dict[int, tuple[str, int]]):
    """Days since 1970 as ``20261103`` and the year."""

    def __missing__(self, day: int) -> tuple[str, int]:
        at = date.fromordinal(_EPOCH + day)
        if len(self) >= _MOST_DAYS:
            self.clear()
        found = self[day] = date_text(at), at.year
        return found


_days = _Days()


def utc_text(at: int) -> str:
    """Return an instant in the form of UTC: ``20261103T080000Z``."""
    day = at // _DAY_S
    return f"{_days[day][0]}{_MINUTES[(at - day * _DAY_S) // 60]}{_SECONDS[at % 60]}Z"


class _Offsets(dict[int, int | None]):
    """Seconds to add to UTC on a day, by days since 1970; None where that changes on it."""

    def __init__(self, zone: str) -> None:
        super().__init__()
        self._zone = zone_info(zone)

    def __missing__(self, day: int) -> int | None:
        if len(self) >= _MOST_DAYS:
            self.clear()
        # No zone has ever changed there and back within a day.
        first, last = (self._offset(day + each) for each in (0, 1))
        found = self[day] = int(first.total_seconds()) if first == last else None
        return found

    def _offset(self, day: int) -> timedelta:
        at = datetime.fromtimestamp(day * _DAY_S, UTC).astimezone(self._zone)
        return at.utcoffset() or timedelta(0)


class Clock:
    """Writes instants on the wall clock of a zone.

    Raises:
        ZoneInfoNotFoundError: If there is no such zone (a ``KeyError``).
    """

    def __init__(self, zone: str) -> None:
        self._zone = zone_info(zone)
        self._offsets = _Offsets(zone)
        self._before, self._after = (":", "Z") if zone in UTC_NAMES else (f";TZID={zone}:", "")

    def time(self, at: int) -> tuple[str, int]:
        """Return what follows the name of a property, and the year on the clock.

        Like ``;TZID=Europe/Paris:20261103T090000``; the second of two equal wall-clock
        times in autumn cannot be said so (RFC 5545 §3.3.5), and is given in UTC.
        """
        offset = self._offsets[at // _DAY_S]
        if offset is None:
            local = datetime.fromtimestamp(at, self._zone)
            if local.fold:
                return f":{utc_text(at)}", local.year
            offset = int((local.utcoffset() or timedelta(0)).total_seconds())
        at += offset
        day = at // _DAY_S
        text, year = _days[day]
        minute = _MINUTES[(at - day * _DAY_S) // 60]
        return f"{self._before}{text}{minute}{_SECONDS[at % 60]}{self._after}", year

    def day(self, at: int) -> tuple[str, int]:
        """Return the same of a whole day: ``;VALUE=DATE:20261103``."""
        offset = self._offsets[at // _DAY_S]
        if offset is None:
            local = datetime.fromtimestamp(at, self._zone)
            return f";VALUE=DATE:{date_text(local)}", local.year
        text, year = _days[(at + offset) // _DAY_S]
        return f";VALUE=DATE:{text}", year


@lru_cache(maxsize=64)
def clock(zone: str) -> Clock:
    """Return the clock of a zone."""
    return Clock(zone)
