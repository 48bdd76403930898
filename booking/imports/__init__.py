"""Calendar files become bookings: the file is read, each of its events goes through a verb."""

from booking.imports.files import into_of, wishes
from booking.imports.uploads import SMALL, take_in, work

__all__ = ["SMALL", "into_of", "take_in", "wishes", "work"]
