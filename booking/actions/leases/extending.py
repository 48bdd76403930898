"""Leases of some weekdays without an end go on: their days are held for ten years at least.

Run by the ticker.  Each lease is its own transaction, read again under the lock of its space.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.leases.finding import find
from booking.actions.leases.rows import let, take
from booking.core.errors import NotFound
from booking.core.leases import terms_of
from booking.core.letting import WEEKDAYS_AHEAD, let_times
from booking.core.recurrence import to_local
from booking.core.values import SYSTEM
from booking.db import db
from booking.queries import houses, leases

_DAY = timedelta(days=1)
# More than is held at once: so a lease is written twice a year, and not every night.
_RESERVE = timedelta(days=182)


def extend_leases(*, now: datetime) -> int:
    """Let leases hold further days, ten years ahead; return how many do.

    A day that somebody else was let meanwhile ends it there: the guard keeps it
    for them, and the lease goes on as soon as they go.
    """
    session = db.session()
    known = leases.leases_to_go_on(session, until=now + WEEKDAYS_AHEAD - _RESERVE)
    session.rollback()
    return sum(let(partial(_extend, lease_id=each, now=now)) for each in known)


def _extend(session: Session, *, lease_id: int, now: datetime) -> bool:
    try:
        spaces = record.lock_spaces(session, [leases.lease(session, lease_id).space_id])
        view = leases.lease(session, lease_id)
    except NotFound:  # taken back meanwhile
        return False
    held = leases.held_until(session, lease_id)
    if view.ends is not None or view.space_id not in spaces or held is None:
        return False
    site = houses.site(session, view.site_id)
    today = to_local(now, site.zone).date()
    first, last = to_local(held, site.zone).date(), today + WEEKDAYS_AHEAD

    def has_days(until: date) -> bool:
        return first <= until and bool(let_times(first, until, view.weekdays, site.zone))

    if not has_days(last):
        return False
    wish = replace(terms_of(view), starts=first, ends=last)
    found = find(session, wish, spaces, site=site, today=today, ignoring={lease_id})
    if found.overlaps:
        last = found.overlaps[0].first - _DAY
        if not has_days(last):
            return False
        wish = replace(wish, ends=last)
        found = find(session, wish, spaces, site=site, today=today, ignoring={lease_id})
    take(session, lease_id, found)
    new = {"held_until": last.isoformat()}
    record.audit(session, SYSTEM, "extend", ("lease", lease_id), now=now, old={}, new=new)
    return True
