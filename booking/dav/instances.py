"""When the components of a calendar object take place: RFC 4791 §9.9, and its expansion §9.6.5."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from booking.core.intervals import Interval
from booking.core.recurrence import InvalidRule, parse_rule, starts_from, to_local, to_utc
from booking.dav.trees import Line, Tree, line
from booking.ical.reading.moments import length
from booking.ical.reading.zones import by_name

MOST_INSTANCES = 5_000  # of one object within one window
ALWAYS = Interval(datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))
_NOTHING, _DAY = timedelta(0), timedelta(days=1)
_GIVES_DATES = frozenset({"RRULE", "RDATE", "EXDATE", "EXRULE"})
_IN_TIME = frozenset({"DTSTART", "DTEND", "DUE"})


class TooMany(Exception):
    """An object has more instances in the window than can be looked at."""


@dataclass(frozen=True, slots=True)
class At:
    """A date or a time: its wall clock, and the zone that it is in."""

    local: datetime
    zone: str
    is_date: bool = False
    is_utc: bool = False

    @property
    def instant(self) -> datetime:
        """The aware time; of a date its midnight."""
        try:
            return to_utc(self.local, self.zone)
        except OverflowError:
            return self.local.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Instance:
    """One time a component takes place; ``shift`` is how far its start is from the component's."""

    tree: Tree
    start: At | None
    shift: timedelta
    recurs: bool

    def span(self, zone: str) -> Interval | None:
        """Return from when to when it lasts, None where it has no length."""
        if self.start is None:
            return None
        first = at_of(self.tree.first("DTSTART"), zone) or self.start
        begins = self.start.instant
        ends = begins + _length(self.tree, first, zone)
        return Interval(begins, ends) if ends > begins else None


def at_of(found: Line | None, zone: str) -> At | None:
    """Return what a DTSTART and the like says, None for nothing that can be read."""
    return None if found is None else _at(found.value, found.params.get("TZID", ""), zone)


def _at(text: str, tzid: str, zone: str) -> At | None:
    text = text.strip().upper()
    try:
        if len(text) == 8:
            day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
            return At(datetime.combine(day, time()), zone, is_date=True)
        utc = text.endswith("Z")
        local = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError:
        return None
    if utc:
        return At(local, "UTC", is_utc=True)
    return At(local, (by_name(tzid) if tzid else None) or zone)


def instances(calendar: Tree, name: str, window: Interval, zone: str) -> list[Instance]:
    """Return when the components of a name overlap the window, in no order.

    ``zone`` is that of times without one.

    Raises:
        TooMany: If there are too many to look at.
    """
    found: list[Instance] = []
    groups: dict[str, list[Tree]] = {}
    for each in calendar.components(name):
        groups.setdefault(each.value("UID"), []).append(each)
    for versions in groups.values():
        found += _of_versions(versions, window, zone)
    return found


def _of_versions(versions: list[Tree], window: Interval, zone: str) -> Iterator[Instance]:
    own: set[datetime] = set()
    recurs = any(each.first("RRULE") or each.first("RDATE") for each in versions)
    for each in versions:
        if (recurrence := at_of(each.first("RECURRENCE-ID"), zone)) is not None:
            own.add(recurrence.instant)
            if overlaps(each, window, _NOTHING, zone):
                start = at_of(each.first("DTSTART"), zone)
                yield Instance(each, start, _NOTHING, recurs=True)
    for each in versions:
        if each.first("RECURRENCE-ID") is None:
            for start in _starts(each, window, zone):
                if start is not None and start.instant in own:
                    continue
                first = at_of(each.first("DTSTART"), zone)
                shift = start.local - first.local if start and first else _NOTHING
                if overlaps(each, window, shift, zone):
                    yield Instance(each, start, shift, recurs=recurs)


def _starts(tree: Tree, window: Interval, zone: str) -> Iterator[At | None]:
    """Yield the starts of a component that may overlap the window."""
    first = at_of(tree.first("DTSTART"), zone)
    rule_line = tree.first("RRULE")
    if first is None or (rule_line is None and tree.first("RDATE") is None):
        yield first
        return
    left_out = {each.instant for each in _listed(tree, "EXDATE", zone)}
    found = {first.local}
    found.update(each.local for each in _listed(tree, "RDATE", zone))
    if rule_line is not None:
        found.update(_by_rule(rule_line.value, first, _length(tree, first, zone), window))
    for local in sorted(found):
        at = replace(first, local=local)
        if at.instant not in left_out:
            yield at


def _by_rule(text: str, first: At, lasts: timedelta, window: Interval) -> Iterator[datetime]:
    try:
        since = to_local(max(window.start, ALWAYS.start + lasts + _DAY) - lasts - _DAY, first.zone)
        rule = parse_rule(text).in_zone(first.zone)
        found = starts_from(first.local, rule, since=max(since, first.local))
        for number, (_before, local) in enumerate(found):
            if replace(first, local=local).instant >= window.end:
                return
            if number >= MOST_INSTANCES:
                raise TooMany
            yield local
    except (InvalidRule, OverflowError):
        return  # it is taken for the one date that it begins with


def _listed(tree: Tree, name: str, zone: str) -> Iterator[At]:
    for each in tree.all(name):
        tzid = each.params.get("TZID", "")
        for text in each.value.split(","):
            if (at := _at(text.partition("/")[0], tzid, zone)) is not None:
                yield at


def _length(tree: Tree, first: At, zone: str) -> timedelta:
    end = at_of(tree.first("DTEND") or tree.first("DUE"), zone)
    if end is not None:
        return max(end.instant - first.instant, _NOTHING)
    if lasts := _duration(tree):
        return max(lasts, _NOTHING)
    return _DAY if first.is_date else _NOTHING


def _duration(tree: Tree) -> timedelta | None:
    found = length(tree.value("DURATION"))
    return None if found is None else timedelta(days=found.days) + found.exact


def overlaps(tree: Tree, window: Interval, shift: timedelta, zone: str) -> bool:
    """Whether a component, moved by ``shift``, overlaps a window (the tables of RFC 4791 §9.9)."""
    kind = {"VTODO": _todo, "VJOURNAL": _journal, "VFREEBUSY": _freebusy}.get(tree.name, _event)

    def moved(name: str) -> At | None:
        at = at_of(tree.first(name), zone)
        return None if at is None else replace(at, local=at.local + shift)

    try:
        return kind(
            {name: moved(name) for name in ("DTSTART", "DTEND", "DUE", "COMPLETED", "CREATED")},
            _duration(tree),
            window,
        )
    except OverflowError:
        return False


_Times = dict[str, At | None]


def _event(at: _Times, lasts: timedelta | None, window: Interval) -> bool:
    start, end = at["DTSTART"], at["DTEND"]
    if start is None:
        return False
    begins = start.instant
    if end is not None:
        ends = end.instant
    elif lasts is not None:
        ends = begins + lasts
    else:
        ends = replace(start, local=start.local + _DAY).instant if start.is_date else begins
    if ends <= begins:
        return window.start <= begins < window.end
    return window.start < ends and window.end > begins


def _todo(at: _Times, lasts: timedelta | None, window: Interval) -> bool:
    start, due = _instant(at["DTSTART"]), _instant(at["DUE"])
    low, high = window.start, window.end
    if start and lasts is not None:
        return low <= start + lasts and (high > start or high >= start + lasts)
    if start and due:
        return (low < due or low <= start) and (high > start or high >= due)
    if start:
        return low <= start < high
    if due:
        return low < due <= high
    completed, created = _instant(at["COMPLETED"]), _instant(at["CREATED"])
    if completed and created:
        return (low <= created or low <= completed) and (high >= created or high >= completed)
    if completed:
        return low <= completed <= high
    return created is None or high > created


def _journal(at: _Times, _lasts: timedelta | None, window: Interval) -> bool:
    start = at["DTSTART"]
    if start is None:
        return False
    if start.is_date:
        return window.start < start.instant + _DAY and window.end > start.instant
    return window.start <= start.instant < window.end


def _freebusy(at: _Times, _lasts: timedelta | None, window: Interval) -> bool:
    start, end = _instant(at["DTSTART"]), _instant(at["DTEND"])
    if start is None or end is None:
        return True
    return window.start <= end and window.end > start


def _instant(at: At | None) -> datetime | None:
    return None if at is None else at.instant


def expanded(calendar: Tree, window: Interval, zone: str) -> Tree:
    """Return the object with one component for each instance in the window, in UTC (§9.6.5).

    Raises:
        TooMany: If there are too many.
    """
    names = dict.fromkeys(each.name for each in calendar.inner if each.name != "VTIMEZONE")
    found = [each for name in names for each in instances(calendar, name, window, zone)]
    found.sort(key=lambda each: each.start.instant if each.start else window.start)
    return Tree(calendar.name, calendar.lines, [_expanded(each, zone) for each in found])


def _expanded(instance: Instance, zone: str) -> Tree:
    tree, lines = instance.tree, list[Line]()
    for each in tree.lines:
        if each.name in _GIVES_DATES:
            continue
        if each.name in _IN_TIME and (at := at_of(each, zone)) is not None:
            lines.append(_in_utc(each.name, replace(at, local=at.local + instance.shift)))
        elif each.name == "RECURRENCE-ID" and (at := at_of(each, zone)) is not None:
            lines.append(_in_utc(each.name, at))
        else:
            lines.append(each)
    if instance.recurs and instance.start and tree.first("RECURRENCE-ID") is None:
        lines.append(_in_utc("RECURRENCE-ID", instance.start))
    return Tree(tree.name, lines, tree.inner)


def _in_utc(name: str, at: At) -> Line:
    if at.is_date:
        return line(f"{name};VALUE=DATE:{at.local:%Y%m%d}")
    return line(f"{name}:{at.instant:%Y%m%dT%H%M%SZ}")


def limited(calendar: Tree, window: Interval, zone: str) -> Tree:
    """Return the object without the overrides that have nothing to do with the window (§9.6.6)."""

    def stays(tree: Tree) -> bool:
        recurrence = at_of(tree.first("RECURRENCE-ID"), zone)
        if recurrence is None:
            return True
        shift = recurrence.local - _start_of(tree, zone, recurrence).local
        return overlaps(tree, window, _NOTHING, zone) or overlaps(tree, window, shift, zone)

    return Tree(calendar.name, calendar.lines, [each for each in calendar.inner if stays(each)])


def _start_of(tree: Tree, zone: str, default: At) -> At:
    return at_of(tree.first("DTSTART"), zone) or default
