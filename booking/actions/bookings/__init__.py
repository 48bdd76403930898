"""Book, change, move, cancel and hand over: the way that every booking takes, whatever the door."""

from booking.actions.bookings.book import Booked, Preview, book, preview
from booking.actions.bookings.cancel import cancel
from booking.actions.bookings.change import change, preview_change
from booking.actions.bookings.dates import bring_back, change_date, preview_date
from booking.actions.bookings.hand_over import hand_over
from booking.actions.bookings.move import move

__all__ = [
    "Booked",
    "Preview",
    "book",
    "bring_back",
    "cancel",
    "change",
    "change_date",
    "hand_over",
    "move",
    "preview",
    "preview_change",
    "preview_date",
]
