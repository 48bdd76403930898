"""Change a lease, end it before its time, or take back one that has not begun."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.leases.rows import has_begun, let, locked, retake, written
from booking.core.errors import InvalidRequest
from booking.core.lease_checks import checked_lease
from booking.core.leases import terms_of
from booking.core.recurrence import to_local
from booking.core.requests import LeaseRequest
from booking.core.values import Actor
from booking.db import transact
from booking.models import Lease


def change_lease(
    lease_id: int, request: LeaseRequest, actor: Actor, *, version: int, now: datetime
) -> int:
    """Give a lease other terms and return its new version.

    One that has begun keeps its space and its tenant: those who had it had it.

    Raises:
        InvalidRequest, NotFound, NotAllowed, AlreadyLet: As ``create_lease``.
        Stale: If somebody changed it since.
    """
    wish = checked_lease(request)

    def store(session: Session) -> int:
        before, site, spaces = locked(session, lease_id, [wish.space_id], actor, version=version)
        if has_begun(before, to_local(now, site.zone).date()):
            if wish.space_id != before.space_id:
                raise InvalidRequest.because("lease_begun", "space")
            if wish.organisation_id != before.organisation_id:
                raise InvalidRequest.because("lease_begun", "organisation")
        retake(session, before, wish, spaces, actor, site=site, verb="change", now=now)
        return version + 1

    return let(store)


def end_lease(lease_id: int, last: date, actor: Actor, *, version: int, now: datetime) -> int:
    """Let a lease end on an earlier day, its last, and return its new version.

    Raises:
        InvalidRequest: If the day lies before its start, or not before its end.
        NotFound, NotAllowed, Stale: As ``change_lease``.
    """

    def store(session: Session) -> int:
        before, site, spaces = locked(session, lease_id, (), actor, version=version)
        if last < before.starts:
            raise InvalidRequest.because("lease_ends_first", "last")
        if before.ends is not None and last >= before.ends:
            raise InvalidRequest.because("lease_ends_later", "last", last=before.ends)
        wish = checked_lease(replace(terms_of(before), ends=last))
        retake(session, before, wish, spaces, actor, site=site, verb="end", now=now)
        return version + 1

    return let(store)


def withdraw_lease(lease_id: int, actor: Actor, *, version: int, now: datetime) -> None:
    """Take back a lease that has not begun; what it was stays in the history.

    Raises:
        InvalidRequest: If it has begun: then it ends.
        NotFound, NotAllowed, Stale: As ``change_lease``.
    """

    def store(session: Session) -> None:
        before, site, _spaces = locked(session, lease_id, (), actor, version=version)
        if has_begun(before, to_local(now, site.zone).date()):
            raise InvalidRequest.because("lease_begun_ends", "last")
        record.next_version(session, Lease, lease_id, version, {})
        record.release_lease(session, lease_id)
        session.execute(
            update(Lease)
            .where(Lease.follows_id == lease_id)
            .values(follows_id=None, version=Lease.version + 1)
        )
        session.execute(delete(Lease).where(Lease.id == lease_id))
        written(session, lease_id, "withdraw", before, None, actor, now=now)

    transact(store)
