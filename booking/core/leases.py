"""A stored lease as a request, and when somebody has to be reminded of it.  Pure."""

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum

from booking.core.requests import LeaseRequest
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


def most_at_once(
    runs: Iterable[tuple[date, date | None, int]], first: date, last: date
) -> int | None:
    """Return the most that what runs comes to on a day from ``first`` to ``last``; None for none.

    ``runs`` are first and last day, None being open, and a number each: what
    follows something else does not add to it.
    """
    here = [
        (starts, ends, number)
        for starts, ends, number in runs
        if starts <= last and (ends is None or ends >= first)
    ]
    sums = (
        sum(number for starts, ends, number in here if starts <= day and (not ends or ends >= day))
        for day in {max(starts, first) for starts, _ends, _number in here}
    )
    return max(sums, default=None)


def terms_of(view: LeaseView) -> LeaseRequest:
    """Return a stored lease as somebody might ask for it."""
    return LeaseRequest(
        space_id=view.space_id,
        organisation_id=view.organisation_id,
        starts=view.starts,
        ends=view.ends,
        area_m2=view.area_m2,
        rent_m2=view.rent_m2,
        share=view.share,
        shares=view.shares,
        weekdays=view.weekdays,
        includes=view.includes,
        rooms=view.rooms,
        months_notice=view.months_notice,
        documents=view.documents,
        note=view.note,
    )
