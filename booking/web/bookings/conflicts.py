"""A refusal put so that one tap goes on: what is in the way, what is free instead."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _

from booking.core import hours
from booking.core.availability import Alternative
from booking.core.availability.alternatives import Reason
from booking.core.errors import Conflicted, InvalidRequest
from booking.core.policy import series_edge
from booking.core.recurrence import expand, parse_rule, to_local
from booking.core.requests import BookingRequest, OwnDate
from booking.core.values import Actor, Clash, Held, OccurrenceView, Site, Space
from booking.web.bookings.typed import SKIP, Typed, carried, fix_value, offer_value, time_fields
from booking.web.bookings.words import times_words

MOST_MINUTES = 12 * 60  # longer than that hardly fits between others within a day


@dataclass(frozen=True, slots=True)
class Taken:
    """One thing that is in the way; ``when`` is its own time in words.

    ``view`` is as the reader may see it, ``closed`` the reason of a closure,
    ``held`` what the waiting list has, ``until`` then (local).  ``beside`` tells
    that only the time around the booking is kept free.
    """

    room: str
    when: str
    view: OccurrenceView | None
    closed: str
    beside: bool
    held: Held | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An alternative as one button; times are naive local ones."""

    value: str
    rooms: tuple[Space, ...]
    start: datetime
    end: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class Fix:
    """A date of a series that clashes, with what may become of it: (value, offer) each.

    An offer of None leaves the date out; ``start`` is the local start by the rule.
    """

    start: datetime
    choices: tuple[tuple[str, Offer | None], ...]

    def first(self, reason: Reason | None) -> str:
        """Return the best choice of a kind, else to leave the date out."""
        for value, offer in self.choices:
            if offer is not None and (reason is None or offer.reason is reason):
                return value
        return self.choices[-1][0]


@dataclass(frozen=True, slots=True)
class Fixes:
    """What may become of the dates of a series that clash, one by one or by one rule for all.

    ``kept`` is what was chosen before for dates that do not clash; ``all``
    has a label and what the button sends, for each rule that offers anything.
    """

    dates: tuple[Fix, ...] = ()
    kept: tuple[str, ...] = ()
    all: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Displaced:
    """A booking that would have to give way: of a series with its ``dates``, first ones first.

    ``is_whole`` tells that nothing of it that is to come would stay.
    """

    view: OccurrenceView
    rooms: str
    dates: tuple[tuple[datetime, datetime], ...]
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Displacing:
    """What an administrator may book over; ``value`` is what the button sends.

    ``reason`` is as it was typed, ``errors`` by its field.
    """

    bookings: tuple[Displaced, ...]
    value: str
    reason: str = ""
    errors: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conflict:
    """All that the page of a refusal shows.

    ``skip`` are the days to leave out, of a series that has ``others`` left,
    ``fixes`` what else may become of them.  ``over`` is for whoever may book
    over what is in the way, ``search`` the address of the search for other rooms.
    ``waiting`` is how many people wait for the time already, None where one
    cannot wait for it; ``waits`` is chosen for the dates to leave out.
    """

    taken: tuple[Taken, ...]
    times: tuple[Offer, ...]
    rooms: tuple[Offer, ...]
    skip: tuple[str, ...] = ()
    others: int = 0
    fixes: Fixes = Fixes()
    over: Displacing | None = None
    search: str = ""
    waiting: int | None = None
    waits: str = ""


def conflict_of(
    error: Conflicted,
    request: BookingRequest,
    site: Site,
    spaces: Mapping[int, Space],
    *,
    new: Typed | None,
    now: datetime,
    actor: Actor,
) -> Conflict:
    """Return the refusal of a request for the form; ``new`` has the fields of a new booking."""
    usual = [spaces[each] for each in request.space_ids]
    dates = _dates(request, site, series_edge(usual, site, now, actor=actor), now)
    offers = [
        (each.reason, offer_of(each, request, site.zone, spaces)) for each in error.alternatives
    ]
    clashing = {each.recurrence_id for each in error.clashes}
    skip = sorted(clashing | request.skip) if request.rule else []
    return Conflict(
        taken=tuple(
            _taken(each, site.zone, spaces, single=request.rule is None) for each in error.clashes
        ),
        times=tuple(offer for reason, offer in offers if reason is Reason.OTHER_TIME),
        rooms=tuple(offer for reason, offer in offers if reason is Reason.OTHER_SPACE),
        skip=tuple(each.date().isoformat() for each in skip),
        fixes=_fixes_of(error, request, site.zone, spaces),
        others=len([each for each in dates if each not in skip]),
        search=_search(new, request, site, spaces[request.space_ids[0]]) if new else "",
    )


def _fixes_of(
    error: Conflicted, request: BookingRequest, zone: str, spaces: Mapping[int, Space]
) -> Fixes:
    """Return what may become of each date that clashes; nothing where there is nothing to offer."""
    clashing = {each.recurrence_id for each in error.clashes}
    dates = tuple(
        Fix(at, tuple(_choices(at, offers, zone, spaces)))
        for at, offers in error.by_date.items()
        if at in clashing
    )
    if not any(len(each.choices) > 1 for each in dates):
        return Fixes()
    own = (each for each in request.own if each.recurrence_id not in clashing)
    kept = [_as_fix(each, request) for each in own]
    kept += [
        fix_value(each.date(), SKIP)
        for each in sorted(request.skip | (clashing - error.by_date.keys()))
        if each not in error.by_date
    ]
    rules = (
        (_("Another room where there is one"), Reason.OTHER_SPACE),
        (_("Another time that day where there is one"), Reason.OTHER_TIME),
    )
    every = tuple(
        (label, " ".join([*kept, *(each.first(reason) for each in dates)]))
        for label, reason in rules
        if any(each.first(reason) != each.choices[-1][0] for each in dates)
    )
    return Fixes(dates, tuple(kept), every)


def _choices(
    at: datetime, offers: Sequence[Alternative], zone: str, spaces: Mapping[int, Space]
) -> Iterator[tuple[str, Offer | None]]:
    """Yield another room first, then another time, then to leave the date out."""
    ordered = sorted(offers, key=lambda each: each.reason is not Reason.OTHER_SPACE)
    for each in ordered:
        start, end = to_local(each.interval.start, zone), to_local(each.interval.end, zone)
        value = offer_value(time_fields(start, end), each.space_ids)
        rooms = tuple(spaces[one] for one in each.space_ids)
        yield fix_value(at.date(), value), Offer(value, rooms, start, end, each.reason)
    yield fix_value(at.date(), SKIP), None


def _as_fix(own: OwnDate, request: BookingRequest) -> str:
    """Return a date of its own as the value that would make it."""
    start = own.start or own.recurrence_id
    end = own.end or own.recurrence_id + (request.end - request.start)
    space_ids = request.space_ids if own.space_ids is None else own.space_ids
    return fix_value(own.recurrence_id.date(), offer_value(time_fields(start, end), space_ids))


def _search(typed: Typed, request: BookingRequest, site: Site, space: Space) -> str:
    """Return the address of the search: rooms for these dates, or of a single one other times."""
    asked = [("site", site.slug), ("kind", space.kind.value)]
    length = (request.end - request.start) // timedelta(minutes=1)
    if request.rule is not None or length > MOST_MINUTES:
        return f"{url_for('finding.series')}?{urlencode([*asked, *carried(typed)])}"
    asked += [("length", str(length)), ("first", request.start.date().isoformat())]
    asked += [("attendance", typed.attendance)] if typed.attendance else []
    return f"{url_for('finding.openings')}?{urlencode(asked)}"


def _dates(request: BookingRequest, site: Site, edge: datetime, now: datetime) -> list[datetime]:
    """Return the local starts of a series that are still to come; none where it makes no sense.

    One without an end goes as far as the edge.
    """
    if request.rule is None:
        return [request.start]
    rule = parse_rule(request.rule).in_zone(site.zone)
    try:
        dates = expand(
            request.start,
            request.end - request.start,
            site.zone,
            rule=rule,
            until=edge if rule.is_endless else hours.edge(site, now),
        )
    except InvalidRequest:
        return []
    return [each.recurrence_id for each in dates if each.interval.end > now]


def displaced_of(
    views: Iterable[OccurrenceView],
    zone: str,
    spaces: Mapping[int, Space],
    coming: Mapping[int, int],
) -> tuple[Displaced, ...]:
    """Return each booking that would have to give way, with its dates, by time.

    ``coming`` counts the open allocations that each has to come.
    """
    by_booking: defaultdict[int, list[OccurrenceView]] = defaultdict(list)
    for each in views:
        by_booking[each.booking_id].append(each)
    return tuple(
        Displaced(
            view=some[0],
            rooms=", ".join(dict.fromkeys(spaces[each.space_id].name for each in some)),
            dates=tuple(
                (to_local(each.start, zone), to_local(each.end, zone))
                for each in dict.fromkeys(one.interval for one in some)
            ),
            is_whole=len(some) >= coming.get(some[0].booking_id, 0),
        )
        for some in by_booking.values()
    )


def _taken(clash: Clash, zone: str, spaces: Mapping[int, Space], *, single: bool) -> Taken:
    what = clash.occurrence or clash.closure or clash.held
    until = clash.held.expires_at if clash.held else None
    interval = what.interval if what else clash.wanted
    return Taken(
        room=spaces[clash.space_id].name,
        when=times_words(
            to_local(interval.start, zone),
            to_local(interval.end, zone),
            clash.recurrence_id.date() if single else date.min,
        ),
        view=clash.occurrence,
        closed=clash.closure.reason if clash.closure else "",
        beside=not interval.overlaps(clash.wanted),
        held=clash.held,
        until=to_local(until, zone) if until else None,
    )


def offer_of(
    each: Alternative, request: BookingRequest, zone: str, spaces: Mapping[int, Space]
) -> Offer:
    """Return an alternative to a request as one button."""
    start, end = to_local(each.interval.start, zone), to_local(each.interval.end, zone)
    if request.rule is not None:
        # A series keeps its days; what is offered may be of a later one of them.
        length = end - start
        start = datetime.combine(request.start.date(), start.time())
        end = start + length
    times = time_fields(start, end, all_day=request.all_day)
    rooms: Sequence[Space] = [spaces[one] for one in each.space_ids]
    return Offer(offer_value(times, each.space_ids), tuple(rooms), start, end, each.reason)
