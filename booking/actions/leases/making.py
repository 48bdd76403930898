"""Let a space, from today, from some other day, or from long ago."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.leases.rows import insert_lease, let
from booking.actions.spaces import admins_only
from booking.core.errors import NotFound
from booking.core.lease_checks import checked_lease
from booking.core.requests import LeaseRequest
from booking.core.values import Actor
from booking.queries import houses


def create_lease(request: LeaseRequest, actor: Actor, *, now: datetime) -> int:
    """Let a space to an organisation and return the lease's id.

    Raises:
        InvalidRequest: If the request makes no sense (messages name their fields).
        NotFound: If there is no such space.
        NotAllowed: If the actor does not run its site.
        AlreadyLet: If others have it, or too much of it.
    """
    wish = checked_lease(request)

    def store(session: Session) -> int:
        spaces = record.lock_spaces(session, [wish.space_id])
        space = spaces.get(wish.space_id)
        if space is None:
            raise NotFound("space", wish.space_id)
        admins_only(actor, space.site_id)
        site = houses.site(session, space.site_id)
        return insert_lease(session, wish, spaces, actor, site=site, now=now)

    return let(store)
