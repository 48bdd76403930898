"""Leases: their list, the form with what is in the way, one lease with its history."""

from booking.web.admin.leases import form, lists, one

__all__ = ["form", "lists", "one"]
