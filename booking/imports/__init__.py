"""Calendar files become bookings: the file is read, each of its events goes through a verb."""

from booking.imports.files import booked, into_of, looked_at, wishes
from booking.imports.uploads import SMALL, take_in, work

__all__ = ["SMALL", "booked", "into_of", "looked_at", "take_in", "wishes", "work"]
