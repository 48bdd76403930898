"""What a worker stores of a connection that it has: what it is about to do, what came of it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.connections.leases import Claimed, Held, hold
from booking.actions.connections.tokens import give_back
from booking.core.connections import (
    TRIES_BEFORE_TOLD,
    Standing,
    pause_after_failure,
    pause_after_success,
)
from booking.core.messages import Message, Parameter, message
from booking.db import Base, transact
from booking.models.connections import Connection, ConnectionEvent, RemoteObject
from booking.queries.connections import LAST_EVENTS

_OBJECTS: Any = Base.metadata.tables["remote_object"]
_INSERT = insert(_OBJECTS)
_UPDATE = update(_OBJECTS).where(_OBJECTS.c.id == bindparam("object_id"))
_CONNECTIONS: Any = Base.metadata.tables["connection"]


def _given_back(*columns: str) -> Any:
    """Return the statement that sets these columns of a connection and ends its lease."""
    values: dict[str, Any] = {each: bindparam(each) for each in columns}
    given = update(_CONNECTIONS).where(_CONNECTIONS.c.id == bindparam("connection_id"))
    return given.values(token=None, leased_until_s=None, **values)


_SUCCEED = _given_back(
    *("sync_token", "ctag", "known", "seen", "reason", "params", "tries"),
    *("succeeded_s", "moved_s", "told_s", "due_s"),
)
_FAIL = _given_back("reason", "params", "tries", "due_s", "state", "version", "told_s")


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
        hold(session, claimed, now)
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
        hold(session, claimed, now)
        _change(session, changed)
        if gone:
            session.execute(delete(RemoteObject).where(RemoteObject.id.in_(gone)))
        _say(session, claimed.id, said, now)

    transact(store)


def tell_question(claimed: Claimed, title: str, *, now: datetime) -> None:
    """Tell the owner that a change in the other calendar waits for a word.

    Raises:
        LostLease: As ``keep``.
    """

    def tell(session: Session) -> None:
        row = hold(session, claimed, now)
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
        row = hold(session, claimed, now)
        if isinstance(result, Failure):
            _failed(session, row, result, now)
        elif row.state == Standing.ENDING.value and not result.more:
            give_back(session, Connection.id == row.id, now=now)
            for table in (RemoteObject, ConnectionEvent):
                session.execute(delete(table).where(table.connection_id == row.id))
            session.execute(delete(Connection).where(Connection.id == row.id))
        else:
            _succeeded(session, row, result, now)

    transact(store)


def _succeeded(session: Session, row: Held, result: Outcome, now: datetime) -> None:
    if row.reason:
        _say(session, row.id, [(message("sync_again"), None)], now)
    moved_at = now if result.moved else row.moved_at
    pause = pause_after_success(moved_at, now) * random.uniform(0.9, 1.1)  # noqa: S311  jitter
    values: dict[str, object] = {
        "connection_id": row.id,
        "sync_token": result.sync_token,
        "ctag": result.ctag,
        "known": result.known,
        "seen": row.seen if result.more else result.seen,
        "reason": "",
        "params": {},
        "tries": 0,
        "succeeded_s": now,
        "moved_s": moved_at,
        "told_s": None,
        "due_s": now if result.more else now + pause,
    }
    session.connection().execute(_SUCCEED, values)


def _failed(session: Session, row: Held, failure: Failure, now: datetime) -> None:
    reason, tries = failure.reason, row.tries + 1
    if row.reason != reason.code:
        _say(session, row.id, [(reason, None)], now)
    pause = pause_after_failure(tries, failure.after_s) * random.uniform(1.0, 1.2)  # noqa: S311
    is_told = row.told_at is None and (failure.stops or tries >= TRIES_BEFORE_TOLD)
    values = {
        "connection_id": row.id,
        "reason": reason.code,
        "params": _plain(reason.params),
        "tries": tries,
        "due_s": now + pause,
        "state": Standing.STOPPED.value if failure.stops else row.state,
        "version": row.version + failure.stops,
        "told_s": now if is_told else row.told_at,
    }
    session.connection().execute(_FAIL, values)
    if is_told:
        params: dict[str, Parameter] = {"name": row.name, "host": row.host}
        if failure.stops:
            record.notify(session, [row.person_id], "notice_calendar_stopped", params, now=now)
        else:
            record.notify(session, [row.person_id], "notice_calendar_failing", params, now=now)


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
