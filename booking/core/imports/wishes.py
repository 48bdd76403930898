"""What is asked of the house for an event of a file: what is to come of it, and nothing more."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from booking.core.imports.values import ImportedDate, ImportedEvent, Left
from booking.core.imports.zones import in_site_zone
from booking.core.messages import Message, message
from booking.core.recurrence import (
    ONCE,
    Rule,
    interval_at,
    starts_from,
    to_local,
    to_utc,
    with_count,
    with_until,
)
from booking.core.requests import BookingRequest, OwnDate
from booking.core.values import Visibility


@dataclass(frozen=True, slots=True)
class Into:
    """Where and how a calendar is imported.

    ``rooms`` finds the spaces that a place names; events whose place names none
    go to ``space_ids``, and all do without ``by_place``.  ``edge`` is the
    aware time that no date may start at or after, ``untitled`` the title of
    an event without one.
    """

    zone: str
    now: datetime
    edge: datetime
    space_ids: tuple[int, ...]
    untitled: str
    rooms: Callable[[str], tuple[int, ...]] = lambda _place: ()
    by_place: bool = False
    organisation_id: int | None = None
    category: str = "meeting"


@dataclass(frozen=True, slots=True)
class Wish:
    """A request for what is to come of an event, with all that is to be said about it.

    ``dates`` is how many dates it asks for, ``over`` how many are over.
    """

    uid: str
    request: BookingRequest
    dates: int
    over: int
    warnings: tuple[Message, ...]


def wish_of(event: ImportedEvent, into: Into) -> Wish | Left:
    """Return what to ask the house for, or why the event is left out."""
    if event.cancelled:
        return _left(event, message("event_cancelled"))
    try:
        local = in_site_zone(event, into.zone, since=into.now, until=into.edge)
        return _series(local, into) if local.is_series else _single(local, into)
    except OverflowError:
        return _left(event, message("time_out_of_range"))


def _left(event: ImportedEvent, reason: Message) -> Left:
    return Left(event.uid, event.title, reason, event.start)


def _single(event: ImportedEvent, into: Into) -> Wish | Left:
    interval = interval_at(event.start, event.length, into.zone)
    if interval.end <= into.now:
        return _left(event, message("event_over"))
    if interval.start >= into.edge:
        return _left(event, _beyond(into))
    request = _request(event, into)
    if request is None:
        return _left(event, message("event_place_unknown", place=event.location[:80]))
    return Wish(event.uid, request, 1, 0, event.warnings)


def _beyond(into: Into) -> Message:
    last = to_local(into.edge - timedelta(seconds=1), into.zone).date()
    return message("beyond_horizon", last=last)


def _request(event: ImportedEvent, into: Into) -> BookingRequest | None:
    """Return the request of the event as it stands, None where it names no room."""
    space_ids = _spaces(event.location, into)
    if not space_ids:
        return None
    private = event.access is Visibility.PRIVATE
    return BookingRequest(
        space_ids=space_ids,
        start=event.start.replace(fold=0),
        end=event.end.replace(fold=0),
        title=event.title or into.untitled,
        all_day=event.all_day,
        organisation_id=into.organisation_id,
        category=into.category,
        visibility=Visibility.PRIVATE if private else Visibility.MEMBERS,
        note=event.note,
        request_key=_key(event.uid, into),
    )


def _spaces(location: str, into: Into) -> tuple[int, ...]:
    return (into.rooms(location) if into.by_place else ()) or into.space_ids


def _key(uid: str, into: Into) -> str:
    """Return what makes a repeated import of an event harmless."""
    where = "place" if into.by_place else ",".join(map(str, sorted(into.space_ids)))
    return f"ics-{hashlib.sha256(f'{where}:{uid}'.encode()).hexdigest()[:48]}"


@dataclass(frozen=True, slots=True)
class _Dates:
    """The dates of a series that are to come; ``start`` is the first that it keeps."""

    start: datetime
    rule: Rule
    rdates: tuple[datetime, ...]
    every: tuple[datetime, ...]
    over: int
    is_cut: bool


def _series(event: ImportedEvent, into: Into) -> Wish | Left:
    own = {each.recurrence_id: each for each in event.dates}
    gone = {*event.exdates, *(each.recurrence_id for each in event.dates if each.cancelled)}
    dates = _to_come(event, own, gone, into)
    if dates is None:
        begun = to_utc(event.start, into.zone) <= into.now
        return _left(event, message("event_over") if begun else message("empty_series"))
    if dates.start >= to_local(into.edge, into.zone):
        return _left(event, _beyond(into))
    request = _request(event, into)
    if request is None:
        return _left(event, message("event_place_unknown", place=event.location[:80]))
    skip = frozenset(each for each in dates.every if each in gone)
    warnings = [*event.warnings]
    if dates.is_cut:
        warnings.append(message("cut_at_edge", last=_beyond(into).params["last"]))
    asked = replace(
        request,
        start=dates.start,
        end=dates.start + event.length,
        rule=dates.rule.to_text(),
        rdates=dates.rdates,
        skip=skip,
        own=tuple(
            _own(own[each], event, into) for each in dates.every if each in own and each not in skip
        ),
    )
    number = len(dates.every) - len(skip)
    return Wish(event.uid, asked, number, dates.over, tuple(warnings))


def _own(date: ImportedDate, event: ImportedEvent, into: Into) -> OwnDate:
    usual = date.start == date.recurrence_id and date.end - date.start == event.length
    spaces = None if date.location is None else _spaces(date.location, into)
    return OwnDate(
        date.recurrence_id,
        start=None if usual else date.start.replace(fold=0),
        end=None if usual else date.end.replace(fold=0),
        space_ids=None if not spaces or spaces == _spaces(event.location, into) else spaces,
        title=date.title or "",
        note=date.note or "",
    )


def _to_come(
    event: ImportedEvent,
    own: dict[datetime, ImportedDate],
    gone: set[datetime],
    into: Into,
) -> _Dates | None:
    """Return the dates that are not over, None where all are."""

    def is_over(at: datetime) -> bool:
        date = own.get(at)
        start, end = (date.start, date.end) if date else (at, at + event.length)
        return interval_at(start, end - start, into.zone).end <= into.now

    edge = to_local(into.edge, into.zone)
    counted = _by_rule(event, into, edge)
    kept = [(number, at) for number, at in counted if not is_over(at) and at < edge]
    # What begins the series has to take place.
    while kept and kept[0][1] in gone:
        kept.pop(0)
    further = [at for at in event.rdates if not is_over(at) and at not in gone]
    within = [at for at in further if at < edge]
    passed = {at for _, at in counted if is_over(at) and at not in gone}
    passed |= {at for at in event.rdates if is_over(at)}
    beyond = len(within) < len(further)
    if not kept and not within:
        late = [at for _, at in counted if at >= edge] + further
        return _Dates(late[0], ONCE, (), (), len(passed), is_cut=False) if late else None
    if not kept or (within and within[0] < kept[0][1]) or event.rule is None:
        every = sorted({*within, *(at for _, at in kept if at not in gone)})
        cut = beyond or bool(counted and counted[-1][1] >= edge)
        return _Dates(every[0], ONCE, tuple(every[1:]), tuple(every), len(passed), cut)
    number, start = kept[0]
    # A date that was moved over the present leaves a hole, which is skipped.
    holes = {at for _, at in counted if at >= start and is_over(at)}
    gone |= holes
    rule, is_cut = _cut(event.rule, number, counted, edge)
    every = sorted({*within, *(at for _, at in counted if start <= at < edge)})
    return _Dates(start, rule, tuple(within), tuple(every), len(passed), is_cut or beyond)


def _by_rule(event: ImportedEvent, into: Into, edge: datetime) -> list[tuple[int, datetime]]:
    """Return the dates that the rule gives from about now on, with one at or after the edge."""
    if event.rule is None:
        return [(0, event.start)]
    since = to_local(into.now, into.zone) - event.length - timedelta(days=62)
    found = starts_from(event.start, event.rule, since=since)
    given = []
    for each in found:
        given.append(each)
        if each[1] >= edge:
            break
    return given


def _cut(
    rule: Rule, number: int, counted: list[tuple[int, datetime]], edge: datetime
) -> tuple[Rule, bool]:
    """Return the rule from its nth date on, ended before the edge, and whether that lost any."""
    last = max(at for _, at in takewhile(lambda each: each[1] < edge, counted))
    if not rule.is_endless and counted[-1][1] >= edge:
        return with_until(rule, last), True
    if rule.count is not None:
        rule = with_count(rule, rule.count - number)
    return rule, False
