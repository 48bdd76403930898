"""The inbox: what the house told a person."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking.core.messages import Message, Parameter
from booking.models import Notice, Person

REMINDER = "notice_reminder"
FARTHEST = timedelta(hours=48)  # nobody is reminded earlier than so long before
# From the spaces, so that the index of each is used; a person without a wish costs nothing more.
_COMING = text("""
SELECT a.occurrence_id, b.id AS booking_id, b.organiser_id, COALESCE(o.title, b.title) AS title,
       space.name AS space, a.start_s, b.created_s, site.zone, p.mail_choice
FROM space
JOIN site ON site.id = space.site_id
JOIN allocation AS a ON a.space_id = space.id AND a.start_s > :since AND a.start_s <= :until
JOIN occurrence AS o ON o.id = a.occurrence_id
JOIN booking AS b ON b.id = o.booking_id
JOIN person AS p ON p.id = b.organiser_id
WHERE a.state = 'confirmed' AND p.mail_choice IS NOT NULL AND p.archived_s IS NULL
ORDER BY a.start_s, a.occurrence_id, space.name
""")

# Parameters that were instants of the site's wall clock before they became JSON.
_TIMES = frozenset({"start", "end", "old_start", "old_end", "at"})
_DAYS = frozenset({"last", "answer_by", "decide_by"})


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
    those whose account is closed get nothing.  ``epoch`` grows when all of the
    person's sessions end.
    """

    notice: NoticeView
    person_id: int
    name: str
    email: str
    locale: str | None
    epoch: int
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
        person.sign_in_epoch,
        wanted=notice.code not in off and not person.is_demo and person.archived_at is None,
    )


@dataclass(frozen=True, slots=True)
class Due:
    """A confirmed date that comes soon, and the wish of its organiser.

    ``hours`` is how long before it the person wants to be reminded; ``spaces``
    are names.
    """

    person_id: int
    booking_id: int
    title: str
    spaces: tuple[str, ...]
    start: datetime
    booked_at: datetime
    zone: str
    hours: int


def due_reminders(session: Session, *, now: datetime) -> list[Due]:
    """Return dates within the longest wish, of people who have one; one statement."""
    asked = {"since": int(now.timestamp()), "until": int((now + FARTHEST).timestamp())}
    found: dict[int, Due] = {}
    for row in session.connection().execute(_COMING, asked):
        stored = row.mail_choice
        choice = json.loads(stored) if isinstance(stored, str) else stored
        known = found.get(row.occurrence_id)
        found[row.occurrence_id] = Due(
            row.organiser_id,
            row.booking_id,
            row.title,
            (*(known.spaces if known else ()), row.space),
            datetime.fromtimestamp(row.start_s, UTC),
            datetime.fromtimestamp(row.created_s, UTC),
            row.zone,
            int(choice.get("remind_hours", 0)),
        )
    return list(found.values())


def reminded(
    session: Session, booking_ids: Collection[int], *, now: datetime
) -> set[tuple[int, int, str]]:
    """Return (person, booking, local start) of the reminders that are out; one statement."""
    rows = session.execute(
        select(Notice.person_id, Notice.booking_id, Notice.params).where(
            Notice.booking_id.in_(booking_ids),
            Notice.code == REMINDER,
            Notice.at > now - FARTHEST - timedelta(days=1),
        )
    )
    return {(row.person_id, row.booking_id or 0, str(row.params["start"])) for row in rows}


def _params(stored: Mapping[str, object]) -> dict[str, Parameter]:
    return {name: _param(name, value) for name, value in stored.items()}


def _param(name: str, value: object) -> Parameter:
    if isinstance(value, str):
        if name in _DAYS:
            return date.fromisoformat(value)
        return _time(value) if name in _TIMES else value
    if value is None or isinstance(value, int | float):
        return value
    return str(value)


def _time(text: str) -> Parameter:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text
