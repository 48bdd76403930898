"""A refusal for the door: what is in the way as the actor may see it, and what is free instead."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from booking.actions import clashes
from booking.actions.bookings.plan import Plan
from booking.core.availability import Alternative
from booking.core.errors import Conflicted, GuardRefused
from booking.core.values import Actor, Clash, Space
from booking.db import db
from booking.queries import houses

MOST_DATES_OFFERED = 60  # of a series that clashes


def conflict(
    error: Conflicted | GuardRefused,
    plan: Plan,
    actor: Actor,
    *,
    now: datetime,
    ignoring: Collection[int] = (),
    spaces: Mapping[int, Space] | None = None,
) -> Conflicted:
    """Return the error for the door: clashes as the actor may see them, and alternatives.

    ``spaces`` are those of the site by id, where they have been read.
    """
    session = db.session()
    if spaces is None:
        spaces = {each.id: each for each in houses.spaces(session, plan.site.id)}
    if isinstance(error, Conflicted):
        found = list(error.clashes)
    else:
        findings = clashes.check(
            session, plan.wants(plan.instances), plan.spaces, ignoring=ignoring
        )
        found = clashes.told(session, findings.taken, actor)
    offers, by_date = _offers(
        session, plan, found, actor, spaces=spaces.values(), now=now, ignoring=ignoring
    )
    return Conflicted(found, offers, by_date, site=plan.site, spaces=spaces)


def _offers(
    session: Session,
    plan: Plan,
    found: Collection[Clash],
    actor: Actor,
    *,
    spaces: Iterable[Space],
    now: datetime,
    ignoring: Collection[int],
) -> tuple[list[Alternative], dict[datetime, list[Alternative]]]:
    """Return what is free for all dates, and of a series for each that clashes."""
    asked = {
        each.recurrence_id: each.interval
        for each in plan.instances
        if each.recurrence_id not in plan.request.skip
    }
    ground = clashes.ground(
        session,
        [*asked.values()],
        plan.request.space_ids,
        site=plan.site,
        spaces=spaces,
        now=now,
        ignoring=ignoring,
        actor=actor,
    )
    if ground is None:
        return [], {}
    # Dates of their own go their own ways: what is offered for all is for the others.
    together = [each for at, each in asked.items() if at not in plan.own]
    clashing = sorted({each.recurrence_id for each in found})[:MOST_DATES_OFFERED]
    each_alone = {at: asked[at] for at in clashing} if plan.rule else {}
    attendance = plan.request.attendance
    return (
        clashes.offer_on(ground, together, now=now, attendance=attendance),
        clashes.offer_each(ground, each_alone, now=now, attendance=attendance),
    )
