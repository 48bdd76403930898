"""What the verbs of this package share: rows, holds, audit, who is locked."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.leases.finding import Found, find, refuse_overlaps
from booking.actions.spaces import admins_only
from booking.core.errors import GuardRefused, InvalidRequest, NotFound, Stale
from booking.core.recurrence import to_local
from booking.core.requests import LeaseRequest
from booking.core.values import Actor, LeaseView, Site, Space
from booking.db import transact
from booking.models import Lease, Organisation
from booking.models import Space as SpaceRow
from booking.queries import houses, leases

T = TypeVar("T")


def let(work: Callable[[Session], T]) -> T:
    """Run a verb; where the database refused what somebody else let meanwhile, look again.

    The second look finds the other lease, and tells it.
    """
    try:
        return transact(work)
    except GuardRefused:
        return transact(work)


def locked(
    session: Session, lease_id: int, others: Iterable[int], actor: Actor, *, version: int
) -> tuple[LeaseView, Site, dict[int, Space]]:
    """Lock the space of a lease and other spaces; return the lease, its site and the spaces.

    Raises:
        NotFound: If there is no such lease.
        NotAllowed: If the actor does not run its site.
        Stale: If somebody changed it since.
    """
    spaces = record.lock_spaces(session, {leases.lease(session, lease_id).space_id, *others})
    found = leases.lease(session, lease_id)
    if found.space_id not in spaces:  # it moved while we waited
        spaces |= record.lock_spaces(session, [found.space_id])
    admins_only(actor, found.site_id)
    if found.version != version:
        raise Stale(found.version)
    return found, houses.site(session, found.site_id), spaces


def check_organisation(session: Session, organisation_id: int) -> None:
    """Lock an organisation that shall have a lease, so that nobody archives it meanwhile.

    Raises:
        InvalidRequest: If there is none, or it is archived.
    """
    query = select(Organisation.archived_at).where(Organisation.id == organisation_id)
    row = session.execute(query.with_for_update(key_share=True)).first()
    if row is None or row.archived_at is not None:
        raise InvalidRequest.because("not_found", "organisation", kind="organisation")


def insert_lease(
    session: Session,
    request: LeaseRequest,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    site: Site,
    now: datetime,
    verb: str = "create",
    follows_id: int | None = None,
) -> int:
    """Store a lease with its holds and its audit; return its id.

    Raises:
        AlreadyLet: If others have the space.
        InvalidRequest, NotFound: As ``find``.
    """
    if spaces.get(request.space_id) is not None:
        _refuse_archived(session, request.space_id)
    found = find(session, request, spaces, site=site, today=to_local(now, site.zone).date())
    refuse_overlaps(found)
    check_organisation(session, request.organisation_id)
    made = insert(Lease).values(
        site_id=site.id,
        follows_id=follows_id,
        created_by_id=actor.person_id,
        created_at=now,
        **columns(request),
    )
    lease_id = int(session.execute(made.returning(Lease.id)).scalar_one())
    take(session, lease_id, found)
    written(session, lease_id, verb, None, leases.lease(session, lease_id), actor, now=now)
    return lease_id


def columns(request: LeaseRequest) -> dict[str, Any]:
    """Return the columns that a request decides."""
    return {
        "space_id": request.space_id,
        "organisation_id": request.organisation_id,
        "starts": request.starts,
        "ends": request.ends,
        "share": request.share,
        "shares": request.shares,
        "weekdays": sorted(request.weekdays),
        "area_m2": request.area_m2,
        "rent_m2": request.rent_m2,
        "includes": sorted(request.includes),
        "room_min": None if request.rooms is None else int(request.rooms.total_seconds() // 60),
        "months_notice": request.months_notice,
        "documents": [{"title": each.title, "url": each.url} for each in request.documents],
        "note": request.note,
    }


def retake(
    session: Session,
    before: LeaseView,
    request: LeaseRequest,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    site: Site,
    verb: str,
    now: datetime,
) -> None:
    """Store a lease as it shall be, and what it holds by then.

    Raises:
        AlreadyLet: If others have what it would take.
        Stale: If somebody was faster.
    """
    today = to_local(now, site.zone).date()
    found = find(session, request, spaces, site=site, today=today, ignoring={before.id})
    refuse_overlaps(found)
    if request.organisation_id != before.organisation_id:
        check_organisation(session, request.organisation_id)
    record.next_version(session, Lease, before.id, before.version, columns(request))
    record.release_lease(session, before.id)
    take(session, before.id, found)
    after = leases.lease(session, before.id)
    written(session, before.id, verb, before, after, actor, now=now)


def take(session: Session, lease_id: int, found: Found) -> None:
    """Write the holds of a lease.  The database may refuse them."""
    for part_id, times in found.divide.items():
        record.divide_let(session, part_id, times)
        let_lanes = SpaceRow.let_lanes * times
        session.execute(update(SpaceRow).where(SpaceRow.id == part_id).values(let_lanes=let_lanes))
    record.hold(
        session,
        [
            record.Claim(part_id, when, lane, lease_id=lease_id)
            for part_id, some in found.lanes.items()
            for lane, when in some
        ],
    )


def written(
    session: Session,
    lease_id: int,
    verb: str,
    before: LeaseView | None,
    after: LeaseView | None,
    actor: Actor,
    *,
    now: datetime,
) -> None:
    """Write down what became of a lease, and tell those who follow its spaces."""
    record.audit(
        session,
        actor,
        verb,
        ("lease", lease_id),
        now=now,
        old=None if before is None else before.said(),
        new=None if after is None else after.said(),
    )
    keys = {("space", each.space_id): False for each in (before, after) if each is not None}
    record.bump(session, keys, uid=f"lease-{lease_id}", now=now)


def has_begun(view: LeaseView, today: date) -> bool:
    """Whether somebody has the space already, or had it."""
    return view.starts <= today


def _refuse_archived(session: Session, space_id: int) -> None:
    query = select(SpaceRow.archived_at).where(SpaceRow.id == space_id)
    if session.execute(query).scalar() is not None:
        raise NotFound("space", space_id)
