"""The words of mails, as an administrator wants them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only
from booking.core.errors import NotFound, Stale
from booking.core.mail_texts import KINDS, checked_words
from booking.core.values import Actor
from booking.db import transact
from booking.models import MailText


@dataclass(frozen=True, slots=True)
class MailTextRequest:
    """Subject and text of one kind of mail in one language, "" as it comes.

    ``version`` is the one that the editor saw, 0 where nothing was stored.
    """

    kind: str
    locale: str
    subject: str
    body: str
    version: int


def set_mail_text(request: MailTextRequest, actor: Actor, *, now: datetime) -> int:
    """Store the words of a kind of mail and return their version; both empty takes them back.

    Raises:
        NotAllowed: If the actor does not run the installation.
        NotFound: If there is no such kind of mail.
        InvalidRequest: If a text is too long, or names what this mail does not know.
        Stale: If somebody changed it since.
    """
    admins_only(actor)
    if request.kind not in KINDS:
        raise NotFound("page", request.kind)
    subject, body = checked_words(request.kind, request.subject, request.body)

    def store(session: Session) -> int:
        mine = (MailText.kind == request.kind, MailText.locale == request.locale)
        before = session.execute(
            select(MailText.subject, MailText.body, MailText.version).where(*mine)
        ).first()
        seen = before.version if before else 0
        if seen != request.version:
            raise Stale(seen)
        old = {"subject": before.subject, "body": before.body} if before else {}
        new = {"subject": subject, "body": body}
        if not (subject or body):
            changed = session.execute(delete(MailText).where(*mine, MailText.version == seen))
        elif before:
            changed = session.execute(
                update(MailText)
                .where(*mine, MailText.version == seen)
                .values(version=seen + 1, **new)
            )
        else:
            changed = session.execute(
                insert(MailText).values(kind=request.kind, locale=request.locale, version=1, **new)
            )
        if cast("CursorResult[Any]", changed).rowcount != 1 and before:
            raise Stale(seen + 1)
        new |= {"kind": request.kind, "locale": request.locale}
        record.audit(session, actor, "edit", ("mail_text", 0), now=now, old=old, new=new)
        return seen + 1 if subject or body else 0

    try:
        return transact(store)
    except IntegrityError:  # somebody else was the first to write
        raise Stale(1) from None
