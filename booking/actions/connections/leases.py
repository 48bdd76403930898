"""A connection is one worker's at a time.

A worker claims it with a lease and a random token, and everything it stores
asks for that token: of two workers, only one can write.
"""

import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select, text, update
from sqlalchemy.orm import Session

from booking.core.errors import BookingError
from booking.core.messages import message
from booking.db import Base, db, transact
from booking.queries.connection_queue import AT_WORK, MOST_PER_HOST, Due, next_due

LEASE = timedelta(seconds=90)
ONE_IN = 4  # claims take what has waited the longest, the others what was changed here
_CLAIMING = 0x63616C73  # any number that nothing else locks
_TRIES = 20  # others may be quicker

_ROWS: Any = Base.metadata.tables["connection"]
_OTHERS = _ROWS.alias()
_AT_HOST = (
    select(func.count())
    .where(_OTHERS.c.host == _ROWS.c.host, _OTHERS.c.leased_until_s > bindparam("now"))
    .scalar_subquery()
)
_TAKE = (
    update(_ROWS)
    .where(
        _ROWS.c.id == bindparam("connection_id"),
        _ROWS.c.due_s == bindparam("due_at"),  # else another worker has just done it
        _ROWS.c.state.in_(AT_WORK),
        or_(_ROWS.c.leased_until_s.is_(None), _ROWS.c.leased_until_s <= bindparam("now")),
        _AT_HOST < MOST_PER_HOST,
    )
    .values(token=bindparam("new_token"), leased_until_s=bindparam("until"))
)
_HOLD = (
    update(_ROWS)
    .where(
        _ROWS.c.id == bindparam("connection_id"),
        _ROWS.c.token == bindparam("held_token"),
        _ROWS.c.state.in_(AT_WORK),
    )
    .values(leased_until_s=bindparam("until"))
    .returning(
        *(
            _ROWS.c[each]
            for each in (
                *("id", "person_id", "name", "host", "state", "reason", "tries"),
                *("seen", "version", "moved_s", "told_s"),
            )
        )
    )
)


class LostLease(BookingError):
    """Another worker has the connection by now, or it has ended."""

    def __init__(self) -> None:
        super().__init__(message("lease_lost"))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A connection that is ours until its lease ends."""

    id: int
    token: str


@dataclass(frozen=True, slots=True)
class Held:
    """What a connection was before a worker stores something of it."""

    id: int
    person_id: int
    name: str
    host: str
    state: str
    reason: str
    tries: int
    seen: int
    version: int
    moved_at: datetime | None
    told_at: datetime | None


def claim(*, now: datetime) -> Claimed | None:
    """Return a connection that is due, for this worker alone; None if none is.

    No server has more than two runs at a time, so that a slow one holds nobody
    else up.  It is looked for without a lock, and taken by a condition.
    """
    oldest_first = random.randrange(ONE_IN) == 0  # noqa: S311  fairness, no secret
    for _ in range(_TRIES):
        found = next_due(db.session(), now=now, oldest_first=oldest_first)
        db.session.rollback()
        if found is None:
            return None
        token = secrets.token_hex(16)
        if transact(lambda session, due=found, new=token: _take(session, due, new, now)):  # type: ignore[misc]
            return Claimed(found.id, token)
    return None


def _take(session: Session, due: Due, token: str, now: datetime) -> bool:
    connection = session.connection()
    if connection.dialect.name == "postgresql":  # on SQLite the transaction is it
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_CLAIMING})"))
    asked = {
        "connection_id": due.id,
        "due_at": due.due_at,
        "new_token": token,
        "now": now,
        "until": now + LEASE,
    }
    return connection.execute(_TAKE, asked).rowcount == 1


def keep(claimed: Claimed, *, now: datetime) -> None:
    """Hold the connection for another lease.

    Raises:
        LostLease: If somebody else has it, or its owner paused or ended it.
    """
    transact(lambda session: hold(session, claimed, now))


def hold(session: Session, claimed: Claimed, now: datetime) -> Held:
    """Lock the connection within a verb of its worker, and return how it was.

    Raises:
        LostLease: As ``keep``.
    """
    asked = {"connection_id": claimed.id, "held_token": claimed.token, "until": now + LEASE}
    row = session.connection().execute(_HOLD, asked).first()
    if row is None:
        raise LostLease
    return Held(*row)
