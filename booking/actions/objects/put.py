"""Put: an object that is new becomes a booking, one that is known changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.actions.objects import stored
from booking.actions.objects.change import change_by
from booking.actions.objects.new import book_by
from booking.actions.objects.values import Asked, Clashes, PutResult
from booking.core.errors import InvalidRequest, NotFound, UidTaken
from booking.core.imports import ImportedEvent, known_as, rooms_in
from booking.core.objects import Shown
from booking.core.values import Actor, BookingView, Door, Site, Space
from booking.db import db
from booking.i18n import category_codes
from booking.ical.reading import read_one
from booking.queries import agenda, houses
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
    now: datetime,
) -> PutResult:
    """Let a calendar object be a booking: book it, or change what is booked; or nothing at all.

    ``data`` is a VCALENDAR with the events of one UID.  ``space_id`` is the room
    whose calendar it is put into; None is a calendar of the person's own, in which
    LOCATION names the rooms.  ``booking_id`` is the booking that the object is known
    to be; without, its UID tells whether it is known.  ``expected`` is the version that
    the sender saw (If-Match), None for any.  ``href`` is the name that a program gives
    it, remembered for this person.  ``moves``: the booking lies in the calendar of another
    room, and goes to ``space_id`` as it is changed.  With ``clashes`` "skip" dates of a series that
    clash are left out, and wait for their time; else they refuse all of it.

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
    asked = Asked(
        data, replace(actor, door=door), space_id, booking_id, expected, clashes, href, now, moves
    )
    try:
        return _put(asked)
    except (IntegrityError, stored.KnownByNow):
        return _put(asked)  # the same object, sent twice at once
    except OverflowError:
        raise InvalidRequest.because("time_out_of_range") from None


def _put(asked: Asked) -> PutResult:
    session = db.session()
    session.rollback()
    before = agenda.booking(session, asked.booking_id) if asked.booking_id is not None else None
    place = _place_of(session, asked, before)
    if asked.moves and before is not None:
        _check_moves(before, asked)
    event = _read(asked, place)
    known = before or stored.known_by(session, event.uid, asked)
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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an object lies: the rooms that may be meant, and which of them it is in."""

    sites: Mapping[int, Site]
    rooms: Mapping[int, Space]
    within: frozenset[int] | None
    zone: str
    space_id: int | None

    @property
    def names(self) -> Mapping[int, str]:
        """The names of the rooms by id."""
        return {each.id: each.name for each in self.rooms.values()}

    def shown(self, *, kinds: Mapping[str, str], moves: bool = False) -> Shown:
        """Return how the sender sees bookings there, or one that it moves there."""
        known: dict[str, int] = {}
        for each in self.rooms.values():
            if each.bookable:
                known.setdefault(known_as(each.name), each.id)
        named = partial(rooms_in, rooms=known)
        if moves:
            return Shown(named, None, self.space_id, kinds)
        return Shown(named, self.within, kinds=kinds)

    def site_of(self, event: ImportedEvent) -> Site:
        """Return the house that a new object is for.

        Raises:
            InvalidRequest: If it names no room.
        """
        if self.space_id is not None:
            return self.sites[self.rooms[self.space_id].site_id]
        named = self.shown(kinds={}).named(event.location)
        if not named:
            place = event.location[:80]
            raise InvalidRequest.because("event_place_unknown", "space", place=place)
        return self.sites[self.rooms[named[0]].site_id]


def _place_of(session: Session, asked: Asked, before: BookingView | None) -> _Place:
    sites = {each.id: each for each in houses.sites(session)}
    if asked.space_id is not None:
        around = houses.spaces_around(session, [asked.space_id])
        room = around.get(asked.space_id)
        if room is None:
            raise NotFound("space", asked.space_id)
        parts = {*room.part_ids}
        within = frozenset(each.id for each in around.values() if parts & {*each.part_ids})
        return _Place(sites, around, within, sites[room.site_id].zone, room.id)
    rooms = {each.id: each for each in houses.spaces(session, before.site_id if before else None)}
    zone = before.zone if before else next(iter(sites.values())).zone
    return _Place(sites, rooms, None, zone, None)


def _read(asked: Asked, place: _Place) -> ImportedEvent:
    return read_one(asked.data, zone=place.zone)
