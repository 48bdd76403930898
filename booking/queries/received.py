"""Mails that came in: what was set aside and waits, and how the mailbox is."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.mail_in import MailboxState, ReceivedView, Standing
from booking.core.messages import Message
from booking.models import ReceivedMail, Setting

_SHOWN = (Standing.ASIDE.value, Standing.ASKS.value, Standing.WAITS.value)


def open_mails(session: Session, *, limit: int) -> list[ReceivedView]:
    """Return mails that were set aside, or wait, the newest first; one statement.

    One that asks for several rooms is there once.
    """
    rows = session.execute(
        select(
            ReceivedMail.id,
            ReceivedMail.at,
            ReceivedMail.place,
            ReceivedMail.sender,
            ReceivedMail.subject,
            ReceivedMail.state,
            ReceivedMail.reason,
            ReceivedMail.params,
            ReceivedMail.booking_id,
        )
        .where(ReceivedMail.state.in_(_SHOWN))
        .order_by(ReceivedMail.id.desc())
        .limit(limit)
    )
    return [
        ReceivedView(
            row.id,
            row.at,
            row.sender,
            row.subject,
            Standing(row.state),
            Message(row.reason, row.params) if row.reason else None,
            row.booking_id,
        )
        for row in {(each.at, each.place): each for each in rows}.values()
    ]


def mailbox_state(session: Session) -> MailboxState:
    """Return when the mailbox was read last, and what was wrong; one statement."""
    found = session.scalar(select(Setting.value).where(Setting.key == "mail_in"))
    if not isinstance(found, dict):
        return MailboxState()
    return MailboxState(datetime.fromtimestamp(int(found["at"]), UTC), str(found["error"]))
