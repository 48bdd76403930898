"""Cancel: give the time back, of a whole booking or of one date."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.book import Booked
from booking.actions.bookings.written import revise, space_names
from booking.actions.freed import claim_freed
from booking.core import permissions
from booking.core.checks import checked_reason
from booking.core.errors import InvalidRequest, NotAllowed, Stale
from booking.core.requests import CancelRequest
from booking.core.values import Actor, BookingView, OccurrenceView, State
from booking.db import transact
from booking.models import Allocation
from booking.queries import agenda, houses


def cancel(request: CancelRequest, actor: Actor, *, now: datetime) -> Booked:
    """Give back what has not ended of a booking, or one date of it.

    Raises:
        NotFound: If there is no such booking.
        NotAllowed: If the booking is somebody else's.
        Stale: If somebody changed it since.
        InvalidRequest: If nothing is left to cancel.
    """
    reason = checked_reason(request.reason)
    return transact(lambda session: _cancel(session, request, actor, now=now, reason=reason))


def _cancel(
    session: Session, request: CancelRequest, actor: Actor, *, now: datetime, reason: str
) -> Booked:
    known = agenda.booking(session, request.booking_id)
    record.lock_spaces(session, known.space_ids)
    before = agenda.booking(session, request.booking_id)
    if not permissions.may_change(actor, before):
        raise NotAllowed.because("not_your_booking")
    if before.version != request.version:
        raise Stale(before.version)
    gone = [
        each
        for each in before.occurrences
        if each.state.is_open
        and each.interval.end > now
        and request.occurrence_id in (None, each.occurrence_id)
    ]
    if not gone:
        raise InvalidRequest.because("not_open")
    is_whole = request.occurrence_id is None
    return give_back(session, before, gone, actor, now=now, reason=reason, is_whole=is_whole)


def give_back(
    session: Session,
    before: BookingView,
    gone: list[OccurrenceView],
    actor: Actor,
    *,
    now: datetime,
    reason: str,
    is_whole: bool = False,
) -> Booked:
    """Cancel some allocations of a booking, under the lock of a verb, and tell its organiser."""
    ids = [each.allocation_id for each in gone]
    claim_freed(session, record.release(session, ids), now=now)
    session.execute(
        update(Allocation)
        .where(Allocation.id.in_(ids))
        .values(state=State.CANCELLED.value, reason=reason)
    )
    after = revise(
        session,
        before,
        actor,
        "cancel",
        now=now,
        columns={"cancel_reason": reason} if is_whole else {},
        told={
            "reason": reason,
            "cancelled": sorted(
                {each.recurrence_id.isoformat(timespec="minutes") for each in gone}
            ),
        },
    )
    if actor.person_id != after.organiser_id:
        spaces = houses.spaces_by_id(session, after.space_ids)
        record.notify(
            session,
            [after.organiser_id],
            "notice_cancelled",
            {
                "actor": actor.name,
                "title": after.title,
                "space": space_names(spaces, after.space_ids),
                "start": min(each.recurrence_id for each in gone),
                "reason": reason or "-",
            },
            booking_id=after.id,
            now=now,
        )
    return Booked(after.id, after.state, after.version)
