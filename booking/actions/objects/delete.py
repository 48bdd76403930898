"""Delete: the time is given back, of a whole booking or of the room in whose calendar it lay."""

from collections.abc import Container
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.cancel import give_back
from booking.actions.objects.values import PutResult
from booking.core import permissions
from booking.core.errors import NotAllowed, Stale
from booking.core.values import Actor, BookingView, Door, OccurrenceView
from booking.db import transact
from booking.queries import agenda, houses


def delete_object(
    actor: Actor,
    *,
    door: Door,
    booking_id: int,
    space_id: int | None = None,
    dates: Container[datetime] | None = None,
    expected: int | None = None,
    now: datetime,
) -> PutResult:
    """Give back what has not ended of a booking; deleted again, nothing happens.

    From the calendar of a room (``space_id``) only that room is given back, as long
    as the booking has others; None gives back all of them.  ``dates`` are the local starts
    of those that are meant, None all.

    Raises:
        NotFound: If there is no such booking.
        NotAllowed: If the booking is somebody else's.
        Stale: If it is not at the version ``expected``.
    """
    who = replace(actor, door=door)

    def work(session: Session) -> PutResult:
        known = agenda.booking(session, booking_id)
        record.lock_spaces(session, known.space_ids)
        before = agenda.booking(session, booking_id)
        if not permissions.may_change(who, before):
            raise NotAllowed.because("not_your_booking")
        if expected is not None and before.version != expected:
            raise Stale(before.version)
        gone = [
            each
            for each in _given_back(session, before, space_id, now)
            if dates is None or each.recurrence_id in dates
        ]
        if not gone:
            return PutResult(
                before.id, before.state, changed=False, version=before.version, stored=False
            )
        open_ids = {each.allocation_id for each in _coming(before, now)}
        is_whole = open_ids == {each.allocation_id for each in gone}
        done = give_back(session, before, gone, who, now=now, reason="", is_whole=is_whole)
        return PutResult(before.id, done.state, changed=False, version=done.version)

    return transact(work)


def _coming(before: BookingView, now: datetime) -> list[OccurrenceView]:
    return [x for x in before.occurrences if x.state.is_open and x.interval.end > now]


def _given_back(
    session: Session, before: BookingView, space_id: int | None, now: datetime
) -> list[OccurrenceView]:
    coming = _coming(before, now)
    if space_id is None:
        return coming
    spaces = houses.spaces_with_parts(session, {space_id, *before.space_ids})
    parts = {*spaces[space_id].part_ids} if space_id in spaces else set()
    return [each for each in coming if parts & {*spaces[each.space_id].part_ids}]
