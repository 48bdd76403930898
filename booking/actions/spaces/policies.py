"""The rules of a space, and those of a site, set by whoever runs it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, null, select, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only
from booking.core.allowances import WHOLE
from booking.core.errors import InvalidRequest, NotFound, Stale
from booking.core.values import Actor, Policy, SitePolicy
from booking.core.values import Space as SpaceValue
from booking.core.values.policy import check_policy, check_site_policy
from booking.db import transact
from booking.models import Organisation, Site, Space
from booking.queries import houses, requests

MOST_WEIGHT = 1_000


@dataclass(frozen=True, slots=True)
class Asking:
    """Whether an approver always has to agree, and whether requests hold their time until then."""

    always: bool
    requests_hold: bool


def set_policy(
    space_id: int,
    policy: Policy,
    actor: Actor,
    *,
    version: int,
    now: datetime,
    asking: Asking | None = None,
    weight: int | None = None,
) -> int:
    """Store the rules of a space and return its new version; bookings made before keep theirs.

    ``asking`` None leaves as it is whether an approver always has to agree,
    ``weight`` None what an hour of it counts for, in percent.

    Raises:
        NotFound: If there is no such space.
        NotAllowed: If the actor does not run its site.
        Stale: If somebody changed the space since.
        InvalidRequest: If the rules contradict each other, or requests are
            open that hold, or do not hold, their time.
    """
    check_policy(policy)
    if weight is not None and not 0 <= weight <= MOST_WEIGHT:
        raise InvalidRequest.because("weight_invalid", "weight", most=MOST_WEIGHT // WHOLE)

    def store(session: Session) -> int:
        space = record.lock_spaces(session, [space_id]).get(space_id)
        if space is None:
            raise NotFound("space", space_id)
        admins_only(actor, space.site_id)
        if space.version != version:
            raise Stale(space.version)
        _known(session, policy.organisations, "organisations")
        _known(session, policy.insiders, "insiders")
        record.next_version(session, Space, space_id, version, _stored(policy))
        _written(session, ("space", space_id), space.policy, policy, actor, now=now)
        if asking is not None:
            _set_asking(session, space, asking, actor, now=now)
        if weight not in (None, space.weight):
            session.execute(update(Space).where(Space.id == space_id).values(weight=weight))
            entity, old, new = ("space", space_id), {"weight": space.weight}, {"weight": weight}
            record.audit(session, actor, "edit", entity, now=now, old=old, new=new)
        record.bump(session, {("space", space_id): False}, uid=f"space-{space_id}", now=now)
        return version + 1

    return transact(store)


def _set_asking(
    session: Session, space: SpaceValue, asking: Asking, actor: Actor, *, now: datetime
) -> None:
    before = Asking(space.needs_approval, space.requests_hold)
    if asking == before:
        return
    if asking.requests_hold != before.requests_hold:
        number = requests.number_requested(session, space.id, now=now)
        if number:
            raise InvalidRequest.because("requests_open", "requests_hold", number=number)
    new = {"needs_approval": asking.always, "requests_hold": asking.requests_hold}
    session.execute(update(Space).where(Space.id == space.id).values(**new))
    old = {"needs_approval": before.always, "requests_hold": before.requests_hold}
    record.audit(session, actor, "edit", ("space", space.id), now=now, old=old, new=new)


def set_site_policy(
    site_id: int, policy: SitePolicy, actor: Actor, *, version: int, now: datetime
) -> int:
    """Store the rules of a site and return its new version.

    Raises:
        NotFound, NotAllowed, Stale, InvalidRequest: As for ``set_policy``.
    """
    check_site_policy(policy)
    admins_only(actor, site_id)

    def store(session: Session) -> int:
        site = houses.site(session, site_id)
        if site.version != version:
            raise Stale(site.version)
        record.next_version(session, Site, site_id, version, _stored(policy))
        _written(session, ("site", site_id), site.policy, policy, actor, now=now)
        return version + 1

    return transact(store)


def _known(session: Session, ids: Iterable[int], field: str) -> None:
    """Refuse a rule for organisations of which one is not there: nobody would meet it."""
    asked = set(ids)
    query = select(func.count()).where(Organisation.id.in_(asked))
    if asked and session.execute(query).scalar_one() != len(asked):
        raise InvalidRequest.because("policy_nobody", field)


def _stored(policy: Policy | SitePolicy) -> dict[str, object]:
    data = policy.to_json()
    return {"policy": null() if data is None else data}


def _written(
    session: Session,
    entity: tuple[str, int],
    before: Policy | SitePolicy,
    after: Policy | SitePolicy,
    actor: Actor,
    *,
    now: datetime,
) -> None:
    record.audit(
        session,
        actor,
        "set_policy",
        entity,
        now=now,
        old=before.to_json() or {},
        new=after.to_json() or {},
    )
