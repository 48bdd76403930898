"""Move: an object goes from the calendar of one room into that of another, and stays what it is."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.change import as_request, changed_in, conflict_of_change
from booking.actions.objects import stored
from booking.actions.objects.values import PutResult
from booking.core import permissions
from booking.core.checks import checked
from booking.core.errors import Conflicted, GuardRefused, NotAllowed, Stale
from booking.core.requests import ChangeRequest
from booking.core.values import Actor, BookingView, Door
from booking.db import transact
from booking.queries import agenda


def move_object(
    actor: Actor,
    *,
    door: Door,
    booking_id: int,
    from_space_id: int | None,
    to_space_id: int | None,
    expected: int | None = None,
    href: str = "",
    now: datetime,
) -> PutResult:
    """Exchange a room of a booking for another, on all dates that come; its UID stays.

    ``from_space_id`` None, a calendar of the person's own, exchanges all of its rooms;
    to ``to_space_id`` None nothing changes but its name, ``href``.  Dates with a room of
    their own keep it.

    Raises:
        NotFound: If there is no such booking.
        NotAllowed: If the booking is somebody else's, or a rule of the house forbids it.
        Stale: If it is not at the version ``expected``.
        InvalidRequest: If it makes no sense, as between two houses.
        Conflicted: If the room is taken; with alternatives.
    """
    who = replace(actor, door=door)
    tried: list[ChangeRequest] = []

    def work(session: Session) -> PutResult:
        known = agenda.booking(session, booking_id)
        record.lock_spaces(session, {*known.space_ids, *filter(None, [to_space_id])})
        before = agenda.booking(session, booking_id)
        if not permissions.may_change(who, before):
            raise NotAllowed.because("not_your_booking")
        if expected is not None and before.version != expected:
            raise Stale(before.version)
        spaces = _exchanged(before, from_space_id, to_space_id)
        if href:
            stored.rename(session, booking_id, who.person_id, href, now=now)
        if spaces == before.usual_spaces:
            return PutResult(
                before.id, before.state, changed=True, version=before.version, stored=bool(href)
            )
        wanted = checked(replace(as_request(before), space_ids=spaces))
        tried.append(ChangeRequest(booking_id, before.version, wanted))
        done = changed_in(session, tried[-1], who, now, in_place=True)
        apart = None if done.booking_id == booking_id else done.booking_id
        after = agenda.booking(session, booking_id)
        return PutResult(after.id, done.state, changed=True, version=after.version, apart_id=apart)

    try:
        return transact(work)
    except (Conflicted, GuardRefused) as error:
        raise conflict_of_change(error, tried[-1], who, now=now) from error


def _exchanged(before: BookingView, old: int | None, new: int | None) -> tuple[int, ...]:
    if new is None or new in before.usual_spaces:
        return before.usual_spaces
    kept = () if old is None else (each for each in before.usual_spaces if each != old)
    return tuple(sorted({*kept, new}))
