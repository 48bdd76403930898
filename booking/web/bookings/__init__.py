"""Bookings in the browser: the form, the page of one, the list of one's own."""

from booking.web.bookings import (
    cancelling,
    changing,
    checking,
    checking_in,
    coming,
    dating,
    handing_over,
    inviting,
    mine,
    moving,
    needed,
    new,
    offers,
    page,
    season,
    swapping,
    use,
)
from booking.web.bookings.blueprint import blueprint

__all__ = [
    "blueprint",
    "cancelling",
    "changing",
    "checking",
    "checking_in",
    "coming",
    "dating",
    "handing_over",
    "inviting",
    "mine",
    "moving",
    "needed",
    "new",
    "offers",
    "page",
    "season",
    "swapping",
    "use",
]
