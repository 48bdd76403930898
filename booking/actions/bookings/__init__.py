"""Book, change, move and cancel: the way that every booking takes, whatever the door."""

from booking.actions.bookings.book import Booked, book, preview
from booking.actions.bookings.cancel import cancel
from booking.actions.bookings.change import change, move

__all__ = ["Booked", "book", "cancel", "change", "move", "preview"]
