"""Bookings that were asked for by mail: who asked, for what, and what was answered."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from booking.core.mail_requests import MailRequest
from booking.models import Booking, CalendarObject, Person, ReceivedMail


def mail_request(session: Session, received_id: int) -> MailRequest | None:
    """Return what a mail asked for, None where it asked for nothing; one statement."""
    later = aliased(ReceivedMail)
    newest = (
        select(func.max(later.id))
        .where(
            later.booking_id == ReceivedMail.booking_id,
            later.space_id == ReceivedMail.space_id,
            later.content.is_not(None),
        )
        .scalar_subquery()
    )
    row = session.execute(
        select(ReceivedMail, Person, newest)
        .join(Person, Person.id == ReceivedMail.person_id)
        .where(
            ReceivedMail.id == received_id,
            ReceivedMail.content.is_not(None),
            Person.archived_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    mail, person, last = row
    return MailRequest(
        id=mail.id,
        at=mail.at,
        person_id=person.id,
        name=person.name,
        email=person.email,
        locale=person.locale,
        space_id=mail.space_id,
        content=mail.content,
        state=mail.state,
        booking_id=mail.booking_id,
        answer=mail.params,
        told=str(mail.params.get("told", "")),
        is_newest=last in (None, mail.id),
    )


def rooms_of_mail(session: Session, received_id: int) -> list[int]:
    """Return the rooms that the mail of a request asks for, in the order of their requests."""
    same = aliased(ReceivedMail)
    query = (
        select(ReceivedMail.space_id)
        .join(same, (same.place == ReceivedMail.place) & (same.at == ReceivedMail.at))
        .where(same.id == received_id, ReceivedMail.space_id.is_not(None))
        .order_by(ReceivedMail.id)
    )
    return [each for each in session.scalars(query) if each is not None]


def asked_lately(
    session: Session, person_id: int, *, since: datetime
) -> Sequence[tuple[int, str, bytes]]:
    """Return what a person has asked for by mail: the room, what became of it, the object."""
    query = select(ReceivedMail.space_id, ReceivedMail.state, ReceivedMail.content).where(
        ReceivedMail.person_id == person_id,
        ReceivedMail.space_id.is_not(None),
        ReceivedMail.content.is_not(None),
        ReceivedMail.at > since,
    )
    rows = session.execute(query)
    return [(room, state, content) for room, state, content in rows if room and content]


def asked_before(
    session: Session, received_id: int, booking_id: int, person_id: int
) -> Sequence[tuple[int, bytes]]:
    """Return what else was asked of a booking, or may be in a moment: the room, the object."""
    query = select(ReceivedMail.space_id, ReceivedMail.content).where(
        ReceivedMail.id != received_id,
        ReceivedMail.person_id == person_id,
        ReceivedMail.space_id.is_not(None),
        ReceivedMail.content.is_not(None),
        (ReceivedMail.booking_id == booking_id) | (ReceivedMail.state == "waits"),
    )
    return [(room, content) for room, content in session.execute(query) if room and content]


def known_object(session: Session, uid: str, person_id: int) -> tuple[int, bytes | None] | None:
    """Return the booking with a UID, and what this person sent of it last; None without one."""
    row = session.execute(
        select(Booking.id, CalendarObject.body)
        .outerjoin(
            CalendarObject,
            (CalendarObject.booking_id == Booking.id) & (CalendarObject.person_id == person_id),
        )
        .where(Booking.uid == uid)
        .order_by(Booking.id.desc())
    ).first()
    return None if row is None else (row[0], row[1])


def member_by_email(session: Session, email: str) -> int | None:
    """Return the person with an account at this address, None where there is none."""
    return session.scalar(
        select(Person.id).where(Person.email == email, Person.archived_at.is_(None))
    )
