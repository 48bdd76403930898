"""A member's own calendar: connected, looked at before anything happens, kept an eye on."""

from booking.web.connections import busy, choosing, deciding, pages, providers, signing_in
from booking.web.connections.blueprint import blueprint

__all__ = ["blueprint", "busy", "choosing", "deciding", "pages", "providers", "signing_in"]
