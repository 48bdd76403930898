"""What a lease would come to, before it is saved."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking.actions.leases.finding import find
from booking.actions.spaces import admins_only
from booking.core.errors import NotFound
from booking.core.intervals import Interval
from booking.core.lease_checks import checked_lease
from booking.core.letting import let_times
from booking.core.recurrence import to_local
from booking.core.requests import LeaseRequest
from booking.core.values import Actor, ClosureView, LeaseOverlap
from booking.queries import houses
from booking.queries.closures import closures


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is in the way of a lease, and what it lies over.

    ``overlaps`` are leases, which refuse it; ``closures`` of the space, or of
    the whole site, do not: the tenant has what is closed.
    """

    overlaps: tuple[LeaseOverlap, ...]
    closures: tuple[ClosureView, ...]


def look_at_lease(
    session: Session,
    request: LeaseRequest,
    actor: Actor,
    *,
    now: datetime,
    lease_id: int | None = None,
) -> Outlook:
    """Return what a lease would meet; ``lease_id`` is the one that it would change.

    Stores nothing, and may be stale at once.

    Raises:
        InvalidRequest, NotFound, NotAllowed: As ``create_lease``.
    """
    wish = checked_lease(request)
    spaces = houses.spaces_with_parts(session, [wish.space_id])
    space = spaces.get(wish.space_id)
    if space is None:
        raise NotFound("space", wish.space_id)
    admins_only(actor, space.site_id)
    site = houses.site(session, space.site_id)
    ignoring = () if lease_id is None else (lease_id,)
    today = to_local(now, site.zone).date()
    found = find(session, wish, spaces, site=site, today=today, ignoring=ignoring)
    times = let_times(wish.starts, wish.ends, wish.weekdays, site.zone, today=today)
    span = Interval(times[0].start, times[-1].end)
    closed = [
        each
        for each in closures(session, site.id, span)
        if each.interval.end > now
        and each.space_id in (None, space.id, *space.part_ids)
        and any(each.interval.overlaps(one) for one in times)
    ]
    return Outlook(found.overlaps, tuple(closed))
