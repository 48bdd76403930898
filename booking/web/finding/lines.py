"""What was found, as the page shows it: by day and room, each time a link to the form."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from urllib.parse import urlencode

from flask import url_for

from booking.actions.finding import Found, FoundForSeries
from booking.core.availability.search import Opening, SeriesFit, Start
from booking.core.messages import Message
from booking.core.recurrence import to_local
from booking.core.values import Space
from booking.i18n import sentence
from booking.web.bookings.history import LIMITS
from booking.web.bookings.typed import Typed, carried, time_fields
from booking.web.bookings.words import times_words
from booking.web.dates import day_short

MOST_LIMITS = 3
_by_day, _by_spaces = attrgetter("day"), attrgetter("space_ids")


@dataclass(frozen=True, slots=True)
class Tap:
    """A time that one tap brings into the form.

    ``asks`` where an approver has to agree, ``is_over`` where it is more than
    the reader may have.
    """

    words: str
    address: str
    asks: bool
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Rooms on one day: when they are free, the times to tap, why an approver has to agree.

    That a room always needs one goes without a reason: its times say "on request".
    """

    spaces: tuple[Space, ...]
    free: tuple[str, ...]
    taps: tuple[Tap, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day with what is free on it; ``is_full`` where there is more than is shown."""

    day: date
    lines: tuple[Line, ...]
    is_full: bool


@dataclass(frozen=True, slots=True)
class Room:
    """A room for a series: of how many dates it is free, and the days on which it is not."""

    space: Space
    free: int
    taken: tuple[str, ...]
    more: int
    address: str
    reasons: tuple[str, ...]
    is_over: bool = False


def days_of(found: Found, *, attendance: str = "") -> list[Day]:
    """Return what was found by day and room."""
    return [
        Day(
            day,
            tuple(
                _line([*of_rooms], found, attendance) for _, of_rooms in groupby(here, _by_spaces)
            ),
            day in found.full,
        )
        for day, here in groupby(found.openings, _by_day)
    ]


def limits_of(found: Found | FoundForSeries) -> list[str]:
    """Return what is more than the reader may have, of all that was found, each limit once."""
    if isinstance(found, FoundForSeries):
        return limits_said(found.fits)
    return limits_said(start for each in found.openings for start in each.starts)


def limits_said(starts: Iterable[Start | SeriesFit]) -> list[str]:
    """Return a sentence for each limit; what an hour takes of it may differ between rooms."""
    said: dict[tuple[str, ...], str] = {}
    for each in starts:
        for reason in (*each.refuses, *each.asks):
            if reason.code in LIMITS:
                said.setdefault(_limit(reason), sentence(reason))
    return [*said.values()][:MOST_LIMITS]


def _limit(reason: Message) -> tuple[str, ...]:
    whose = (f"{reason.params.get(name)}" for name in ("account", "month", "week"))
    return (reason.code, *whose)


def rooms_of(found: FoundForSeries, typed: Typed) -> list[Room]:
    """Return the rooms that fit a series, each with the address of the filled form."""
    return [_room(each, found.spaces[each.space_id], typed) for each in found.fits]


def form_address(times: Mapping[str, str], space_ids: Iterable[int], **more: str) -> str:
    """Return the address of the form of a booking, filled."""
    fields = [("space", str(each)) for each in space_ids]
    fields += [(name, value) for name, value in {**times, **more}.items() if value]
    return f"{url_for('bookings.new')}?{urlencode(fields)}"


def series_address(typed: Typed, space_id: int) -> str:
    """Return the address of the form with a series as it was typed."""
    fields = [("space", str(space_id)), *carried(typed)]
    return f"{url_for('bookings.new')}?{urlencode(fields)}"


def _line(openings: Sequence[Opening], found: Found, attendance: str) -> Line:
    zone = found.site.zone
    starts = [start for each in openings for start in each.starts]
    asks = (reason for start in starts for reason in start.asks)
    reasons = (sentence(reason) for reason in asks if not _goes_without(reason))
    return Line(
        tuple(found.spaces[each] for each in openings[0].space_ids),
        tuple(_times(each.free.start, each.free.end, zone) for each in openings),
        tuple(_tap(each, openings[0].space_ids, zone, attendance) for each in starts),
        tuple(dict.fromkeys(reasons)),
    )


def _goes_without(reason: Message) -> bool:
    """Whether a line need not say it: that a room always asks, and limits, which stand above."""
    return reason.code == "approval_always" or reason.code in LIMITS


def _tap(start: Start, space_ids: Iterable[int], zone: str, attendance: str) -> Tap:
    begin, end = (to_local(at, zone) for at in (start.interval.start, start.interval.end))
    times = time_fields(begin, end)
    address = form_address(times, space_ids, attendance=attendance)
    return Tap(times_words(begin, end), address, bool(start.asks), bool(start.refuses))


def _times(start: datetime, end: datetime, zone: str) -> str:
    return times_words(to_local(start, zone), to_local(end, zone))


MOST_TAKEN = 6


def _room(fit: SeriesFit, space: Space, typed: Typed) -> Room:
    return Room(
        space,
        fit.free,
        tuple(day_short(each) for each in fit.taken[:MOST_TAKEN]),
        max(0, len(fit.taken) - MOST_TAKEN),
        series_address(typed, space.id),
        tuple(dict.fromkeys(sentence(each) for each in fit.asks if each.code not in LIMITS)),
        bool(fit.refuses),
    )
