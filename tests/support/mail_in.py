"""Mails that come in: a booking whose invited people answer, and what workers do at once."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from booking.actions.invitees import answer
from booking.asked_by_mail import confirm_path
from booking.config import Config, MailIn
from booking.core.invitees import Given
from booking.core.values import Actor, Space
from booking.inbox import book_one, read_mailbox
from booking.models import Invitee, ReceivedMail
from tests.support.databases import writing
from tests.support.factories import NOW, House

MAILS = Path(__file__).parents[1] / "data" / "mails_in"
UID = "choir@house.example"
ADDRESS = "rooms@house.example"


def settings(maildir: Path, **more: str) -> MailIn:
    """Return the operator's settings for a Maildir."""
    return MailIn(address=ADDRESS, maildir=str(maildir), **more)


def invited(house: House, *, email: str = "anna@example.org") -> tuple[int, int]:
    """Store a series at SEQUENCE 2 to which somebody is invited; return both ids."""
    booking_id = house.add_booking(days=(0, 1, 2), uid=UID, sequence=2)
    row = {
        "booking_id": booking_id,
        "email": email,
        "name": "Anna Martin",
        "invited_by_id": house.member.person_id,
        "invited_at": NOW,
        "answer": "needs-action",
        "asked_sequence": 2,
        "told_method": "request",
        "told_sequence": 2,
        "told_version": 1,
    }
    with writing(house.engine) as connection:
        made = insert(Invitee).values(**row).returning(Invitee.id)
        return booking_id, connection.execute(made).scalar_one()


def became(session: Session) -> list[tuple[str, str]]:
    """Return what became of each mail: its state, and why it was set aside."""
    session.rollback()
    rows = session.query(ReceivedMail.state, ReceivedMail.reason).order_by(ReceivedMail.id)
    return [(row.state, row.reason) for row in rows]


def read_at_once(request: Config, _actor: Actor, *, now: datetime) -> int:
    """Read a mailbox, as a verb of a race."""
    return read_mailbox(request, now=now)


def answer_at_once(request: tuple[int, Given], _actor: Actor, *, now: datetime) -> str:
    """Answer, as a verb of a race; return why it does not count, or ""."""
    why = answer(*request, now=now)
    return why.code if why else ""


def book_at_once(request: tuple[int, Config], _actor: Actor, *, now: datetime) -> None:
    """Book what a mail asks for, as a verb of a race."""
    book_one(*request, now=now)


def asking(house: House, *rooms: Space, key: bytes) -> str:
    """Store a mail of the member that nobody vouches for; return the path of its question."""
    start = f"{house.at(16, day=1):%Y%m%dT%H%M%S}"
    content = "\r\n".join(
        (
            "BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REQUEST", "BEGIN:VEVENT",
            "UID:band@laptop.example", "DTSTAMP:20270310T090000Z", f"DTSTART:{start}",
            "DURATION:PT2H", "SUMMARY:Band rehearsal", "END:VEVENT", "END:VCALENDAR", "",
        )
    )  # fmt: skip
    row = {
        "place": "1:1",
        "at": house.now,
        "sender": house.email(house.member),
        "subject": "Band rehearsal",
        "state": "asks",
        "person_id": house.member.person_id,
        "content": content.encode(),
        "params": {"asked": True},
    }
    with writing(house.engine) as connection:
        made = insert(ReceivedMail).returning(ReceivedMail.id)
        numbers = [
            connection.execute(made.values(**row, key=f"{each.id}", space_id=each.id)).scalar_one()
            for each in rooms
        ]
    return confirm_path(numbers[0], key)
