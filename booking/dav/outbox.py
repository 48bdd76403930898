"""The scheduling outbox: when rooms and people are free, asked of all at once (RFC 6638 §5).

A question is a VFREEBUSY with the rooms and people as its attendees; each gets an answer of its
own.  Of people nothing is told but when they are busy: by what they booked or accepted here, and by
their own calendars where they share that.  Of private bookings, whose people nobody else may
know, not even that, unless they share (``booking.core.busy``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from flask import Response, current_app, request
from flask_babel import lazy_gettext as _l

from booking.actions.connections import read_busy_soon
from booking.addresses import space_named
from booking.config import Config
from booking.core.busy import Times, may_look_for_people
from booking.core.devices import listed_of
from booking.core.intervals import Interval
from booking.dav.asked import body
from booking.dav.errors import Refused, Said, caldav
from booking.dav.instances import at_of
from booking.dav.looking import Looking
from booking.dav.trees import BadCalendar, Tree, parsed
from booking.dav.xml import c, document, element, escaped, href
from booking.ical import Busy, free_busy
from booking.queries.busy import people_by_email, times_of
from booking.queries.dav import Taken, busy_rooms

MOST = timedelta(days=400)
MOST_ATTENDEES = 100
FOUND, UNKNOWN = "2.0;Success", "3.7;Invalid calendar user"
Periods = list[tuple[Busy, Interval]]


@dataclass(frozen=True, slots=True)
class Question:
    """Whose time is asked for; ``attendees`` maps each address as it was sent to its line."""

    uid: str
    window: Interval
    organizer: str
    attendees: Mapping[str, str]


def outbox(looking: Looking) -> Response:
    """Answer a question about free time.

    Raises:
        Refused: 403 with the condition of RFC 6638 §5.1 that is not met.
    """
    asked = _question(looking)
    periods = _periods(looking, asked)
    answers = [_answer(looking, asked, each, periods.get(each)) for each in asked.attendees]
    xml = document(c("schedule-response"), answers)
    return Response(xml, 200, content_type="application/xml; charset=utf-8")


def _question(looking: Looking) -> Question:
    if request.mimetype != "text/calendar":
        raise Refused(
            403,
            caldav("supported-calendar-data"),
            _l("A question about free time is text/calendar."),
        )
    try:
        calendar = parsed(body().decode())
    except (BadCalendar, UnicodeDecodeError):
        raise Refused(
            403, caldav("valid-calendar-data"), _l("This is no iCalendar object that can be read.")
        ) from None
    components = [each for each in calendar.inner if each.name != "VTIMEZONE"]
    is_one = [each.name for each in components] == ["VFREEBUSY"]
    if not is_one or calendar.value("METHOD").upper() != "REQUEST":
        raise _wrong(_l("Free time is asked for here (VFREEBUSY, METHOD:REQUEST), nothing else."))
    return _read(components[0], looking)


def _read(asked: Tree, looking: Looking) -> Question:
    organizer = asked.first("ORGANIZER")
    attendees = {each.value.strip(): each.text for each in asked.all("ATTENDEE")}
    start, end = (at_of(asked.first(name), "UTC") for name in ("DTSTART", "DTEND"))
    if not (asked.value("UID") and organizer and attendees and start and end):
        raise _wrong(_l("UID, ORGANIZER, ATTENDEE, DTSTART and DTEND are needed."))
    if not (start.is_utc and end.is_utc and start.instant < end.instant):
        raise _wrong(_l("Start and end are in UTC, one after the other."))
    if len(attendees) > MOST_ATTENDEES:
        condition = caldav("max-attendees-per-instance")
        raise Refused(
            403, condition, _l("At most %(most)s people and rooms at a time.", most=MOST_ATTENDEES)
        )
    if not _is_own(looking, organizer.value):
        raise Refused(403, caldav("organizer-allowed"), _l("The ORGANIZER is not who asks."))
    window = Interval(start.instant, min(end.instant, start.instant + MOST))
    return Question(asked.value("UID"), window, organizer.text, attendees)


def _wrong(text: Said) -> Refused:
    return Refused(403, caldav("valid-scheduling-message"), text)


def _is_own(looking: Looking, address: str) -> bool:
    return _email(address) == looking.login or _path(address) == looking.principal


def _email(address: str) -> str:
    scheme, colon, rest = address.strip().partition(":")
    return unquote(rest).strip().lower() if colon and scheme.lower() == "mailto" else ""


def _path(address: str) -> str:
    try:
        return unquote(urlsplit(address.strip()).path)
    except ValueError:
        return ""


def room_of(looking: Looking, address: str) -> int | None:
    """Return the id of the room with this address, None where no room has it.

    A room is meant by its mail address, and by that of its calendar.
    """
    config: Config = current_app.extensions["booking"]["config"]
    room = space_named(_email(address), config)
    if room is None:
        folder, _slash, slug = _path(address).rstrip("/").rpartition("/")
        calendar = listed_of(slug) if f"{folder}/" == looking.home else None
        room = calendar.owner_id if calendar and calendar.kind == "space" else None
    return room if room in looking.spaces else None


def _periods(looking: Looking, asked: Question) -> dict[str, Periods]:
    """Return when whoever is known is busy, by address; six statements at most."""
    session, reader = looking.session, looking.actor
    rooms = {each: room for each in asked.attendees if (room := room_of(looking, each))}
    emails = {each: _email(each) for each in asked.attendees if each not in rooms and _email(each)}
    found: dict[str, Periods] = {}
    if rooms:
        parts = {room: looking.spaces[room].part_ids for room in rooms.values()}
        taken = busy_rooms(session, parts, asked.window)
        found |= {each: _of(taken[room]) for each, room in rooms.items()}
    if emails and reader is not None and may_look_for_people(reader):
        ids = people_by_email(session, emails.values())
        times = times_of(session, ids.values(), asked.window, reader, now=looking.now)
        if times.due:
            read_busy_soon(times.due, now=looking.now)
        known = {each: ids[email] for each, email in emails.items() if email in ids}
        found |= {each: _of_person(times, person) for each, person in known.items()}
    return found


def _of_person(times: Times, person_id: int) -> Periods:
    return [
        *((Busy.BUSY, each) for each in times.confirmed.get(person_id, ())),
        *((Busy.TENTATIVE, each) for each in times.requested.get(person_id, ())),
    ]


def _of(taken: Taken) -> Periods:
    return [
        *((Busy.BUSY, each) for each in taken.confirmed),
        *((Busy.TENTATIVE, each) for each in taken.requested),
        *((Busy.UNAVAILABLE, each) for each in taken.closed),
    ]


def _answer(looking: Looking, asked: Question, address: str, periods: Periods | None) -> str:
    said: Sequence[str] = ()
    if periods is not None:
        text = free_busy(
            asked.uid,
            asked.window,
            periods,
            stamp=looking.now,
            method="REPLY",
            people=(asked.organizer, asked.attendees[address]),
        )
        said = (element(c("calendar-data"), escaped(text.decode())),)
    status = UNKNOWN if periods is None else FOUND
    return element(
        c("response"),
        element(c("recipient"), href(address)),
        element(c("request-status"), status),
        *said,
    )
