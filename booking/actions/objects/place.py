"""Where an object lies: the calendar of a room, or one of the person's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from booking.actions.objects.values import Asked
from booking.core.errors import InvalidRequest, NotFound
from booking.core.imports import ImportedEvent, known_as, rooms_in
from booking.core.objects import Shown
from booking.core.values import BookingView, Site, Space
from booking.queries import houses


@dataclass(frozen=True, slots=True)
class Place:
    """The rooms that may be meant, and which of them an object is in; None where it names them."""

    sites: Mapping[int, Site]
    rooms: Mapping[int, Space]
    within: frozenset[int] | None
    zone: str
    space_id: int | None

    @property
    def names(self) -> Mapping[int, str]:
        """The names of the rooms by id."""
        return {each.id: each.name for each in self.rooms.values()}

    def shown(self, *, kinds: Mapping[str, str], moves: bool = False) -> Shown:
        """Return how the sender sees bookings there, or one that it moves there.

        ``kinds`` are the codes of categories by their names.
        """
        known: dict[str, int] = {}
        for each in self.rooms.values():
            if each.bookable:
                known.setdefault(known_as(each.name), each.id)
        named = partial(rooms_in, rooms=known)
        if moves:
            return Shown(named, None, self.space_id, kinds)
        return Shown(named, self.within, kinds=kinds)

    def site_of(self, event: ImportedEvent) -> Site:
        """Return the house that a new object is for.

        Raises:
            InvalidRequest: If it names no room.
        """
        if self.space_id is not None:
            return self.sites[self.rooms[self.space_id].site_id]
        named = self.shown(kinds={}).named(event.location)
        if not named:
            place = event.location[:80]
            raise InvalidRequest.because("event_place_unknown", "space", place=place)
        return self.sites[self.rooms[named[0]].site_id]


def place_of(session: Session, asked: Asked, before: BookingView | None) -> Place:
    """Return where an object is put; two statements where the door has not read the house.

    Raises:
        NotFound: If there is no such room.
    """
    seen = asked.seen
    sites = seen.sites if seen else {each.id: each for each in houses.sites(session)}
    if asked.space_id is not None:
        around = (
            _around(seen.spaces, asked.space_id)
            if seen
            else houses.spaces_around(session, [asked.space_id])
        )
        room = around.get(asked.space_id)
        if room is None:
            raise NotFound("space", asked.space_id)
        parts = {*room.part_ids}
        within = frozenset(each.id for each in around.values() if parts & {*each.part_ids})
        return Place(sites, around, within, sites[room.site_id].zone, room.id)
    site_id = before.site_id if before else None
    known = seen.spaces.values() if seen else houses.spaces(session, site_id)
    rooms = {each.id: each for each in known if site_id in (None, each.site_id)}
    zone = before.zone if before else next(iter(sites.values())).zone
    return Place(sites, rooms, None, zone, None)


def _around(spaces: Mapping[int, Space], space_id: int) -> dict[int, Space]:
    """Return the spaces of the site of one."""
    room = spaces.get(space_id)
    return {key: each for key, each in spaces.items() if room and each.site_id == room.site_id}
