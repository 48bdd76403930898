"""One calendar object as CalDAV stores it: compared, and merged into what is there.

What counts as the same is when, where and what; stamps, alarms, colours and
everything that a calendar program adds do not.  To merge is to put our
properties in place of theirs and to leave the rest as it is, octet for octet.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from booking.core.recurrence import zone_info
from booking.ical.text import fold

# What the house says of an event; everything else is its owner's.
_TIMES = frozenset({"DTSTART", "DTEND", "RDATE", "EXDATE", "RECURRENCE-ID"})
_COMPARED = _TIMES | {"UID", "DURATION", "RRULE", "STATUS", "SUMMARY", "LOCATION", "DESCRIPTION"}
_OURS = _COMPARED | {"DTSTAMP", "EXRULE", "SEQUENCE", "URL", "CREATED", "LAST-MODIFIED"}
# Ours when the event is new, its owner's from then on.
_AT_FIRST = frozenset({"CATEGORIES", "CLASS", "TRANSP"})
MOST_LINES = 100_000


@dataclass(slots=True)
class Part:
    """A component: its name, its own unfolded lines, and what is in it."""

    name: str
    lines: list[str] = field(default_factory=list)
    parts: list["Part"] = field(default_factory=list)

    def value(self, name: str) -> str:
        """Return the first value of a property, "" without one."""
        found = next((each for each in self.lines if _name(each) == name), "")
        return _split(found)[2]

    def text(self) -> Iterator[str]:
        """Yield the lines as they are written, folded."""
        yield f"BEGIN:{self.name}"
        yield from map(fold, self.lines)
        for each in self.parts:
            yield from each.text()
        yield f"END:{self.name}"


def digest(raw: bytes) -> str:
    """Return a digest of when, where and what; "" where there is no event in it.

    Two texts that say the same in other words have the same: instants are
    compared whatever their zone, an end and a duration by what they come to.
    """
    events = [each for each in _parsed(raw).parts if each.name == "VEVENT"]
    said = sorted(tuple(sorted(_said(each))) for each in events)
    return hashlib.sha256(repr(said).encode()).hexdigest() if said else ""


def uid_of(raw: bytes) -> str:
    """Return the UID of the first event, "" without one."""
    return next((each.value("UID") for each in _parsed(raw).parts if each.name == "VEVENT"), "")


def place_of(raw: bytes) -> str:
    """Return the LOCATION of the first event, unescaped, "" without one."""
    events = (each for each in _parsed(raw).parts if each.name == "VEVENT")
    return next((_plain(each.value("LOCATION")) for each in events), "")


def title_of(raw: bytes) -> str:
    """Return the SUMMARY of the first event, unescaped, at most 200 letters of it."""
    events = (each for each in _parsed(raw).parts if each.name == "VEVENT")
    return next((_plain(each.value("SUMMARY")) for each in events), "")[:200]


def merged(ours: bytes, theirs: bytes) -> bytes:
    """Return our object with what its owner added to theirs: alarms, colours, other properties.

    Dates of a series are matched by their RECURRENCE-ID; one that is no longer
    different takes what was added to it along.
    """
    new, old = _parsed(ours), _parsed(theirs)
    before = {_key(each): each for each in old.parts if each.name == "VEVENT"}
    for event in (each for each in new.parts if each.name == "VEVENT"):
        if (known := before.get(_key(event))) is None:
            continue
        kept = [each for each in known.lines if _name(each) not in _OURS]
        theirs_at_first = {_name(each) for each in kept} & _AT_FIRST
        mine = [each for each in event.lines if _name(each) not in theirs_at_first]
        event.lines = [*mine, *kept]
        event.parts += known.parts
    zones = {each.value("TZID") for each in new.parts if each.name == "VTIMEZONE"}
    others = [
        each
        for each in old.parts
        if each.name == "VTIMEZONE" and each.value("TZID") not in zones
        if any(f"TZID={each.value('TZID')}" in line for part in new.parts for line in part.lines)
    ]
    new.parts = [*others, *new.parts]
    new.lines += [each for each in old.lines if _name(each).startswith("X-")]
    return ("\r\n".join(new.text()) + "\r\n").encode()


def with_texts_of(ours: bytes, theirs: bytes, base: bytes) -> bytes:
    """Return our object with their title and description where they changed them.

    Where both changed one since ``base``, the newer of the two counts
    (LAST-MODIFIED; without one, ours).
    """
    new, old = _parsed(ours), _parsed(theirs)
    agreed = {_key(each): each for each in _parsed(base).parts if each.name == "VEVENT"}
    others = {_key(each): each for each in old.parts if each.name == "VEVENT"}
    for event in (each for each in new.parts if each.name == "VEVENT"):
        other, before = others.get(_key(event)), agreed.get(_key(event))
        if other is None or before is None:
            continue
        is_newer = other.value("LAST-MODIFIED") > event.value("LAST-MODIFIED")
        for name in ("SUMMARY", "DESCRIPTION"):
            mine, his, was = (_plain(each.value(name)) for each in (event, other, before))
            if his != was and (mine == was or is_newer):
                kept = [each for each in event.lines if _name(each) != name]
                event.lines = kept + [each for each in other.lines if _name(each) == name]
    return ("\r\n".join(new.text()) + "\r\n").encode()


def _key(event: Part) -> object:
    line = next((each for each in event.lines if _name(each) == "RECURRENCE-ID"), "")
    return _time(line) if line else ""


def _said(event: Part) -> Iterator[tuple[str, str]]:
    """Yield what an event says, each property in one form."""
    start, end = "", ""
    for line in event.lines:
        name = _name(line)
        if name not in _COMPARED:
            continue
        value = _time(line) if name in _TIMES else _split(line)[2]
        if name == "DTSTART":
            start = value
        if name in ("DTEND", "DURATION"):
            end = value if name == "DTEND" else f"+{value}"
        elif said := _SAID.get(name, str)(value):
            yield name, said
    yield "END", _ended(start, end)


def _ended(start: str, length: str) -> str:
    """Return the end of an event, from a duration as well where it is one of weeks to seconds."""
    if not length.startswith("+"):
        return length or start
    total, number, sign = 0, "", -1 if length.startswith("+-") else 1
    for letter in length:
        if letter.isdigit():
            number += letter
        elif number:
            total += int(number) * {"W": 604_800, "D": 86_400, "H": 3_600, "M": 60}.get(letter, 1)
            number = ""
    if start.startswith("@"):
        return f"@{int(start[1:]) + sign * total}"
    return f"{start}{length}"


def _time(line: str) -> str:
    """Return the times of a property: instants as seconds, days and unknown zones as written."""
    _head, params, value = _split(line)
    zone = next((each[5:].strip('"') for each in params if each.upper().startswith("TZID=")), "")
    return ",".join(sorted(_instant(each.strip(), zone) for each in value.split(",")))


def _instant(text: str, zone: str) -> str:
    try:
        if text.endswith("Z"):
            at = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        elif zone and "T" in text:
            info: ZoneInfo = zone_info(zone)
            at = datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=info)
        else:
            return text
    except (ValueError, KeyError, OSError):
        return f"{zone}:{text}"
    return f"@{int(at.timestamp())}"


def _plain(value: str) -> str:
    """Return a text unescaped, its blanks at the ends left out (RFC 5545 §3.3.11)."""
    pieces = value.replace("\r", "").split("\\\\")
    return "\\".join(
        each.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";")
        for each in pieces
    ).strip()


def _rule(value: str) -> str:
    return ";".join(sorted(value.upper().split(";")))


def _status(value: str) -> str:
    return "" if value.upper() == "CONFIRMED" else value.upper()  # as without one


_SAID = {
    "RRULE": _rule,
    "STATUS": _status,
    **dict.fromkeys(("UID", "SUMMARY", "LOCATION", "DESCRIPTION"), _plain),
}


def _name(line: str) -> str:
    for at, letter in enumerate(line):
        if letter in ":;":
            return line[:at].upper()
    return line.upper()


def _split(line: str) -> tuple[str, list[str], str]:
    """Return name, parameters and value; a colon in quotes is none."""
    quoted, begun, params = False, 0, []
    for at, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif not quoted and letter in ":;":
            params.append(line[begun:at])
            begun = at + 1
            if letter == ":":
                return params[0].upper(), params[1:], line[begun:]
    return line.upper(), [], ""


def _parsed(raw: bytes) -> Part:
    """Return the VCALENDAR; what has no end ends with what it is in."""
    root = Part("")
    stack = [root]
    for line in _unfolded(raw.decode("utf-8", "replace")):
        head = line[:6].upper()
        if head == "BEGIN:":
            part = Part(line[6:].strip().upper())
            stack[-1].parts.append(part)
            stack.append(part)
        elif head[:4] == "END:" and len(stack) > 1:
            stack.pop()
        elif len(stack) > 1:
            stack[-1].lines.append(line)
    return next((each for each in root.parts if each.name == "VCALENDAR"), Part("VCALENDAR"))


def _unfolded(text: str) -> Iterable[str]:
    lines: list[str] = []
    for line in text.split("\n")[:MOST_LINES]:
        line = line.rstrip("\r")
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += line[1:]
        elif line:
            lines.append(line)
    return lines
