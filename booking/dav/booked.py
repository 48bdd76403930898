"""Objects of the house that change: a PUT books, a DELETE cancels, a MOVE is a change of room.

All of it through the verbs that everybody else takes, under their rules.
"""

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from booking.actions.objects import (
    PutResult,
    Seen,
    delete_object,
    move_object,
    note_repeated,
    notify_refusal,
    put_object,
)
from booking.core.errors import BookingError, Conflicted, Stale, UidTaken
from booking.core.values import Actor, Door
from booking.dav.asked import is_conditional
from booking.dav.calendars import Item, Stored
from booking.dav.errors import Refused, caldav, house, may_not
from booking.dav.house import HouseCalendar, number_of
from booking.dav.places import Place
from booking.dav.texts import unanswered
from booking.dav.xml import href
from booking.ical import is_organised
from booking.queries import dav as reads
from booking.queries.dav import Listing, Member


def put(calendar: HouseCalendar, at: Place, text: str, uid: str) -> Stored:
    """Book what an object asks for, or change what is booked.

    What it says of rooms as attendees is left out: they answer for themselves.  What one
    has booked in another room moves: programs that move an object put it where it shall be,
    and delete it where it was.  Where it is seen in both calendars, as the rooms share a part,
    a program that knows a version of it (If-Match) changes it, any other moves it.

    Raises:
        Refused: If another object has its UID, or it is somebody else's.
        BookingError: As ``put_object``.
    """
    if at.item is not None and not at.item.may_change:
        raise may_not(
            at.path,
            "write-content",
            _l("This is booked by somebody else: only its people can change it."),
        )
    kind, owner = calendar.listing.key
    known = _member(at.item)
    is_free = known is None and _is_free(calendar, at.name, uid)
    if is_free:
        moved = None
    elif known is None:
        known = moved = _moved(calendar, uid)
    else:
        moved = known if not is_conditional() and _is_of_another_room(calendar, known) else None
    data = unanswered(text).encode()
    try:
        done = put_object(
            data,
            _actor(calendar),
            door=Door.DAV,
            space_id=owner if kind == "space" else None,
            booking_id=known.booking_id if known else None,
            expected=known.version if known and (moved or is_conditional()) else None,
            href="" if number_of(at.name) else at.name,
            moves=moved is not None,
            seen=Seen(calendar.looking.sites, calendar.looking.spaces, uid if is_free else ""),
            now=calendar.looking.now,
        )
    except UidTaken as error:
        raise _taken(calendar, error.booking_id) from None
    except BookingError as error:
        _tell(calendar, at, data, error)
        if isinstance(error, Conflicted) and (own := _of_oneself(calendar, error)):
            raise own from None
        raise
    return Stored(
        done.created or moved is not None, "" if done.changed else _etag(calendar, done, text)
    )


def _of_oneself(calendar: HouseCalendar, error: Conflicted) -> Refused | None:
    """Return the refusal of a time that one has booked oneself, None for any other.

    Some programs divide a series so: the new one first, then the end of the old one.  Nothing
    says that they belong together, and both would take place.
    """
    me, found = calendar.listing.reader, [each.occurrence for each in error.clashes]
    if not found or not all(x and me in (x.organiser_id, x.created_by_id) for x in found):
        return None
    title = next(each.title for each in found if each)
    text = _l(
        "You have booked this time yourself (%(title)s): end or cancel that one, then send this"
        " again.",
        title=title,
    )
    return Refused(409, house("booking-conflict"), text)


def _tell(calendar: HouseCalendar, at: Place, data: bytes, error: BookingError) -> None:
    """Tell the person once what was refused, as programs swallow it; let those that insist wait.

    Raises:
        TooManyAttempts: If the program tries the same again and again.
    """
    if isinstance(error, Stale):  # the program fetches it, and asks its person
        return
    actor, known, now = _actor(calendar), _member(at.item), calendar.looking.now
    booking_id = known.booking_id if known else None
    told = notify_refusal(data, error, actor, door=Door.DAV, booking_id=booking_id, now=now)
    if not told:
        note_repeated(calendar.listing.reader, at.path, now=now)


def delete(calendar: HouseCalendar, at: Place) -> None:
    """Cancel what an object is about; in a room's calendar, of that room.

    Where it is seen for a shared part alone it stays: a program that has moved it deletes it
    there next.

    Raises:
        Refused: If it is somebody else's, or over.
        BookingError: As ``delete_object``.
    """
    known = _changeable(calendar, at, "unbind")
    kind, owner = calendar.listing.key
    done = delete_object(
        _actor(calendar),
        door=Door.DAV,
        booking_id=known.booking_id,
        space_id=owner if kind == "space" else None,
        expected=known.version if is_conditional() else None,
        now=calendar.looking.now,
    )
    if not done.stored:
        raise Refused(403, house("over"), _l("This is over, and stays as it was."))


def move(calendar: HouseCalendar, at: Place, target: HouseCalendar, name: str) -> None:
    """Give a booking another room: that of the calendar it is moved to.

    Raises:
        Refused: If it is somebody else's, or no room's calendar is meant.
        BookingError: As ``move_object``.
    """
    known = _changeable(calendar, at, "unbind")
    if target.space is None or not target.may_write or at.item is None:
        raise may_not(
            target.path, "bind", _l("A booking can be moved to a room that can be booked only.")
        )
    kind, owner = calendar.listing.key
    try:
        move_object(
            _actor(calendar),
            door=Door.DAV,
            booking_id=known.booking_id,
            from_space_id=owner if kind == "space" else None,
            to_space_id=target.space.id,
            expected=known.version if is_conditional() else None,
            href="" if number_of(name) else name,
            now=calendar.looking.now,
        )
    except BookingError as error:
        _tell(calendar, at, calendar.texts([at.item])[at.name].encode(), error)
        raise


def is_same(one: Item | None, other: Item) -> bool:
    """Whether two objects are one booking, seen in two calendars."""
    known, there = _member(one), _member(other)
    return known is not None and there is not None and known.booking_id == there.booking_id


def _is_free(calendar: HouseCalendar, name: str, uid: str) -> bool:
    """Whether no booking has the UID of an object that is not there yet.

    Raises:
        Refused: For names that the house gives.
    """
    if number_of(name) is not None:
        raise may_not(
            calendar.path,
            "bind",
            _l("Names like this one are given by the house: choose another name."),
        )
    return not reads.has_uid(calendar.looking.session, uid)


def _moved(calendar: HouseCalendar, uid: str) -> Member | None:
    """Return the booking in another room that a new object of a room is, None for others'.

    Raises:
        Refused: For the UID of what is in this calendar.
    """
    mine = Listing(("person", calendar.listing.reader), reader=calendar.listing.reader)
    found = reads.members_by_uid(calendar.looking.session, mine, [uid])
    known = next((each for each in found if each.is_member), None)
    if known is None:
        return None
    is_here = calendar.numbered(known.booking_id) is not None
    if calendar.space is None or (is_here and not _is_of_another_room(calendar, known)):
        raise _taken(calendar, known.booking_id)
    return known


def _is_of_another_room(calendar: HouseCalendar, known: Member) -> bool:
    """Whether a booking in a room's calendar is in it for a shared part alone; one statement."""
    if calendar.space is None or len(calendar.listing.spaces) == 1:
        return False
    own = replace(calendar.listing, spaces=(calendar.space.id,))
    found = reads.members_by_id(calendar.looking.session, own, [known.booking_id])
    return not any(each.is_member for each in found)


def _taken(calendar: HouseCalendar, booking_id: int | None) -> Refused:
    """Return the refusal of a UID that is taken, with the other object where it is one's own."""
    inner = ""
    if booking_id is not None:
        known = calendar.numbered(booking_id)
        inner = href(calendar.path + known.name) if known else ""
    return Refused(
        403,
        caldav("no-uid-conflict", inner),
        _l("Another object has this UID: fetch it, and change that one."),
    )


def _changeable(calendar: HouseCalendar, at: Place, privilege: str) -> Member:
    known = _member(at.item)
    if not calendar.may_write:
        raise may_not(
            calendar.path,
            privilege,
            _l("Nothing can be cancelled here: this app, or this calendar, is for reading only."),
        )
    if known is None or at.item is None or not at.item.may_change:
        raise may_not(
            at.path,
            privilege,
            _l("This is booked by somebody else: only its people can change it."),
        )
    if _is_of_another_room(calendar, known):
        raise may_not(
            at.path,
            privilege,
            _l("This is booked in another room that shares a part with this one: cancel it there."),
        )
    return known


def _etag(calendar: HouseCalendar, done: PutResult, text: str) -> str:
    """Return the ETag of what was sent, "" where it comes back with what rooms answer."""
    known = calendar.numbered(done.booking_id)
    if known is None:
        return ""
    is_same = not is_organised(text) or calendar.texts([known]).get(known.name) == text
    return known.etag if is_same else ""


def _member(item: Item | None) -> Member | None:
    return item.key if item is not None and isinstance(item.key, Member) else None


def _actor(calendar: HouseCalendar) -> Actor:
    assert calendar.looking.actor is not None  # noqa: S101  it may write
    return calendar.looking.actor
