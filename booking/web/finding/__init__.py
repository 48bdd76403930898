"""Find a room: free time in what fits, for a series, in several together, and with people."""

from booking.web.finding import pages, people
from booking.web.finding.blueprint import blueprint

__all__ = ["blueprint", "pages", "people"]
