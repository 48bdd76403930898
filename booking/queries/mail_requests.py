"""Bookings that were asked for by mail: who asked, for what, and what was answered."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from booking.core.mail_requests import MailRequest
from booking.models import Booking, CalendarObject, Person, ReceivedMail


def mail_request(session: Session, received_id: int) -> MailRequest | None:
    """Return what a mail asked for, None where it asked for nothing; one statement."""
    later = aliased(ReceivedMail)
    newest = (
        select(func.max(later.id))
        .where(later.booking_id == ReceivedMail.booking_id, later.content.is_not(None))
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
