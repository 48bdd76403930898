"""free-busy-query: when a calendar is busy, and not a word on why (RFC 4791 §7.10)."""

from datetime import timedelta

from flask import Response
from flask_babel import lazy_gettext as _l

from booking.core.intervals import Interval
from booking.dav.errors import Refused, dav
from booking.dav.filters import invalid, window_of
from booking.dav.looking import Looking
from booking.dav.places import Place
from booking.dav.xml import Tree, c
from booking.ical import free_busy

MOST = timedelta(days=10 * 366)


def free_busy_query(looking: Looking, at: Place, root: Tree) -> Response:
    """Return a VFREEBUSY of the time that is asked for."""
    if at.kind != "calendar" or at.calendar is None:
        raise Refused(403, dav("supported-report"), _l("This report is asked of calendars only."))
    window = window_of(root.find(c("time-range")), whole=True)
    if window is None:
        raise invalid(_l("A time range needs a start and an end."))
    window = Interval(window.start, min(window.end, window.start + MOST))
    uid = f"busy-{at.calendar.slug}-{window.start:%Y%m%dT%H%M%SZ}"
    body = free_busy(uid, window, at.calendar.busy(window), stamp=looking.now)
    body = body.replace(b"METHOD:PUBLISH\r\n", b"")
    return Response(body, content_type="text/calendar; charset=utf-8")
