"""sync-collection: what changed since a token (RFC 6578 §3)."""

from collections.abc import Iterator
from urllib.parse import quote

from flask_babel import lazy_gettext as _l

from booking.dav.calendars import Calendar, Changes, StaleToken
from booking.dav.errors import Refused, bad_request, dav
from booking.dav.looking import Looking
from booking.dav.places import Place
from booking.dav.properties import gone
from booking.dav.reports.data import Wanted, responses, wanted_of
from booking.dav.xml import Tree, d, element, escaped, text_of


def sync_collection(looking: Looking, at: Place, root: Tree) -> Iterator[str]:
    """Return what is new, changed or gone, and the token from here on."""
    if at.kind != "calendar" or at.calendar is None:
        raise Refused(403, dav("supported-report"), _l("This report is asked of calendars only."))
    if root.find(d("sync-token")) is None:
        raise bad_request(_l("A sync-token is needed, be it empty."))
    if text_of(root, d("sync-level")) not in ("", "1", "infinite"):
        raise bad_request(_l("The sync-level is 1 or infinite."))
    wanted, limit = wanted_of(root), _limit(root)
    try:
        found = at.calendar.since(text_of(root, d("sync-token")), limit)
    except StaleToken:
        raise Refused(
            403,
            dav("valid-sync-token"),
            _l("This sync-token is too old, or for other rights: sync anew, without a token."),
        ) from None
    return _told(looking, at.calendar, found, wanted)


def _limit(root: Tree) -> int | None:
    limit = root.find(d("limit"))
    if limit is None:
        return None
    number = text_of(limit, d("nresults"))
    if not (number.isascii() and number.isdecimal() and 0 < len(number) < 10 and int(number)):
        raise bad_request(_l("A limit is a number."))
    return int(number)


def _told(looking: Looking, calendar: Calendar, found: Changes, wanted: Wanted) -> Iterator[str]:
    yield from responses(looking, calendar, found.items, wanted)
    for name in found.gone:
        yield gone(calendar.path + quote(name))
    if not found.complete:
        condition = dav("number-of-matches-within-limits")
        yield gone(calendar.path, "507 Insufficient Storage", condition)
    yield element(d("sync-token"), escaped(found.token))
