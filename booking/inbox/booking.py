"""A calendar object that came by mail becomes a booking, changes it, or gives it back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from booking.actions import bookings, mail_requests
from booking.actions.objects import delete_object, put_object
from booking.core.errors import BookingError, Conflicted, InvalidRequest, NotAllowed, NotFound
from booking.core.imports import known_as
from booking.core.mail_requests import Free, MailRequest
from booking.core.messages import message
from booking.core.recurrence import to_local
from booking.core.requests import CancelRequest
from booking.core.values import Actor, BookingView, ByMail, Door, Space
from booking.db import db
from booking.ical.reading.itip import Scheduling, located, merged, scheduling_of
from booking.queries import agenda, houses
from booking.queries.mail_requests import known_object, mail_request
from booking.queries.people import actor_of

MOST_FREE = 8


def book_one(received_id: int, *, now: datetime) -> None:
    """Do what a mail asks for, by the same verb as every calendar; done twice, it is done once."""
    session = db.session()
    asked = mail_request(session, received_id)
    said = scheduling_of(asked.content) if asked else None
    if asked is None or said is None or asked.state != "waits":
        session.rollback()
        return
    try:
        booking_id = _done(session, asked, said, now=now)
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


def _done(session: Session, asked: MailRequest, said: Scheduling, *, now: datetime) -> int | None:
    """Return the booking that came of it, None where it was given back.

    Raises:
        BookingError: If the house says no.
        _Older: If it is about a version that is gone.
    """
    actor = actor_of(session, asked.person_id, Door.MAIL)
    known = known_object(session, said.uid, asked.person_id)
    body = known[1] if known else None
    before = scheduling_of(body) if body else None
    if before is not None and said.is_older_than(before):
        raise _Older
    space = houses.spaces_by_id(session, [asked.space_id])[asked.space_id]
    session.rollback()
    if said.method == "CANCEL":
        if known is None:
            raise NotFound("booking", said.uid)
        _cancel(session, known[0], actor, said, asked.space_id, now=now)
        return None
    if space.policy.by_mail is ByMail.OFF:
        raise NotAllowed.because("by_mail_off", name=space.name)
    content = asked.content
    if said.is_partial:
        if body is None:
            raise InvalidRequest.because("event_without_series")
        content = merged(body, asked.content)
    moves = known is not None and _is_elsewhere(session, known[0], space)
    session.rollback()
    return put_object(
        located(content, space.name) if moves else content,
        actor,
        door=Door.MAIL,
        space_id=None if moves else asked.space_id,
        booking_id=known[0] if known else None,
        expected=None,
        clashes="skip" if space.policy.by_mail is ByMail.PARTLY else "refuse",
        now=now,
    ).booking_id


def _is_elsewhere(session: Session, booking_id: int, space: Space) -> bool:
    """Whether a booking is in other rooms than the one that it is asked for by now.

    Raises:
        NotAllowed: If it is, and another room has the same name: it cannot be moved by that.
    """
    booking = agenda.booking(session, booking_id)
    there = {each.space_id for each in booking.occurrences if each.state.is_open}
    if not there or space.id in there:
        return False
    names = [known_as(each.name) for each in houses.spaces(session)]
    if names.count(known_as(space.name)) > 1:
        raise NotAllowed.because("mail_other_room", name=space.name)
    return True


def _cancel(
    session: Session,
    booking_id: int,
    actor: Actor,
    said: Scheduling,
    space_id: int,
    *,
    now: datetime,
) -> None:
    """Give the room of a booking back, as a whole or on single dates.

    A booking that has gone to another room meanwhile stays there.
    """
    booking = agenda.booking(session, booking_id)
    dates = _dates(booking, said, space_id)
    session.rollback()
    if dates is None:
        delete_object(actor, door=Door.MAIL, booking_id=booking_id, space_id=space_id, now=now)
        return
    for occurrence_id in dates:
        version = agenda.booking(session, booking_id).version
        session.rollback()
        wish = CancelRequest(booking_id, version, occurrence_id=occurrence_id)
        bookings.cancel(wish, actor, now=now)


def _dates(booking: BookingView, said: Scheduling, space_id: int) -> Sequence[int] | None:
    """Return the dates that a CANCEL is about, those that take place; None for all of them."""
    if not said.is_partial:
        return None
    asked = {said.local(each.at, booking.zone) for each in said.parts if each.at is not None}
    days = {each.date() for each in asked} if booking.all_day else set()
    return sorted(
        {
            each.occurrence_id
            for each in booking.occurrences
            if each.state.is_open
            and each.space_id == space_id
            and (each.recurrence_id in asked or each.recurrence_id.date() in days)
        }
    )


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
