"""The CalDAV server: ``/dav/``, where calendar programs read rooms and book in them.

``door`` signs in and answers errors, ``methods`` has one function for each HTTP
method, ``properties`` and ``reports`` what they tell; ``places`` knows the addresses,
``calendars`` what a calendar is, ``house`` those of the house.  What of the
standards is done, and how it is tested: ``docs/dav-compliance.md``.
"""

from booking.dav.door import blueprint

__all__ = ["blueprint"]
