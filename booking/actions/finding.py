"""Look for free time: in any space that fits, in several at once, for all dates of a series.

Advice only, as good as the moment: whoever books is asked again, under the lock.
The number of statements does not grow with rooms or days.  Most is found in the
rooms that fit best, so those are looked at first, and the others all at once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from booking.actions.bookings.expansion import dates_of
from booking.actions.bookings.plan import without_covered
from booking.actions.clashes import busy_within
from booking.actions.fair_search import fits_with_limits, openings_with_limits
from booking.core import hours, policy
from booking.core.availability.search import (
    Asking,
    Opening,
    SeriesFit,
    days_of,
    fit_of_series,
    openings,
    with_starts,
)
from booking.core.checks import MOST_SPACES, check_search
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.intervals import Interval
from booking.core.recurrence import Instance, parse_rule, to_local
from booking.core.requests import BookingRequest, Fitting, SearchRequest
from booking.core.values import Actor, Site, Space
from booking.db import db
from booking.holidays import NONE, public_holidays
from booking.queries import houses
from booking.queries.fitting import fitting

T = TypeVar("T")
Date = tuple[datetime, Interval]  # local start and time
MOST_ROOMS = 1_000  # the best fitting ones
MOST_OPENINGS = 50
ROOMS_A_DAY = 6
ROOMS_FOR_SERIES = 12
FIRST_ROOMS = 48
FIRST_LOOK = FIRST_ROOMS * 7  # rooms times days: with them a search is nearly always full
MOST_LOOKS = 10_000  # rooms times dates of a series


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: openings by day, the best fitting space first; spaces by their id.

    ``full`` are days with more than is shown, ``later`` is the first day that was
    not looked at any more; with ``more_rooms`` not every room that fits was.
    """

    site: Site
    openings: tuple[Opening, ...]
    spaces: Mapping[int, Space]
    full: frozenset[date] = frozenset()
    later: date | None = None
    more_rooms: bool = False


@dataclass(frozen=True, slots=True)
class FoundForSeries:
    """How the best fitting spaces fit the dates of a series: most of them free first."""

    site: Site
    dates: tuple[Instance, ...]
    fits: tuple[SeriesFit, ...]
    spaces: Mapping[int, Space]
    more_rooms: bool = False


def find_openings(like: Fitting, search: SearchRequest, actor: Actor, *, now: datetime) -> Found:
    """Return free time in spaces that fit, day by day, the smallest that suffice first.

    Raises:
        InvalidRequest: If the search makes no sense.
        NotFound: If there is no such site.
    """
    check_search(search)
    session = db.session()
    site = houses.site(session, like.site_id)
    days = searched_days(search, site, now)
    ids = fitting(session, like, most=MOST_ROOMS + 1) if days else []
    rooms = Rooms(session, site, ids[:MOST_ROOMS], search.length, actor, now)
    a_day = ROOMS_A_DAY if len(days) > 1 else MOST_OPENINGS
    found: list[Opening] = []
    full: set[date] = set()
    later = None
    for some in _in_two(days, FIRST_LOOK // min(len(ids) or 1, FIRST_ROOMS)):
        if later is not None:
            break
        for day, here in openings_on(rooms, search, some, a_day).items():
            if len(found) == MOST_OPENINGS:
                later = day
                break
            best = _of_first(a_day, here)[: MOST_OPENINGS - len(found)]
            found += best
            full |= {day} if len(best) < len(here) else set()
        else:
            later = _after(some, days) if len(found) == MOST_OPENINGS else None
    shown = completed(session, found, rooms.known, search, actor, site=site, now=now)
    return Found(site, shown, rooms.known, frozenset(full), later, len(ids) > MOST_ROOMS)


def find_together(
    space_ids: Collection[int], search: SearchRequest, actor: Actor, *, now: datetime
) -> Found:
    """Return when several spaces of one site are free at once, by time.

    Raises:
        InvalidRequest: If the search makes no sense, a space is not known, or two of them
            have a part in common.
        NotAllowed: If the rules never let the actor have one of them for so long.
    """
    check_search(search)
    session = db.session()
    asked = sorted(set(space_ids))
    if not asked:
        raise InvalidRequest.because("space_missing", "space")
    if len(asked) > MOST_SPACES:
        raise InvalidRequest.because("too_many_spaces", "space", limit=MOST_SPACES)
    known = houses.spaces_with_parts(session, asked)
    if not known.keys() >= set(asked):
        raise InvalidRequest.because("space_unknown", "space")
    if len({known[each].site_id for each in asked}) > 1:
        raise InvalidRequest.because("spaces_of_several_sites", "space")
    chosen = [known[each] for each in without_covered(asked, known)]
    site = houses.site(session, chosen[0].site_id)
    never = [
        reason
        for each in chosen
        for reason in policy.never_because(each, search.length, actor, site=site, now=now)
    ]
    if never:
        raise NotAllowed(*never)
    days = searched_days(search, site, now)
    windows = [hours.day(site, each) for each in days]
    busy = busy_within(session, chosen, known, windows, actor, site_id=site.id)
    asking = _asking(chosen, days, actor, site=site, now=now)
    by_day = openings([chosen], search, asking, busy=busy, wanted=dict.fromkeys(days, 1))
    found = [each for here in by_day.values() for each in here]
    rest = found[MOST_OPENINGS:]
    shown = completed(session, found[:MOST_OPENINGS], known, search, actor, site=site, now=now)
    return Found(site, shown, known, later=rest[0].day if rest else None)


def find_for_series(
    like: Fitting, wish: BookingRequest, actor: Actor, *, now: datetime
) -> FoundForSeries:
    """Return the spaces that fit and are free at all dates of a request, then those at most.

    Which spaces it names itself does not matter.

    Raises:
        InvalidRequest: If the dates make no sense, or one of them is over.
        NotFound: If there is no such site.
    """
    session = db.session()
    site = houses.site(session, like.site_id)
    dates = _dates(wish, site, now)
    at_most = min(MOST_ROOMS, MOST_LOOKS // len(dates))
    ids = fitting(session, like, most=at_most + 1)
    length = wish.end - wish.start
    rooms = Rooms(session, site, ids[:at_most], length, actor, now)
    wanted = [(each.recurrence_id, each.interval) for each in dates]
    days = [local.date() for local, _ in wanted]
    fits: list[SeriesFit] = []
    for spaces in rooms.in_two():
        asking = _asking(spaces, days, actor, site=site, now=now)
        times = [interval for _, interval in wanted]
        busy = busy_within(session, spaces, rooms.known, times, actor, site_id=site.id)
        found = (
            fit_of_series(_reached(wish, wanted, each, asking), each, asking, busy=busy[each.id])
            for each in spaces
        )
        fits += [each for each in found if each is not None]
        if sum(not each.taken for each in fits) >= ROOMS_FOR_SERIES:
            break
    fits.sort(key=lambda each: len(each.taken))
    best = fits_with_limits(
        session, fits[:ROOMS_FOR_SERIES], dates, rooms.known, actor, site=site, now=now
    )
    return FoundForSeries(site, tuple(dates), best, rooms.known, len(ids) > at_most)


def _reached(
    wish: BookingRequest, wanted: Sequence[Date], space: Space, asking: Asking
) -> Sequence[Date]:
    """Return the dates that a space has for now: of an endless series those that can be booked."""
    if wish.rule is None or not parse_rule(wish.rule).is_endless:
        return wanted
    edge = policy.series_edge([space], asking.site, asking.now, actor=asking.actor)
    return [each for each in wanted if each[1].start < edge] or wanted


@dataclass(slots=True)
class Rooms:
    """The spaces that fit, read when they are looked at; ``known`` has them and their parts."""

    session: Session
    site: Site
    ids: Sequence[int]
    length: timedelta
    actor: Actor
    now: datetime
    known: dict[int, Space] = field(default_factory=dict)

    def in_two(self) -> Iterator[list[Space]]:
        """Yield the spaces that the actor may have some day, the best fitting ones first."""
        for ids in _in_two(self.ids, FIRST_ROOMS):
            if any(each not in self.known for each in ids):
                self.known |= houses.spaces_with_parts(self.session, ids)
            yield [
                self.known[each]
                for each in ids
                if policy.is_ever_possible(
                    self.known[each], self.length, self.actor, site=self.site
                )
            ]


def openings_on(
    rooms: Rooms, search: SearchRequest, days: Sequence[date], a_day: int
) -> dict[date, list[Opening]]:
    """Return the openings of each day, in ``a_day`` rooms and one more that tells of others."""
    found: dict[date, list[Opening]] = {day: [] for day in days}
    wanted = dict.fromkeys(days, a_day + 1)
    for spaces in rooms.in_two():
        windows = [hours.day(rooms.site, each) for each in wanted]
        busy = busy_within(
            rooms.session, spaces, rooms.known, windows, rooms.actor, site_id=rooms.site.id
        )
        asking = _asking(spaces, [*wanted], rooms.actor, site=rooms.site, now=rooms.now)
        choices = [[each] for each in spaces]
        for day, here in openings(choices, search, asking, busy=busy, wanted=wanted).items():
            found[day] += here
        lacking = {day: a_day + 1 - _rooms_of(here) for day, here in found.items()}
        wanted = {day: number for day, number in lacking.items() if number > 0}
        if not wanted:  # before the other rooms are read
            break
    return found


def completed(
    session: Session,
    found: Sequence[Opening],
    known: Mapping[int, Space],
    search: SearchRequest,
    actor: Actor,
    *,
    site: Site,
    now: datetime,
) -> tuple[Opening, ...]:
    """Return the openings that are shown with times to begin at, and what limits say to them."""
    spaces = {each: known[each] for one in found for each in one.space_ids}
    days = [each.day for each in found]
    asking = _asking([*spaces.values()], days, actor, site=site, now=now)
    complete = (
        with_starts(each, [spaces[one] for one in each.space_ids], search.length, asking)
        for each in found
    )
    shown = [each for each in complete if each is not None]
    return openings_with_limits(session, shown, known, actor, site=site, now=now)


def _rooms_of(found: Sequence[Opening]) -> int:
    return len({each.space_ids for each in found})


def _of_first(rooms: int, found: Sequence[Opening]) -> list[Opening]:
    """Return the openings of the first so many rooms."""
    first = [*dict.fromkeys(each.space_ids for each in found)][:rooms]
    return [each for each in found if each.space_ids in first]


def _in_two(things: Sequence[T], first: int) -> Iterator[Sequence[T]]:
    """Yield the first so many things, then all others, as far as there are any."""
    yield from (each for each in (things[:first], things[first:]) if each)


def _after(some: Sequence[date], days: Sequence[date]) -> date | None:
    return next((each for each in days if each > some[-1]), None)


def _asking(
    spaces: Sequence[Space], days: Sequence[date], actor: Actor, *, site: Site, now: datetime
) -> Asking:
    holidays = NONE
    if any(policy.minds_holidays(each, site) for each in spaces):
        years = {year for each in days for year in (each.year, (each + timedelta(1)).year)}
        holidays = public_holidays(site.country, site.region, years, language=actor.locale)
    return Asking(actor, site, now, holidays)


def searched_days(search: SearchRequest, site: Site, now: datetime) -> list[date]:
    """Return the local days to look at, in order.

    Raises:
        InvalidRequest: If all of them are over, or cannot be booked yet.
    """
    last = hours.last_bookable_day(site, now)
    if search.first > last:
        raise InvalidRequest.because("beyond_horizon", "first", last=last)
    if search.last < to_local(now, site.zone).date():
        raise InvalidRequest.because("in_the_past", "last")
    return days_of(search, site, now)


def _dates(wish: BookingRequest, site: Site, now: datetime) -> Sequence[Instance]:
    edge = hours.edge(site, now)
    dates = dates_of(wish, site, zone=site.zone, edge=edge).instances
    if dates[0].interval.end <= now:
        raise InvalidRequest.because("in_the_past", "date")
    if dates[-1].interval.start >= edge:
        last = hours.last_bookable_day(site, now)
        raise InvalidRequest.because("beyond_horizon", "date", last=last)
    return dates
