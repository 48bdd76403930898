"""The inbox: what the house told a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.messages import Message, Parameter
from booking.models import MailText, Notice, Person

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


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of somebody's inbox with what its mail needs.

    ``wanted`` is what the person chose to get; people of a demo house and
    those whose account is closed get nothing.
    """

    notice: NoticeView
    person_id: int
    name: str
    email: str
    locale: str | None
    wanted: bool


def letter(session: Session, notice_id: int) -> Letter | None:
    """Return a message as a letter, None where it is gone; one statement."""
    row = session.execute(
        select(Notice, Person)
        .join(Person, Person.id == Notice.person_id)
        .where(Notice.id == notice_id)
    ).first()
    if row is None:
        return None
    notice, person = row
    choice: Mapping[str, Any] = person.mail_choice or {}  # Any: JSON
    off = choice.get("off", [])
    return Letter(
        NoticeView(
            notice.id,
            Message(notice.code, _params(notice.params)),
            notice.booking_id,
            notice.at,
            read=notice.read_at is not None,
        ),
        person.id,
        person.name,
        person.email,
        person.locale,
        wanted=notice.code not in off and not person.is_demo and person.archived_at is None,
    )


def own_words(session: Session, kind: str, locale: str) -> tuple[str, str]:
    """Return subject and text that an administrator gave a kind of mail; "" as it comes."""
    row = session.execute(
        select(MailText.subject, MailText.body).where(
            MailText.kind == kind, MailText.locale == locale
        )
    ).first()
    return (row.subject, row.body) if row else ("", "")


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
