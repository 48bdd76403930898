"""The body of a PUT: is it a calendar object at all?  (RFC 4791 §4.1, §5.3.2.1)"""

from flask_babel import lazy_gettext as _l

from booking.dav.errors import Refused, Said, caldav
from booking.dav.properties import MOST_BODY
from booking.dav.trees import BadCalendar, Tree, parsed

KNOWN = ("VEVENT", "VTODO", "VJOURNAL")
_MOST_UID = 255


def text_of(body: bytes, mimetype: str) -> str:
    """Return the text of a body.

    Raises:
        Refused: If it is of another type, too large, or not in UTF-8.
    """
    if mimetype not in ("text/calendar", ""):
        raise Refused(
            415, caldav("supported-calendar-data"), _l("Only text/calendar can be put here.")
        )
    if len(body) > MOST_BODY:
        raise too_large()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _invalid(_l("This calendar object is not in UTF-8.")) from None
    if "\0" in text:
        raise _invalid(_l("There is a NUL character in this calendar object."))
    return text


def too_large() -> Refused:
    """Return the refusal of what is too much."""
    return Refused(
        413, caldav("max-resource-size"), _l("At most %(most)s octets can be put.", most=MOST_BODY)
    )


def object_of(text: str, components: tuple[str, ...]) -> Tree:
    """Return the tree of a calendar object that a calendar of these components takes.

    Raises:
        Refused: With the precondition that does not hold.
    """
    try:
        tree = parsed(text)
    except BadCalendar:
        raise _invalid(_l("This is no iCalendar object that can be read.")) from None
    if tree.first("METHOD") is not None:
        raise Refused(
            403,
            caldav("valid-calendar-object-resource"),
            _l("A calendar object has no METHOD: only messages have one."),
        )
    names = {each.name for each in tree.inner if each.name != "VTIMEZONE"}
    if len(names) != 1:
        raise Refused(
            403,
            caldav("valid-calendar-object-resource"),
            _l("A calendar object consists of components of one kind."),
        )
    name = names.pop()
    if name not in components:
        raise Refused(
            403,
            caldav("supported-calendar-component"),
            _l("A %(name)s cannot be put into this calendar: events can.", name=name[:40]),
        )
    found = tree.components(name)
    uids = {each.value("UID") for each in found}
    if len(uids) != 1 or "" in uids:
        raise Refused(
            403,
            caldav("valid-calendar-object-resource"),
            _l("All components of a calendar object have one UID, the same."),
        )
    if len(uids.pop()) > _MOST_UID:
        raise Refused(
            403,
            caldav("valid-calendar-object-resource"),
            _l("The UID of this calendar object is too long."),
        )
    if name == "VEVENT" and any(each.first("DTSTART") is None for each in found):
        raise _invalid(_l("An event needs a DTSTART."))
    return tree


def _invalid(text: Said) -> Refused:
    return Refused(403, caldav("valid-calendar-data"), text)
