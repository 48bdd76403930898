"""What came of a look at a calendar: nothing new, its dates, or why it could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.core.imports.stored import message_to_json
from booking.core.messages import Message
from booking.core.sources import SourceState
from booking.db import transact
from booking.models import CalendarSource


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at an address: nothing new (``counts`` None), or all of it."""

    etag: str = ""
    modified: str = ""
    counts: Mapping[str, int] | None = None
    warnings: tuple[Message, ...] = ()


def source_read(source_id: int, found: Found, *, now: datetime) -> None:
    """Note that a calendar was read, and when to look again."""

    def store(session: Session) -> None:
        source = session.get(CalendarSource, source_id, with_for_update=True)
        if source is None:
            return
        values: dict[str, Any] = {
            "failures": 0,
            "error": None,
            "tried_at": now,
            "read_at": now,
            "may_lose": False,
        }
        if source.state == SourceState.ACTIVE.value:
            values["next_at"] = now + timedelta(minutes=source.every_min)
        if found.counts is not None:
            values |= {
                "etag": found.etag[:200],
                "modified": found.modified[:60],
                "counts": dict(found.counts),
                "warnings": [message_to_json(each) for each in found.warnings],
            }
        set_values(session, source_id, values)

    transact(store)


def source_failed(source_id: int, reason: Message, *, now: datetime, again: timedelta) -> None:
    """Note why a calendar could not be read, and when to look again; nothing of it changes."""

    def store(session: Session) -> None:
        source = session.get(CalendarSource, source_id, with_for_update=True)
        if source is None:
            return
        values: dict[str, Any] = {
            "error": message_to_json(reason),
            "tried_at": now,
            "failures": source.failures + 1,
        }
        if source.state == SourceState.ACTIVE.value:
            values["next_at"] = now + again
        set_values(session, source_id, values)

    transact(store)


def source_waits(source_id: int, reason: Message, state: SourceState, *, now: datetime) -> None:
    """Let a calendar rest until somebody has done something about it; nothing of it changes."""
    values = {
        "error": message_to_json(reason),
        "tried_at": now,
        "state": state.value,
        "next_at": None,
    }
    transact(lambda session: set_values(session, source_id, values))


def set_values(session: Session, source_id: int, values: Mapping[str, Any]) -> None:
    """Change the row of a calendar."""
    session.execute(
        update(CalendarSource)
        .where(CalendarSource.id == source_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
