"""Book, change, move and cancel: the way that every booking takes, whatever the door."""

from booking.actions.bookings.book import Booked, Preview, book, preview
from booking.actions.bookings.cancel import cancel
from booking.actions.bookings.change import change, preview_change
from booking.actions.bookings.dates import bring_back, change_date, preview_date
from booking.actions.bookings.move import move

__all__ = [
    "Booked",
    "Preview",
    "book",
    "bring_back",
    "cancel",
    "change",
    "change_date",
    "move",
    "preview",
    "preview_change",
    "preview_date",
]
