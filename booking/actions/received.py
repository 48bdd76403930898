"""Mails that came in are taken once: what each says is stored with the note that it was read."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.actions import invitees
from booking.core import permissions
from booking.core.errors import NotAllowed, NotFound
from booking.core.invitees import Given
from booking.core.mail_in import Incoming, Standing
from booking.core.messages import Message, message
from booking.core.values import Actor
from booking.db import transact
from booking.models import Invitee, ReceivedMail, Setting
from booking.secrets import hash_token

KEPT = timedelta(days=180)
STATE = "mail_in"
# Any: both dialects have an insert of their own, with the same methods.
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def set_aside(incoming: Incoming, reason: Message, *, now: datetime) -> bool:
    """Keep that a mail is of no use, and why; return False where it was read before."""

    def work(session: Session) -> bool:
        received = take(session, incoming, now=now)
        if received is not None:
            put_aside(session, received, reason)
        return received is not None

    return transact(work)


def take_answers(
    incoming: Incoming, answers: Iterable[tuple[int, Given]], *, now: datetime
) -> bool:
    """Keep answers of an invitee, all that count; return False where the mail was read before.

    Where none counts, the mail is set aside, with the reason of the first.
    """
    given = list(answers)

    def work(session: Session) -> bool:
        received = take(session, incoming, now=now)
        if received is None:
            return False
        said = [invitees.answer_in(session, who, each, now=now) for who, each in given]
        if (why := next(iter(said))) is not None and all(said):
            put_aside(session, received, why)
        booking_id = session.scalar(select(Invitee.booking_id).where(Invitee.id == given[0][0]))
        keep(session, received, booking_id=booking_id)
        return True

    return transact(work)


def forget_mails(*, now: datetime) -> None:
    """Forget mails that were read half a year ago."""
    old = delete(ReceivedMail).where(ReceivedMail.at < now - KEPT)
    transact(lambda session: session.execute(old))


def dismiss(received_id: int, actor: Actor) -> None:
    """Take a mail that was set aside from the list; that it was read stays known.

    Raises:
        NotAllowed: If the actor does not run the installation.
        NotFound: If there is no such mail.
    """
    if not permissions.may_administer(actor):
        raise NotAllowed.because("admins_only")

    def work(session: Session) -> None:
        found = session.get(ReceivedMail, received_id)
        if found is None or found.state != Standing.ASIDE:
            raise NotFound("mail", received_id)
        found.state = Standing.DONE.value

    transact(work)


def note_mailbox(error: str, *, now: datetime) -> None:
    """Keep when the mailbox was read last, and what was wrong with it."""

    def work(session: Session) -> None:
        value = {"at": int(now.timestamp()), "error": error[:300]}
        insert = _INSERT[session.get_bind().dialect.name]
        session.execute(
            insert(Setting)
            .values(key=STATE, value=value)
            .on_conflict_do_update(index_elements=["key"], set_={"value": value})
        )

    transact(work)


def take(session: Session, incoming: Incoming, *, now: datetime) -> int | None:
    """Write down that a mail is read; return its number, None where this one was read before.

    A copy of it is a mail of its own, set aside as such.
    """
    row = {
        "key": incoming.key,
        "place": incoming.place[:255],
        "at": now,
        "sender": incoming.sender[:254],
        "subject": incoming.subject[:200],
        "state": Standing.DONE.value,
    }
    insert = _INSERT[session.get_bind().dialect.name]
    statement = insert(ReceivedMail).on_conflict_do_nothing(index_elements=["key"])
    made: int | None = session.scalar(statement.values(**row).returning(ReceivedMail.id))
    if made is not None:
        return made
    place = session.scalar(select(ReceivedMail.place).where(ReceivedMail.key == incoming.key))
    if place == row["place"]:
        return None
    row["key"] = _key_of_copy(incoming)
    copied: int | None = session.scalar(statement.values(**row).returning(ReceivedMail.id))
    if copied is not None:
        put_aside(session, copied, message("mail_repeated"))
    return None


def take_beside(session: Session, received_id: int, number: int) -> list[int]:
    """Return so many rows of one mail: the one that was taken, and others beside it.

    They have its place and its moment, which no other mail has.
    """
    mail = session.get_one(ReceivedMail, received_id)
    row = {
        "place": mail.place,
        "at": mail.at,
        "sender": mail.sender,
        "subject": mail.subject,
        "state": mail.state,
    }
    insert = _INSERT[session.get_bind().dialect.name](ReceivedMail).returning(ReceivedMail.id)
    keys = [hash_token(f"{mail.key} {each}") for each in range(1, number)]
    return [received_id, *(session.scalar(insert.values(**row, key=each)) for each in keys)]


def _key_of_copy(incoming: Incoming) -> str:
    return hash_token(f"{incoming.key} {incoming.place}")


def put_aside(session: Session, received_id: int, reason: Message) -> None:
    """Let a mail be of no use, in the transaction of a verb."""
    params = {key: value for key, value in reason.params.items() if isinstance(value, str | int)}
    keep(session, received_id, state=Standing.ASIDE.value, reason=reason.code, params=params)


def keep(session: Session, received_id: int, **values: Any) -> None:  # Any: columns
    """Keep what became of a mail, in the transaction of a verb."""
    session.execute(update(ReceivedMail).where(ReceivedMail.id == received_id).values(**values))
