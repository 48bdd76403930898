"""Bookings by mail: an object is kept, confirmed by its sender where nobody else vouches, booked.

A job books it, by the verb of all calendar objects, which changes nothing when it
is done twice; the answer leaves by another, after commit.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import distinct, func, select, update
from sqlalchemy.orm import Session, aliased

from booking import outbox
from booking.actions.invitees import ROOM
from booking.actions.received import keep, put_aside, take, take_beside
from booking.core.errors import NotFound
from booking.core.mail_in import Incoming, Standing
from booking.core.mail_requests import (
    MOST_A_DAY,
    MOST_ASKED_A_DAY,
    VALID,
    Free,
    MailWish,
    stored_messages,
)
from booking.core.messages import Message, message
from booking.db import transact
from booking.models import ReceivedMail

BOOK, ASK, ANSWER = "book_by_mail", "ask_sender", ROOM
DAY = timedelta(days=1)


def take_request(incoming: Incoming, wish: MailWish, *, now: datetime) -> bool:
    """Keep what a mail asks of each room, and let it be booked; False where it was read before.

    Without proof its sender is asked first: whoever writes in another's name
    reaches nothing but a mail to that person, and no more than a few of these.
    """

    def work(session: Session) -> bool:
        received = take(session, incoming, now=now)
        if received is None:
            return False
        most = MOST_A_DAY if wish.proven else MOST_ASKED_A_DAY
        if _lately(session, wish, now=now) >= most:
            put_aside(session, received, message("mail_too_many", limit=most))
            return True
        if wish.refusal is not None:
            _refuse(session, received, wish, wish.refusal, now=now)
            return True
        state = Standing.WAITS if wish.proven else Standing.ASKS
        ids = take_beside(session, received, len(wish.space_ids))
        for id_, space_id in zip(ids, wish.space_ids, strict=True):
            keep(
                session,
                id_,
                state=state.value,
                person_id=wish.person_id,
                space_id=space_id,
                content=wish.content,
                params={} if wish.proven else {"asked": True},
            )
        if wish.proven:
            outbox.put_all(session, BOOK, [{"received": each} for each in ids], now=now)
        else:  # one question for all of its rooms
            outbox.put(session, ASK, {"received": received}, now=now)
        return True

    return transact(work)


def confirm_request(received_id: int, *, now: datetime) -> None:
    """Let what a mail asks for be booked, as its sender says that it was sent by this person.

    Raises:
        NotFound: If nothing waits any more, or it was asked too long ago.
    """

    def work(session: Session) -> None:
        same = aliased(ReceivedMail)
        beside = (
            select(ReceivedMail.id)
            .join(same, (same.place == ReceivedMail.place) & (same.at == ReceivedMail.at))
            .where(same.id == received_id, ReceivedMail.at > now - VALID)
        )
        mine = (
            update(ReceivedMail)
            .where(ReceivedMail.id.in_(beside), ReceivedMail.state == Standing.ASKS.value)
            .values(state=Standing.WAITS.value)
            .returning(ReceivedMail.id)
        )
        ids = sorted(session.scalars(mine))
        if not ids:
            raise NotFound("answer_link")
        outbox.put_all(session, BOOK, [{"received": each} for each in ids], now=now)

    transact(work)


def was_booked(received_id: int, booking_id: int, *, now: datetime) -> None:
    """Note that a request became a booking, or changed one, and let it be answered."""
    _decide(received_id, {"booking_id": booking_id, "params": {"said": "booked"}}, now=now)


def was_cancelled(received_id: int) -> None:
    """Note that what a mail gives back is given back; the change itself lets it be answered."""
    transact(lambda session: keep(session, received_id, state=Standing.DONE.value))


def was_declined(
    received_id: int, reasons: Sequence[Message], free: Sequence[Free] = (), *, now: datetime
) -> None:
    """Note why a request came to nothing, and what is free instead, and let it be answered."""
    _decide(received_id, {"params": _declined(reasons, free)}, now=now)


def was_of_no_use(received_id: int, reason: Message) -> None:
    """Set a request aside that is older than what is known."""
    transact(lambda session: put_aside(session, received_id, reason))


def was_answered(received_id: int, told: str) -> None:
    """Note what the sender was told, so that it is told once."""

    def work(session: Session) -> None:
        found = session.get(ReceivedMail, received_id)
        if found is not None:
            found.params = {**found.params, "told": told}

    transact(work)


def _refuse(
    session: Session, received: int, wish: MailWish, reason: Message, *, now: datetime
) -> None:
    """Decline at once what cannot be; to whom nobody vouches for nothing is said."""
    put_aside(session, received, reason)
    if wish.proven:
        keep(
            session,
            received,
            state=Standing.DONE.value,
            person_id=wish.person_id,
            space_id=wish.space_ids[0],
            content=wish.content,
            params=_declined([reason], ()),
        )
        outbox.put(session, ANSWER, {"received": received}, now=now)


def _declined(reasons: Sequence[Message], free: Sequence[Free]) -> dict[str, Any]:
    return {
        "said": "declined",
        "reasons": stored_messages(tuple(reasons)),
        "free": [each.to_json() for each in free],
    }


def _decide(received_id: int, values: dict[str, Any], *, now: datetime) -> None:
    def work(session: Session) -> None:
        keep(session, received_id, state=Standing.DONE.value, **values)
        outbox.put(session, ANSWER, {"received": received_id}, now=now)

    transact(work)


def _lately(session: Session, wish: MailWish, *, now: datetime) -> int:
    """Return how many mails of this person came within a day, of the same kind."""
    mine = [ReceivedMail.person_id == wish.person_id, ReceivedMail.at > now - DAY]
    if not wish.proven:
        mine.append(ReceivedMail.state == Standing.ASKS.value)
    return session.scalar(select(func.count(distinct(ReceivedMail.place))).where(*mine)) or 0
