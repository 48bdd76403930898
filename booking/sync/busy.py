"""When a member's own calendars make the member busy: asked for, cut down to times, kept.

A server is asked for busy times alone (free-busy-query, RFC 4791 §7.10).  Where it has no such
thing, and of a calendar into which the house writes, so that our own events do not count, it
is asked for the times of events and for nothing else of them (§9.6.1).  Many send whole events
nevertheless: ``without_texts`` drops all else before anything is read.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from io import BytesIO

from sqlalchemy.orm import Session

from booking.actions import connections as verbs
from booking.actions.connections import Claimed, Read, Unread
from booking.core.busy import MOST_TIMES, BusyCalendar, Way, busy_times_of, window_of
from booking.core.connections import ConnectionView
from booking.core.errors import InvalidRequest
from booking.core.imports import Left
from booking.core.intervals import Interval, merge
from booking.core.messages import message
from booking.db import db
from booking.ical.reading import Unreadable, read
from booking.ical.reading.freebusy import read_freebusy, without_texts
from booking.queries import houses
from booking.queries.busy import booked_here, due_calendars, written_to
from booking.sync.errors import RemoteError, Unwell
from booking.sync.remote import check, parsed
from booking.sync.transport import Transport

log = logging.getLogger("booking.sync")
Clock = Callable[[], datetime]

_HEADERS = {"Content-Type": "application/xml; charset=utf-8", "Depth": "1"}
_C = "{urn:ietf:params:xml:ns:caldav}"
_FREE_BUSY = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
    '<C:time-range start="{start}" end="{end}"/></C:free-busy-query>'
)
_NAMES = (
    "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "TRANSP",
    "STATUS", "SEQUENCE",
)  # fmt: skip
_ONLY_TIMES = (
    '<C:comp name="VCALENDAR"><C:prop name="VERSION"/><C:comp name="VEVENT">'
    + "".join(f'<C:prop name="{each}"/>' for each in _NAMES)
    + '</C:comp><C:comp name="VTIMEZONE"><C:allprop/><C:allcomp/></C:comp></C:comp>'
)
_EVENTS = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<prop><C:calendar-data>{{}}</C:calendar-data></prop>"
    '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
    '<C:time-range start="{start}" end="{end}"/></C:comp-filter></C:comp-filter></C:filter>'
    "</C:calendar-query>"
)
_NOT_KNOWN = (400, 403, 404, 405, 409, 415, 422, 500, 501)


def refresh(claimed: Claimed, found: ConnectionView, transport: Transport, clock: Clock) -> None:
    """Read the calendars of a connection that count, where it is time to, and keep what they say.

    One that cannot be read stops neither the others nor the connection.

    Raises:
        LostLease: Where the connection is no longer ours.
    """
    if not found.shares_busy:
        return
    session = db.session()
    due = due_calendars(session, found.id, now=clock())
    ours = written_to(session, found.person_id) if due else set()
    zone = next((each.zone for each in houses.sites(session)), "UTC") if due else ""
    session.rollback()  # nothing is held open while others answer
    for each in due:
        window = window_of(zone, clock())
        result = _read(session, transport, each, zone, window, by_events=each.url in ours)
        verbs.keep_busy(claimed, each.id, result, now=clock())


def _read(
    session: Session,
    transport: Transport,
    calendar: BusyCalendar,
    zone: str,
    window: Interval,
    *,
    by_events: bool,
) -> Read | Unread:
    try:
        by_events = by_events or calendar.way is Way.EVENTS
        found = None if by_events else _times(transport, calendar.url, window)
        if found is None:
            found = _events(session, transport, calendar.url, zone, window)
    except RemoteError as error:
        return Unread(error.reason, error.after_s)
    if len(found.times) > MOST_TIMES:
        return Unread(message("busy_too_many", most=MOST_TIMES))
    return found


def _times(transport: Transport, url: str, window: Interval) -> Read | None:
    """Return what a server says of busy times, None where it does not know the question."""
    answer = transport.request("REPORT", url, _asked(_FREE_BUSY, window), _HEADERS)
    if answer.status_code in _NOT_KNOWN:
        return None
    check(answer)
    times = read_freebusy(answer.content)
    if times is None:
        return None
    within = (each.common(window) for each in times if each.overlaps(window))
    return Read(merge(within), Way.TIMES)


def _events(session: Session, transport: Transport, url: str, zone: str, window: Interval) -> Read:
    """Return when the events of a calendar make busy; bookings of the house do not count."""
    question = _asked(_EVENTS, window)
    bodies = _bodies(transport, url, question.format(_ONLY_TIMES))
    if None in bodies:  # some servers give nothing of what lacks one of the properties
        bodies = _bodies(transport, url, question.format(""))
    if not bodies:
        return Read((), Way.EVENTS)
    try:
        events = [*read(BytesIO(b"".join(filter(None, bodies))), zone=zone).events()]
    except Unreadable as error:
        raise Unwell("remote_unreadable") from error
    booked = booked_here(session, {each.uid for each in events})
    session.rollback()
    times: list[Interval] = []
    left = 0
    for each in events:
        if isinstance(each, Left):
            left += each.reason.code != "event_without_length"  # which takes no time
        elif each.uid not in booked:
            with suppress(OverflowError, InvalidRequest):
                times += busy_times_of(each, zone, window)
    return Read(merge(times), Way.EVENTS, left)


def _bodies(transport: Transport, url: str, question: str) -> list[bytes | None]:
    """Return the calendars of an answer without their texts, None for one that was not given.

    Raises:
        RemoteError: As the server answers, also if it says that it left some out (507): those
            would look free.
    """
    answer = transport.request("REPORT", url, question, _HEADERS)
    check(answer)
    if answer.status_code != 207:
        raise Unwell("remote_unreadable")
    tree = parsed(answer.content)
    if any(" 507" in (each.text or "") for each in tree.iter("{DAV:}status")):
        raise Unwell("remote_unreadable")
    texts = (each.findtext(f".//{_C}calendar-data") for each in tree.iter("{DAV:}response"))
    return [without_texts(each.encode()) if each else None for each in texts]


def _asked(body: str, window: Interval) -> str:
    start, end = (f"{each:%Y%m%dT%H%M%SZ}" for each in (window.start, window.end))
    return body.format(start=start, end=end)
