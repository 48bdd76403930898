"""The inbox: what the house told a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.messages import Message, Parameter
from booking.models import Notice

# Parameters that were instants of the site's wall clock before they became JSON.
_TIMES = frozenset({"start", "end", "old_start", "old_end", "at"})


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One message of the inbox; ``booking_id`` is what it is about, if anything."""

    id: int
    message: Message
    booking_id: int | None
    at: datetime
    read: bool


def notices(
    session: Session, person_id: int, *, limit: int = 50, offset: int = 0
) -> list[NoticeView]:
    """Return a person's messages, the newest first, in one statement."""
    rows = session.execute(
        select(Notice.id, Notice.code, Notice.params, Notice.booking_id, Notice.at, Notice.read_at)
        .where(Notice.person_id == person_id)
        .order_by(Notice.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [
        NoticeView(
            id=row.id,
            message=Message(row.code, _params(row.params)),
            booking_id=row.booking_id,
            at=row.at,
            read=row.read_at is not None,
        )
        for row in rows
    ]


def _params(stored: Mapping[str, object]) -> dict[str, Parameter]:
    return {name: _param(name, value) for name, value in stored.items()}


def _param(name: str, value: object) -> Parameter:
    if isinstance(value, str):
        return _time(value) if name in _TIMES else value
    if value is None or isinstance(value, int | float):
        return value
    return str(value)


def _time(text: str) -> Parameter:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text
