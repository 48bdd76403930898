"""What leaves the house leaves after commit: a row of ``job`` in the verb's own transaction.

Nothing is sent here; whoever runs the jobs knows what each kind means.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.core.messages import Parameter

_PUT = text(
    "INSERT INTO job (kind, payload, key, due_s, attempts, created_s, error)"
    " VALUES (:kind, :payload, :key, :due_s, 0, :created_s, '') ON CONFLICT (key) DO NOTHING"
)


def put(
    session: Session,
    kind: str,
    payload: Mapping[str, Parameter],
    *,
    now: datetime,
    due: datetime | None = None,
    key: str | None = None,
) -> None:
    """Enqueue a piece of work, due at once or at ``due``; a ``key`` that waits already is kept.

    Runs inside the verb's transaction: what is rolled back was never asked for.
    """
    session.connection().execute(_PUT, _row(kind, payload, now=now, due=due, key=key))


def put_all(
    session: Session, kind: str, payloads: Iterable[Mapping[str, Parameter]], *, now: datetime
) -> None:
    """Enqueue several pieces of work of one kind, due at once."""
    rows = [_row(kind, each, now=now) for each in payloads]
    if rows:
        session.connection().execute(_PUT, rows)


def _row(
    kind: str,
    payload: Mapping[str, Parameter],
    *,
    now: datetime,
    due: datetime | None = None,
    key: str | None = None,
) -> dict[str, object]:
    return {
        "kind": kind,
        "payload": json.dumps(dict(payload), ensure_ascii=False),
        "key": key,
        "due_s": int((due or now).timestamp()),
        "created_s": int(now.timestamp()),
    }
