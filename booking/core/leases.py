"""When somebody has to be reminded of a lease.  Pure."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from booking.core.values import LeaseView, SitePolicy


class Reminder(StrEnum):
    """What people are reminded of."""

    NOTICE = "notice"
    END = "end"


def due_reminder(
    lease: LeaseView, policy: SitePolicy, today: date, told: Collection[Reminder]
) -> Reminder | None:
    """Return what people shall be reminded of today, None for nothing.

    ``told`` are the reminders of this end that are out.  Of the last day to give
    notice nobody is reminded once it is over; then the end itself comes.
    """
    last, decide_by = lease.ends, lease.last_day_of_notice
    if last is None or last < today:
        return None
    if Reminder.END not in told and today >= last - policy.lease_end_before:
        return Reminder.END
    in_time = decide_by is not None and decide_by - policy.lease_notice_before <= today <= decide_by
    return Reminder.NOTICE if in_time and Reminder.NOTICE not in told else None
