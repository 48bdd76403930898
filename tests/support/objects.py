"""Calendar objects as programs send them, and as the house would write them for their owner."""

from typing import Any

from sqlalchemy.orm import Session

from booking import ical
from booking.actions.objects import PutResult, put_object
from booking.core.values import Actor, Door
from booking.core.visibility import WHOLE
from booking.db import db
from booking.queries import feed, houses
from tests.support.factories import House

HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//A program//EN\n"


def vevent(*lines: str, uid: str = "one@example.org", **more: str) -> str:
    """Return an event on Thursday from ten to eleven.

    ``more`` are properties by name, "" for none.
    """
    said = {
        "UID": uid,
        "DTSTAMP": "20270310T090000Z",
        "DTSTART": ";TZID=Europe/Paris:20270311T100000",
        "DTEND": ";TZID=Europe/Paris:20270311T110000",
        "SUMMARY": "Choir",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    texts = [
        f"{name}{value if value[0] == ';' else f':{value}'}"
        for name, value in said.items()
        if value
    ]
    return "\n".join(["BEGIN:VEVENT", *texts, *lines, "END:VEVENT", ""])


def calendar(*events: str) -> bytes:
    """Return a calendar object of some events."""
    return f"{HEAD}{''.join(events)}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def put(house: House, data: bytes, *, by: Actor | None = None, **more: Any) -> PutResult:
    """Put an object into the calendar of ``atlas``, or where ``more`` says, as the member."""
    asked = {
        "door": Door.DAV,
        "space_id": house.atlas.id,
        "booking_id": None,
        "expected": None,
        "now": house.now,
        **more,
    }
    return put_object(data, by or house.member, **asked)


def written(session: Session, booking_id: int) -> bytes:
    """Return the object that the house gives to the owner of a booking."""
    [found] = feed.bookings(session, feed.alone(booking_id))
    ids = {space_id for each in found.dates for space_id in each.space_ids}
    spaces = houses.spaces_by_id(session, ids)
    words = ical.Words(
        sight=lambda _view: WHOLE,
        busy="Busy",
        categories={},
        describe=lambda view, _sight: view.note,
        locate=lambda some: ", ".join([*(spaces[each].name for each in some), "The House"]),
        link=lambda view: f"https://example.org/bookings/{view.booking_id}",
        key="",
    )
    event = ical.event_of(found, words)
    assert event is not None
    return ical.calendar("Mine", [ical.component(event)])


def put_back(house: House, booking_id: int, *, old: str, new: str, **more: Any) -> PutResult:
    """Put the object of a booking back with one text in place of another."""
    session = db.session()
    text = written(session, booking_id).decode()
    session.rollback()
    assert old in text, text
    return put(house, text.replace(old, new).encode(), booking_id=booking_id, **more)


def single(uid: str = "one@example.org", **more: str) -> bytes:
    """Return an object of one event."""
    return calendar(vevent(uid=uid, **more))


__all__ = ["calendar", "put", "put_back", "single", "vevent", "written"]
