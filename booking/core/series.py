"""A series and its dates: what single dates have of their own, and keep when the series changes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from booking.core.recurrence import (
    ONCE,
    Instance,
    interval_at,
    parse_rule,
    to_local,
    with_count,
)
from booking.core.requests import OwnDate
from booking.core.values import BookingView, OccurrenceView, State

# What was given up without anybody deciding against it; it may be asked for again.
GIVEN_UP = frozenset({State.CANCELLED, State.SKIPPED, State.EXPIRED, State.CONFLICT})


def by_date(booking: BookingView) -> dict[datetime, list[OccurrenceView]]:
    """Return the allocations of each date by its local start by the rule, in order of these."""
    found: defaultdict[datetime, list[OccurrenceView]] = defaultdict(list)
    for each in booking.occurrences:
        found[each.recurrence_id].append(each)
    return dict(sorted(found.items()))


def series_from(booking: BookingView, since: datetime) -> BookingView:
    """Return a series as it is from the date on that starts at ``since`` by the rule.

    A COUNT loses the dates before.
    """
    there = [each for each in booking.occurrences if each.recurrence_id >= since]
    further = sorted({each.recurrence_id for each in there} & {*booking.rdates})
    by_rule = sorted({each.recurrence_id for each in there} - {*booking.rdates})
    rule = parse_rule(booking.rule or "").in_zone(booking.zone)
    if not by_rule:
        rule, by_rule, further = ONCE, further[:1], further[1:]
    if rule.count is not None:
        rule = with_count(rule, len(by_rule))
    return replace(
        booking,
        starts_at=by_rule[0],
        ends_at=by_rule[0] + (booking.ends_at - booking.starts_at),
        rule=rule.to_text(),
        rdates=tuple(further),
        occurrences=tuple(there),
    )


def own_dates(booking: BookingView) -> tuple[OwnDate, ...]:
    """Return what single dates of a series have of their own, in order; nothing of a single one."""
    if booking.rule is None:
        return ()
    found = (own_date(booking, views) for views in by_date(booking).values())
    return tuple(each for each in found if each is not None)


def own_date(booking: BookingView, views: Sequence[OccurrenceView]) -> OwnDate | None:
    """Return what one date of a series has of its own, None where it is as the series says.

    ``views`` are all allocations of the date.
    """
    first = views[0]
    usual = interval_at(first.recurrence_id, booking.ends_at - booking.starts_at, booking.zone)
    own = OwnDate(first.recurrence_id)
    if first.interval != usual:
        start, end = (
            to_local(at, booking.zone) for at in (first.interval.start, first.interval.end)
        )
        own = replace(own, start=start, end=end)
    space_ids = tuple(sorted(each.space_id for each in views))
    if space_ids != booking.usual_spaces:
        own = replace(own, space_ids=space_ids)
    title, note = own_texts(booking, first)
    own = replace(own, title=title, note=note)
    return None if own == OwnDate(first.recurrence_id) else own


def own_texts(booking: BookingView, date: OccurrenceView) -> tuple[str, str]:
    """Return the title and the note that one date has of its own, "" where it is as its series."""
    return (
        "" if date.title == booking.title else date.title,
        "" if date.note == booking.note else date.note,
    )


def counterparts(
    old: Collection[datetime], new: Collection[datetime], *, shift_days: int = 0
) -> dict[datetime, datetime]:
    """Map the dates of a series to those that take their place; those without one are left out.

    Both are local starts by the rule.  What starts at the same time stays; else
    dates correspond by their day; where a series moves by ``shift_days`` to
    other days, by the day that far on.
    """
    same = {*old} & {*new} if not shift_days else set()
    places = {each.date(): each for each in new if each not in same}
    moved = {each: each.date() + timedelta(days=shift_days) for each in old if each not in same}
    found = {each: places.pop(day) for each, day in moved.items() if day in places}
    return found | {each: each for each in same}


def carried(
    own: Iterable[OwnDate], places: Mapping[datetime, datetime]
) -> tuple[tuple[OwnDate, ...], tuple[OwnDate, ...]]:
    """Return what dates keep of their own at their new places, and what has no place any more."""
    kept, lost = [], []
    for each in own:
        there = places.get(each.recurrence_id)
        if there is None:
            lost.append(each)
        else:
            kept.append(replace(each, recurrence_id=there))
    return tuple(kept), tuple(lost)


def own_by_date(own: Collection[OwnDate], instances: Iterable[Instance]) -> dict[datetime, OwnDate]:
    """Return what dates have of their own by their local start by the rule.

    Days that the series does not have are left out.
    """
    places = counterparts(
        [each.recurrence_id for each in own], [each.recurrence_id for each in instances]
    )
    return {places[each.recurrence_id]: each for each in own if each.recurrence_id in places}


def with_own_times(
    instances: Iterable[Instance], own: Mapping[datetime, OwnDate], zone: str
) -> tuple[Instance, ...]:
    """Return the dates of a series, each at its own time where it has one; still in their order."""
    found = []
    for each in instances:
        mine = own.get(each.recurrence_id)
        if mine is not None and mine.start is not None and mine.end is not None:
            each = Instance(
                each.recurrence_id, interval_at(mine.start, mine.end - mine.start, zone)
            )
        found.append(each)
    return tuple(found)
