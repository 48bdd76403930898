"""Read the mailbox: each mail once, whoever reads it, and however often a worker dies."""

import imaplib
import logging
from datetime import datetime

from booking.actions import mail_requests, received
from booking.config import Config
from booking.core.mail_in import Incoming
from booking.core.mail_requests import MailWish
from booking.core.messages import Message, message
from booking.db import db
from booking.inbox.letters import letter_of
from booking.inbox.mailbox import Arrived, Mailbox, MailboxError, opened
from booking.inbox.sorting import Answers, sorted_letter

log = logging.getLogger("booking.inbox")
_UNREACHABLE = (OSError, imaplib.IMAP4.error, MailboxError)


def read_mailbox(config: Config, *, now: datetime) -> int:
    """Take the mails that have come; return how many were new.

    What a mail says is stored together with the note that it was read; then it is
    put away.  Two workers may read the same one: the note is there once.  A mailbox
    that cannot be read is noted for the administrators, and read at the next round.
    """
    if not config.mail_in.is_set:
        return 0
    number, error = 0, ""
    bugs: list[Exception] = []
    try:
        with opened(config.mail_in) as mailbox:
            for each in mailbox.mails():
                try:
                    number += _take(mailbox, each, config, now=now)
                except _UNREACHABLE:
                    raise
                except Exception as bug:  # told below: one mail must not stop the others
                    log.exception("the mail at %s", each.place)
                    db.session.rollback()
                    bugs.append(bug)
    except MailboxError as failed:
        error = str(failed)
    db.session.rollback()
    received.note_mailbox(error, now=now)
    if bugs:
        raise bugs[0]
    return number


def _take(mailbox: Mailbox, arrived: Arrived, config: Config, *, now: datetime) -> bool:
    letter = letter_of(arrived.content)
    incoming = Incoming(letter.key, arrived.place, letter.sender, letter.subject)
    session = db.session()
    session.rollback()
    if arrived.too_big:
        wanted: Answers | MailWish | Message = message("mail_too_big")
    else:
        wanted = sorted_letter(session, letter, config, now=now)
    session.rollback()
    if isinstance(wanted, Message):
        is_new = received.set_aside(incoming, wanted, now=now)
    elif isinstance(wanted, MailWish):
        is_new = mail_requests.take_request(incoming, wanted, now=now)
    else:
        is_new = received.take_answers(incoming, wanted, now=now)
    mailbox.put_away(arrived.place)
    return is_new
