"""Words of mails that an administrator wrote."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.models import MailText


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Subject and text of a kind of mail, "" as it comes; version 0 is nothing stored."""

    subject: str = ""
    body: str = ""
    version: int = 0


def all_own_words(session: Session) -> dict[tuple[str, str], OwnWords]:
    """Return (kind, language) -> words of all mails that have their own; one statement."""
    rows = session.execute(select(*MailText.__table__.columns))
    return {(row.kind, row.locale): OwnWords(row.subject, row.body, row.version) for row in rows}


def own_words(session: Session, kind: str, locale: str) -> OwnWords:
    """Return what a kind of mail says in a language, empty where it is as it comes."""
    row = session.execute(
        select(MailText.subject, MailText.body, MailText.version).where(
            MailText.kind == kind, MailText.locale == locale
        )
    ).first()
    return OwnWords(*row) if row else OwnWords()
