"""What comes after a lease: another one for the same space, or the same one elsewhere."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking.actions.leases.rows import insert_lease, let, locked, retake
from booking.core.errors import InvalidRequest
from booking.core.lease_checks import checked_lease
from booking.core.leases import terms_of
from booking.core.requests import LeaseMove, LeaseRequest
from booking.core.values import Actor

_DAY = timedelta(days=1)


def renew_lease(
    lease_id: int, request: LeaseRequest, actor: Actor, *, version: int, now: datetime
) -> int:
    """Let the tenant's space to the same organisation after a lease; return the new one's id.

    Raises:
        InvalidRequest: If the lease is open, or the new one begins before its end.
        NotFound, NotAllowed, AlreadyLet, Stale: As ``change_lease``.
    """
    wish = checked_lease(request)

    def store(session: Session) -> int:
        before, site, spaces = locked(session, lease_id, [wish.space_id], actor, version=version)
        if before.ends is None:
            raise InvalidRequest.because("lease_is_open", "starts")
        if wish.starts <= before.ends:
            raise InvalidRequest.because("lease_follows_end", "starts", last=before.ends)
        if wish.organisation_id != before.organisation_id:
            raise InvalidRequest.because("lease_other_tenant", "organisation")
        return insert_lease(
            session, wish, spaces, actor, site=site, now=now, verb="renew", follows_id=lease_id
        )

    return let(store)


def move_lease(request: LeaseMove, actor: Actor, *, now: datetime) -> int:
    """Let a lease go on in another space from a day on; return the id of the new lease.

    The old one ends the day before, in the same transaction; the new one has
    its terms and its end, and takes the share that is asked for, on the same weekdays.

    Raises:
        InvalidRequest: If the day does not lie within the lease, or the space is the same.
        NotFound, NotAllowed, AlreadyLet, Stale: As ``change_lease``.
    """

    def store(session: Session) -> int:
        before, site, spaces = locked(
            session, request.lease_id, [request.space_id], actor, version=request.version
        )
        if request.space_id == before.space_id:
            raise InvalidRequest.because("lease_same_space", "space")
        if request.on <= before.starts or (before.ends is not None and request.on > before.ends):
            raise InvalidRequest.because("lease_moves_within", "on")
        terms = terms_of(before)
        there = replace(
            terms,
            space_id=request.space_id,
            starts=request.on,
            area_m2=request.area_m2,
            rent_m2=request.rent_m2,
            share=request.share,
            shares=request.shares,
        )
        here = replace(terms, ends=request.on - _DAY)
        retake(session, before, checked_lease(here), spaces, actor, site=site, verb="move", now=now)
        return insert_lease(
            session,
            checked_lease(there),
            spaces,
            actor,
            site=site,
            now=now,
            verb="move",
            follows_id=before.id,
        )

    return let(store)
