"""The door for calendar programs: ``GET /feeds/<token>.ics`` (``.ifb``), read-only, no cookies.

``door`` answers, ``build`` makes the bytes, ``shelf`` keeps those built last.
"""

from booking.feeds.door import blueprint

__all__ = ["blueprint"]
