"""What a worker stores of a connection: that it has it, what it is about to do, what came of it.

The connection's row is its place in the queue.  A worker claims it with a
lease and a random token, and everything it stores asks for that token: of two
workers, only one can write.
"""

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Session, aliased

from booking.actions import record
from booking.actions.connections.tokens import give_back
from booking.core.connections import (
    TRIES_BEFORE_TOLD,
    Standing,
    pause_after_failure,
    pause_after_success,
)
from booking.core.errors import BookingError
from booking.core.messages import Message, Parameter, message
from booking.db import Base, transact
from booking.models.connections import Connection, ConnectionEvent, RemoteObject
from booking.queries.connections import IS_DUE, LAST_EVENTS

LEASE = timedelta(seconds=90)
MOST_PER_HOST = 2
_CLAIMING = 0x63616C73  # any number that nothing else locks

_OTHER = aliased(Connection)
_AT_HOST = (
    select(func.count())
    .where(_OTHER.host == Connection.host, _OTHER.leased_until > bindparam("now"))
    .scalar_subquery()
)
_NEXT = (
    select(Connection.id)
    .where(IS_DUE, _AT_HOST < MOST_PER_HOST)
    .order_by(Connection.due_at, Connection.id)
    .limit(1)
)
_OBJECTS: Any = Base.metadata.tables["remote_object"]
_INSERT = insert(_OBJECTS)
_UPDATE = update(_OBJECTS).where(_OBJECTS.c.id == bindparam("object_id"))


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
class Outcome:
    """What came of a run that went well; ``moved`` where anything changed on either side.

    ``more`` where there is more to do at once.
    """

    sync_token: str | None
    ctag: str | None
    seen: int
    known: str
    moved: bool
    more: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed; ``stops`` where only the owner can help, ``after_s`` the pause to make."""

    reason: Message
    stops: bool = False
    after_s: int | None = None


def claim(*, now: datetime) -> Claimed | None:
    """Return the connection that has been due the longest, for this worker alone; None if none is.

    No server has more than two runs at a time, so that a slow one holds nobody else up.
    """

    def take(session: Session) -> Claimed | None:
        if session.get_bind().dialect.name == "postgresql":  # on SQLite the transaction is it
            session.execute(text(f"SELECT pg_advisory_xact_lock({_CLAIMING})"))
        found = session.execute(_NEXT, {"now": now}).scalar()
        if found is None:
            return None
        token = secrets.token_hex(16)
        row = {"token": token, "leased_until": now + LEASE}
        session.execute(update(Connection).where(Connection.id == found).values(row))
        return Claimed(found, token)

    return transact(take)


def keep(claimed: Claimed, *, now: datetime) -> None:
    """Hold the connection for another lease.

    Raises:
        LostLease: If somebody else has it, or its owner paused or ended it.
    """
    transact(lambda session: _keep(session, claimed, now))


def begin_steps(
    claimed: Claimed,
    new: Sequence[Mapping[str, object]],
    changed: Mapping[int, Mapping[str, object]],
    *,
    now: datetime,
) -> list[int]:
    """Store what is about to be done at the other server; return the ids of new objects in order.

    ``new`` and ``changed`` (by id) have columns of ``RemoteObject``.

    Raises:
        LostLease: As ``keep``.
    """

    def store(session: Session) -> list[int]:
        _keep(session, claimed, now)
        _change(session, changed)
        if not new:
            return []
        rows = [{**_EMPTY, **each, "connection_id": claimed.id} for each in new]
        made = session.execute(_INSERT.returning(_OBJECTS.c.id, sort_by_parameter_order=True), rows)
        return list(made.scalars())

    return transact(store)


def store_steps(
    claimed: Claimed,
    changed: Mapping[int, Mapping[str, object]],
    gone: Sequence[int] = (),
    said: Sequence[tuple[Message, int | None]] = (),
    *,
    now: datetime,
) -> None:
    """Store what came of it: columns of objects by id, those that are gone, lines of the diary.

    Raises:
        LostLease: As ``keep``.
    """

    def store(session: Session) -> None:
        _keep(session, claimed, now)
        _change(session, changed)
        if gone:
            session.execute(delete(RemoteObject).where(RemoteObject.id.in_(gone)))
        _say(session, claimed.id, said, now)

    transact(store)


def tell_refusal(
    claimed: Claimed, title: str, reason: str, booking_id: int | None, *, now: datetime
) -> None:
    """Tell the owner why a change in the other calendar could not be taken over.

    Raises:
        LostLease: As ``keep``.
    """
    params = {"title": title, "reason": reason}

    def tell(session: Session) -> None:
        owner = [_keep(session, claimed, now).person_id]
        code = "notice_calendar_refused"
        record.notify(session, owner, code, params, booking_id=booking_id, now=now)

    transact(tell)


def tell_question(claimed: Claimed, title: str, *, now: datetime) -> None:
    """Tell the owner that a change in the other calendar waits for a word.

    Raises:
        LostLease: As ``keep``.
    """

    def tell(session: Session) -> None:
        row = _keep(session, claimed, now)
        params = {"title": title, "name": row.name}
        record.notify(session, [row.person_id], "notice_calendar_asks", params, now=now)

    transact(tell)


def finish_run(claimed: Claimed, result: Outcome | Failure, *, now: datetime) -> None:
    """Give the connection back, with what came of the run and when the next is due.

    Its owner is told once when it stops, or has failed for an hour; not again
    before it has gone well.  A connection that was ending, and has nothing
    left there, is gone.

    Raises:
        LostLease: As ``keep``.
    """

    def store(session: Session) -> None:
        row = _keep(session, claimed, now)
        row.token, row.leased_until = None, None
        if isinstance(result, Failure):
            _failed(session, row, result, now)
        elif row.state == Standing.ENDING.value and not result.more:
            give_back(session, Connection.id == row.id, now=now)
            for table in (RemoteObject, ConnectionEvent):
                session.execute(delete(table).where(table.connection_id == row.id))
            session.delete(row)
        else:
            _succeeded(session, row, result, now)

    transact(store)


def _succeeded(session: Session, row: Connection, result: Outcome, now: datetime) -> None:
    if row.reason:
        _say(session, row.id, [(message("sync_again"), None)], now)
    row.sync_token, row.ctag = result.sync_token, result.ctag
    row.known, row.reason, row.params = result.known, "", {}
    if not result.more:
        row.seen = result.seen
    row.tries, row.succeeded_at, row.told_at = 0, now, None
    if result.moved:
        row.moved_at = now
    pause = pause_after_success(row.moved_at, now) * random.uniform(0.9, 1.1)  # noqa: S311  jitter
    row.due_at = now if result.more else now + pause


def _failed(session: Session, row: Connection, failure: Failure, now: datetime) -> None:
    reason = failure.reason
    if row.reason != reason.code:
        _say(session, row.id, [(reason, None)], now)
    row.reason, row.params, row.tries = reason.code, _plain(reason.params), row.tries + 1
    pause = pause_after_failure(row.tries, failure.after_s) * random.uniform(1.0, 1.2)  # noqa: S311
    row.due_at = now + pause
    if failure.stops:
        row.state = Standing.STOPPED.value
        row.version += 1
    if row.told_at is None and (failure.stops or row.tries >= TRIES_BEFORE_TOLD):
        row.told_at = now
        params: dict[str, Parameter] = {"name": row.name, "host": row.host}
        if failure.stops:
            record.notify(session, [row.person_id], "notice_calendar_stopped", params, now=now)
        else:
            record.notify(session, [row.person_id], "notice_calendar_failing", params, now=now)


def _keep(session: Session, claimed: Claimed, now: datetime) -> Connection:
    query = select(Connection).where(Connection.id == claimed.id).with_for_update()
    row = session.execute(query).scalar()
    at_work = (Standing.ACTIVE.value, Standing.ENDING.value)
    if row is None or row.token != claimed.token or row.state not in at_work:
        raise LostLease
    row.leased_until = now + LEASE
    return row


_EMPTY: Mapping[str, object] = {
    "booking_id": None,
    "etag": None,
    "theirs": "",
    "pushed": "",
    "version": 0,
    "base": None,
    "reason": "",
    "flips": 0,
    "flips_since_s": None,
}


def _change(session: Session, changed: Mapping[int, Mapping[str, object]]) -> None:
    """Update objects, those that change the same columns in one statement."""
    alike: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for object_id, values in changed.items():
        row = {**values, "object_id": object_id}
        alike.setdefault(tuple(sorted(values)), []).append(row)
    for columns, rows in alike.items():
        values = {each: bindparam(each) for each in columns}
        session.connection().execute(_UPDATE.values(values), rows)


def _say(
    session: Session,
    connection_id: int,
    said: Sequence[tuple[Message, int | None]],
    now: datetime,
) -> None:
    """Write lines into the diary and keep the last ones."""
    if not said:
        return
    rows = [
        {
            "connection_id": connection_id,
            "at": now,
            "code": each.code,
            "params": _plain(each.params),
            "booking_id": booking_id,
        }
        for each, booking_id in said[-LAST_EVENTS:]
    ]
    session.execute(insert(ConnectionEvent), rows)
    kept = (
        select(ConnectionEvent.id)
        .where(ConnectionEvent.connection_id == connection_id)
        .order_by(ConnectionEvent.id.desc())
        .offset(LAST_EVENTS - 1)
        .limit(1)
        .scalar_subquery()
    )
    mine = (ConnectionEvent.connection_id == connection_id, ConnectionEvent.id < kept)
    session.execute(delete(ConnectionEvent).where(*mine))


def _plain(params: Mapping[str, Parameter]) -> dict[str, object]:
    return {
        key: value if isinstance(value, str | int) else str(value) for key, value in params.items()
    }
