"""The body of a PUT: is it a calendar object at all?  (RFC 4791 §4.1, §5.3.2.1)"""

from booking.dav.errors import Refused, caldav
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
        raise Refused(415, caldav("supported-calendar-data"), "This is no text/calendar.")
    if len(body) > MOST_BODY:
        raise too_large()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _invalid("This is not in UTF-8.") from None
    if "\0" in text:
        raise _invalid("A NUL is in it.")
    return text


def too_large() -> Refused:
    """Return the refusal of what is too much."""
    return Refused(413, caldav("max-resource-size"), f"More than {MOST_BODY} octets.")


def object_of(text: str, components: tuple[str, ...]) -> Tree:
    """Return the tree of a calendar object that a calendar of these components takes.

    Raises:
        Refused: With the precondition that does not hold.
    """
    try:
        tree = parsed(text)
    except BadCalendar:
        raise _invalid("This is no iCalendar object.") from None
    if tree.first("METHOD") is not None:
        raise Refused(403, caldav("valid-calendar-object-resource"), "It has a METHOD.")
    names = {each.name for each in tree.inner if each.name != "VTIMEZONE"}
    if len(names) != 1:
        raise Refused(
            403, caldav("valid-calendar-object-resource"), "It has not one kind of component."
        )
    name = names.pop()
    if name not in components:
        raise Refused(
            403, caldav("supported-calendar-component"), f"A {name[:40]} has no place here."
        )
    found = tree.components(name)
    uids = {each.value("UID") for each in found}
    if len(uids) != 1 or "" in uids:
        raise Refused(403, caldav("valid-calendar-object-resource"), "It has not one UID.")
    if len(uids.pop()) > _MOST_UID:
        raise Refused(403, caldav("valid-calendar-object-resource"), "Its UID is too long.")
    if name == "VEVENT" and any(each.first("DTSTART") is None for each in found):
        raise _invalid("An event begins.")
    return tree


def _invalid(text: str) -> Refused:
    return Refused(403, caldav("valid-calendar-data"), text)
