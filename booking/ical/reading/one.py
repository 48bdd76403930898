"""One calendar object (RFC 4791 §4.1): what a program puts, read strictly, since it can be told."""

from dataclasses import replace
from io import BytesIO

from booking.core.errors import InvalidRequest
from booking.core.imports import ImportedEvent, Left
from booking.core.messages import message
from booking.ical.reading.errors import Unreadable
from booking.ical.reading.read import Calendar
from booking.ical.reading.scan import Index, scan

MOST_OBJECT_BYTES = 1024 * 1024
# What a file may have with a warning, and an object may not: it would come to something else.
_TOLD = {
    "event_times_mixed": message("object_times_mixed"),
    "event_outside_series": message("event_outside_series"),
    "event_without_series": message("event_without_series"),
    "uid_twice": message("object_several"),
    "dates_unreadable": message("event_time_unreadable"),
}


def read_one(data: bytes, *, zone: str) -> ImportedEvent:
    """Return the one event of a calendar object, with all its dates.

    ``zone`` is the site's, for times that have none of their own.  One change of "this and
    following" dates is its ``following``; from the first date on it is the event itself.

    Raises:
        Unreadable: If it is no calendar, or too big.
        InvalidRequest: If it is no event, or several, or makes no sense.
    """
    if len(data) > MOST_OBJECT_BYTES:
        raise Unreadable.because("calendar_too_big", "file", most=1)
    index = scan(BytesIO(data))
    _check_components(index)
    events = [_kept(each) for each in Calendar(index, zone).events()]
    first, *others = events
    if first.follows is not None:
        first = replace(first, uid=first.uid.rpartition("/")[0], follows=None)
    if len(others) > 1 or any(each.follows is None for each in others):
        raise InvalidRequest.because("object_following")
    return replace(first, following=others[0]) if others else first


def _check_components(index: Index) -> None:
    if index.unended:
        raise Unreadable.because("calendar_unreadable", "file")
    if index.others or not index.events:
        raise InvalidRequest.because("object_no_event")
    if len(index.events) > 1:
        raise InvalidRequest.because("object_several")
    if next(iter(index.events)).startswith(b"\0"):
        raise InvalidRequest.because("object_without_uid")


def _kept(found: ImportedEvent | Left) -> ImportedEvent:
    if isinstance(found, Left):
        raise InvalidRequest(found.reason)
    for warning in found.warnings:
        if reason := _TOLD.get(warning.code):
            raise InvalidRequest(reason)
    return found
