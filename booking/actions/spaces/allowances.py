"""What an organisation may have of a site, where it is not as everybody."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, insert, null, select, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only
from booking.core.errors import NotFound, Stale
from booking.core.values import Actor, Limits
from booking.core.values.fairness import check_limits
from booking.db import transact
from booking.models import Allowance, Organisation
from booking.queries import houses
from booking.queries.allowances import own_limits


def set_limits(
    organisation_id: int,
    site_id: int,
    limits: Limits | None,
    actor: Actor,
    *,
    version: int,
    now: datetime,
) -> int:
    """Give an organisation limits of its own in a site (None: as everybody); return their version.

    What is booked already stays.  ``version`` is 0 where none were ever stored.

    Raises:
        NotAllowed: If the actor does not run the site.
        NotFound: If there is no such organisation or site.
        Stale: If somebody changed them since.
        InvalidRequest: If they contradict each other.
    """
    admins_only(actor, site_id)
    if limits is not None:
        check_limits(limits)

    def store(session: Session) -> int:
        houses.site(session, site_id)
        # Whoever books for it meanwhile waits, and is asked by the new limits.
        known = select(Organisation.id).where(Organisation.id == organisation_id)
        if session.execute(known.with_for_update(key_share=True)).first() is None:
            raise NotFound("organisation", organisation_id)
        before = own_limits(session, organisation_id, site_id)
        if before.version != version:
            raise Stale(before.version)
        _write(session, organisation_id, site_id, limits, version)
        record.audit(
            session,
            actor,
            "set_limits",
            ("organisation", organisation_id),
            now=now,
            old=_said(site_id, before.limits),
            new=_said(site_id, limits),
        )
        return version + 1

    return transact(store)


def _write(
    session: Session, organisation_id: int, site_id: int, limits: Limits | None, version: int
) -> None:
    stored = limits.to_json() if limits else None
    values: dict[str, Any] = {  # Any: JSON
        "limits": null() if stored is None else stored,
        "is_own": limits is not None,
        "version": version + 1,
    }
    if version == 0:
        ids = {"organisation_id": organisation_id, "site_id": site_id}
        session.execute(insert(Allowance).values(**ids, **values))
        return
    result = session.execute(
        update(Allowance)
        .where(
            Allowance.organisation_id == organisation_id,
            Allowance.site_id == site_id,
            Allowance.version == version,
        )
        .values(**values)
    )
    if cast("CursorResult[Any]", result).rowcount != 1:
        raise Stale(version + 1)


def _said(site_id: int, limits: Limits | None) -> dict[str, Any]:
    return {"site_id": site_id, "limits": None if limits is None else limits.to_json() or {}}
