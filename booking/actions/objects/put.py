"""Put: an object that is new becomes a booking, one that is known changes it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.actions.objects import stored
from booking.actions.objects.change import change_by
from booking.actions.objects.new import book_by
from booking.actions.objects.place import place_of
from booking.actions.objects.values import Asked, Clashes, PutResult, Seen
from booking.core.errors import InvalidRequest, UidTaken
from booking.core.imports import ImportedEvent
from booking.core.values import Actor, BookingView, Door
from booking.db import db
from booking.i18n import category_codes
from booking.ical.reading import read_one
from booking.queries import agenda
from booking.queries.categories import categories


def put_object(
    data: bytes,
    actor: Actor,
    *,
    door: Door,
    space_id: int | None,
    booking_id: int | None,
    expected: int | None,
    clashes: Clashes = "refuse",
    href: str = "",
    moves: bool = False,
    seen: Seen | None = None,
    now: datetime,
) -> PutResult:
    """Let a calendar object be a booking: book it, or change what is booked; or nothing at all.

    ``data`` is a VCALENDAR with the events of one UID.  ``space_id`` is the room
    whose calendar it is put into; None is a calendar of the person's own, in which
    LOCATION names the rooms.  ``booking_id`` is the booking that the object is known
    to be; without, its UID tells whether it is known.  ``expected`` is the version that
    the sender saw (If-Match), None for any.  ``href`` is the name that a program gives
    it, remembered for this person.  ``moves``: the booking lies in the calendar of another
    room, and goes to ``space_id`` as it is changed.  ``seen`` is the house where it has been
    read.  With ``clashes`` "skip" dates of a series that clash are left out, and wait for their
    time; else they refuse all of it.

    Put again as it was, an object changes nothing.

    Raises:
        InvalidRequest: If it cannot be read, or makes no sense; ``Unreadable`` if it is no
            calendar.
        NotFound: If there is no such room or booking.
        NotAllowed: If the booking is somebody else's, or a rule of the house forbids it.
        Stale: If the booking is not at ``expected``.
        UidTaken: If another object has this UID, or a booking cannot be moved, as one of
            several rooms.
        Conflicted: If a wanted time is taken; with alternatives.
    """
    who = replace(actor, door=door)
    asked = Asked(data, who, space_id, booking_id, expected, clashes, href, now, moves, seen)
    try:
        return _put(asked)
    except (IntegrityError, stored.KnownByNow):  # the same object, sent twice at once
        return _put(replace(asked, seen=None))
    except OverflowError:
        raise InvalidRequest.because("time_out_of_range") from None


def _put(asked: Asked) -> PutResult:
    session = db.session()
    if asked.seen is None:
        session.rollback()  # whoever asks may have been reading for a while
    before = agenda.booking(session, asked.booking_id) if asked.booking_id is not None else None
    place = place_of(session, asked, before)
    if asked.moves and before is not None:
        _check_moves(before, asked)
    event = read_one(asked.data, zone=place.zone)
    is_free = asked.seen is not None and asked.seen.free_uid == event.uid
    known = before or (None if is_free else stored.known_by(session, event.uid, asked))
    if known is not None and known.uid != event.uid:
        raise InvalidRequest.because("object_other_uid")
    is_gone = known is not None and not any(each.state.is_open for each in known.occurrences)
    if known is not None and not (is_gone and not event.cancelled):
        site = place.sites[known.site_id]
        shown = place.shown(moves=asked.moves, kinds=_kinds(session, event))
        return change_by(asked, event, shown, known, site)
    if event.following is not None:
        raise InvalidRequest.because("object_following")
    site = place.site_of(event)
    if site.zone != place.zone:
        event = read_one(asked.data, zone=site.zone)
    shown = place.shown(kinds=_kinds(session, event))
    return book_by(asked, event, shown, site, gone=known, names=place.names)


def _kinds(session: Session, event: ImportedEvent) -> Mapping[str, str]:
    return category_codes(categories(session)) if event.categories else {}


def _check_moves(before: BookingView, asked: Asked) -> None:
    """Refuse to move what is in several rooms.

    From the calendars of the others it would not be gone, and whoever deletes it there next,
    as programs do, would cancel it.

    Raises:
        UidTaken: If so.
    """
    coming = [x for x in before.occurrences if x.state.is_open and x.interval.end > asked.now]
    if len({each.space_id for each in coming}) != 1:
        raise UidTaken(before.id)
