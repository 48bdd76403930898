"""When rooms and people are busy, from what is held."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from booking.core.intervals import Interval, merge
from booking.core.values import State
from booking.models import Allocation, Booking, Hold, Occurrence
from booking.models import Space as SpaceRow
from booking.queries.dav.revisions import Key

_SINCE: Any = bindparam("since", type_=Hold.start.type)
_BEFORE: Any = bindparam("before", type_=Hold.start.type)
_EVER = datetime(1, 1, 3, tzinfo=UTC)
_HELD = (
    select(
        Hold.part_id,
        Hold.lane,
        Hold.start,
        Hold.end,
        Allocation.state,
        Hold.allocation_id,
        Hold.closure_id,
    )
    .outerjoin(Allocation, Allocation.id == Hold.allocation_id)
    .where(Hold.layer == "use", Hold.start < _BEFORE, Hold.end > _SINCE)
)
_OF_PARTS = _HELD.where(Hold.part_id.in_(bindparam("parts", expanding=True)))
_OF_BOOKINGS = (
    select(Allocation.state, Hold.start, Hold.end)
    .select_from(Booking)
    .join(Occurrence, Occurrence.booking_id == Booking.id)
    .join(Allocation, Allocation.occurrence_id == Occurrence.id)
    .join(Hold, Hold.allocation_id == Allocation.id)
    .where(Hold.start < _BEFORE, Hold.end > _SINCE)
)


@dataclass(frozen=True, slots=True)
class Taken:
    """Time that is taken: for sure, by a request, or because of a closure."""

    confirmed: list[Interval]
    requested: list[Interval]
    closed: list[Interval]


def taken_in(session: Session, parts: Mapping[int, int], window: Interval) -> Taken:
    """Return when a space cannot be had, from what holds its parts; one statement.

    ``parts`` has the number of lanes of each: a part is taken where all of them are.
    Buffers are in it, as nobody else can have them either.
    """
    return _taken(_held(session, parts, window), parts)


def busy_rooms(
    session: Session, parts: Mapping[int, Collection[int]], window: Interval
) -> dict[int, Taken]:
    """Return when rooms cannot be had, by id; ``parts`` are those of each.  Two statements."""
    every = {each for some in parts.values() for each in some}
    lanes = room_lanes(session, every)
    rows = _held(session, every, window)
    return {room: _taken(rows, {each: lanes[each] for each in own}) for room, own in parts.items()}


def _held(session: Session, part_ids: Iterable[int], window: Interval) -> Sequence[Any]:
    """Return what holds parts in a time, as ``_taken`` reads it; one statement."""
    times = {"since": window.start, "before": window.end, "parts": [*part_ids]}
    return session.execute(_OF_PARTS, times).all()


def _taken(rows: Iterable[Any], parts: Mapping[int, int]) -> Taken:
    """Return when a space with these parts, and the lanes of each, cannot be had."""
    kinds: dict[tuple[int, str], dict[int, list[Interval]]] = {}
    for part, lane, start, end, state, allocation, closure in rows:
        if part not in parts:
            continue
        if closure is not None:
            kind = "closed"
        elif allocation is not None and state == State.CONFIRMED.value:
            kind = "confirmed"
        else:
            kind = "requested"
        kinds.setdefault((part, kind), {}).setdefault(lane, []).append(Interval(start, end))
    found = Taken([], [], [])
    for (part, kind), lanes in kinds.items():
        getattr(found, kind).extend(_in_all(lanes, parts[part]))
    for part, number in parts.items():
        if number > 1:  # one lane by a booking, the other by a request
            every = [lanes for (each, _kind), lanes in kinds.items() if each == part]
            together = {
                lane: [at for some in every for at in some.get(lane, ())] for lane in range(number)
            }
            found.requested.extend(_in_all(together, number))
    return found


def _in_all(lanes: Mapping[int, list[Interval]], number: int) -> list[Interval]:
    """Return when all lanes are taken."""
    if number == 1:
        return [each for some in lanes.values() for each in some]
    edges = sorted(
        (at, step)
        for some in lanes.values()
        for each in merge(some)
        for at, step in ((each.start, 1), (each.end, -1))
    )
    full, depth, since = list[Interval](), 0, _EVER
    for at, step in edges:
        if depth == number and step < 0 and since < at:
            full.append(Interval(since, at))
        depth += step
        if depth == number:
            since = at
    return full


def taken_by(session: Session, key: Key, window: Interval) -> Taken:
    """Return when a person or an organisation has something booked, from what is held."""
    kind, owner = key
    whose = (
        or_(Booking.organiser_id == owner, Booking.created_by_id == owner)
        if kind == "person"
        else Booking.organisation_id == owner
    )
    found = Taken([], [], [])
    times = {"since": window.start, "before": window.end}
    for state, start, end in session.execute(_OF_BOOKINGS.where(whose), times):
        into = found.confirmed if state == State.CONFIRMED.value else found.requested
        into.append(Interval(start, end))
    return found


def room_lanes(session: Session, part_ids: Iterable[int]) -> dict[int, int]:
    """Return part id -> how many bookings it admits at a time; one statement."""
    query = select(SpaceRow.id, SpaceRow.lanes).where(SpaceRow.id.in_([*part_ids]))
    return {row[0]: row[1] for row in session.execute(query)}
