"""Who is invited to a booking, what they answered, and what a mail to one of them needs."""

import hashlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from booking.core.invitees import Answer, Invitee, Trouble
from booking.models import Booking, InviteeDate, OptOut, Person
from booking.models import Invitee as Row

_BOOKINGS: BindParameter[int] = bindparam("bookings", expanding=True)
_INVITED = (
    select(Row)
    .where(Row.booking_id.in_(_BOOKINGS), Row.removed_at.is_(None))
    .order_by(func.lower(Row.name), Row.email)
)
_DATES = (
    select(InviteeDate)
    .join(Row, Row.id == InviteeDate.invitee_id)
    .where(Row.booking_id.in_(_BOOKINGS))
    .order_by(InviteeDate.recurrence_id)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """An invitee with all that a mail and an answer need: see ``booking.models.Invitee``.

    ``locale`` is that of the invited person, else of whoever invited.
    """

    invitee: Invitee
    ahead: int
    asked: int
    answered: int | None
    stamped_at: datetime | None
    is_invited: bool
    told_method: str
    told_sequence: int
    told_version: int
    inviter_name: str
    locale: str | None
    opted_out: bool


def hash_of(email: str) -> str:
    """Return the form in which an address that wants no invitations is kept."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()


def invitees(session: Session, booking_id: int) -> list[Invitee]:
    """Return who is invited to a booking, by name, without any redaction; two statements."""
    asked = {"bookings": [booking_id]}
    rows = session.scalars(_INVITED, asked).all()
    dates: defaultdict[int, list[tuple[datetime, Answer]]] = defaultdict(list)
    for each in session.scalars(_DATES, asked) if rows else ():
        dates[each.invitee_id].append((each.recurrence_id, Answer(each.answer)))
    return [_invitee(row, dates[row.id]) for row in rows]


def standing(session: Session, invitee_id: int) -> Standing | None:
    """Return an invitee, one who was removed too; None where there is none; three statements."""
    person, inviter = aliased(Person), aliased(Person)
    row = session.execute(
        select(
            Row,
            person.locale,
            inviter.name,
            inviter.locale.label("of_inviter"),
        )
        .outerjoin(person, person.id == Row.person_id)
        .outerjoin(inviter, inviter.id == Row.invited_by_id)
        .where(Row.id == invitee_id)
    ).first()
    if row is None:
        return None
    stored = row[0]
    dates = session.scalars(
        select(InviteeDate)
        .where(InviteeDate.invitee_id == invitee_id)
        .order_by(InviteeDate.recurrence_id)
    )
    return Standing(
        _invitee(stored, [(each.recurrence_id, Answer(each.answer)) for each in dates]),
        ahead=stored.ahead,
        asked=stored.asked_sequence,
        answered=stored.answered_sequence,
        stamped_at=stored.stamped_at,
        is_invited=stored.removed_at is None,
        told_method=stored.told_method,
        told_sequence=stored.told_sequence,
        told_version=stored.told_version,
        inviter_name=row[2] or "",
        locale=row[1] or row[3],
        opted_out=bool(opted_out(session, [stored.email])),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A booking that an answer names, and the invitee with the sender's address (None: nobody)."""

    invitee_id: int | None
    zone: str


def asked_by(session: Session, uid: str, email: str) -> Asked | None:
    """Return what an answer with this UID is about, None where there is no such booking."""
    row = session.execute(
        select(Row.id, Booking.zone)
        .select_from(Booking)
        .outerjoin(Row, (Row.booking_id == Booking.id) & (Row.email == email))
        .where(Booking.uid == uid)
        .order_by(Row.id.is_(None), Row.id.desc())
    ).first()
    return None if row is None else Asked(row[0], row[1])


def opted_out(session: Session, emails: Collection[str]) -> set[str]:
    """Return those of these addresses that want no invitations; one statement."""
    hashes = {hash_of(each): each for each in emails}
    found = session.scalars(select(OptOut.email_hash).where(OptOut.email_hash.in_(hashes)))
    return {hashes[each] for each in found}


def _invitee(row: Row, dates: list[tuple[datetime, Answer]]) -> Invitee:
    return Invitee(
        row.id,
        row.booking_id,
        row.email,
        row.name,
        row.person_id,
        Answer(row.answer),
        answered_at=row.answered_at,
        trouble=Trouble(row.trouble) if row.trouble else None,
        dates=tuple(dates),
    )
