"""Room booking for shared houses: rooms, approvals, calendars."""

__version__ = "0.1.0"
