"""Calendar objects of people's own programs: the one way of CalDAV, sync and mail.

One object is one booking with all its dates: a VEVENT, those of its dates that
differ (RECURRENCE-ID), EXDATE and RDATE, under one UID.
"""

from booking.actions.objects.delete import delete_object
from booking.actions.objects.move import move_object
from booking.actions.objects.put import put_object
from booking.actions.objects.refusals import free_instead, notify_refusal
from booking.actions.objects.repeated import note_repeated
from booking.actions.objects.values import Clashes, PutResult, Seen

__all__ = [
    "Clashes",
    "PutResult",
    "Seen",
    "delete_object",
    "free_instead",
    "move_object",
    "note_repeated",
    "notify_refusal",
    "put_object",
]
