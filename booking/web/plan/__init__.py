"""The plan of a house at any instant: its floors, the card of a space, who is there."""

from booking.web.plan import page, public
from booking.web.plan.blueprint import blueprint

__all__ = ["blueprint", "page", "public"]
