"""What somebody wants by a calendar object in a mail: METHOD, who, which dates (RFC 5546)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from booking.core.checks import one_line
from booking.core.invitees import Answer
from booking.core.recurrence import to_local, to_utc
from booking.ical.reading.errors import Unreadable
from booking.ical.reading.limits import MOST_UID
from booking.ical.reading.moments import Moment, moment
from booking.ical.reading.properties import Properties, Property, properties
from booking.ical.reading.scan import Index, scan
from booking.ical.reading.zones import Zones
from booking.ical.text import escape

PEOPLE = frozenset({"ORGANIZER", "ATTENDEE"})
MOST_SEQUENCE = 2**31 - 1
MOST_EVENTS = 400
_LOCATION = re.compile(rb"^LOCATION[;:].*\n(?:[ \t].*\n)*", re.IGNORECASE | re.MULTILINE)
_BEGIN = re.compile(rb"^BEGIN:VEVENT[ \t\r]*\n", re.IGNORECASE | re.MULTILINE)
_ANSWERS = {each.value.upper(): each for each in Answer}


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who takes part: the address in lower case, and what was said."""

    email: str
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Part:
    """One VEVENT: which version, when it was written, which date (None: all)."""

    sequence: int
    stamp: datetime | None
    attendees: tuple[Attendee, ...]
    organizer: str
    at: Moment | None


@dataclass(frozen=True, slots=True)
class Scheduling:
    """A calendar object that wants something, about one UID."""

    method: str
    uid: str
    parts: tuple[Part, ...]
    zones: Zones

    @property
    def sequence(self) -> int:
        """The version that it is about: the newest of its parts."""
        return max(each.sequence for each in self.parts)

    @property
    def version(self) -> tuple[object, ...]:
        """What its copies have in common: what it wants of which object, written when."""
        written = [(each.sequence, each.stamp, each.at) for each in self.parts]
        return (self.method, self.uid, *written)

    @property
    def is_partial(self) -> bool:
        """Whether it is about single dates, without their series."""
        return all(each.at is not None for each in self.parts)

    def is_older_than(self, other: "Scheduling") -> bool:
        """Whether it was written before another one about the same (RFC 5546 §2.1.5).

        One about single dates is compared with what was said of these, or of all.
        """
        places = {each.at for each in self.parts}
        theirs = [each for each in other.parts if each.at in places]
        if not theirs:
            theirs = [each for each in other.parts if each.at is None]
        return bool(theirs) and max(map(_age, self.parts)) < max(map(_age, theirs))

    def local(self, at: Moment, zone: str) -> datetime:
        """Return the RECURRENCE-ID of a part in the wall clock of a zone; a date is midnight."""
        if at.is_date or not at.zone:
            return at.local
        known = "UTC" if at.zone == "UTC" else self.zones.find(at.zone)
        return at.local if known in (None, zone) else to_local(to_utc(at.local, str(known)), zone)


def scheduling_of(content: bytes) -> Scheduling | None:
    """Return what a calendar object wants, None where it cannot be read or wants nothing."""
    try:
        index = scan(BytesIO(content))
    except Unreadable:
        return None
    method = index.method.decode("ascii", "replace").strip()
    if not method or len(index.events) != 1:
        return None
    [(key, places)] = index.events.items()
    uid = key.decode("utf-8", "replace").strip()
    if not uid or not uid.isprintable() or len(uid) > MOST_UID or len(places) > MOST_EVENTS:
        return None
    raws = [properties(index.text_of(each), also=PEOPLE) for each in places]
    parts = tuple(_part(each) for each in raws)
    return Scheduling(one_line(method)[:20], uid, parts, _zones(index))


def merged(known: bytes, changes: bytes) -> bytes:
    """Return a known object with changes of single dates, each in the place of what it changes.

    Both are about the same UID.

    Raises:
        Unreadable: If one of them is no calendar.
    """
    old, new = scan(BytesIO(known)), scan(BytesIO(changes))
    [events], [changed] = old.events.values(), new.events.values()
    fresh = [new.text_of(each) for each in changed]
    places = {_place(each) for each in fresh}
    kept = [each for each in map(old.text_of, events) if _place(each) not in places]
    zones = old.timezones | new.timezones
    named = [b"BEGIN:VTIMEZONE\n%s\nEND:VTIMEZONE\n" % each for each in zones.values()]
    body = b"".join(each.rstrip(b"\r\n") + b"\n" for each in (*kept, *fresh))
    head = b"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//House Booking//Mail//EN\n"
    return head + b"".join(named) + body + b"END:VCALENDAR\n"


def located(content: bytes, name: str) -> bytes:
    """Return a calendar object with this LOCATION in each of its events."""
    line = f"LOCATION:{escape(name)}\r\n".encode()
    return _BEGIN.sub(lambda found: found[0] + line, _LOCATION.sub(b"", content))


def _place(raw: bytes) -> Moment | None:
    found = properties(raw).first("RECURRENCE-ID")
    return moment(found) if found else None


def _age(part: Part) -> tuple[int, datetime]:
    return part.sequence, part.stamp or datetime.min.replace(tzinfo=UTC)


def _zones(index: Index) -> Zones:
    names = {key.decode("utf-8", "replace"): raw for key, raw in index.timezones.items()}
    return Zones(names, site="UTC", calendar="")


def _part(raw: Properties) -> Part:
    number = raw.value("SEQUENCE")
    sequence = int(number) if number.isdecimal() and len(number) < 11 else 0
    organizer = raw.first("ORGANIZER")
    recurrence = raw.first("RECURRENCE-ID")
    return Part(
        sequence=min(sequence, MOST_SEQUENCE),
        stamp=_stamp(raw.first("DTSTAMP")),
        attendees=tuple(_attendee(each) for each in raw.lines.get("ATTENDEE", ())[:MOST_EVENTS]),
        organizer=_address(organizer.value) if organizer else "",
        at=moment(recurrence) if recurrence else None,
    )


def _attendee(line: Property) -> Attendee:
    return Attendee(_address(line.value), _ANSWERS.get(line.params.get("PARTSTAT", "").upper()))


def _address(value: str) -> str:
    text = value.strip()
    return text[7:].strip().lower() if text[:7].lower() == "mailto:" else ""


def _stamp(line: Property | None) -> datetime | None:
    """Return DTSTAMP, which is in UTC, right to the second."""
    if line is None:
        return None
    try:
        return datetime.strptime(line.value.strip().upper(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
