"""Pieces of work: claimed with a lease, finished or tried again, at last given to a person.

Whoever claims a job holds it until its lease ends, and longer with ``renew``.
A worker that dies lets its lease end, and another takes the job up again: so
each is done at least once, and its effects in the database exactly once, as
``finish`` runs in their transaction.
"""

import json
import random
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.orm import Session

from booking.core import permissions
from booking.core.errors import BookingError, NotAllowed, NotFound
from booking.core.messages import message
from booking.core.values import Actor
from booking.db import db, ending_with, transact

LEASE = timedelta(seconds=90)
MOST_TRIES = 10  # within about 25 hours
FIRST_PAUSE_S, PAUSE_FACTOR, LONGEST_PAUSE_S = 15, 3, 12 * 3600
MOST_ERROR = 500

_DUE = """
SELECT id FROM job
WHERE dead_s IS NULL AND due_s <= :now AND (leased_until_s IS NULL OR leased_until_s <= :now)
ORDER BY due_s, id LIMIT 1
"""
_IS_DUE = text(_DUE)
_CLAIM = {
    dialect: text(
        "UPDATE job SET token = :token, leased_until_s = :until, attempts = attempts + 1"
        f" WHERE id = ({_DUE}{lock}) RETURNING id, kind, payload, attempts"
    )
    # SQLite's writing transaction is the lock.
    for dialect, lock in (("sqlite", ""), ("postgresql", "FOR UPDATE SKIP LOCKED"))
}
_MINE = "WHERE id = :id AND token = :token AND dead_s IS NULL"
_RENEW = text(f"UPDATE job SET leased_until_s = :until {_MINE}")
_FINISH = text(f"DELETE FROM job {_MINE}")
_AGAIN = text(
    f"UPDATE job SET due_s = :due, token = NULL, leased_until_s = NULL, error = :error {_MINE}"
)
_BURY = text(
    "UPDATE job SET dead_s = :now, key = NULL, token = NULL, leased_until_s = NULL, error = :error"
    f" {_MINE}"
)
_DEAD = "WHERE dead_s IS NOT NULL AND (:id IS NULL OR id = :id)"
_RETRY = text(
    f"UPDATE job SET dead_s = NULL, attempts = 0, due_s = :now, error = '' {_DEAD}"
).bindparams(bindparam("id", type_=BigInteger))
_DISCARD = text(f"DELETE FROM job {_DEAD}").bindparams(bindparam("id", type_=BigInteger))


class LostLease(BookingError):
    """Another worker has the job by now: what was done for it is rolled back."""

    def __init__(self) -> None:
        super().__init__(message("lease_lost"))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that is ours until its lease ends; ``attempts`` counts this one too."""

    id: int
    kind: str
    payload: Mapping[str, Any]  # Any: JSON
    attempts: int
    token: str


def claim(*, now: datetime) -> Claimed | None:
    """Return the job that has been due the longest, for this worker alone; None if none is."""
    session = db.session()
    at = int(now.timestamp())
    nothing = session.connection().execute(_IS_DUE, {"now": at}).first() is None
    session.rollback()  # a look costs no writing transaction
    return None if nothing else transact(lambda session: _claim(session, now, at))


def _claim(session: Session, now: datetime, at: int) -> Claimed | None:
    token = secrets.token_hex(16)
    asked = {"token": token, "until": int((now + LEASE).timestamp()), "now": at}
    statement = _CLAIM[session.get_bind().dialect.name]
    row = session.connection().execute(statement, asked).first()
    if row is None:  # somebody was faster
        return None
    payload = json.loads(row.payload) if isinstance(row.payload, str) else row.payload
    return Claimed(row.id, row.kind, payload, row.attempts, token)


def renew(job: Claimed, *, now: datetime) -> None:
    """Hold the job for another lease.

    Raises:
        LostLease: If the lease had ended and somebody else took the job.
    """
    until = int((now + LEASE).timestamp())
    transact(lambda session: _only_mine(session, _RENEW, job, until=until))


def finish(job: Claimed) -> None:
    """Take a job that is done from the table.

    Raises:
        LostLease: If it is no longer ours.
    """
    transact(lambda session: _only_mine(session, _FINISH, job))


def finishing(job: Claimed) -> AbstractContextManager[None]:
    """Let the next transaction finish the job: its effects and the note are one."""
    return ending_with(lambda session: _only_mine(session, _FINISH, job))


def fail(job: Claimed, reason: str, *, now: datetime, for_good: bool = False) -> None:
    """Try the job again after a pause that is three times as long each time.

    After the last try, or ``for_good``, it is dead, and a person decides.

    Raises:
        LostLease: If it is no longer ours.
    """
    error = reason[:MOST_ERROR]
    if for_good or job.attempts >= MOST_TRIES:
        at = int(now.timestamp())
        transact(lambda session: _only_mine(session, _BURY, job, error=error, now=at))
        return
    pause = min(FIRST_PAUSE_S * PAUSE_FACTOR ** (job.attempts - 1), LONGEST_PAUSE_S)
    pause *= random.uniform(0.8, 1.2)  # noqa: S311  jitter, no secret
    due = int(now.timestamp() + pause)
    transact(lambda session: _only_mine(session, _AGAIN, job, error=error, due=due))


def retry(job_id: int | None, actor: Actor, *, now: datetime) -> int:
    """Let a dead job, or (None) all of them, have all its tries again; return how many.

    Raises:
        NotAllowed: If the actor does not run the installation.
        NotFound: If there is no such dead job.
    """
    return _decide(_RETRY, job_id, actor, now=int(now.timestamp()))


def discard(job_id: int | None, actor: Actor) -> int:
    """Give a dead job, or (None) all of them, up; return how many.

    Raises:
        NotAllowed, NotFound: As for ``retry``.
    """
    return _decide(_DISCARD, job_id, actor)


def _decide(statement: Any, job_id: int | None, actor: Actor, **asked: int) -> int:
    if not permissions.may_administer(actor):
        raise NotAllowed.because("admins_only")

    def store(session: Session) -> int:
        number = session.connection().execute(statement, {"id": job_id, **asked}).rowcount
        if job_id is not None and number != 1:
            raise NotFound("job", job_id)
        return int(number)

    return transact(store)


def _only_mine(session: Session, statement: Any, job: Claimed, **asked: int | str) -> None:
    found = session.connection().execute(statement, {"id": job.id, "token": job.token, **asked})
    if found.rowcount != 1:
        raise LostLease
