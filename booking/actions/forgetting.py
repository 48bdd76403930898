"""What is forgotten in time: that a calendar changed, and when people were busy."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from booking.db import transact
from booking.models import Change, Connection
from booking.models.busy import BusyCalendar, BusyTime

KEPT = timedelta(days=90)


def forget_changes(*, now: datetime) -> None:
    """Remove what changed in calendars so long ago: a program that asks then begins anew."""

    def work(session: Session) -> None:
        session.execute(
            delete(Change).where(Change.at <= now - KEPT),
            execution_options={"synchronize_session": False},
        )

    transact(work)


def forget_busy_times(*, now: datetime) -> None:
    """Remove busy times that are over, also of calendars that nobody can read any more."""
    over = delete(BusyTime).where(BusyTime.end <= now)
    transact(lambda session: session.execute(over))


def forget_busy_of(session: Session, person_id: int) -> None:
    """Remove all that is known of when a person is busy elsewhere, and read it no more."""
    own = Connection.person_id == person_id
    of_them = BusyCalendar.connection_id.in_(select(Connection.id).where(own))
    session.execute(delete(BusyCalendar).where(of_them))  # its times go with it
    session.execute(update(Connection).where(own).values(shares_busy=False))
