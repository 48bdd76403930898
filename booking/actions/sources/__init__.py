"""Calendars of others that the house follows: added, paused, removed; their dates come and go.

Fetching and reading are ``booking.sources``'s; here is what it may change.
"""

from booking.actions.sources.dates import AT_ONCE, change_dates
from booking.actions.sources.keeping import (
    MOST_SOURCES,
    WORK,
    SourceRequest,
    add_source,
    change_address,
    pause_source,
    plan_sources,
    refresh_source,
    remove_source,
    reseal_addresses,
)
from booking.actions.sources.reading import Found, source_failed, source_read, source_waits

__all__ = [
    "AT_ONCE",
    "MOST_SOURCES",
    "WORK",
    "Found",
    "SourceRequest",
    "add_source",
    "change_address",
    "change_dates",
    "pause_source",
    "plan_sources",
    "refresh_source",
    "remove_source",
    "reseal_addresses",
    "source_failed",
    "source_read",
    "source_waits",
]
