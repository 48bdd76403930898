"""Screens that hang in the house: at the entrance and at the doors of rooms.

Each has a link that is its secret, so that nobody is signed in on a tablet that anybody can
touch; what it shows is what anybody may read.
"""

from booking.web.screens import pages
from booking.web.screens.blueprint import blueprint

__all__ = ["blueprint", "pages"]
