"""What a program says of an event beyond what the house keeps: alarms, colours, X-properties.

It is kept as it was written, for whoever sent it, and merged into what the
house writes of the booking for that person; nobody else sees it.
"""

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from booking.core.recurrence import to_local
from booking.ical.reading.properties import texts_in
from booking.ical.text import escape, fold

MOST_KEPT = 64 * 1024  # characters of an object
MOST_LINE = 16 * 1024
_FOLD = re.compile("\r?\n[ \t]")
_NAME = re.compile(r"([A-Za-z0-9-]{1,60})[;:]")
# What comes before the value: the name, and parameters, perhaps in quotes.
_VALUE = re.compile(r'^[^":;]+(?:;[^":;=]+=(?:"[^"]*"|[^":;]*))*:')
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_PLACE = re.compile(r"^RECURRENCE-ID[^:\r\n]*:(\d{8}(?:T\d{6})?)(Z?)", re.MULTILINE | re.IGNORECASE)
# What the house says of an event itself, or would be wrong once it says something else.
OURS = frozenset(
    {
        "UID", "DTSTAMP", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE",
        "RECURRENCE-ID", "SEQUENCE", "STATUS", "TRANSP", "SUMMARY", "LOCATION", "DESCRIPTION",
        "CLASS", "URL", "CREATED", "LAST-MODIFIED", "REQUEST-STATUS", "X-ALT-DESC",
    }
)  # fmt: skip
_END = "END:VEVENT\r\n"


def kept_of(data: bytes, zone: str, *, kinds: Container[str] = ()) -> str:
    """Return what is to be kept of an object, as text to store; "" for nothing.

    ``zone`` is the booking's: by its wall clock a date is found again.  ``kinds`` are the
    casefolded names of categories that the house says itself; others are kept.  Rooms as
    attendees are left out, as are lines that are not in UTF-8, and what would go
    beyond 64 KiB.
    """
    lines = _FOLD.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n").split("\n")
    found: dict[str, list[str]] = {}
    room = MOST_KEPT
    for event in _events(lines):
        mine = list(_foreign(event, kinds))
        room -= sum(map(len, mine))
        if mine and room >= 0:
            found[place_of(event, zone)] = mine
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) if found else ""


def merged(text: str, kept: str) -> str:
    """Return the events that the house writes of a booking with what was kept of theirs."""
    if not kept:
        return text
    said: Mapping[str, Sequence[str]] = json.loads(kept)
    events = text.split(_END)
    return "".join(f"{each}{_lines(said, each)}{_END}" for each in events[:-1]) + events[-1]


def _lines(said: Mapping[str, Sequence[str]], event: str) -> str:
    place = _PLACE.search(event)
    mine = said.get(place[1] if place else "", ())
    return "".join(f"{fold(each)}\r\n" for each in mine)


def _events(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield the lines of each VEVENT, without its BEGIN and END."""
    event: list[str] | None = None
    for line in lines:
        head = line.strip().upper()
        if head == "BEGIN:VEVENT":
            event = []
        elif head == "END:VEVENT":
            if event is not None:
                yield event
            event = None
        elif event is not None:
            event.append(line)


def _foreign(event: Sequence[str], kinds: Container[str]) -> Iterator[str]:
    """Yield the lines of an event that are not the house's: properties, and alarms as a whole."""
    alarm: list[str] | None = None
    depth = 0
    for line in event:
        head = line.strip().upper()
        if head.startswith("BEGIN:"):
            depth += 1
            alarm = [] if depth == 1 and head == "BEGIN:VALARM" else None
        elif head.startswith("END:"):
            depth -= 1
            if alarm is not None and head == "END:VALARM":
                yield from ("BEGIN:VALARM", *alarm, "END:VALARM")
            alarm = None
        elif _is_fit(line):
            if alarm is not None:
                alarm.append(line)
            elif depth == 0 and head.startswith(("CATEGORIES:", "CATEGORIES;")):
                yield from _categories(line, kinds)
            elif depth == 0 and not _is_ours(line):
                yield line


def _categories(line: str, kinds: Container[str]) -> Iterator[str]:
    """Yield the line with those categories alone that are not the house's, if there are any."""
    value = _VALUE.sub("", line)
    mine = [each for each in texts_in(value) if each.casefold() not in kinds]
    if mine:
        yield f"CATEGORIES:{','.join(map(escape, mine))}"


def _is_fit(line: str) -> bool:
    return bool(
        _NAME.match(line)
        and len(line) <= MOST_LINE
        and "\ufffd" not in line
        and not _UNFIT.search(line)
    )


def _is_ours(line: str) -> bool:
    found = _NAME.match(line)
    name = found[1].upper() if found else ""
    room = name == "ATTENDEE" and re.search("CUTYPE=(ROOM|RESOURCE)", line, re.IGNORECASE)
    return name in OURS or bool(room)


def place_of(event: Iterable[str], zone: str) -> str:
    """Return the date of a series that an event is about, in its wall clock; "" for the series."""
    found = _PLACE.search("\n".join(event))
    if found is None:
        return ""
    if not found[2]:
        return found[1]
    at = datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return f"{to_local(at, zone):%Y%m%dT%H%M%S}"
