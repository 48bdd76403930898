"""When rooms are busy, several at once."""

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from booking.core.intervals import Interval
from booking.queries.dav import Taken, held_in, room_lanes, taken_of


def busy_rooms(
    session: Session, parts: Mapping[int, Collection[int]], window: Interval
) -> dict[int, Taken]:
    """Return when rooms cannot be had, by id; ``parts`` are those of each.  Two statements."""
    every = {each for some in parts.values() for each in some}
    lanes = room_lanes(session, every)
    rows = held_in(session, every, window)
    return {
        room: taken_of(rows, {each: lanes[each] for each in own}) for room, own in parts.items()
    }
