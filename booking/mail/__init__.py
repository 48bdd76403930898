"""Mails: everything that the inbox says, in the reader's language, rendered at delivery."""

from booking.mail.deliver import deliver, deliver_link
from booking.mail.inviting import News, deliver_invitation
from booking.mail.room_answers import deliver_question, deliver_room_answer
from booking.mail.transport import Refused, outbox_files

__all__ = [
    "News",
    "Refused",
    "deliver",
    "deliver_invitation",
    "deliver_link",
    "deliver_question",
    "deliver_room_answer",
    "outbox_files",
]
