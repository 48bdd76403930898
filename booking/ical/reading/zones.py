"""From a TZID to a zone that Python knows, whatever program wrote it."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import available_timezones

from tzlocal.windows_tz import win_tz

from booking.core.errors import InvalidRequest
from booking.core.recurrence import parse_rule, rule_starts, zone_info
from booking.ical.reading.moments import moment_of
from booking.ical.reading.properties import Properties, properties

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d\d)?")
_UTC_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(?:\d\d)?")
_UTC = frozenset({"utc", "gmt", "z", "etc/utc", "coordinated universal time"})
_PROBES = tuple(datetime(2027, month, 15, 12, tzinfo=UTC) for month in range(1, 13))
_EDGE = datetime(2028, 1, 1, tzinfo=UTC)


class Zones:
    """The zones of one file: by name, by its VTIMEZONE, by what is known of other programs."""

    def __init__(self, timezones: dict[str, bytes], *, site: str, calendar: str = "") -> None:
        self._timezones = timezones
        self._site = site
        self._known: dict[str, str | None] = {}
        # What has no zone of its own is in the calendar's (X-WR-TIMEZONE), else in the site's.
        self.calendar = self.find(calendar) if calendar else None
        self.default = self.calendar or site

    def find(self, name: str) -> str | None:
        """Return the IANA name of a TZID, None for one that tells nothing."""
        if name not in self._known:
            self._known[name] = by_name(name) or self._by_rules(name)
        return self._known[name]

    def _by_rules(self, name: str) -> str | None:
        raw = self._timezones.get(name)
        if raw is None:
            return None
        found = properties(raw, "VTIMEZONE")
        if place := by_name(found.value("X-LIC-LOCATION")):
            return place
        offsets = _offsets(found)
        if not offsets:
            return None
        candidates = [self._site, *sorted(set(win_tz.values()))]
        return next((each for each in candidates if _offsets_of(each) == offsets), None)


@lru_cache(maxsize=512)
def by_name(name: str) -> str | None:
    """Return the IANA name that a TZID contains, or that another program means by it."""
    text = name.strip().strip('"').strip("/").strip()
    if not text or len(text) > 200:
        return None
    known = _names()
    parts = text.split("/")
    for first in range(len(parts)):  # /mozilla.org/20050126_1/Europe/Paris
        if found := known.get("/".join(parts[first:]).casefold()):
            return found
    if text.casefold() in _UTC:
        return "UTC"
    if offset := _OFFSET.fullmatch(text.upper()):
        return _fixed(offset)
    return None


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Return all names, in small letters, with those of Windows."""
    names = {each.casefold(): each for each in available_timezones() if each != "localtime"}
    return names | {each.casefold(): zone for each, zone in win_tz.items() if zone != "UTC"}


def _fixed(offset: re.Match[str]) -> str | None:
    """Return the zone of a fixed offset of whole hours; its name has the other sign."""
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    if minutes or hours > 12:
        return None
    sign = "-" if offset[1] == "+" else "+"
    return f"Etc/GMT{sign}{hours}" if hours else "UTC"


@lru_cache(maxsize=256)
def _offsets_of(zone: str) -> tuple[timedelta | None, ...]:
    return tuple(each.astimezone(zone_info(zone)).utcoffset() for each in _PROBES)


def _offsets(timezone: Properties) -> tuple[timedelta | None, ...]:
    """Return the offsets of a VTIMEZONE in the middle of each month, () if it tells none."""
    changes = sorted((onset, offset) for each in timezone.inner for onset, offset in _onsets(each))
    if not changes:
        return ()
    found = []
    for probe in _PROBES:
        before = [offset for onset, offset in changes if onset <= probe.replace(tzinfo=None)]
        found.append(before[-1] if before else changes[0][1])
    return tuple(found)


def _onsets(observance: Properties) -> list[tuple[datetime, timedelta]]:
    """Return when an observance sets in, as far as that matters by then, with its offset."""
    text, first = observance.value("RRULE"), observance.value("DTSTART")
    # Old ones have a rule from 1601 or 1970 on; the years that are asked about will do.
    least = "20250101" if text else "19000101"
    start = moment_of(least + first[8:] if first[:4] < least[:4] else first, "")
    to = _UTC_OFFSET.match(observance.value("TZOFFSETTO"))
    if start is None or to is None:
        return []
    offset = timedelta(hours=int(to[2]), minutes=int(to[3]))
    offset = -offset if to[1] == "-" else offset
    try:
        rule = parse_rule(text) if text else None
        onsets = rule_starts(start.local, rule, "UTC", until=_EDGE) if rule else [start.local]
    except InvalidRequest:
        onsets = [start.local]
    return [(each, offset) for each in onsets]
