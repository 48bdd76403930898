"""Mails that come in: answers to invitations, and bookings that people ask for by mail.

``mailbox`` brings mails from IMAP or a Maildir, ``letters`` reads one, ``sorting`` says
what it is, ``work`` takes each once, ``booking`` books what is asked for.
"""

from booking.inbox.booking import book_one
from booking.inbox.work import read_mailbox

__all__ = ["book_one", "read_mailbox"]
