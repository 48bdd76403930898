"""What people do with the messages in their inbox."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.core.errors import NotAllowed
from booking.core.values import Actor
from booking.db import transact
from booking.models import Notice


def mark_read(actor: Actor, *, now: datetime, ids: Collection[int] | None = None) -> int:
    """Mark the actor's own unread messages as read and return how many there were.

    ``ids`` None means all of them; anybody else's are left alone.

    Raises:
        NotAllowed: If nobody is signed in.
    """
    if actor.person_id is None:
        raise NotAllowed.because("sign_in_first")

    def work(session: Session) -> int:
        query = update(Notice).where(Notice.person_id == actor.person_id, Notice.read_at.is_(None))
        if ids is not None:
            query = query.where(Notice.id.in_(ids))
        return len(session.execute(query.values(read_at=now).returning(Notice.id)).all())

    return transact(work)
