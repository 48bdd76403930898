"""Properties of each resource: who has which, and what it says.

RFC 4918 §15 (WebDAV), RFC 3744 (privileges), RFC 4791 §5.2 (CalDAV), RFC 5397
and RFC 6578, with the colour and the order that Apple began and all read.
"""

from collections.abc import Callable, Iterable, Mapping
from email.utils import format_datetime

from flask_babel import gettext as _

from booking.dav.errors import caldav, dav
from booking.dav.filters import COLLATIONS
from booking.dav.instances import MOST_INSTANCES
from booking.dav.looking import Looking
from booking.dav.places import Kind, Place
from booking.dav.xml import APPLE, SERVER, c, d, element, escaped, href, with_attributes
from booking.ical import timezone

MOST_BODY = 1024 * 1024
DATA = "text/calendar; charset=utf-8"
# What a property says of a place, as XML; None where the place has it not after all.
Says = Callable[[Place, Looking], str | None]

_COLLECTIONS: tuple[Kind, ...] = (
    "root",
    "principals",
    "principal",
    "outbox",
    "home",
    "calendar",
)
_READ = ("read", "read-current-user-privilege-set")
_READ_CALENDAR = (*_READ, "read-free-busy")
_WRITE = ("write-content", "bind", "unbind")


def _type(place: Place, _looking: Looking) -> str:
    names = {
        "principal": (d("principal"), d("collection")),
        "calendar": (d("collection"), c("calendar")),
        "outbox": (d("collection"), c("schedule-outbox")),
        "object": (),
    }
    return "".join(map(element, names.get(place.kind, (d("collection"),))))


def _name(place: Place, looking: Looking) -> str | None:
    if place.calendar is not None:
        return escaped(place.calendar.name if place.kind == "calendar" else place.name)
    if place.kind == "principal" and looking.actor:
        return escaped(looking.actor.name)
    return escaped(_("Calendars"))


def privileges(place: Place) -> tuple[str, ...]:
    """Return what who asks may do here, as it is (RFC 3744 §5.4)."""
    calendar = place.calendar
    if calendar is None:
        return (*_READ, "schedule-send-freebusy") if place.kind == "outbox" else _READ
    if calendar.is_sandbox:
        return (*_READ_CALENDAR, "write", "write-properties", *_WRITE)
    if place.kind == "calendar":
        return (*_READ_CALENDAR, *(_WRITE if calendar.may_write else ()))
    may = calendar.may_write and place.item is not None and place.item.may_change
    return (*_READ_CALENDAR, *(("write-content",) if may else ()))


def _privilege(name: str) -> str:
    return c(name) if name in ("read-free-busy", "schedule-send-freebusy") else d(name)


def _privileges(place: Place, _looking: Looking) -> str:
    return "".join(element(d("privilege"), element(_privilege(name))) for name in privileges(place))


def _all_privileges(_place: Place, _looking: Looking) -> str:
    def privilege(name: str, *inner: str) -> str:
        said = element(d("privilege"), element(_privilege(name)))
        return element(d("supported-privilege"), said, *inner)

    write = privilege("write", *map(privilege, (*_WRITE, "write-properties")))
    read = privilege(
        "read", privilege("read-free-busy"), privilege("read-current-user-privilege-set")
    )
    return privilege("all", read, write)


REPORTS: Mapping[Kind, tuple[str, ...]] = {
    "calendar": (
        c("calendar-query"),
        c("calendar-multiget"),
        c("free-busy-query"),
        d("sync-collection"),
    ),
    "home": (c("calendar-query"), c("calendar-multiget")),
    "principals": (d("principal-property-search"), d("principal-search-property-set")),
    "principal": (d("principal-property-search"), d("principal-search-property-set")),
}


def _reports(place: Place, _looking: Looking) -> str:
    return "".join(
        element(d("supported-report"), element(d("report"), element(name)))
        for name in (*REPORTS.get(place.kind, ()), d("expand-property"))
    )


def _addresses(_place: Place, looking: Looking) -> str:
    return href(f"mailto:{looking.login}") + href(looking.principal)


def _components(place: Place, _looking: Looking) -> str:
    assert place.calendar is not None  # noqa: S101  of calendars alone
    names = place.calendar.components
    return "".join(with_attributes(c("comp"), {"name": each}) for each in names)


def _data(_place: Place, _looking: Looking) -> str:
    return with_attributes(c("calendar-data"), {"content-type": "text/calendar", "version": "2.0"})


def _timezone(place: Place, looking: Looking) -> str | None:
    if place.calendar is None or place.calendar.zone == "UTC":
        return None
    zone = timezone(place.calendar.zone, looking.now.year, looking.now.year)
    return escaped(
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//House Booking//EN\r\n{zone}END:VCALENDAR\r\n"
    )


def _length(place: Place, _looking: Looking) -> str | None:
    if place.calendar is None or place.item is None:
        return None
    text = place.calendar.texts([place.item]).get(place.item.name)
    return None if text is None else str(len(text.encode()))


def _of_calendar(says: Callable[[Place], str]) -> Says:
    return lambda place, _looking: says(place) if place.calendar is not None else None


def _of_item(says: Callable[[Place], str]) -> Says:
    return lambda place, _looking: says(place) if place.item is not None else None


def _owner(_place: Place, looking: Looking) -> str | None:
    return href(looking.principal) if looking.principal else None


def _home(place: Place, looking: Looking) -> str | None:
    """Return where calendars are; without an account they are found from there themselves."""
    is_asked = place.kind == "principal" or looking.actor is None
    return href(looking.home) if is_asked else None


def _token(place: Place) -> str:
    assert place.calendar is not None  # noqa: S101  of calendars alone
    return escaped(place.calendar.token())


_EVERYWHERE: tuple[Kind, ...] = (*_COLLECTIONS, "object")
_CALENDAR: tuple[Kind, ...] = ("calendar",)
_OBJECT: tuple[Kind, ...] = ("object",)
_PRINCIPAL: tuple[Kind, ...] = ("principal",)

PROPERTIES: Mapping[str, tuple[tuple[Kind, ...], Says]] = {
    d("resourcetype"): (_EVERYWHERE, _type),
    d("displayname"): (_COLLECTIONS, _name),
    d("current-user-principal"): (
        _EVERYWHERE,
        lambda _p, looking: (
            href(looking.principal) if looking.principal else element(d("unauthenticated"))
        ),
    ),
    d("current-user-privilege-set"): (_EVERYWHERE, _privileges),
    d("supported-privilege-set"): (_EVERYWHERE, _all_privileges),
    d("principal-collection-set"): (
        _EVERYWHERE,
        lambda _p, looking: href(f"{looking.root}/dav/principals/"),
    ),
    d("supported-report-set"): (_EVERYWHERE, _reports),
    d("owner"): (("home", "calendar", "object", "principal", "outbox"), _owner),
    d("principal-URL"): (_PRINCIPAL, _owner),
    c("calendar-home-set"): (("principal", "home"), _home),
    c("schedule-outbox-URL"): (_PRINCIPAL, lambda _p, looking: href(looking.outbox)),
    c("calendar-user-address-set"): (_PRINCIPAL, _addresses),
    c("calendar-user-type"): (_PRINCIPAL, lambda _p, _l: "INDIVIDUAL"),
    d("sync-token"): (_CALENDAR, _of_calendar(_token)),
    f"{{{SERVER}}}getctag": (_CALENDAR, _of_calendar(_token)),
    f"{{{APPLE}}}calendar-color": (
        _CALENDAR,
        _of_calendar(lambda place: escaped(place.calendar.colour if place.calendar else "")),
    ),
    f"{{{APPLE}}}calendar-order": (
        _CALENDAR,
        _of_calendar(lambda place: str(place.calendar.order if place.calendar else 0)),
    ),
    c("calendar-description"): (
        _CALENDAR,
        lambda place, _l: (
            escaped(place.calendar.description)
            if place.calendar and place.calendar.description
            else None
        ),
    ),
    c("calendar-timezone"): (_CALENDAR, _timezone),
    c("supported-calendar-component-set"): (_CALENDAR, _components),
    c("supported-calendar-data"): (_CALENDAR, _data),
    c("supported-collation-set"): (
        _CALENDAR,
        lambda _p, _l: "".join(element(c("supported-collation"), each) for each in COLLATIONS),
    ),
    c("max-resource-size"): (_CALENDAR, lambda _p, _l: str(MOST_BODY)),
    c("max-instances"): (_CALENDAR, lambda _p, _l: str(MOST_INSTANCES)),
    d("getetag"): (_OBJECT, _of_item(lambda place: f'"{place.item.etag if place.item else ""}"')),
    d("getcontenttype"): (
        _OBJECT,
        lambda place, _l: (
            DATA + ("" if place.calendar and place.calendar.is_sandbox else "; component=VEVENT")
        ),
    ),
    d("getcontentlength"): (_OBJECT, _length),
    d("getlastmodified"): (
        _OBJECT,
        _of_item(
            lambda place: format_datetime(place.item.modified, usegmt=True) if place.item else ""
        ),
    ),
}
# RFC 4918 §15; what costs more, or is of CalDAV, is for those who ask for it (RFC 4791 §5.2).
USUAL = (
    d("resourcetype"),
    d("displayname"),
    d("getetag"),
    d("getcontenttype"),
    d("getcontentlength"),
    d("getlastmodified"),
)


def names_of(place: Place) -> list[str]:
    """Return the names of all properties that a place may have."""
    return [name for name, (kinds, _says) in PROPERTIES.items() if place.kind in kinds]


def said_of(name: str, place: Place, looking: Looking) -> str | None:
    """Return what a property says of a place, as XML; None where the place has it not."""
    kinds, says = PROPERTIES.get(name, ((), None))
    return says(place, looking) if says is not None and place.kind in kinds else None


def response(
    place: Place, looking: Looking, wanted: Iterable[str], given: Mapping[str, str] = {}
) -> str:
    """Return the response element of a place: what it has of the wanted, what it has not.

    ``given`` are properties that the caller has made, as XML by name.
    """
    found, missing = list[str](), list[str]()
    for name in wanted:
        said = given.get(name)
        if said is None:
            said = said_of(name, place, looking)
        if said is None:
            missing.append(element(name))
        else:
            found.append(element(name, said))
    ok = _propstat(found, "200 OK") if found or not missing or looking.minimal else ""
    gone = _propstat(missing, "404 Not Found") if missing and not looking.minimal else ""
    return f"<D:response>{href(place.path)}{ok}{gone}</D:response>"


def _propstat(found: Iterable[str], status: str) -> str:
    props = "".join(found)
    return (
        f"<D:propstat><D:prop>{props}</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat>"
    )


def propstat(found: Iterable[str], status: str, condition: str = "") -> str:
    """Return what became of some properties, with the condition that was not met."""
    props = "".join(found)
    error = element(d("error"), condition) if condition else ""
    return (
        f"<D:propstat><D:prop>{props}</D:prop>"
        f"<D:status>HTTP/1.1 {status}</D:status>{error}</D:propstat>"
    )


def gone(path: str, status: str = "404 Not Found", condition: str = "") -> str:
    """Return the response element of what is not there."""
    error = element(d("error"), condition) if condition else ""
    return f"<D:response>{href(path)}<D:status>HTTP/1.1 {status}</D:status>{error}</D:response>"


FINITE = dav("propfind-finite-depth")
DATA_CONDITION = caldav("supported-calendar-data")
