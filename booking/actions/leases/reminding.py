"""Remind the house and the tenant of leases that end, and of the last day to give notice."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.core.leases import Reminder, due_reminder
from booking.core.recurrence import to_local
from booking.core.values import LeaseView, Site
from booking.db import transact
from booking.models import Lease
from booking.queries import houses, people
from booking.queries.leases import leases_to_remind_of


def remind_of_leases(*, now: datetime) -> int:
    """Tell the admins and the tenants' managers what ends, once for each end; return how much.

    What somebody renewed already needs no reminder.
    """

    def work(session: Session) -> int:
        sites = {each.id: each for each in houses.sites(session)}
        return sum(
            _told(session, lease, sites[lease.site_id], end_told, notice_told, now=now)
            for lease, end_told, notice_told in leases_to_remind_of(session, now=now)
        )

    return transact(work)


def _told(
    session: Session,
    lease: LeaseView,
    site: Site,
    end_told: bool,
    notice_told: bool,
    *,
    now: datetime,
) -> int:
    today = to_local(now, site.zone).date()
    known = {
        each for each, told in ((Reminder.END, end_told), (Reminder.NOTICE, notice_told)) if told
    }
    due = due_reminder(lease, site.policy, today, known)
    if due is None:
        return 0
    whom = people.admins(session, site.id) | people.managers(session, lease.organisation_id)
    _notify(session, whom, lease, due, now=now)
    # The end that was told is kept: a lease that ends on another day is told anew.
    column = Lease.end_told if due is Reminder.END else Lease.notice_told
    session.execute(update(Lease).where(Lease.id == lease.id).values({column: lease.ends}))
    return 1


def _notify(
    session: Session, whom: Iterable[int], lease: LeaseView, due: Reminder, *, now: datetime
) -> None:
    about = {
        "organisation": lease.organisation_name,
        "space": lease.space_name,
        "last": lease.ends,
    }
    if due is Reminder.END:
        record.notify(session, whom, "notice_lease_ends", about, now=now)
        return
    params = about | {"decide_by": lease.last_day_of_notice}
    record.notify(session, whom, "notice_lease_decide", params, now=now)
