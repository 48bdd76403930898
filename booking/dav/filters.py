"""Filters of calendar-query: read once, then asked of each object (RFC 4791 §7.8, §9.7)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from booking.core.intervals import Interval
from booking.dav.errors import Refused, Said, caldav
from booking.dav.instances import ALWAYS, At, at_of, instances
from booking.dav.trees import Line, Tree
from booking.dav.xml import Tree as Xml
from booking.dav.xml import c
from booking.ical.reading.moments import length

COLLATIONS = ("i;ascii-casemap", "i;octet", "i;unicode-casemap")
_INSTANT = re.compile(r"\d{8}T\d{6}Z")
_RECURRING = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"})
_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A text that a value has, or has not."""

    text: str
    collation: str
    negated: bool
    how: str

    def matches(self, values: Iterable[str]) -> bool:
        """Whether any value fits (none, where it is negated)."""
        wanted = self._folded(self.text)
        return any(self._fits(wanted, self._folded(each)) for each in values) != self.negated

    def _fits(self, wanted: str, value: str) -> bool:
        if self.how == "equals":
            return value == wanted
        if self.how == "starts-with":
            return value.startswith(wanted)
        return value.endswith(wanted) if self.how == "ends-with" else wanted in value

    def _folded(self, text: str) -> str:
        if self.collation == "i;octet":
            return text
        # Of ASCII alone, by name; but nobody who looks for "Éléonore" means to miss "éléonore".
        return text.translate(_UPPER) if self.collation == "i;ascii-casemap" else text.casefold()


@dataclass(frozen=True, slots=True)
class ParamFilter:
    """What a parameter of a property must be; ``absent``: not there."""

    name: str
    absent: bool
    text: TextMatch | None

    def matches(self, found: Line) -> bool:
        """Whether a line has it so."""
        value = found.params.get(self.name)
        if value is None or self.absent:
            return self.absent and value is None
        return self.text is None or self.text.matches([value])


@dataclass(frozen=True, slots=True)
class PropFilter:
    """What a property must be; ``absent``: not there."""

    name: str
    absent: bool
    window: Interval | None
    text: TextMatch | None
    params: tuple[ParamFilter, ...]

    def matches(self, tree: Tree, zone: str) -> bool:
        """Whether a component has one that fits."""
        found = tree.all(self.name)
        if self.absent:
            return not found
        return any(self._fits(each, zone) for each in found)

    def _fits(self, found: Line, zone: str) -> bool:
        if self.window is not None:
            at = at_of(found, zone)
            if at is None or not self.window.start <= at.instant < self.window.end:
                return False
        if self.text is not None and not self.text.matches([found.words]):
            return False
        return all(each.matches(found) for each in self.params)


@dataclass(frozen=True, slots=True)
class CompFilter:
    """What a component must be; ``absent``: not there."""

    name: str
    absent: bool = False
    window: Interval | None = None
    props: tuple[PropFilter, ...] = ()
    comps: tuple["CompFilter", ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it asks for a time, or for nothing."""
        return not (self.absent or self.props or self.comps)

    def matches(self, tree: Tree, zone: str, parent: Tree | None = None) -> bool:
        """Whether an object, or a component, has one that fits."""
        found = tree.components(self.name)
        if self.absent:
            return not found
        if self.window is not None and found:
            found = self._in_time(tree, found, zone, parent)
        return any(self._fits(each, zone, tree) for each in found)

    def _in_time(self, tree: Tree, found: list[Tree], zone: str, parent: Tree | None) -> list[Tree]:
        assert self.window is not None  # noqa: S101  asked by the caller
        if self.name == "VALARM":
            return [each for each in found if _rings(each, tree, parent, self.window, zone)]
        if self.name not in _RECURRING:
            return found
        taking_place = {id(each.tree) for each in instances(tree, self.name, self.window, zone)}
        return [each for each in found if id(each) in taking_place]

    def _fits(self, tree: Tree, zone: str, parent: Tree) -> bool:
        return all(self._has(each, tree, zone) for each in self.props) and all(
            each.matches(tree, zone, parent) for each in self.comps
        )

    def _has(self, asked: PropFilter, tree: Tree, zone: str) -> bool:
        if asked.matches(tree, zone):
            return True
        # Programs leave the component out: then what is in the object is meant.
        is_whole = self.name == "VCALENDAR" and not self.comps and not asked.absent
        return is_whole and any(asked.matches(each, zone) for each in tree.inner)


def _rings(alarm: Tree, tree: Tree, calendar: Tree | None, window: Interval, zone: str) -> bool:
    """Whether an alarm goes off within the window, at any date of its event."""
    trigger = alarm.first("TRIGGER")
    if trigger is None:
        return False
    if (at := at_of(trigger, zone)) is not None:
        return window.start <= at.instant < window.end
    lasts = length(trigger.value)
    if lasts is None or calendar is None:
        return False
    before = timedelta(days=lasts.days) + lasts.exact
    of_end = trigger.params.get("RELATED", "").upper() == "END"
    for each in instances(calendar, tree.name, _widened(window, abs(before)), zone):
        if each.tree is not tree:
            continue
        anchor = _anchor(each.tree, each.start, each.shift, zone, of_end=of_end)
        if anchor is not None and window.start <= anchor + before < window.end:
            return True
    return False


def _anchor(
    tree: Tree, start: At | None, shift: timedelta, zone: str, *, of_end: bool
) -> datetime | None:
    end = at_of(tree.first("DTEND") or tree.first("DUE"), zone) if of_end else None
    if end is not None:
        return end.instant + shift
    return start.instant if start else None


def _widened(window: Interval, by: timedelta) -> Interval:
    by += timedelta(days=1)
    return Interval(
        max(window.start, ALWAYS.start + by) - by, min(window.end, ALWAYS.end - by) + by
    )


def filter_of(xml: Xml | None) -> CompFilter:
    """Return the filter of a query: what it asks of VCALENDAR.

    Raises:
        Refused: If it is none, or asks for what nobody can answer (RFC 4791 §7.8).
    """
    tops = [] if xml is None else xml.findall(c("comp-filter"))
    if len(tops) != 1 or tops[0].get("name", "").upper() != "VCALENDAR":
        raise invalid(_l("The outermost component of a filter is VCALENDAR."))
    return _comp_filter(tops[0])


def _comp_filter(xml: Xml, depth: int = 0) -> CompFilter:
    name = xml.get("name", "").upper()
    if not name or depth > 4:
        raise invalid(_l("A component in a filter needs a name."))
    comps = tuple(_comp_filter(each, depth + 1) for each in xml.findall(c("comp-filter")))
    return CompFilter(
        name,
        absent=_is_absent(xml),
        window=window_of(xml.find(c("time-range"))),
        props=tuple(map(_prop_filter, xml.findall(c("prop-filter")))),
        comps=comps,
    )


def _prop_filter(xml: Xml) -> PropFilter:
    name = xml.get("name", "").upper()
    if not name:
        raise invalid(_l("A property in a filter needs a name."))
    return PropFilter(
        name,
        _is_absent(xml),
        window_of(xml.find(c("time-range"))),
        _text_match(xml.find(c("text-match"))),
        tuple(map(_param_filter, xml.findall(c("param-filter")))),
    )


def _param_filter(xml: Xml) -> ParamFilter:
    name = xml.get("name", "").upper()
    if not name:
        raise invalid(_l("A parameter in a filter needs a name."))
    return ParamFilter(name, _is_absent(xml), _text_match(xml.find(c("text-match"))))


def _text_match(xml: Xml | None) -> TextMatch | None:
    if xml is None:
        return None
    collation = xml.get("collation", "i;ascii-casemap")
    if collation == "default":
        collation = "i;ascii-casemap"
    if collation not in COLLATIONS:
        raise Refused(
            403,
            caldav("supported-collation"),
            _l("Texts cannot be compared like that: see supported-collation-set."),
        )
    negated = xml.get("negate-condition", "no") == "yes"
    return TextMatch(xml.text or "", collation, negated, xml.get("match-type", "contains"))


def _is_absent(xml: Xml) -> bool:
    return xml.find(c("is-not-defined")) is not None


def window_of(xml: Xml | None, *, whole: bool = False) -> Interval | None:
    """Return the time that ``start`` and ``end`` of an element give; one of them may be open.

    Raises:
        Refused: If they are no times in UTC, in the wrong order, or (``whole``) not both there.
    """
    if xml is None:
        return None
    start, end = (_instant(xml.get(name)) for name in ("start", "end"))
    if (start is None and end is None) or (whole and (start is None or end is None)):
        raise invalid(_l("A time range needs a start or an end."))
    start, end = start or ALWAYS.start, end or ALWAYS.end
    if end <= start:
        raise invalid(_l("A time range ends after its start."))
    return Interval(start, end)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        if _INSTANT.fullmatch(text):
            found = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return min(max(found, ALWAYS.start), ALWAYS.end)
    except ValueError:
        pass
    raise invalid(_l("Times of a range are in UTC, like 20270310T090000Z."))


def invalid(text: Said) -> Refused:
    """Return the refusal of a filter."""
    return Refused(403, caldav("valid-filter"), text)
