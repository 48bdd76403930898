"""Members' own calendars on other servers (CalDAV, RFC 4791): the house writes its bookings there.

``transport`` is HTTP under the guard of ``booking.net``, ``remote`` a calendar
on another server, ``discovery`` finds it, ``ours`` is what the calendar
should have, ``diff`` decides what is to be done, ``run`` does it, ``worker``
takes connections from the queue.  Loaded by those pages and that worker alone:
XML is heavy.
"""
