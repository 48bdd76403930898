"""Find a room: free time in what fits, for a series, in several rooms together."""

from booking.web.finding import pages
from booking.web.finding.blueprint import blueprint

__all__ = ["blueprint", "pages"]
