"""A calendar object that came by mail becomes a booking, changes it, or gives it back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking.actions import mail_requests
from booking.actions.objects import delete_object, put_object
from booking.config import Config
from booking.core.errors import (
    BookingError,
    Conflicted,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from booking.core.imports import known_as
from booking.core.mail_requests import Free, MailRequest, RoomAsked, given_up
from booking.core.messages import message
from booking.core.recurrence import to_local
from booking.core.values import Actor, BookingView, ByMail, Door, Space
from booking.db import db
from booking.ical.reading.itip import Scheduling, located, merged, scheduling_of
from booking.inbox.sorting import listed
from booking.queries import agenda, houses
from booking.queries.mail_requests import asked_before, known_object, mail_request
from booking.queries.people import actor_of

MOST_FREE = 8
TRIES = 5  # rooms of one event are booked by several workers at once


def book_one(received_id: int, config: Config, *, now: datetime) -> None:
    """Do what a mail asks one room for, by the verb of every calendar: once, however often."""
    session = db.session()
    asked = mail_request(session, received_id)
    said = scheduling_of(asked.content) if asked else None
    if asked is None or said is None or asked.state != "waits":
        session.rollback()
        return
    try:
        booking_id = _done(session, asked, said, config, now=now)
    except _Older:
        mail_requests.was_of_no_use(received_id, message("mail_older"))
    except Conflicted as error:
        mail_requests.was_declined(received_id, error.messages, _free(error), now=now)
    except BookingError as error:
        mail_requests.was_declined(received_id, error.messages, now=now)
    else:
        if booking_id is None:
            mail_requests.was_cancelled(received_id)
        else:
            mail_requests.was_booked(received_id, booking_id, now=now)


class _Older(Exception):
    """A newer version was there before."""


def _done(
    session: Session, asked: MailRequest, said: Scheduling, config: Config, *, now: datetime
) -> int | None:
    """Return the booking that came of it, None where it was given back.

    Raises:
        BookingError: If the house says no.
        _Older: If it is about a version that is gone.
    """
    actor = actor_of(session, asked.person_id, Door.MAIL)
    if said.method == "CANCEL":
        _cancel(session, asked, said, actor, now=now)
        return None
    space = houses.spaces_by_id(session, [asked.space_id])[asked.space_id]
    if space.policy.by_mail is ByMail.OFF:
        session.rollback()
        raise NotAllowed.because("by_mail_off", name=space.name)
    for left in reversed(range(TRIES)):
        wish = _wish(session, asked, said, space, config)
        session.rollback()
        try:
            done = put_object(
                wish.content,
                actor,
                door=Door.MAIL,
                space_id=None if wish.exchanges else space.id,
                booking_id=wish.booking_id,
                expected=wish.version,
                clashes="skip" if space.policy.by_mail is ByMail.PARTLY else "refuse",
                now=now,
            )
        except Stale:  # another room of the same event, or somebody on a page
            if not left:
                raise
            continue
        if _has_room(session, done.booking_id, space.id):
            break
    return done.booking_id


@dataclass(frozen=True, slots=True)
class _Wish:
    """An object as it is put: new, or over a booking at a version.

    With ``exchanges`` its LOCATION says which rooms the booking has from now on.
    """

    content: bytes
    booking_id: int | None = None
    version: int | None = None
    exchanges: bool = False


def _wish(
    session: Session, asked: MailRequest, said: Scheduling, space: Space, config: Config
) -> _Wish:
    """Return what is to be put for a request of one room.

    Raises:
        BookingError: If that cannot be.
        _Older: If it is about a version that is gone.
    """
    known = known_object(session, said.uid, asked.person_id)
    body = known[1] if known else None
    before = scheduling_of(body) if body else None
    content = asked.content
    if said.is_partial:
        if body is None:
            raise InvalidRequest.because("event_without_series")
        content = merged(body, asked.content)
    if known is None:
        return _Wish(content)
    others = _others(session, asked, said, known[0], config)
    if before is not None and said.is_older_than(before):
        # Copies for further rooms may be written in any order.
        is_copy = said.sequence == before.sequence
        if not is_copy or space.id in {each.space_id for each in others}:
            raise _Older
    booking = agenda.booking(session, known[0])
    booked = {each.space_id for each in booking.occurrences if each.state.is_open}
    if not booked:
        return _Wish(content, booking.id)
    mine = RoomAsked(space.id, said.sequence, listed(said, config) | {space.id})
    wanted = booked - given_up(mine, others, booked) | {space.id}
    if wanted == booked:
        return _Wish(content, booking.id, booking.version)
    place = _names(session, wanted)
    return _Wish(located(content, place), booking.id, booking.version, exchanges=True)


def _others(
    session: Session, asked: MailRequest, said: Scheduling, booking_id: int, config: Config
) -> list[RoomAsked]:
    """Return what else was asked of the booking by mail."""
    found = []
    for space_id, content in asked_before(session, asked.id, booking_id, asked.person_id):
        other = scheduling_of(content)
        if other is not None and other.uid == said.uid and other.method == "REQUEST":
            rooms = listed(other, config) | {space_id}
            found.append(RoomAsked(space_id, other.sequence, rooms))
    return found


def _names(session: Session, space_ids: Collection[int]) -> str:
    """Return the place of several rooms.

    Raises:
        NotAllowed: If another room has the name of one: it cannot be meant by that.
    """
    spaces = houses.spaces(session)
    known = [known_as(each.name) for each in spaces]
    names = [each.name for each in spaces if each.id in space_ids]
    for name in names:
        if known.count(known_as(name)) > 1:
            raise NotAllowed.because("mail_other_room", name=name)
    return ", ".join(names)


def _has_room(session: Session, booking_id: int, space_id: int) -> bool:
    booking = agenda.booking(session, booking_id)
    session.rollback()
    return any(each.space_id == space_id for each in booking.occurrences)


def _cancel(
    session: Session, asked: MailRequest, said: Scheduling, actor: Actor, *, now: datetime
) -> None:
    """Give the room of a booking back, as a whole or on single dates.

    A booking that has gone to another room meanwhile stays there.

    Raises:
        NotFound: If there is no such booking.
        _Older: If a newer version was there before.
    """
    known = known_object(session, said.uid, asked.person_id)
    before = scheduling_of(known[1]) if known and known[1] else None
    if before is not None and said.is_older_than(before):
        raise _Older
    if known is None:
        session.rollback()
        raise NotFound("booking", said.uid)
    dates = _dates(agenda.booking(session, known[0]), said) if said.is_partial else None
    session.rollback()
    delete_object(
        actor,
        door=Door.MAIL,
        booking_id=known[0],
        space_id=asked.space_id,
        dates=dates,
        now=now,
    )


def _dates(booking: BookingView, said: Scheduling) -> frozenset[datetime]:
    """Return the dates that a CANCEL is about, by their local starts."""
    asked = {said.local(each.at, booking.zone) for each in said.parts if each.at is not None}
    days = {each.date() for each in asked} if booking.all_day else set()
    starts = {each.recurrence_id for each in booking.occurrences}
    return frozenset(each for each in starts if each in asked or each.date() in days)


def _free(error: Conflicted) -> list[Free]:
    """Return what is free instead, in the wall clock of the house."""
    if error.site is None:
        return []
    zone = error.site.zone
    return [
        Free(
            to_local(each.interval.start, zone),
            to_local(each.interval.end, zone),
            each.space_ids,
        )
        for each in error.alternatives[:MOST_FREE]
    ]
