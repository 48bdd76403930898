"""Why nothing of a file can be read."""

from booking.core.errors import InvalidRequest


class Unreadable(InvalidRequest):
    """Nothing can be read; one message, for the field of the file."""
