"""Calendar objects that somebody's program sends: what they want of a booking, as values.

``sent`` lists the dates that an object asks for, ``differences`` compares
them with what is booked: what changes as a whole, and what of single dates.
"""

from booking.core.objects.differences import DateChange, Shown, date_changes, whole_change
from booking.core.objects.sent import Sent, SentDate, sent_of

__all__ = [
    "DateChange",
    "Sent",
    "SentDate",
    "Shown",
    "date_changes",
    "sent_of",
    "whole_change",
]
