"""A message of the inbox becomes a mail and leaves the house."""

from datetime import datetime

from booking.actions import accounts
from booking.config import Config
from booking.db import db
from booking.mail.compose import compose
from booking.mail.links import compose_link
from booking.mail.transport import send
from booking.queries import notices
from booking.queries.people import link


def deliver(notice_id: int, config: Config, *, now: datetime) -> bool:
    """Send the mail of a message; return False where nobody wants it or it is gone.

    Sending twice gives the same Message-ID, so that a second one, after a
    worker that died in between, is one and the same mail to its reader.

    Raises:
        Refused: If it will never be taken.
        OSError, smtplib.SMTPException: If it may be taken later.
    """
    session = db.session()
    letter = notices.letter(session, notice_id)
    mail = None
    if letter is not None and letter.wanted:
        mail = compose(session, letter, config, now=now)
    session.rollback()  # nothing is held while the other side answers
    if mail is None:
        return False
    send(mail, config)
    return True


def deliver_link(invitation_id: int, config: Config, *, now: datetime) -> bool:
    """Send an invitation, or a link for a new password; False where it is used or void.

    Raises:
        As ``deliver``.
    """
    secret = accounts.renew_secret(invitation_id, now=now)
    if secret is None:
        return False
    session = db.session()
    mail = compose_link(session, link(session, invitation_id), secret, config, now=now)
    session.rollback()
    send(mail, config)
    return True
