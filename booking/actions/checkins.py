"""Check in to a room, or let the rest of its time go to others where nobody does."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.written import revise, space_names
from booking.actions.freed import claim_freed
from booking.core import checkin, permissions
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.messages import Parameter
from booking.core.values import SYSTEM, Actor, BookingView, OccurrenceView, Space, State
from booking.db import db, transact
from booking.models import Allocation
from booking.queries import agenda, checkins


def check_in(booking_id: int, actor: Actor, *, now: datetime) -> datetime:
    """Write down that somebody is there, and return the local start of that date.

    All its rooms that ask are checked in at once.  Whoever did it already is
    told the same again.

    Raises:
        NotFound: If there is no such booking.
        NotAllowed: If the actor is none of its people.
        InvalidRequest: If it is too early, too late, or no room asks.
    """
    return transact(lambda session: _check_in(session, booking_id, actor, now=now))


def release_no_shows(*, now: datetime) -> int:
    """Let the time go to others where nobody came; return of how many bookings.

    Run by the ticker.  Each booking is its own transaction and is looked at
    again under the lock: whoever checks in at the same second is first or not.
    """
    session = db.session()
    found = checkins.awaited(session, [*checkins.asking_spaces(session)], now=now)
    session.rollback()
    return sum(transact(partial(_release, booking_id=each, now=now)) for each in found)


def still_needed(booking_id: int, actor: Actor, *, now: datetime) -> None:
    """Write down that a series is needed, though nobody came to some of its dates.

    Raises:
        NotFound: If there is no such booking.
        NotAllowed: If the booking is somebody else's.
        InvalidRequest: If nothing of it is to come.
    """

    def work(session: Session) -> None:
        stored = agenda.booking(session, booking_id)
        if not permissions.may_change(actor, stored):
            raise NotAllowed.because("not_your_booking")
        if not has_open_dates(stored, now=now):
            raise InvalidRequest.because("not_open")
        new = {"number": checkins.no_shows(session, booking_id)}
        record.audit(session, actor, "still_needed", ("booking", booking_id), now=now, new=new)

    transact(work)


def has_open_dates(booking: BookingView, *, now: datetime) -> bool:
    """Whether something of a booking is still to begin."""
    return any(each.state.is_open and each.interval.start > now for each in booking.occurrences)


def may_check_in(actor: Actor, booking: BookingView) -> bool:
    """Whether the actor is one of those who are expected: the booking's, or its organisation's."""
    return permissions.may_change(actor, booking) or (
        booking.organisation_id is not None and booking.organisation_id in actor.organisations
    )


def _check_in(session: Session, booking_id: int, actor: Actor, *, now: datetime) -> datetime:
    known = agenda.booking(session, booking_id)
    spaces = record.lock_spaces(session, known.space_ids)
    before = agenda.booking(session, booking_id)
    if not may_check_in(actor, before):
        raise NotAllowed.because("not_your_booking")
    found = checkin.to_check_in(before.occurrences, spaces, before.updated_at, now=now)
    if not found:
        there = [
            each
            for each in before.occurrences
            if each.checked_in_at is not None and each.interval.end > now
        ]
        if there:
            return there[0].recurrence_id
        raise InvalidRequest.because("check_in_not_now")
    _store(session, found, checked_in_at=now)
    _revise(session, before, actor, "check_in", found, now=now)
    return found[0].recurrence_id


def _release(session: Session, *, booking_id: int, now: datetime) -> bool:
    try:
        known = agenda.booking(session, booking_id)
    except NotFound:
        return False
    spaces = record.lock_spaces(session, known.space_ids)
    before = agenda.booking(session, booking_id)
    gone = [
        each
        for each in before.occurrences
        if checkin.is_no_show(each, spaces[each.space_id], before.updated_at, now=now)
    ]
    if not gone:  # checked in, changed or cancelled by now
        return False
    ends = {
        each.allocation_id: checkin.kept_until(
            each, spaces[each.space_id], before.updated_at, now=now
        )
        for each in gone
    }
    claim_freed(session, record.shorten(session, ends), now=now)
    _store(session, gone, state=State.EXPIRED.value, released_at=now)
    _revise(session, before, SYSTEM, "no_show", gone, now=now)
    _tell(session, before, gone, spaces, now=now)
    return True


def _store(session: Session, views: Sequence[OccurrenceView], **values: object) -> None:
    ids = [each.allocation_id for each in views]
    session.execute(update(Allocation).where(Allocation.id.in_(ids)).values(**values))


def _revise(
    session: Session,
    before: BookingView,
    actor: Actor,
    verb: str,
    views: Sequence[OccurrenceView],
    *,
    now: datetime,
) -> None:
    """Write the next version: nobody has more time by it, and calendars change with a no-show."""
    columns: dict[str, object] = {"updated_at": before.updated_at}
    if verb == "check_in":
        columns |= {"sequence": before.sequence}
    told = {"on": views[0].recurrence_id.isoformat(timespec="minutes")}
    revise(session, before, actor, verb, now=now, columns=columns, told=told)


def _tell(
    session: Session,
    before: BookingView,
    gone: Sequence[OccurrenceView],
    spaces: Mapping[int, Space],
    *,
    now: datetime,
) -> None:
    """Tell whose time went to others; at every third date of a series ask whether it is needed."""
    told: dict[str, Parameter] = {
        "title": before.title,
        "space": space_names(spaces, sorted({each.space_id for each in gone})),
        "start": gone[0].recurrence_id,
    }
    people = {before.organiser_id, before.created_by_id}
    record.notify(session, people, "notice_no_show", told, booking_id=before.id, now=now)
    if not has_open_dates(before, now=now):
        return  # a single booking, or the last date of a series
    number = checkins.no_shows(session, before.id)
    if checkin.asks_whether_needed(number):
        told = {**told, "number": number}
        record.notify(session, people, "notice_no_shows", told, booking_id=before.id, now=now)
