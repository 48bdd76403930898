"""iCalendar files of others: octets in, frozen values with warnings out (RFC 5545).

``scan`` finds the events of a file and which belong together, ``properties``
and ``moments`` read one of them, ``zones`` knows what a TZID means, ``events``
and ``objects`` make values of it.  Our own, not a library's: it reads a file
of any size in little memory, thirty times as fast, opens no other file, and
says of each event what is doubtful in words that can be translated.
"""

from booking.ical.reading.errors import Unreadable
from booking.ical.reading.limits import MOST_BYTES, MOST_EVENTS
from booking.ical.reading.one import MOST_OBJECT_BYTES, read_one
from booking.ical.reading.read import Calendar, read

__all__ = [
    "MOST_BYTES",
    "MOST_EVENTS",
    "MOST_OBJECT_BYTES",
    "Calendar",
    "Unreadable",
    "read",
    "read_one",
]
