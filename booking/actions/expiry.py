"""Requests that nobody decided: approvers are reminded, then they expire.

Run by the ticker.  Each request is its own transaction, and each step looks
again under the lock, so that several processes, or an approver at the same
moment, do each thing once.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.written import revise, space_names
from booking.actions.freed import claim_freed
from booking.core import expiry
from booking.core.errors import NotFound
from booking.core.recurrence import to_local
from booking.core.values import SYSTEM, BookingView, OccurrenceView, Site, State
from booking.db import db, transact
from booking.models import Allocation
from booking.queries import agenda, houses, people, requests

EXPIRING = "notice_expiring"


def expire_requests(*, now: datetime) -> int:
    """Let requests expire whose time has come; return of how many bookings.

    Of a series whose requests are young enough only the dates expire that
    have begun.
    """
    session = db.session()
    found = requests.undecided(session, now=now)
    session.rollback()
    due = [each for each in found if _end(each) <= now]
    return sum(transact(partial(_expire, due=each, now=now)) for each in due)


def remind_approvers(*, now: datetime) -> int:
    """Remind approvers of requests that expire soon, once; return of how many bookings."""

    def work(session: Session) -> int:
        found = requests.undecided(session, now=now)
        known = requests.reminded(session, [each.booking_id for each in found], code=EXPIRING)
        near = [
            each
            for each in found
            if expiry.needs_reminder(
                each.start,
                each.changed_at,
                each.site.policy,
                reminded_at=known.get(each.booking_id),
                now=now,
            )
        ]
        for each in near:
            _remind(session, each, now=now)
        return len(near)

    return transact(work)


def _expire(session: Session, *, due: requests.Undecided, now: datetime) -> bool:
    try:
        known = agenda.booking(session, due.booking_id)
    except NotFound:
        return False
    record.lock_spaces(session, known.space_ids)
    before = agenda.booking(session, due.booking_id)
    site = houses.site(session, before.site_id)
    gone = [
        each
        for each in before.occurrences
        if each.state is State.REQUESTED
        and expiry.expires_at(each.interval.start, before.updated_at, site.policy) <= now
    ]
    if not gone:  # decided, changed or expired by now
        return False
    ids = [each.allocation_id for each in gone]
    claim_freed(session, record.release(session, ids), now=now)
    session.execute(
        update(Allocation)
        .where(Allocation.id.in_(ids))
        .values(state=State.EXPIRED.value, decided_at=now)
    )
    # Not ``updated_at``: what is left of a series does not become younger by it.
    revise(session, before, SYSTEM, "expire", now=now, columns={"updated_at": before.updated_at})
    _tell_organiser(session, before, gone, site, now=now)
    return True


def _end(due: requests.Undecided) -> datetime:
    return expiry.expires_at(due.start, due.changed_at, due.site.policy)


def _tell_organiser(
    session: Session,
    before: BookingView,
    gone: Sequence[OccurrenceView],
    site: Site,
    *,
    now: datetime,
) -> None:
    space_ids = tuple(sorted({each.space_id for each in gone}))
    spaces = houses.spaces_by_id(session, space_ids)
    record.notify(
        session,
        {before.organiser_id, before.created_by_id},
        "notice_expired",
        {
            "title": before.title,
            "space": space_names(spaces, space_ids),
            "start": to_local(min(each.interval.start for each in gone), site.zone),
        },
        booking_id=before.id,
        now=now,
    )


def _remind(session: Session, due: requests.Undecided, *, now: datetime) -> None:
    told = people.deciders(session, due.space_ids, site_id=due.site.id)
    spaces = houses.spaces_by_id(session, due.space_ids)
    record.notify(
        session,
        told,
        "notice_expiring",
        {
            "title": due.title,
            "space": space_names(spaces, due.space_ids),
            "start": to_local(due.start, due.site.zone),
            "at": to_local(_end(due), due.site.zone),
        },
        booking_id=due.booking_id,
        now=now,
    )
