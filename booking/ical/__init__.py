"""iCalendar: one writer for feeds, and later for DAV, push and mail (RFC 5545, RFC 7986).

``text`` escapes and folds, ``timezones`` writes VTIMEZONE, ``write`` turns
events into bytes, ``events`` makes events of bookings (``singles`` of those of one date,
``clocks`` writes their times), ``freebusy`` tells no more
than when, ``kept`` keeps what other programs say, ``answers``
adds what rooms say to it.  No database, no HTTP.
"""

from booking.ical.answers import answered, is_organised, unanswered
from booking.ical.events import Words, event_of
from booking.ical.freebusy import Busy, free_busy
from booking.ical.kept import kept_of, merged
from booking.ical.singles import Singles
from booking.ical.text import escape, fold
from booking.ical.timezones import timezone
from booking.ical.write import (
    Access,
    CalendarEvent,
    CalendarOverride,
    Component,
    Status,
    Years,
    calendar,
    calendar_object,
    component,
    pieces,
    scheduling,
    years_of,
    zone_to_explain,
)

__all__ = [
    "Access",
    "Busy",
    "CalendarEvent",
    "CalendarOverride",
    "Component",
    "Singles",
    "Status",
    "Words",
    "Years",
    "answered",
    "calendar",
    "calendar_object",
    "component",
    "escape",
    "event_of",
    "fold",
    "free_busy",
    "is_organised",
    "kept_of",
    "merged",
    "pieces",
    "scheduling",
    "timezone",
    "unanswered",
    "years_of",
    "zone_to_explain",
]
