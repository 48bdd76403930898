"""What rooms answer, in the objects of people's own programs: their ATTENDEE lines (RFC 6638 §7).

Only events with an ORGANIZER have them: programs take any other attendee for a mistake.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from booking.ical.kept import place_of

_LINES = re.compile(r"(?<=\n)(?![ \t])")
_FOLD = re.compile(r"\r?\n[ \t]")
_ORGANISED = re.compile(r"^ORGANIZER[;:]", re.MULTILINE | re.IGNORECASE)
_ADDRESS = re.compile(r"mailto:\s*(\S+)\s*$", re.IGNORECASE)


def is_organised(text: str) -> bool:
    """Whether an object says who invites to it."""
    return bool(_ORGANISED.search(text))


def unanswered(text: str, is_room: Callable[[str], bool]) -> str:
    """Return an object without what rooms answer; ``is_room`` knows their addresses.

    All else stays octet for octet.
    """
    return "".join(_replaced(text, "UTC", is_room, lambda _place: ()))


def answered(
    text: str, zone: str, is_room: Callable[[str], bool], lines: Callable[[str], Iterable[str]]
) -> str:
    """Return an object with what rooms answer, in place of what it said of them.

    ``lines`` has those of an event by its RECURRENCE-ID on the clock of ``zone``, as it
    is written there (``20270311T100000``); "" for the event as usual.
    """
    return "".join(_replaced(text, zone, is_room, lines))


def _replaced(
    text: str, zone: str, is_room: Callable[[str], bool], lines: Callable[[str], Iterable[str]]
) -> Iterator[str]:
    event: list[str] = []
    for line in _LINES.split(text):
        head = line.strip().upper()
        if event or head == "BEGIN:VEVENT":
            event.append(line)
        else:
            yield line
        if head == "END:VEVENT":
            yield from _of_event(event, zone, is_room, lines)
            event = []
    yield from event


def _of_event(
    event: list[str],
    zone: str,
    is_room: Callable[[str], bool],
    lines: Callable[[str], Iterable[str]],
) -> Iterator[str]:
    own = [line for line, depth in _by_depth(event) if depth == 1]
    if not any(map(is_organised, own)):
        yield from event
        return
    place = place_of(map(_unfolded, own), zone)
    for line, depth in _by_depth(event):
        if depth == 1 and _is_of_room(line, is_room):
            continue
        yield line
        if depth == 1 and is_organised(line):
            yield from (f"{each}\r\n" for each in lines(place))


def _by_depth(event: list[str]) -> Iterator[tuple[str, int]]:
    """Yield each line with how deep it lies; 1 is in the event itself, not in an alarm of it."""
    depth = 0
    for line in event:
        head = line[:6].upper()
        depth += head.startswith("BEGIN:")
        yield line, depth
        depth -= head.startswith("END:")


def _is_of_room(line: str, is_room: Callable[[str], bool]) -> bool:
    if line[:8].upper() != "ATTENDEE":
        return False
    address = _ADDRESS.search(_unfolded(line))
    return address is not None and is_room(address[1])


def _unfolded(line: str) -> str:
    return _FOLD.sub("", line).rstrip("\r\n")
