"""Calendar files become bookings: the file is read, each of its events goes through a verb."""

from booking.imports.files import Choice, into_of, wishes

__all__ = ["Choice", "into_of", "wishes"]
