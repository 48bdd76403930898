"""Look for a time at which people can meet in a room: they and the room are free at once.

Advice only.  Nobody waits for a calendar elsewhere: what is known of it counts, and how old
that is, is said.  The number of statements grows with neither people nor days.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.actions.finding import Rooms, completed, openings_on, searched_days
from booking.core import hours
from booking.core.availability.people import meetings
from booking.core.availability.search import Opening, Start
from booking.core.busy import Times, may_look_for_people
from booking.core.checks import check_search
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.intervals import Interval
from booking.core.requests import Fitting, SearchRequest
from booking.core.values import Actor, Site, Space
from booking.db import db
from booking.queries import houses
from booking.queries.busy import times_of
from booking.queries.fitting import fitting

MOST_PEOPLE = 20
MOST_DAYS = 31
ROOMS_A_DAY = 12
ROOMS = 200
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A time in a room that was free; ``missing`` are the people who cannot then."""

    day: date
    start: Start
    space_ids: tuple[int, ...]
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FoundForPeople:
    """What was found: the best times in order, when people are busy, which rooms are free.

    ``numbers`` is how many starts each day has at which everybody can.
    """

    site: Site
    days: tuple[date, ...]
    proposals: tuple[Proposal, ...]
    is_for_all: bool
    numbers: Mapping[date, int]
    times: Times
    rooms: Mapping[date, Sequence[Opening]]
    spaces: Mapping[int, Space]


def find_for_people(
    people: Collection[int],
    like: Fitting,
    search: SearchRequest,
    actor: Actor,
    *,
    now: datetime,
    but_for: int | None = None,
) -> FoundForPeople:
    """Return times at which people can meet in a room that fits, or all but a few of them.

    ``but_for`` is a booking of theirs for which another time is looked for.

    Raises:
        InvalidRequest: If the search makes no sense, or nobody, or too many, are asked for.
        NotAllowed: If the actor may not know when people are busy.
        NotFound: If there is no such site.
    """
    check_search(search)
    if not may_look_for_people(actor):
        raise NotAllowed.because("sign_in_first")
    if not people:
        raise InvalidRequest.because("nobody_chosen", "who")
    if len(people) > MOST_PEOPLE:
        raise InvalidRequest.because("too_many_people", "who", limit=MOST_PEOPLE)
    session = db.session()
    site = houses.site(session, like.site_id)
    days = searched_days(search, site, now)[:MOST_DAYS]
    ids = fitting(session, like, most=ROOMS) if days else []
    rooms = Rooms(session, site, ids, search.length, actor, now)
    there = openings_on(rooms, search, days, ROOMS_A_DAY)
    window = _whole(site, days, now)
    times = times_of(session, people, window, actor, now=now, but_for=but_for)
    busy = {each: times.of(each) for each in people}
    found = meetings(there, busy, search.length, step=HALF_HOUR)
    missing = {(each.interval, each.space_ids): each.missing for each in found.best}
    asked = [Opening(each.space_ids, each.day, each.interval) for each in found.best]
    shown = completed(session, asked, rooms.known, search, actor, site=site, now=now)
    proposals = [
        Proposal(each.day, start, each.space_ids, missing[start.interval, each.space_ids])
        for each in shown
        for start in each.starts
    ]
    return FoundForPeople(
        site,
        tuple(days),
        tuple(proposals),
        found.is_for_all,
        found.by_day,
        times,
        there,
        rooms.known,
    )


def _whole(site: Site, days: Sequence[date], now: datetime) -> Interval:
    """Return the time from the first day to the end of the last."""
    if not days:
        return Interval(now, now + HALF_HOUR)
    return Interval(hours.day(site, days[0]).start, hours.day(site, days[-1]).end)
