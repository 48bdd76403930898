"""Permanences in the browser: what visitors read, the form, and one's own of today."""

from booking.web.permanences import days, keeping, public
from booking.web.permanences.blueprint import blueprint

__all__ = ["blueprint", "days", "keeping", "public"]
