"""The first look at a file: where its events are, which belong together, what holds for all.

Nothing but places is kept of the events, so a file of any size takes the
memory of its list of UIDs.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO

from booking.ical.reading.errors import Unreadable
from booking.ical.reading.limits import (
    MOST_BYTES,
    MOST_DEPTH,
    MOST_EVENTS,
    MOST_LINE,
    MOST_TIMEZONE_BYTES,
    MOST_TIMEZONES,
)

_CHUNK = 1024 * 1024
_HEAD = 4096
_MOST_ZONE_LINES = 4_000
_MOST_KEY = 4_000  # far longer than any UID; to add more and more to it would take for ever
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
Range = tuple[int, int]


@dataclass(slots=True)
class Index:
    """Where things are: ``events`` maps a UID to the places of its versions, in file order.

    ``timezones`` has the raw text of each VTIMEZONE by TZID, ``name`` and
    ``zone`` what X-WR-CALNAME and X-WR-TIMEZONE say, ``others`` the number of
    components that are no events.
    """

    source: IO[bytes]
    name: bytes = b""
    zone: bytes = b""
    method: bytes = b""
    events: dict[bytes, list[Range]] = field(default_factory=dict)
    timezones: dict[bytes, bytes] = field(default_factory=dict)
    others: int = 0
    unended: int = 0

    def text_of(self, place: Range) -> bytes:
        """Return the raw lines of one event."""
        self.source.seek(place[0])
        return self.source.read(place[1] - place[0])


def scan(source: IO[bytes]) -> Index:
    """Return the index of a file that can be sought in.

    Raises:
        Unreadable: If it is no calendar, or goes beyond a limit.
    """
    index = Index(_in_utf8(source))
    _Scanner(index).run()
    return index


class _Scanner:
    """Follows BEGIN and END; whatever lacks its end is ended by what comes next."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.stack: list[bytes] = []
        self.began = 0
        self.key = b""  # UID or TZID of what is open
        self.in_key = False
        self.number = 0
        self.zone_lines: list[bytes] = []

    def run(self) -> None:
        was_any = False
        for at, line, end in _physical_lines(self.index.source):
            head = line[:6].upper()
            if head == b"BEGIN:":
                name = _name(line)
                was_any = was_any or name in (b"VCALENDAR", b"VEVENT")
                self._begin(name, at)
            elif head[:4] == b"END:":
                self._end(_name(line[4:], whole=True), end, at)
            elif self.stack:
                self._content(line)
        if not was_any:
            raise Unreadable.because("calendar_unreadable", "file")
        if b"VEVENT" in self.stack:
            self._close_event(self.index.source.tell(), ended=False)

    def _begin(self, name: bytes, at: int) -> None:
        if b"VEVENT" in self.stack and name in (b"VEVENT", b"VCALENDAR"):
            self._close_event(at, ended=False)
        if name == b"VCALENDAR":
            self.stack.clear()
        if b"VTIMEZONE" in self.stack:
            self._keep(b"BEGIN:%s\n" % name)
        self.stack.append(name)
        if len(self.stack) > MOST_DEPTH:
            raise Unreadable.because("calendar_nested", "file")
        self.in_key = False
        if name == b"VEVENT":
            self.began, self.key = at, b""
        elif name == b"VTIMEZONE" and len(self.stack) <= 2:
            self.zone_lines, self.key = [], b""
        elif name in (b"VTODO", b"VJOURNAL", b"VFREEBUSY"):
            self.index.others += 1

    def _end(self, name: bytes, end: int, at: int) -> None:
        if name not in self.stack:
            return
        if b"VEVENT" in self.stack and name != b"VEVENT":
            outer = self.stack.index(name) < self.stack.index(b"VEVENT")
            if outer:
                self._close_event(at, ended=False)
        while self.stack and self.stack[-1] != name:
            self.stack.pop()
        if name == b"VEVENT" and self.stack:
            self._close_event(end, ended=True)
        elif name == b"VTIMEZONE":
            self._close_zone()
            self.stack.pop()
        elif self.stack:
            self.stack.pop()
            if b"VTIMEZONE" in self.stack:
                self._keep(b"END:%s\n" % name)
        self.in_key = False

    def _keep(self, line: bytes) -> None:
        if len(self.zone_lines) < _MOST_ZONE_LINES:
            self.zone_lines.append(line)

    def _content(self, line: bytes) -> None:
        top = self.stack[-1]
        if b"VTIMEZONE" in self.stack:
            self._keep(line)
        if line[:1] in (b" ", b"\t"):
            if self.in_key and len(self.key) < _MOST_KEY:
                self.key += line[1:].rstrip(b"\r\n")
            return
        name = line[:16].upper()
        self.in_key = (top == b"VEVENT" and name[:4] in (b"UID:", b"UID;")) or (
            top == b"VTIMEZONE" and name[:5] in (b"TZID:", b"TZID;")
        )
        if self.in_key:
            self.key = _value(line)
        elif top == b"VCALENDAR":
            if name.startswith(b"X-WR-TIMEZONE"):
                self.index.zone = _value(line)
            elif name.startswith(b"X-WR-CALNAME"):
                self.index.name = _value(line)
            elif name.startswith(b"METHOD"):
                self.index.method = _value(line).upper()

    def _close_event(self, end: int, *, ended: bool) -> None:
        self.number += 1
        if self.number > MOST_EVENTS:
            raise Unreadable.because("calendar_too_many", "file", most=MOST_EVENTS)
        self.index.unended += not ended
        # Without a UID it belongs to nothing else; a NUL keeps the name apart from all others.
        key = self.key.strip() or b"\0%d" % self.began
        self.index.events.setdefault(key, []).append((self.began, end))
        while self.stack and self.stack.pop() != b"VEVENT":
            pass

    def _close_zone(self) -> None:
        text, key = b"".join(self.zone_lines), self.key.strip()
        if key and len(text) <= MOST_TIMEZONE_BYTES and len(self.index.timezones) < MOST_TIMEZONES:
            self.index.timezones.setdefault(key, text)


def _name(line: bytes, *, whole: bool = False) -> bytes:
    return (line if whole else line[6:])[:40].strip().upper()


def _value(line: bytes) -> bytes:
    return line[:MOST_LINE].partition(b":")[2].strip()


def _physical_lines(source: IO[bytes]) -> Iterator[tuple[int, bytes, int]]:
    """Yield each line with where it begins and ends; of an endless one the first piece."""
    source.seek(0)
    at = 0
    while line := source.readline(MOST_LINE):
        end = at + len(line)
        while line[-1:] != b"\n" and (more := source.readline(MOST_LINE)):
            end += len(more)
            if more[-1:] == b"\n":
                break
        if end > MOST_BYTES:
            raise Unreadable.because("calendar_too_big", "file", most=MOST_BYTES // 1024**2)
        yield at, line, end
        at = end


def _in_utf8(source: IO[bytes]) -> IO[bytes]:
    """Return the file with one octet for an ASCII character and lines that end in LF."""
    source.seek(0)
    head = source.read(_HEAD)
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "")
    if not encoding and b"\0" in head[:64]:
        encoding = "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
    lone = b"\r" in head and b"\n" not in head
    if head.startswith(codecs.BOM_UTF8):
        encoding = encoding or "utf-8-sig"
    if not encoding and not lone:
        return source
    decoder = codecs.getincrementaldecoder(encoding or "latin-1")(errors="replace")
    copy = BytesIO()
    source.seek(0)
    size = 0
    while chunk := source.read(_CHUNK):
        text = decoder.decode(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise Unreadable.because("calendar_too_big", "file", most=MOST_BYTES // 1024**2)
        octets = text.encode("utf-8" if encoding else "latin-1", errors="replace")
        copy.write(octets.replace(b"\r", b"\n") if lone else octets)
    return copy
