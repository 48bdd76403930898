"""Calendar apps: the passwords of a person, what each app lists, and how it is set up."""

from booking.web.devices import choosing, pages, setting_up
from booking.web.devices.blueprint import blueprint

__all__ = ["blueprint", "choosing", "pages", "setting_up"]
