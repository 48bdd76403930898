"""Recall bookings to those who asked for it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking.actions import record
from booking.db import transact
from booking.queries.notices import REMINDER, Due, due_reminders, reminded


def remind(*, now: datetime) -> int:
    """Put a reminder of each booking that is near enough into an inbox, once; return how many.

    Whoever booked later than the reminder was due needs none.
    """

    def work(session: Session) -> int:
        due = [each for each in due_reminders(session, now=now) if _is_time(each, now)]
        known = reminded(session, {each.booking_id for each in due}, now=now)
        return sum(_told(session, each, known, now) for each in due)

    return transact(work)


def _is_time(due: Due, now: datetime) -> bool:
    at = due.start - timedelta(hours=due.hours)
    return due.hours > 0 and due.booked_at <= at <= now < due.start


def _told(
    session: Session, due: Due, known: Collection[tuple[int, int, str]], now: datetime
) -> bool:
    local = due.start.astimezone(ZoneInfo(due.zone)).replace(tzinfo=None)
    if (due.person_id, due.booking_id, local.isoformat()) in known:
        return False
    record.notify(
        session,
        [due.person_id],
        REMINDER,
        {"title": due.title, "space": ", ".join(due.spaces), "start": local},
        booking_id=due.booking_id,
        now=now,
    )
    return True
