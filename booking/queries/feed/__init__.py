"""What goes into a calendar: bookings with all their dates, and what tells that they changed.

``state`` says whether anything changed, ``wanted`` which bookings a calendar has and
in which versions, ``singles`` and ``bookings`` read them: each a fixed number of
statements, whatever the number of bookings.
"""

from booking.queries.feed.bookings import bookings
from booking.queries.feed.singles import singles
from booking.queries.feed.state import FeedState, feed_state, public_state
from booking.queries.feed.wanted import (
    Wanted,
    alone,
    of_permanences,
    of_programme,
    of_scope,
    versions,
    years,
)

__all__ = [
    "FeedState",
    "Wanted",
    "alone",
    "bookings",
    "feed_state",
    "of_permanences",
    "of_programme",
    "of_scope",
    "public_state",
    "singles",
    "versions",
    "years",
]
