"""The plan of a house at an instant: what each space is, until when, and what comes next.

Pure: what holds the spaces comes in as the viewer may see it (``booking.core.visibility``),
so nothing that is hidden can show through a state.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from booking.core.frozen import frozen
from booking.core.intervals import Interval
from booking.core.values import Category, ClosureView, LeaseView, OccurrenceView, Space, State


class SpotState(StrEnum):
    """What a space is at an instant; the first that applies, from the last to the first."""

    FREE = "free"
    LET = "let"
    PRESENT = "present"
    IN_USE = "in_use"
    CLOSED = "closed"


@frozen()
class Spot:
    """A space at an instant.

    ``until`` is when that ends, None where it lasts for the rest of the day.  ``today`` are the
    day's bookings that touch it, by start, ``running`` and ``coming`` those of them that are not
    over; requests are among the coming ones.
    """

    space: Space
    state: SpotState
    until: datetime | None
    today: tuple[OccurrenceView, ...] = ()
    running: tuple[OccurrenceView, ...] = ()
    coming: tuple[OccurrenceView, ...] = ()
    closure: ClosureView | None = None
    leases: tuple[LeaseView, ...] = ()

    @property
    def next(self) -> OccurrenceView | None:
        """What comes next for certain."""
        return next((each for each in self.coming if each.state is State.CONFIRMED), None)


@frozen()
class Where:
    """A place of an organisation on a day: for the time of a booking, or all of it (a lease)."""

    space_id: int
    interval: Interval | None = None
    title: str = ""
    is_presence: bool = False


@frozen()
class Guest:
    """An organisation that is in the house on a day, with its places by time."""

    organisation: str
    places: tuple[Where, ...]


def plan_at(
    spaces: Mapping[int, Space],
    views: Iterable[OccurrenceView],
    closures: Iterable[ClosureView],
    leases: Iterable[LeaseView],
    *,
    at: datetime,
) -> dict[int, Spot]:
    """Return what each space is at an instant, by id, in their order.

    ``views`` are a day's bookings by start, ``closures`` those of the day.  A booking of a
    combined space takes all of its parts, and one of a part the combined space.
    """
    by_part = _by_part(spaces, views)
    closed = [*closures]
    let: dict[int, list[LeaseView]] = {}
    for lease in leases:
        for part_id in spaces[lease.space_id].part_ids if lease.space_id in spaces else ():
            let.setdefault(part_id, []).append(lease)
    return {
        space_id: _spot(space, _touching(space, by_part), closed, _let(space, let), at)
        for space_id, space in spaces.items()
    }


def guests(views: Iterable[OccurrenceView], leases: Iterable[LeaseView]) -> list[Guest]:
    """Return who is in the house on a day, by name: who has booked, and who has a space."""
    found: dict[str, list[Where]] = {}
    for lease in leases:
        found.setdefault(lease.organisation_name, []).append(Where(lease.space_id))
    for view in views:
        if view.organisation_name and view.state is State.CONFIRMED:
            where = Where(view.space_id, view.interval, view.title, _is_presence(view))
            found.setdefault(view.organisation_name, []).append(where)
    return [
        Guest(name, tuple(places))
        for name, places in sorted(found.items(), key=lambda each: each[0].casefold())
    ]


def _by_part(
    spaces: Mapping[int, Space], views: Iterable[OccurrenceView]
) -> dict[int, list[OccurrenceView]]:
    found: dict[int, list[OccurrenceView]] = {}
    for view in views:
        space = spaces.get(view.space_id)
        for part_id in space.part_ids if space else ():
            found.setdefault(part_id, []).append(view)
    return found


def _touching(
    space: Space, by_part: Mapping[int, list[OccurrenceView]]
) -> Collection[OccurrenceView]:
    """Return the bookings that take the space or a part of it, each once, by start."""
    if len(space.part_ids) == 1:
        return by_part.get(space.part_ids[0], ())
    once = {view.allocation_id: view for part in space.part_ids for view in by_part.get(part, ())}
    return sorted(once.values(), key=lambda view: view.interval)


def _let(space: Space, let: Mapping[int, list[LeaseView]]) -> list[LeaseView]:
    """Return the leases of a space, or of a part of it, each once."""
    if len(space.part_ids) == 1:
        return let.get(space.part_ids[0], [])
    return [*{lease.id: lease for part in space.part_ids for lease in let.get(part, ())}.values()]


def _spot(
    space: Space,
    views: Collection[OccurrenceView],
    closures: Sequence[ClosureView],
    leases: Sequence[LeaseView],
    at: datetime,
) -> Spot:
    if not (views or closures or leases):  # as most are, at most times
        return Spot(space, SpotState.FREE, None)
    running, coming = [], []
    for view in views:
        start, end = _taken(view)
        if end <= at:
            continue
        if start <= at and view.state is State.CONFIRMED:
            running.append(view)
        else:
            coming.append(view)
    shut = [each for each in closures if each.space_id in (None, space.id, *space.part_ids)]
    closure = next((each for each in shut if each.interval.contains(at)), None)
    state, until = _state_of(running, closure, bool(leases))
    if state in (SpotState.FREE, SpotState.LET):
        begins = [_taken(each)[0] for each in coming if each.state is State.CONFIRMED]
        begins += [each.interval.start for each in shut if each.interval.start > at]
        until = min(begins, default=None)
    return Spot(
        space,
        state,
        until,
        tuple(views),
        tuple(running),
        tuple(coming),
        closure,
        tuple(leases),
    )


def _state_of(
    running: Sequence[OccurrenceView], closure: ClosureView | None, is_let: bool
) -> tuple[SpotState, datetime | None]:
    if closure is not None:
        return SpotState.CLOSED, closure.interval.end
    if running:
        present = any(map(_is_presence, running))
        until = max(_taken(each)[1] for each in running)
        return SpotState.PRESENT if present else SpotState.IN_USE, until
    return SpotState.LET if is_let else SpotState.FREE, None


def _taken(view: OccurrenceView) -> tuple[datetime, datetime]:
    """Return from when until when a booking takes its space, set-up and clean-up included."""
    return view.interval.start - view.setup, view.interval.end + view.cleanup


def _is_presence(view: OccurrenceView) -> bool:
    return view.category == Category.PERMANENCE
