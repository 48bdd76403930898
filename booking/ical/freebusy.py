"""When somebody or something is busy, without a word on why: VFREEBUSY (RFC 5545 §3.6.4)."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from booking.core.intervals import Interval, merge
from booking.ical.text import escape, fold, instant_text
from booking.ical.write import PRODUCT


class Busy(StrEnum):
    """FBTYPE of a period (RFC 5545 §3.2.9)."""

    BUSY = "BUSY"
    TENTATIVE = "BUSY-TENTATIVE"
    UNAVAILABLE = "BUSY-UNAVAILABLE"


def free_busy(
    uid: str,
    window: Interval,
    periods: Iterable[tuple[Busy, Interval]],
    *,
    stamp: datetime,
    method: str = "PUBLISH",
    people: Iterable[str] = (),
) -> bytes:
    """Return a VCALENDAR with the one component, its periods by kind and start.

    Periods are cut to the window; those of one kind that meet become one.  ``people`` are
    whole lines, ORGANIZER and ATTENDEE of an answer (RFC 5546 §3.3.3).
    """
    by_kind: dict[Busy, list[Interval]] = {kind: [] for kind in Busy}
    for kind, each in periods:
        if each.overlaps(window):
            by_kind[kind].append(each.common(window))
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"METHOD:{method}",
        "BEGIN:VFREEBUSY",
        fold(f"UID:{escape(uid)}"),
        f"DTSTAMP:{instant_text(stamp)}",
        *map(fold, people),
        f"DTSTART:{instant_text(window.start)}",
        f"DTEND:{instant_text(window.end)}",
        *(_line(kind, each) for kind, some in by_kind.items() for each in merge(some)),
        "END:VFREEBUSY",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines).encode()


def _line(kind: Busy, period: Interval) -> str:
    when = f"{instant_text(period.start)}/{instant_text(period.end)}"
    return fold(f"FREEBUSY;FBTYPE={kind}:{when}")
