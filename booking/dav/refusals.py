"""Errors of the house as CalDAV says them: each once, with a status and a condition."""

from booking.core.errors import (
    AlreadyDecided,
    BookingError,
    Conflicted,
    GuardRefused,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
    TooManyAttempts,
    UidTaken,
)
from booking.dav.errors import Refused, caldav, house, not_found
from booking.i18n import sentence

# What is well-formed, and more than the house can do at once.
_OWN = {
    "object_following": house("this-and-future"),
    "object_many_changes": house("too-many-changes"),
}


def refusal_of(error: BookingError) -> Refused:
    """Return what a program is told: a clash is 409, a rule 403, what changed meanwhile 412."""
    text = " ".join(sentence(each) for each in error.messages)
    if isinstance(error, Conflicted | GuardRefused):
        return Refused(409, house("booking-conflict"), text)
    if isinstance(error, Stale | AlreadyDecided):
        return Refused(412, text=text)
    if isinstance(error, NotFound):
        return not_found()
    if isinstance(error, TooManyAttempts):
        return Refused(429, text=text, headers={"Retry-After": str(error.retry_after_s)})
    if isinstance(error, UidTaken):
        return Refused(403, caldav("no-uid-conflict"), text)
    if isinstance(error, InvalidRequest):
        own = next((_OWN[each.code] for each in error.messages if each.code in _OWN), None)
        return Refused(403, own or caldav("valid-calendar-object-resource"), text)
    if isinstance(error, NotAllowed):
        return Refused(403, house("not-allowed"), text)
    return Refused(403, house("refused"), text)
