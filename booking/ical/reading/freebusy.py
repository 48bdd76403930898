"""Times alone: what a VFREEBUSY says, and events without a word on what they are about."""

from booking.core.intervals import Interval
from booking.core.recurrence import to_utc
from booking.ical.reading.moments import length, moment_of
from booking.ical.reading.properties import Properties, properties

_PERIODS = frozenset({"FREEBUSY"})
_OF_EVENT = frozenset(
    {
        b"UID", b"DTSTART", b"DTEND", b"DURATION", b"RRULE", b"EXRULE", b"RDATE", b"EXDATE",
        b"RECURRENCE-ID", b"STATUS", b"TRANSP", b"SEQUENCE", b"LAST-MODIFIED", b"DTSTAMP",
    }
)  # fmt: skip
_OF_ZONE = frozenset(
    {b"TZID", b"DTSTART", b"RRULE", b"RDATE", b"TZOFFSETFROM", b"TZOFFSETTO", b"X-LIC-LOCATION"}
)
_KEPT = {
    b"VCALENDAR": frozenset({b"VERSION"}),
    b"VEVENT": _OF_EVENT,
    b"VTIMEZONE": _OF_ZONE,
    b"STANDARD": _OF_ZONE,
    b"DAYLIGHT": _OF_ZONE,
}


def without_texts(raw: bytes) -> bytes:
    """Return a calendar with the times of its events alone: no title, place, note or person.

    Events that leave their owner free (TRANSP:TRANSPARENT, RFC 5545 §3.8.2.7) become
    cancelled ones, which is what they come to.
    """
    kept: list[bytes] = []
    stack: list[bytes] = []
    keeps, begun, is_free = False, 0, False
    for line in raw.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if keeps:
                kept.append(line)
            continue
        head, _, value = line.partition(b":")
        name = head.partition(b";")[0].strip().upper()
        component = value.strip().upper()
        if name == b"BEGIN":
            stack.append(component)
            keeps = component in _KEPT
            if component == b"VEVENT":
                begun, is_free = len(kept), False
        elif name == b"END":
            keeps = component in _KEPT and component in stack
            while component in stack:
                stack.pop()
            if component == b"VEVENT" and is_free:
                kept[begun:] = [*_but_status(kept[begun:]), b"STATUS:CANCELLED"]
        else:
            keeps = bool(stack) and name in _KEPT.get(stack[-1], ())
            is_free = is_free or (keeps and name == b"TRANSP" and component == b"TRANSPARENT")
        if keeps:
            kept.append(line)
    return b"\r\n".join([*kept, b""])


def _but_status(lines: list[bytes]) -> list[bytes]:
    return [each for each in lines if not each.upper().startswith((b"STATUS:", b"STATUS;"))]


def read_freebusy(raw: bytes) -> list[Interval] | None:
    """Return the busy times of a VFREEBUSY (RFC 5545 §3.8.2.6), None where it is none.

    Also times that may become busy; not those that are said to be free.
    """
    whole = properties(raw, "VCALENDAR", also=_PERIODS)
    found = [each for each in whole.inner if each.name == "VFREEBUSY"]
    if not found or whole.long or whole.broken:
        return None
    times: list[Interval] = []
    for component in found:
        read = _periods(component)
        if read is None:
            return None
        times += read
    return times


def _periods(component: Properties) -> list[Interval] | None:
    times: list[Interval] = []
    for line in component.lines.get("FREEBUSY", ()):
        if line.params.get("FBTYPE", "").upper() == "FREE":
            continue
        for text in filter(None, map(str.strip, line.value.split(","))):
            period = _period(text)
            if period is None:
                return None
            times.append(period)
    return times


def _period(text: str) -> Interval | None:
    first, _, last = text.partition("/")
    start = moment_of(first, "UTC")
    if start is None or start.is_date:
        return None
    begins = to_utc(start.local, "UTC")
    lasts = length(last)
    if lasts is not None:
        ends = to_utc(start.local, "UTC") + lasts.exact
        ends = to_utc(ends.replace(tzinfo=None), "UTC")
    else:
        end = moment_of(last, "UTC")
        if end is None:
            return None
        ends = to_utc(end.local, "UTC")
    return Interval(begins, ends) if begins < ends else None
