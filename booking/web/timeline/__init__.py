"""The plan over time: spaces as rows, with leases, permanences and bookings together."""

from booking.web.timeline.page import blueprint

__all__ = ["blueprint"]
