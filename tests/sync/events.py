"""Events as a member's own program writes and edits them."""

from datetime import UTC, datetime, timedelta

from icalendar import Calendar


def event(uid: str, title: str, start: datetime, *, place: str = "") -> bytes:
    """Return an event of an hour, in UTC."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:me",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20270101T000000Z",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{title}",
        *([f"LOCATION:{place}"] if place else []),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{each}\r\n" for each in lines).encode()


MARK = b"X-MINE:yes"
DENTIST = event("own@me", "Dentist", datetime(2027, 3, 20, 9, tzinfo=UTC))


def retimed(raw: bytes, hour: int) -> bytes:
    """Return an event moved to another hour of its day."""

    def moved(line: bytes) -> bytes:
        for name, at in ((b"DTSTART", hour), (b"DTEND", hour + 1)):
            if line.startswith((name + b";", name + b":")):
                date, _, rest = line.rpartition(b"T")
                return b"%sT%02d0000%s" % (date, at, b"Z" if rest.endswith(b"Z") else b"")
        return line

    return b"\r\n".join(moved(line) for line in _lines(raw))


def retitled(raw: bytes, title: str) -> bytes:
    """Return an event with another title."""
    new = b"SUMMARY:" + title.encode()
    lines = (new if each.startswith(b"SUMMARY") else each for each in _lines(raw))
    return b"\r\n".join(lines)


def marked(raw: bytes) -> bytes:
    """Return an event with a property of its owner's program."""
    return raw if MARK in raw else raw.replace(b"END:VEVENT", MARK + b"\r\nEND:VEVENT")


def _lines(raw: bytes) -> list[bytes]:
    # What comes within XML has lost its carriage returns.
    return raw.replace(b"\r\n", b"\n").replace(b"\n ", b"").split(b"\n")


def title_of(raw: bytes) -> str:
    """Return the title of an event."""
    return str(_event(raw)["SUMMARY"])


def start_of(raw: bytes) -> datetime:
    """Return when an event begins, in UTC."""
    found: datetime = _event(raw)["DTSTART"].dt
    return found.astimezone(UTC)


def _event(raw: bytes):  # type: ignore[no-untyped-def]
    [found] = Calendar.from_ical(raw).walk("VEVENT")
    return found
