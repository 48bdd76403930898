"""The demo house: a believable year around today, built through the verbs.

All people, organisations and bookings in it are invented; its people are
marked (``Person.is_demo``) and their password is known to everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from booking.core.values import Role
from booking.db import db, transact
from booking.demo.people import PASSWORD, SIGN_INS
from booking.models import Invitation, Person, Setting, Site
from booking.queries import houses

MARK, UNFINISHED, FINISHED = "demo", "unfinished", True


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to come in as one of the demo people."""

    email: str
    password: str
    name: str
    role: Role


def is_empty(session: Session) -> bool:
    """Whether nobody has begun to use the database: no person, no site, no invitation."""
    return not any(
        session.execute(select(table.id).limit(1)).first() for table in (Person, Site, Invitation)
    )


def is_unfinished(session: Session) -> bool:
    """Whether building was interrupted: what is there has to be built anew."""
    return houses.setting(session, MARK) == UNFINISHED


def has_demo_accounts(session: Session) -> bool:
    """Whether somebody can come in with the password that everybody knows."""
    found = select(Person.id).where(Person.is_demo, Person.archived_at.is_(None)).limit(1)
    return session.execute(found).first() is not None


def strangers(session: Session) -> int:
    """Return how many people are no demo people."""
    return len(session.execute(select(Person.id).where(~Person.is_demo)).all())


def sign_ins(session: Session) -> Sequence[SignIn]:
    """Return who can sign in with the demo password, the mightiest first."""
    emails = {somebody.address: (somebody, role) for somebody, role in SIGN_INS.items()}
    unchanged = session.execute(
        select(Person.email).where(
            Person.email.in_(emails),
            Person.is_demo,
            Person.archived_at.is_(None),
            Person.sign_in_epoch == 1,  # a new password would have counted it up
        )
    ).scalars()
    there = set(unchanged)
    return [
        SignIn(email, PASSWORD, somebody.name, role)
        for email, (somebody, role) in emails.items()
        if email in there
    ]


def rebuild(session: Session, *, now: datetime) -> None:
    """Remove everything that is stored, and build the demo house.

    Interrupted, it leaves a mark, and the next start begins again.
    """
    # Here: every start asks for the demo house, and only the first one builds it.
    from booking.demo.build import build  # noqa: PLC0415

    transact(_empty)
    build(session, now=now)
    transact(_finish)
    session.rollback()


def _empty(session: Session) -> None:
    for table in reversed(db.metadata.sorted_tables):
        session.execute(delete(table))
    session.execute(insert(Setting).values(key=MARK, value=UNFINISHED))


def _finish(session: Session) -> None:
    session.execute(update(Setting).where(Setting.key == MARK).values(value=FINISHED))
