"""calendar-query and calendar-multiget (RFC 4791 §7.8, §7.9)."""

from collections.abc import Iterator, Sequence

from flask_babel import lazy_gettext as _l

from booking.dav.calendars import Calendar, Item
from booking.dav.errors import Refused, bad_request, caldav, dav
from booking.dav.filters import CompFilter, filter_of
from booking.dav.instances import TooMany
from booking.dav.looking import Looking
from booking.dav.places import Place, calendars, named_in
from booking.dav.properties import gone
from booking.dav.reports.data import Wanted, one, responses, wanted_of
from booking.dav.trees import Tree as Object
from booking.dav.trees import parsed
from booking.dav.xml import Tree, c, d

MOST_HREFS = 5_000


def calendar_query(looking: Looking, at: Place, root: Tree) -> Iterator[str]:
    """Return the objects that a filter lets through."""
    asked, wanted = filter_of(root.find(c("filter"))), wanted_of(root)
    return _found(looking, _calendars(looking, at), asked, wanted)


def _calendars(looking: Looking, at: Place) -> Sequence[Calendar]:
    if at.kind == "home":
        return calendars(looking)
    if at.kind != "calendar" or at.calendar is None:
        raise Refused(403, dav("supported-report"), _l("This report is asked of calendars only."))
    return [at.calendar]


def _found(
    looking: Looking, asked_of: Sequence[Calendar], asked: CompFilter, wanted: Wanted
) -> Iterator[str]:
    for calendar in asked_of:
        items = _by_sql(calendar, asked)
        if items is not None:
            yield from responses(looking, calendar, items, wanted)
        else:
            yield from _by_text(looking, calendar, asked, wanted)


def _by_sql(calendar: Calendar, asked: CompFilter) -> list[Item] | None:
    """Return what a filter lets through where the database knows; None where texts must be read.

    Exactly: a date of ours is a row, whatever rule made it.
    """
    if asked.absent or asked.props or asked.window or calendar.is_sandbox:
        return None
    if not asked.comps:
        return calendar.items()
    if len(asked.comps) > 1 or not asked.comps[0].is_plain:
        return None
    comp = asked.comps[0]
    return calendar.items(comp.window) if comp.name == "VEVENT" else []


def _by_text(
    looking: Looking, calendar: Calendar, asked: CompFilter, wanted: Wanted
) -> Iterator[str]:
    comps = [each for each in asked.comps if not each.absent]
    window = comps[0].window if len(comps) == 1 and comps[0].name == "VEVENT" else None
    items = calendar.items(window)
    texts = calendar.texts(items)
    for item in items:
        text = texts.get(item.name)
        if text is not None and _passes(asked, parsed(text), calendar.zone):
            yield one(looking, calendar, item, wanted, text if wanted.with_data else None)


def _passes(asked: CompFilter, tree: Object, zone: str) -> bool:
    root = Object("", [], [tree])
    try:
        return asked.matches(root, zone)
    except TooMany:
        raise Refused(
            403,
            caldav("max-instances"),
            _l("There are too many dates in this time: ask for a shorter one."),
        ) from None


def multiget(looking: Looking, at: Place, root: Tree) -> Iterator[str]:
    """Return the objects at the addresses that are named, 404 for what is not there."""
    hrefs = [(each.text or "").strip() for each in root.findall(d("href"))]
    if not hrefs:
        raise bad_request(_l("This report needs the address of an object at least."))
    if len(hrefs) > MOST_HREFS:
        raise Refused(
            403,
            dav("number-of-matches-within-limits"),
            _l("At most %(most)s addresses at a time.", most=MOST_HREFS),
        )
    return _multiget(looking, _calendars(looking, at), hrefs, wanted_of(root))


def _multiget(
    looking: Looking, asked_of: Sequence[Calendar], hrefs: Sequence[str], wanted: Wanted
) -> Iterator[str]:
    left = dict.fromkeys(hrefs)
    for calendar in asked_of:
        names = {href: name for href in left if (name := named_in(calendar, href))}
        if not names:
            continue
        known = calendar.named(names.values())
        items = {href: known[name] for href, name in names.items() if name in known}
        texts = calendar.texts([*items.values()]) if wanted.with_data else {}
        for href, item in items.items():
            text = texts.get(item.name)
            if text is None and wanted.with_data:
                continue
            del left[href]
            yield one(looking, calendar, item, wanted, text)
    yield from map(gone, left)
