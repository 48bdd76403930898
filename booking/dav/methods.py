"""The methods: one function for each, from what was asked to an answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from flask import Response, request
from flask_babel import lazy_gettext as _l

from booking import squeezed
from booking.dav import reports, writing
from booking.dav.asked import check_conditions, depth, is_known, xml_needed, xml_sent
from booking.dav.errors import Refused, bad_request, caldav, dav, may_not, not_found
from booking.dav.looking import Looking
from booking.dav.outbox import outbox
from booking.dav.places import Place, children, place
from booking.dav.properties import DATA, FINITE, USUAL, names_of, propstat, response
from booking.dav.sandbox import SandboxCalendar
from booking.dav.xml import Tree, d, document, element, href

COMPLIANCE = "1, 3, access-control, calendar-access"
READ = ("OPTIONS", "GET", "HEAD", "PROPFIND", "PROPPATCH", "REPORT")
WRITE = ("PUT", "DELETE", "MOVE")
XML = "application/xml; charset=utf-8"
MAKES = ("MKCALENDAR", "MKCOL")


def multistatus(parts: Iterable[str]) -> Response:
    """Return a 207 with these responses (RFC 4918 §13)."""
    return Response(document(d("multistatus"), parts), 207, content_type=XML)


def options(_looking: Looking | None, _path: str) -> Response:
    """Say what this service can do (RFC 4918 §10.1, RFC 4791 §5.1)."""
    return Response(status=200, headers={"Allow": ", ".join((*READ, *WRITE))})


def propfind(looking: Looking, path: str) -> Response:
    """List properties (RFC 4918 §9.1)."""
    how_deep = depth(default="infinity")
    at = _existing(looking, path)
    root = xml_sent()
    if root is not None and root.tag != d("propfind"):
        raise bad_request()
    if how_deep == "infinity":
        raise Refused(403, FINITE, _l("Ask with Depth 0 or 1."))
    shown = [at, *(children(looking, at) if how_deep == "1" else ())]
    if root is not None and root.find(d("propname")) is not None:
        return multistatus(_names(each) for each in shown)
    wanted = _wanted(root)
    return multistatus([response(each, looking, _of(each, wanted)) for each in shown])


def _wanted(root: Tree | None) -> list[str] | None:
    """Return the names that are asked for, None for the usual ones."""
    if root is None:
        return None
    if (prop := root.find(d("prop"))) is not None:
        return [each.tag for each in prop]
    if root.find(d("allprop")) is None:
        raise bad_request()
    include = root.find(d("include"))
    return None if include is None else [*USUAL, *(each.tag for each in include)]


def _of(at: Place, wanted: list[str] | None) -> Iterable[str]:
    if wanted is not None:
        return wanted
    known = names_of(at)
    return [name for name in USUAL if name in known]


def _names(at: Place) -> str:
    found = map(element, names_of(at))
    return f"<D:response>{href(at.path)}{propstat(found, '200 OK')}</D:response>"


def proppatch(looking: Looking, path: str) -> Response:
    """Set nothing, and say so of each property (RFC 4918 §9.2): a room is what the house says."""
    at = _existing(looking, path)
    root = xml_needed()
    if root.tag != d("propertyupdate"):
        raise bad_request()
    asked = {each.tag: each for prop in root.iter(d("prop")) for each in prop}
    if isinstance(at.calendar, SandboxCalendar) and at.kind == "calendar":
        return multistatus([writing.patched(at.calendar, root)])
    if not asked:
        raise bad_request()
    said = propstat(map(element, asked), "403 Forbidden", dav("cannot-modify-protected-property"))
    return multistatus([f"<D:response>{href(at.path)}{said}</D:response>"])


def report(looking: Looking, path: str) -> Response:
    """Answer one of the reports (RFC 3253 §3.6)."""
    at = _existing(looking, path)
    root = xml_needed()
    made = reports.REPORTS.get(root.tag)
    if made is None:
        raise Refused(
            403, dav("supported-report"), _l("There is no such report: see supported-report-set.")
        )
    answer = made(looking, at, root)
    return answer if isinstance(answer, Response) else multistatus(answer)


def get(looking: Looking, path: str) -> Response:
    """Return an object, or a whole calendar as one file (RFC 9110 §9.3.1)."""
    at = _existing(looking, path)
    calendar = at.calendar
    if calendar is None:
        return Response(_HERE, content_type="text/plain; charset=utf-8")
    etag = at.item.etag if at.item else calendar.tag()
    check_conditions(etag, reads=True)
    if is_known(etag):
        answer = Response(status=304)
    elif at.item is not None:
        text = calendar.texts([at.item]).get(at.item.name)
        if text is None:
            raise not_found()
        # As it is: a squeezed one would have another tag than the one that is listed.
        request.environ.pop("HTTP_ACCEPT_ENCODING", None)
        answer = Response(text, content_type=DATA)
        answer.last_modified = at.item.modified
    else:
        return _whole(writing.whole(calendar, etag), etag)
    answer.set_etag(etag)
    return answer


_HERE = "Calendar programs find the calendars of the house here.\n"


def _whole(packed: bytes | Iterator[bytes], etag: str) -> Response:
    answer = squeezed.answer(packed, DATA, etag)
    answer.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return answer


def post(looking: Looking, path: str) -> Response:
    """Answer a question about free time, in the outbox alone (RFC 6638 §5)."""
    at = place(looking, path)
    if at.kind != "outbox":
        raise Refused(405, headers={"Allow": ", ".join((*READ, *WRITE))})
    return outbox(looking)


def put(looking: Looking, path: str) -> Response:
    """Store an object: book, or change what is booked (RFC 4791 §5.3.2)."""
    at = place(looking, path)
    if at.kind != "object" or at.calendar is None:
        raise Refused(
            403,
            caldav("calendar-collection-location-ok"),
            _l("An object can be in a calendar only: choose one of a room, or your bookings."),
        )
    if not at.calendar.may_write:
        raise may_not(
            at.calendar.path,
            "bind",
            _l("Nothing can be booked here: this app, or this calendar, is for reading only."),
        )
    check_conditions(at.item.etag if at.item else None)
    stored = writing.put(looking, at)
    answer = Response(status=201 if stored.created else 204)
    if stored.etag:
        answer.set_etag(stored.etag)
    return answer


def delete(looking: Looking, path: str) -> Response:
    """Cancel what an object is about (RFC 9110 §9.3.5)."""
    at = _existing(looking, path)
    if isinstance(at.calendar, SandboxCalendar) and at.kind == "calendar":
        at.calendar.remove()
        return Response(status=204)
    if at.kind != "object":
        raise may_not(at.path, "unbind", _l("Calendars are looked after in the browser."))
    check_conditions(at.item.etag if at.item else None)
    writing.delete(looking, at)
    return Response(status=204)


def move(looking: Looking, path: str) -> Response:
    """Move an object to another calendar: the booking changes its room (RFC 4918 §9.9)."""
    at = _existing(looking, path)
    if at.kind != "object":
        raise may_not(at.path, "unbind", _l("Calendars are looked after in the browser."))
    check_conditions(at.item.etag if at.item else None)
    created = writing.move(looking, at)
    return Response(status=201 if created else 204)


def make(looking: Looking, path: str) -> Response:
    """Make a calendar, in the sandbox alone (RFC 4791 §5.3.1)."""
    return writing.make(looking, path, request.method)


def _existing(looking: Looking, path: str) -> Place:
    at = place(looking, path)
    if at.kind == "object" and at.item is None:
        raise not_found()
    return at


Method = Callable[[Looking, str], Response]
METHODS: Mapping[str, Method] = {
    "PROPFIND": propfind,
    "PROPPATCH": proppatch,
    "REPORT": report,
    "GET": get,
    "HEAD": get,
    "POST": post,
    "PUT": put,
    "DELETE": delete,
    "MOVE": move,
    "MKCALENDAR": make,
    "MKCOL": make,
}
