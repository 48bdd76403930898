"""The editor of a floor's plan: numbers in a form, drawn with a script."""

from booking.web.admin.drawing import page, underlays

__all__ = ["page", "underlays"]
