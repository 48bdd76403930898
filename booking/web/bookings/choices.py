"""What the form of a booking offers: rooms, times, organisations, people."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from booking import school
from booking.core import hours
from booking.core.days_off import zone_of
from booking.core.permissions import may_administer
from booking.core.policy import always_asks
from booking.core.recurrence import to_local
from booking.core.values import Actor, BookingView, Site, Space, SpaceKind
from booking.db import db
from booking.i18n import SPACE_KINDS
from booking.queries import houses
from booking.queries.colleagues import Colleague, colleagues

QUARTER_MIN = 15
DAY_MIN = 24 * 60
Times = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Room:
    """A space to choose; ``asks`` where an approver has to agree with this person."""

    space: Space
    asks: bool


@dataclass(frozen=True, slots=True)
class Rooms:
    """The spaces of one kind, in the order of the house."""

    kind: SpaceKind
    title: str
    rooms: tuple[Room, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """All that the form offers to one person on one site.

    ``first`` are the rooms shown at once, ``others`` those to unfold.  Times
    are ``HH:MM``, those of the opening hours apart from the others.
    The house's own zone of school holidays comes first.
    """

    site: Site
    first: Rooms
    others: tuple[Rooms, ...]
    starts: tuple[tuple[str, ...], tuple[str, ...]]
    ends: tuple[tuple[str, ...], tuple[str, ...]]
    last_day: date
    organisations: dict[int, str]
    people: dict[str, list[Colleague]]
    school_zones: tuple[str, ...]

    @property
    def rooms(self) -> dict[str, Room]:
        """All rooms by their id as a field shows it."""
        return {
            str(each.space.id): each for group in (self.first, *self.others) for each in group.rooms
        }

    def names(self) -> dict[str, str]:
        """Return the names of all people by their id as a field shows it."""
        return {str(each.person_id): each.name for some in self.people.values() for each in some}


def choose_site(sites: Sequence[Site], spaces: Iterable[Space], wanted: Collection[str]) -> Site:
    """Return the site of the first wanted space that exists, else the first site."""
    known = {str(space.id): space.site_id for space in spaces}
    site_id = next((known[each] for each in wanted if each in known), sites[0].id)
    return next(site for site in sites if site.id == site_id)


def choices(
    actor: Actor,
    site: Site,
    spaces: Iterable[Space],
    *,
    booking: BookingView | None = None,
    now: datetime,
    first_kind: SpaceKind = SpaceKind.MEETING_ROOM,
) -> Choices:
    """Return what the form offers; what a stored ``booking`` has stays possible in any case.

    ``first_kind`` is the kind of the spaces that are shown at once.
    """
    kept = booking.space_ids if booking else ()
    groups = grouped(
        [each for each in spaces if each.site_id == site.id and (each.bookable or each.id in kept)],
        actor,
    )
    first = next((each for each in groups if each.kind is first_kind), None)
    first = first or (groups[0] if groups else Rooms(first_kind, "", ()))
    mine = None if may_administer(actor, site.id) else actor.organisations
    session = db.session()
    return Choices(
        site=site,
        first=first,
        others=tuple(each for each in groups if each is not first),
        starts=_times(site.opens, site.closes, 0),
        ends=_times(site.opens, site.closes, QUARTER_MIN),
        last_day=hours.last_bookable_day(site, now),
        organisations=_organisations(houses.organisation_names(session, mine), booking),
        people=_people(colleagues(session, mine), booking),
        school_zones=school_zones(site, zone_of(booking.leaves_out) if booking else ""),
    )


def school_zones(site: Site, *stored: str) -> tuple[str, ...]:
    """Return the zones of school holidays to choose from, the site's own first."""
    try:
        known = school.zones(site.country)
    except school.SchoolFileError:  # told by whoever chooses one, and by `booking doctor`
        known = ()
    return tuple(filter(None, dict.fromkeys((site.school_zone, *stored, *known))))


def _organisations(offered: dict[int, str], booking: BookingView | None) -> dict[int, str]:
    if booking is None or booking.organisation_id is None:
        return offered
    return {booking.organisation_id: booking.organisation_name} | offered


def _people(
    offered: Iterable[Colleague], booking: BookingView | None
) -> dict[str, list[Colleague]]:
    grouped: dict[str, list[Colleague]] = {}
    for each in offered:
        grouped.setdefault(each.organisation_name, []).append(each)
    if booking is None or booking.organiser_id is None:
        return grouped
    if all(each.person_id != booking.organiser_id for some in grouped.values() for each in some):
        name = booking.organisation_name
        stored = Colleague(
            booking.organiser_id, booking.organiser_name, booking.organisation_id or 0, name
        )
        grouped.setdefault(name, []).append(stored)
    return grouped


def first_times(site: Site, now: datetime) -> tuple[str, str]:
    """Return a day and a start that somebody may want now: the next half hour that is open."""
    local = to_local(now, site.zone)
    opening = datetime.combine(local.date(), site.opens)
    closing = opening.replace(hour=site.closes.hour, minute=site.closes.minute)
    if site.closes == time(0):
        closing += timedelta(days=1)
    half = local.replace(minute=0, second=0, microsecond=0)
    while half < local:
        half += timedelta(minutes=30)
    start = max(half, opening)
    if start >= closing:
        start = opening + timedelta(days=1)
    return start.date().isoformat(), f"{start:%H:%M}"


def times_of(site: Site) -> tuple[Times, Times]:
    """Return the starts and the ends to choose from, those of the opening hours apart."""
    return _times(site.opens, site.closes, 0), _times(site.opens, site.closes, QUARTER_MIN)


def an_hour_after(start: str) -> str:
    """Return the clock an hour later, at most 24:00."""
    hour, minute = int(start[:2]), int(start[3:])
    return clock(min(hour * 60 + minute + 60, DAY_MIN))


def clock(minutes: int) -> str:
    """Return ``HH:MM``; the end of the day is 24:00."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def grouped(spaces: Sequence[Space], actor: Actor) -> list[Rooms]:
    """Return spaces by kind, in the order of the house."""
    kinds = dict.fromkeys(space.kind for space in spaces)
    return [
        Rooms(
            kind,
            str(SPACE_KINDS[kind.value]),
            tuple(Room(space, always_asks(space, actor)) for space in spaces if space.kind is kind),
        )
        for kind in kinds
    ]


@lru_cache
def _times(opens: time, closes: time, shift: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the quarter hours of the opening hours, and all others, later by ``shift`` minutes."""
    first = opens.hour * 60 + opens.minute
    last = closes.hour * 60 + closes.minute or DAY_MIN
    all_day = range(0, DAY_MIN, QUARTER_MIN)
    return (
        tuple(clock(each + shift) for each in all_day if first <= each < last),
        tuple(clock(each + shift) for each in all_day if not first <= each < last),
    )
