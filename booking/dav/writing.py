"""What changes something: PUT, DELETE and MOVE, and what the sandbox alone can do."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from flask import Response, current_app, request
from flask_babel import lazy_gettext as _l

from booking import squeezed
from booking.dav import booked, sandbox
from booking.dav.asked import body, xml_sent
from booking.dav.bodies import object_of, text_of
from booking.dav.calendars import Calendar, Stored
from booking.dav.errors import Refused, bad_request, caldav, dav, house, may_not, precondition
from booking.dav.house import HouseCalendar
from booking.dav.looking import Looking
from booking.dav.places import Place, is_name, place
from booking.dav.properties import propstat
from booking.dav.sandbox import SandboxCalendar
from booking.dav.xml import Tree, c, d, element, href
from booking.shelves import Shelf

MOST_BYTES = 16 * 1024 * 1024
_SETTABLE = frozenset(
    {
        d("displayname"),
        "{http://apple.com/ns/ical/}calendar-color",
        "{http://apple.com/ns/ical/}calendar-order",
        c("calendar-description"),
        c("calendar-timezone"),
        c("supported-calendar-component-set"),
    }
)


def whole(calendar: Calendar, etag: str) -> bytes | Iterator[bytes]:
    """Return the file of a whole calendar, squeezed and kept for who asks next.

    One that is too long for that comes in pieces, as they are.
    """
    shelf: Shelf[bytes] = current_app.extensions.setdefault(
        "booking.dav.files", Shelf(MOST_BYTES, len)
    )
    kept = shelf.get(etag)
    if kept is None:
        body = calendar.whole()
        if not isinstance(body, bytes):
            return body
        kept = squeezed.squeeze(body)
        shelf.put(etag, kept)
    return kept


def put(_looking: Looking, at: Place) -> Stored:
    """Store what was sent at a place.

    Raises:
        Refused: With the precondition that does not hold.
    """
    assert at.calendar is not None  # noqa: S101  asked by the caller
    if not is_name(at.name):
        raise bad_request(
            _l("An object cannot have this name: choose a shorter one, of letters and digits.")
        )
    text = text_of(body(), request.mimetype)
    tree = object_of(text, at.calendar.components)
    uid = next(each.value("UID") for each in tree.inner if each.name != "VTIMEZONE")
    if isinstance(at.calendar, SandboxCalendar):
        return at.calendar.put(at.name, text, uid)
    assert isinstance(at.calendar, HouseCalendar)  # noqa: S101  there are these two
    return booked.put(at.calendar, at, text, uid)


def delete(_looking: Looking, at: Place) -> None:
    """Remove what is at a place."""
    if isinstance(at.calendar, SandboxCalendar):
        at.calendar.delete(at.name)
        return
    assert isinstance(at.calendar, HouseCalendar)  # noqa: S101  there are these two
    booked.delete(at.calendar, at)


def move(looking: Looking, at: Place) -> bool:
    """Move an object to where Destination says; return whether that place was empty.

    Raises:
        Refused: With the precondition that does not hold.
    """
    target = _destination(looking)
    if target.kind != "object" or target.calendar is None or not is_name(target.name):
        raise Refused(
            403,
            caldav("calendar-collection-location-ok"),
            _l("An object can be in a calendar only: choose one of a room, or your bookings."),
        )
    if target.item is not None and request.headers.get("Overwrite", "T").upper() == "F":
        raise precondition(_l("There is an object at this address already: fetch it first."))
    if target.path == at.path:
        raise Refused(403, text=_l("It is in this calendar already."))
    is_sandbox = isinstance(at.calendar, SandboxCalendar)
    if is_sandbox and isinstance(target.calendar, SandboxCalendar) and at.item is not None:
        assert isinstance(at.calendar, SandboxCalendar)  # noqa: S101  said above
        text = at.calendar.texts([at.item])[at.name]
        tree = object_of(text, target.calendar.components)
        uid = next(each.value("UID") for each in tree.inner if each.name != "VTIMEZONE")
        at.calendar.delete(at.name)
        if target.item is not None:
            target.calendar.delete(target.name)
        target.calendar.put(target.name, text, uid)
        return target.item is None
    if not isinstance(at.calendar, HouseCalendar) or not isinstance(target.calendar, HouseCalendar):
        raise may_not(target.path, "bind", _l("Nothing can be moved there."))
    if target.item is not None and not booked.is_same(at.item, target.item):
        raise Refused(
            403,
            house("booking-conflict"),
            _l("Another booking has this name there: choose another name."),
        )
    booked.move(at.calendar, at, target.calendar, target.name)
    return target.item is None


def _destination(looking: Looking) -> Place:
    """Return the place that the header names (RFC 4918 §10.3)."""
    try:
        parts = urlsplit(request.headers.get("Destination", ""))
    except ValueError:
        raise bad_request(_l("The Destination is no address.")) from None
    if not parts.path:
        raise bad_request(_l("The header Destination is missing: it says where to move to."))
    if parts.netloc and parts.netloc != request.host:
        raise Refused(502, text=_l("The Destination is on another server."))
    path = unquote(parts.path)
    begin = f"{looking.root}/dav/"
    if not path.startswith(begin):
        raise Refused(403, text=_l("The Destination is no calendar of this service."))
    return place(looking, path.removeprefix(begin))


def make(looking: Looking, path: str, method: str) -> Response:
    """Make a calendar of the sandbox."""
    parts = path.strip("/").split("/")
    is_here = len(parts) == 3 and parts[0] == "cal" and parts[1] == looking.user
    if not sandbox.is_open() or not is_here or not is_name(parts[2]):
        raise may_not(looking.home, "bind", _l("Calendars are made in the browser."))
    if sandbox.calendar(looking, parts[2]) is not None:
        raise Refused(405 if method == "MKCOL" else 403, dav("resource-must-be-null"))
    root = xml_sent()
    components = () if root is None else [each.get("name", "") for each in root.iter(c("comp"))]
    if not set(components) <= {"VEVENT", "VTODO", "VJOURNAL"}:
        raise Refused(403, caldav("supported-calendar-component"))
    made = sandbox.make(looking, parts[2], components)
    if root is not None:
        patched(made, root)
    return Response(status=201)


def patched(calendar: SandboxCalendar, root: Tree) -> str:
    """Set properties of a calendar of the sandbox; return what became of each."""
    done, refused = dict[str, str | None](), list[str]()
    for prop in root.iter(d("prop")):
        removes = prop.getparent().tag == d("remove")
        for each in prop:
            if each.tag not in _SETTABLE:
                refused.append(each.tag)
            elif each.tag != c("supported-calendar-component-set"):
                done[each.tag] = None if removes else (each.text or "")
    if not refused:
        calendar.set(done)
    status = "424 Failed Dependency" if refused else "200 OK"
    said = propstat(map(element, done), status) if done else ""
    if refused:
        said += propstat(
            map(element, refused), "403 Forbidden", dav("cannot-modify-protected-property")
        )
    return f"<D:response>{href(calendar.path)}{said}</D:response>"
