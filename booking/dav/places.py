"""Addresses below ``/dav/``: what is at each, for who asks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from booking.dav import sandbox
from booking.dav.calendars import Calendar, Item
from booking.dav.errors import not_found
from booking.dav.house import house_calendars
from booking.dav.looking import PUBLIC, Looking
from booking.queries import dav as reads

Kind = Literal["root", "principals", "principal", "outbox", "home", "calendar", "object"]
MOST_NAME = 255
_PLAIN = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A resource: what it is, where, and what is behind it.

    Of an object that is not there (yet) ``item`` is None and ``name`` what it would be called.
    """

    kind: Kind
    path: str
    calendar: Calendar | None = None
    item: Item | None = None
    name: str = ""


def place(looking: Looking, path: str) -> Place:
    """Return what is at a path below ``/dav/``, an object that is not there included.

    Raises:
        Refused: 404 if there is nothing, or nothing for who asks.
    """
    parts = path.strip("/").split("/") if path.strip("/") else []
    found = _found(looking, parts, is_folder=path.endswith("/"))
    if found is None:
        raise not_found()
    return found


def _found(looking: Looking, parts: Sequence[str], *, is_folder: bool) -> Place | None:
    root = f"{looking.root}/dav/"
    if not parts:
        return Place("root", root)
    if parts[0] == "principals" and looking.actor is not None:
        if len(parts) == 1:
            return Place("principals", f"{root}principals/")
        is_own = len(parts) == 2 and parts[1] == looking.user
        return Place("principal", looking.principal) if is_own else None
    if parts[0] == "outbox" and looking.actor is not None:
        is_own = len(parts) == 2 and parts[1] == looking.user
        return Place("outbox", looking.outbox) if is_own else None
    inside = _inside(looking, parts)
    if inside is None:
        return None
    if not inside:
        return Place("home", looking.home)
    calendar = calendar_named(looking, inside[0])
    if calendar is None:
        return None
    if len(inside) == 1:
        return Place("calendar", calendar.path, calendar)
    if len(inside) > 2 or is_folder:
        return None
    name = inside[1]
    return Place("object", calendar.path + quote(name), calendar, _item(calendar, name), name)


def _item(calendar: Calendar, name: str) -> Item | None:
    return calendar.named([name]).get(name) if is_name(name) else None


def _inside(looking: Looking, parts: Sequence[str]) -> Sequence[str] | None:
    """Return the parts below the calendars of who asks, None where the path is elsewhere."""
    if looking.actor is None:
        return parts[1:] if parts[0] == PUBLIC else None
    is_own = parts[0] == "cal" and len(parts) > 1 and parts[1] == looking.user
    return parts[2:] if is_own else None


def is_name(name: str) -> bool:
    """Whether an object may be called so."""
    if not 0 < len(name) <= MOST_NAME or name in (".", ".."):
        return False
    return name.isprintable() and "\ufffd" not in name  # that was no UTF-8


def calendar_named(looking: Looking, slug: str) -> Calendar | None:
    """Return the calendar of that name, whether the program lists it or not."""
    if (found := sandbox.calendar(looking, slug)) is not None:
        return found
    return next(house_calendars(looking, slug), None)


def calendars(looking: Looking) -> list[Calendar]:
    """Return the calendars that the program lists, in their order; one statement more."""
    house = [*house_calendars(looking)]
    if (device := looking.device) is not None:
        house = [each for each in house if device.lists(*each.listing.key)]
    keys = {key for each in house for key in each.listing.collections}
    looking.extra["revisions"] = reads.revisions(looking.session, keys)
    return [*house, *sandbox.calendars(looking)]


def children(looking: Looking, parent: Place) -> Iterator[Place]:
    """Yield what lies directly below a collection."""
    if parent.kind == "root":
        yield Place("home", looking.home)
        if looking.actor is not None:
            yield Place("principals", f"{parent.path}principals/")
    elif parent.kind == "principals":
        yield Place("principal", looking.principal)
    elif parent.kind == "home":
        for each in calendars(looking):
            yield Place("calendar", each.path, each)
    elif parent.kind == "calendar" and parent.calendar is not None:
        for item in parent.calendar.items():
            yield of_item(parent.calendar, item)


def of_item(calendar: Calendar, item: Item) -> Place:
    """Return the place of an object."""
    # Most names need no escape, and there may be ten thousand of them.
    name = item.name if _PLAIN.fullmatch(item.name) else quote(item.name)
    return Place("object", calendar.path + name, calendar, item, item.name)


def named_in(calendar: Calendar, href: str) -> str | None:
    """Return the name of the object that an address of a client means, None for one elsewhere.

    Paths and whole addresses count, escaped in whatever way.
    """
    try:
        path = unquote(urlsplit(href.strip()).path, errors="strict")
    except (ValueError, UnicodeDecodeError):
        return None
    folder, _slash, name = path.rpartition("/")
    if unquote(calendar.path) != f"{folder}/" or not is_name(name):
        return None
    return name
