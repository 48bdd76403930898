"""An event in the wall clock of a site: the same instants, by a rule where that is possible."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from booking.core.errors import InvalidRequest
from booking.core.imports.values import ImportedDate, ImportedEvent
from booking.core.messages import message
from booking.core.recurrence import (
    MOST_DATES,
    ONCE,
    Rule,
    moved,
    starts_from,
    to_local,
    to_utc,
    with_until,
    zone_info,
)


def in_site_zone(
    event: ImportedEvent, zone: str, *, since: datetime, until: datetime
) -> ImportedEvent:
    """Return the event with naive times of ``zone``, at the same instants.

    Of a series what starts between two aware instants counts; where the zones
    change their clocks on other days, such dates get a time of their own, and
    where no rule says what the other zone's did, they are listed one by one.
    """
    if event.all_day or event.zone == zone:
        return replace(event, zone=zone)
    if not event.is_series:
        return _shifted(event, zone)
    starts = _starts(event, since, until)
    if all(to_utc(each, event.zone) == to_utc(each, zone) for each in _times(event, starts)):
        return replace(event, zone=zone)
    return _retold(event, zone, starts)


def lasting(start: datetime, end: datetime, zone: str) -> datetime:
    """Return an end that the wall clock shows after the start.

    In the hour that comes twice an end may be the earlier one to read; then it
    is as late as if the clocks had not gone back.
    """
    if end.replace(fold=0) > start.replace(fold=0):
        return end
    first, last = (each.replace(tzinfo=zone_info(zone)).astimezone(UTC) for each in (start, end))
    return (start + (last - first)).replace(fold=0) if last > first else end


def _local(at: datetime, old: str, new: str) -> datetime:
    return to_local(to_utc(at, old), new)


def _shifted(event: ImportedEvent, zone: str) -> ImportedEvent:
    start = _local(event.start, event.zone, zone)
    lasts = to_utc(event.end, event.zone) - to_utc(event.start, event.zone)
    end = to_local(to_utc(event.start, event.zone) + lasts, zone)
    if end <= start:  # the clocks go back in between
        end = start + lasts
    return replace(event, zone=zone, start=start, end=end)


def _starts(event: ImportedEvent, since: datetime, until: datetime) -> list[datetime]:
    """Return the dates of a series by its rule and list, those that it leaves out included."""
    first, edge = to_local(since, event.zone), to_local(until, event.zone)
    given: set[datetime] = set()
    if event.rule is not None:
        found = starts_from(event.start, event.rule, since=first - event.length)
        given |= {each for _, each in takewhile(lambda each: each[1] < edge, found)}
    else:
        given.add(event.start)
    given |= {each for each in event.rdates if first - event.length <= each < edge}
    return sorted(given)[:MOST_DATES]


def _times(event: ImportedEvent, starts: Sequence[datetime]) -> Iterable[datetime]:
    for each in starts:
        yield each
        yield each + event.length
    for date in event.dates:
        yield date.start
        yield date.end


def _retold(event: ImportedEvent, zone: str, starts: Sequence[datetime]) -> ImportedEvent:
    """Return a series whose instants its own wall clock does not give in the other zone."""
    if not starts:
        return replace(_shifted(event, zone), rule=ONCE, rdates=(), exdates=(), dates=())
    there = {each: _local(each, event.zone, zone) for each in starts}
    rule, start = _rule_there(event, starts, there)
    places = _places(rule, start, starts, there)
    listed = rule is None or places is None
    if listed or places is None:
        rule, start, places = ONCE, there[starts[0]], there
    own = {each.recurrence_id: each for each in event.dates}
    dates = []
    for old, new in places.items():
        date = own.get(old)
        if date is not None:
            dates.append(_date(date, new, event.zone, zone))
        elif there[old] != new:
            dates.append(ImportedDate(new, there[old], there[old] + event.length))
    told = (message("series_as_dates", number=len(starts)),) if listed else ()
    return replace(
        event,
        zone=zone,
        start=start,
        end=start + event.length,
        rule=rule,
        rdates=tuple(sorted(set(there.values()) - {start})) if listed else (),
        exdates=tuple(sorted(places[each] for each in event.exdates if each in places)),
        dates=tuple(dates),
        warnings=(*event.warnings, *told),
    )


def _rule_there(
    event: ImportedEvent, starts: Sequence[datetime], there: dict[datetime, datetime]
) -> tuple[Rule | None, datetime]:
    """Return the rule on the days that the dates have in the other zone, from the first on."""
    start = there[starts[0]]
    if event.rule is None or event.rdates:
        return None, start
    try:
        rule = moved(event.rule, starts[0].date(), start.date())
        if not rule.is_endless:
            rule = with_until(rule, max(there.values()) + timedelta(hours=12))
    except InvalidRequest:
        return None, start
    return rule, start


def _places(
    rule: Rule | None,
    start: datetime,
    starts: Sequence[datetime],
    there: dict[datetime, datetime],
) -> dict[datetime, datetime] | None:
    """Map each date to the one of the new rule on its day; None where the days differ."""
    if rule is None:
        return None
    last = max(there.values()) + timedelta(hours=12)
    given = takewhile(lambda each: each[1] <= last, starts_from(start, rule, since=start))
    days = {each.date(): each for _, each in given}
    if len(days) != len(starts) or {each.date() for each in there.values()} != days.keys():
        return None
    return {old: days[new.date()] for old, new in there.items()}


def _date(date: ImportedDate, at: datetime, old: str, new: str) -> ImportedDate:
    start, end = _local(date.start, old, new), _local(date.end, old, new)
    if end <= start:
        end = start + (date.end - date.start)
    return replace(date, recurrence_id=at, start=start, end=end)
