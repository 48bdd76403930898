"""Answers from a mail, by a link that stands for its reader and for this one question."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.core.values import Actor, Door
from booking.queries.notices import Letter, letter
from booking.queries.people import actor_of
from booking.secrets import sealed, unsealed

REQUESTS = frozenset({"notice_requested", "notice_request_changed", "notice_expiring"})
OFFERS = frozenset(
    {"notice_proposed", "notice_offered", "notice_dates_offered", "notice_displaced_offered"}
)
VALID = timedelta(days=30)
PURPOSE = "answer by mail"


@dataclass(frozen=True, slots=True)
class Question:
    """What a mail asked, and its reader as the one who answers."""

    letter: Letter
    booking_id: int
    actor: Actor

    @property
    def is_request(self) -> bool:
        """Whether it is for an approver to decide; else something is offered to its reader."""
        return self.letter.notice.message.code in REQUESTS


def answer_path(letter: Letter, key: bytes) -> str:
    """Return the path of the page that answers a letter, for its reader alone."""
    return f"/by-mail/{sealed([letter.notice.id, letter.person_id, letter.epoch], key, PURPOSE)}"


def question(session: Session, token: str, key: bytes, *, now: datetime) -> Question:
    """Return what a link asks; two statements.

    Raises:
        NotFound: If it is none of ours, older than 30 days, or void: its reader's account is
            closed, or all sessions of it were ended since.
    """
    values = unsealed(token, key, PURPOSE)
    found = letter(session, values[0]) if values else None
    if values is None or found is None or [found.person_id, found.epoch] != values[1:]:
        raise NotFound("answer_link")
    booking_id = found.notice.booking_id
    if booking_id is None or now - found.notice.at > VALID:
        raise NotFound("answer_link")
    if found.notice.message.code not in REQUESTS | OFFERS:
        raise NotFound("answer_link")
    return Question(found, booking_id, actor_of(session, found.person_id, Door.MAIL))
