"""A whole file: its name, and its events one after the other."""

import hashlib
from collections.abc import Iterator
from typing import IO

from booking.core.checks import one_line
from booking.core.messages import Message, message
from booking.ical.reading.limits import MOST_EVENT_BYTES, MOST_UID, MOST_VERSIONS
from booking.ical.reading.objects import Read, objects_of
from booking.ical.reading.properties import properties, unescaped
from booking.ical.reading.scan import Index, Range, scan
from booking.ical.reading.zones import Zones


class Calendar:
    """A calendar file that was looked through; its events are read as they are asked for.

    ``count`` is the number of its objects (a series with all its dates is
    one), ``warnings`` what holds for the whole file.
    """

    def __init__(self, index: Index, zone: str) -> None:
        self._index = index
        names = {_text(key): raw for key, raw in index.timezones.items()}
        self._zones = Zones(names, site=zone, calendar=_text(index.zone))
        self.name = one_line(unescaped(_text(index.name)))[:120]
        self.count = len(index.events)
        self.warnings = tuple(self._warnings())

    def _warnings(self) -> Iterator[Message]:
        index = self._index
        if index.others:
            yield message("components_left_out", number=index.others)
        if index.unended:
            yield message("events_without_end", number=index.unended)
        if index.zone and self._zones.calendar is None:
            yield message("event_zone_unknown", zone=one_line(_text(index.zone))[:60])

    def events(self) -> Iterator[Read]:
        """Yield each event or what was left out and why, in the order of the file."""
        for key, places in self._index.events.items():
            raws = [self._index.text_of(_bounded(each)) for each in places[: MOST_VERSIONS + 1]]
            uid = _uid(key, raws[0])
            yield from objects_of(uid, [properties(raw) for raw in raws], self._zones)

    def pieces(self) -> Iterator[bytes]:
        """Yield each object as a calendar by itself, which gives the same when it is read."""
        for places in self._index.events.values():
            raws = [self._index.text_of(_bounded(each)) for each in places[: MOST_VERSIONS + 1]]
            text = b"\n".join(raws)
            zones = [
                b"BEGIN:VTIMEZONE\n%s\nEND:VTIMEZONE\n" % raw
                for key, raw in self._index.timezones.items()
                if key in text
            ]
            calendar = b"X-WR-TIMEZONE:%s\n" % self._index.zone if self._index.zone else b""
            yield b"BEGIN:VCALENDAR\n%s%s%s\nEND:VCALENDAR\n" % (calendar, b"".join(zones), text)


def read(source: IO[bytes], *, zone: str) -> Calendar:
    """Return the calendar of a file that can be sought in.

    ``zone`` is the site's: times without a zone, or in an unknown one, are
    taken to be its wall clock.

    Raises:
        Unreadable: If nothing of it can be read, or it goes beyond a limit.
    """
    return Calendar(scan(source), zone)


def _bounded(place: Range) -> Range:
    return place[0], min(place[1], place[0] + MOST_EVENT_BYTES + 1)


def _uid(key: bytes, raw: bytes) -> str:
    """Return the UID; an event without one, or with an endless one, is known by what it says."""
    text = one_line(_text(key)) if not key.startswith(b"\0") else ""
    if text and len(text) <= MOST_UID:
        return text
    return hashlib.sha256(key if text else raw).hexdigest()


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
