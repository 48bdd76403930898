"""What is forgotten in time: of each change of a calendar that there was one."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from booking.db import transact
from booking.models import Change

KEPT = timedelta(days=90)


def forget_changes(*, now: datetime) -> None:
    """Remove what changed in calendars so long ago: a program that asks then begins anew."""

    def work(session: Session) -> None:
        session.execute(
            delete(Change).where(Change.at <= now - KEPT),
            execution_options={"synchronize_session": False},
        )

    transact(work)
