"""Content lines: escaped texts, folded lines, times (RFC 5545 §3.1, §3.3.5, §3.3.11)."""

import re
from datetime import UTC, date, datetime
from operator import attrgetter

from booking.core.recurrence import zone_info

MOST_OCTETS = 75
UTC_NAMES = frozenset({"UTC", "Etc/UTC"})

_TWO = [f"{number:02}" for number in range(100)]
_fold = attrgetter("fold")
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# All that some reader may take for the end of a line, so that no text can start a property.
_LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def escape(text: str) -> str:
    """Return a TEXT value (RFC 5545 §3.3.11): one line, without control characters."""
    if "," in text or ";" in text or "\\" in text:
        text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    if not text.isprintable() and _CONTROL.search(text):  # asked first, as it takes a third
        text = _UNPRINTABLE.sub("", _LINE_END.sub("\\\\n", text))
    return text


def plain(text: str) -> str:
    """Return a URI or a name without anything that could end its line."""
    if not text.isprintable() and _CONTROL.search(text):
        text = _UNPRINTABLE.sub("", _LINE_END.sub("", text))
    return text


def fold(line: str) -> str:
    """Return a content line cut into pieces of at most 75 octets (RFC 5545 §3.1).

    Counted in UTF-8, and never cut within a character.
    """
    if len(line) <= MOST_OCTETS and line.isascii():
        return line
    octets = line.encode()
    pieces, start, room = [], 0, MOST_OCTETS
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:  # a continuation octet: step back to its character
            end -= 1
        pieces.append(octets[start:end])
        start, room = end, MOST_OCTETS - 1  # the leading space counts
    pieces.append(octets[start:])
    return b"\r\n ".join(pieces).decode()


def instant_text(instant: datetime) -> str:
    """Return an aware time in the form of UTC: ``20261103T080000Z``."""
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return f"{_compact(utc)}Z"


def date_text(day: date) -> str:
    """Return the day of a date or a datetime: ``20261103``."""
    return f"{day.year:04}{day.month:02}{day.day:02}"


def times(zone: str, name: str, *locals_: datetime) -> str:
    """Return a property with naive wall-clock times of a zone, like ``DTSTART;TZID=...:...``.

    The second of two equal wall-clock times in autumn (``fold`` 1) cannot be
    said with a TZID (RFC 5545 §3.3.5), so it is given in UTC.
    """
    if len(locals_) == 1 and not locals_[0].fold and zone not in UTC_NAMES:  # nearly all
        return f"{name};TZID={zone}:{_compact(locals_[0])}"
    texts = ",".join(map(_compact, locals_))
    if zone in UTC_NAMES:
        return f"{name}:{texts.replace(',', 'Z,')}Z"
    if any(map(_fold, locals_)):
        there = (each.replace(tzinfo=zone_info(zone)) for each in locals_)
        return f"{name}:{','.join(map(instant_text, there))}"
    return f"{name};TZID={zone}:{texts}"


def dates(name: str, *days: date) -> str:
    """Return a property with the days of dates or datetimes: ``DTSTART;VALUE=DATE:...``."""
    return f"{name};VALUE=DATE:{','.join(map(date_text, days))}"


def _compact(moment: datetime) -> str:
    # Half of what isoformat() without its marks takes, a third of what formatting each number
    # takes: a feed has four of these an event.
    century, year = divmod(moment.year, 100)
    return (
        f"{_TWO[century]}{_TWO[year]}{_TWO[moment.month]}{_TWO[moment.day]}"
        f"T{_TWO[moment.hour]}{_TWO[moment.minute]}{_TWO[moment.second]}"
    )
