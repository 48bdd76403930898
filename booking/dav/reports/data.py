"""Which properties a report asks for, and the calendar data among them (RFC 4791 §9.6)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from booking.core.intervals import Interval
from booking.dav.calendars import Calendar, Item
from booking.dav.errors import Refused, bad_request, caldav
from booking.dav.filters import window_of
from booking.dav.instances import TooMany, expanded, limited
from booking.dav.looking import Looking
from booking.dav.places import of_item
from booking.dav.properties import USUAL, response
from booking.dav.trees import Tree as Object
from booking.dav.trees import parsed
from booking.dav.xml import Tree, c, d, escaped

DATA = c("calendar-data")


@dataclass(frozen=True, slots=True)
class Part:
    """What of a component is wanted: None of names means all of them."""

    props: frozenset[str] | None
    comps: dict[str, "Part"] | None

    def of(self, tree: Object) -> Object:
        """Return the component with no more than that."""
        lines = [each for each in tree.lines if self.props is None or each.name in self.props]
        if self.comps is None:
            return Object(tree.name, lines, tree.inner)
        inner = [self.comps[each.name].of(each) for each in tree.inner if each.name in self.comps]
        return Object(tree.name, lines, inner)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The properties that are asked for, and how calendar data is to come."""

    names: tuple[str, ...]
    expand: Interval | None = None
    limit: Interval | None = None
    part: Part | None = None

    @property
    def with_data(self) -> bool:
        """Whether calendar data is among them."""
        return DATA in self.names

    @property
    def as_stored(self) -> bool:
        """Whether it comes as it is."""
        return self.expand is None and self.limit is None and self.part is None

    def text(self, stored: str, zone: str) -> str:
        """Return the text of an object as it is wanted."""
        if self.as_stored:
            return stored
        tree = parsed(stored)
        try:
            if self.expand is not None:
                tree = expanded(tree, self.expand, zone)
            elif self.limit is not None:
                tree = limited(tree, self.limit, zone)
        except TooMany:
            raise Refused(
                403,
                caldav("max-instances"),
                _l("There are too many dates in this time: ask for a shorter one."),
            ) from None
        return (self.part.of(tree) if self.part else tree).text()


def wanted_of(root: Tree) -> Wanted:
    """Return what a report asks for.

    Raises:
        Refused: If it asks for data of another kind, or from nowhere to nowhere.
    """
    prop = root.find(d("prop"))
    if prop is None:
        return Wanted(USUAL if root.find(d("allprop")) is not None else ())
    names = tuple(each.tag for each in prop)
    data = prop.find(DATA)
    if data is None:
        return Wanted(names)
    if data.get("content-type", "text/calendar") != "text/calendar":
        raise Refused(
            403, caldav("supported-calendar-data"), _l("Objects are there as text/calendar only.")
        )
    if data.get("version", "2.0") != "2.0":
        raise Refused(
            403, caldav("supported-calendar-data"), _l("Objects are there in version 2.0 only.")
        )
    comp = data.find(c("comp"))
    return Wanted(
        names,
        window_of(data.find(c("expand")), whole=True),
        window_of(data.find(c("limit-recurrence-set")), whole=True),
        None if comp is None else _part(comp),
    )


def _part(comp: Tree, depth: int = 0) -> Part:
    if depth > 4:
        raise bad_request()
    props = frozenset(each.get("name", "").upper() for each in comp.findall(c("prop")))
    every = comp.find(c("allprop")) is not None or not (props or depth == 0 or len(comp))
    comps = {
        each.get("name", "").upper(): _part(each, depth + 1) for each in comp.findall(c("comp"))
    }
    all_comps = comp.find(c("allcomp")) is not None or not len(comp)
    return Part(
        None if every or comp.find(c("allprop")) is not None else props,
        None if all_comps else comps,
    )


def responses(
    looking: Looking, calendar: Calendar, items: Sequence[Item], wanted: Wanted
) -> Iterator[str]:
    """Yield the response of each object with what is wanted of it."""
    texts = calendar.texts(items) if wanted.with_data else {}
    for item in items:
        if wanted.with_data and item.name not in texts:
            continue
        yield one(looking, calendar, item, wanted, texts.get(item.name))


def one(looking: Looking, calendar: Calendar, item: Item, wanted: Wanted, text: str | None) -> str:
    """Return the response of an object."""
    given = {} if text is None else {DATA: escaped(wanted.text(text, calendar.zone))}
    return response(of_item(calendar, item), looking, wanted.names, given)


def flat(parts: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the responses of several calendars, one after the other."""
    for each in parts:
        yield from each
