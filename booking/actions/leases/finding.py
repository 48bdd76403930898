"""Is a space free to be let?  Asked under the lock, by preview and verbs alike."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking.core.errors import AlreadyLet, InvalidRequest, NotFound
from booking.core.intervals import Interval
from booking.core.letting import free_lanes, lanes_together, let_times, too_full
from booking.core.recurrence import to_local
from booking.core.requests import LeaseRequest
from booking.core.values import LETTABLE, Hold, LeaseOverlap, Site, Space
from booking.queries import leases


@dataclass(frozen=True, slots=True)
class Found:
    """What the search found: lanes with their times by part, and the leases in the way.

    ``divide`` has the parts whose lanes have to become so many times as many
    before the lanes can be taken.
    """

    lanes: Mapping[int, Sequence[tuple[int, Interval]]]
    divide: Mapping[int, int]
    overlaps: tuple[LeaseOverlap, ...]


def asked_space(spaces: Mapping[int, Space], request: LeaseRequest, site: Site) -> Space:
    """Return the space that a request is about.

    Raises:
        NotFound: If there is none in this site.
        InvalidRequest: If it cannot be let, or not in shares.
    """
    space = spaces.get(request.space_id)
    if space is None or space.site_id != site.id:
        raise NotFound("space", request.space_id)
    if not is_lettable(space, spaces):
        raise InvalidRequest.because("space_not_let", "space", space=space.name)
    if request.shares > 1 and space.part_ids != (space.id,):
        raise InvalidRequest.because("lease_share_of_combined", "share")
    return space


def is_lettable(space: Space, spaces: Mapping[int, Space]) -> bool:
    """Whether a space is of a kind that is let, and all of its parts too."""
    return all(spaces[each].kind in LETTABLE for each in (space.id, *space.part_ids))


def find(
    session: Session,
    request: LeaseRequest,
    spaces: Mapping[int, Space],
    *,
    site: Site,
    ignoring: Collection[int] = (),
) -> Found:
    """Return what a lease may take of its space, and the leases in its way.

    ``spaces`` has the space with its parts; ``ignoring`` are ids of leases
    that give their place up for it.

    Raises:
        InvalidRequest: If the share does not go with how the space is let.
    """
    space = asked_space(spaces, request, site)
    wanted = let_times(request.starts, request.ends, request.weekdays, site.zone)
    span = Interval(wanted[0].start, wanted[-1].end)
    by_part: defaultdict[int, list[Hold]] = defaultdict(list)
    for each in leases.let_holds(session, space.part_ids, span):
        if each.lease_id not in ignoring:
            by_part[each.part_id].append(each)
    present = leases.let_lanes(session, space.part_ids)
    lanes: dict[int, Sequence[tuple[int, Interval]]] = {}
    divide: dict[int, int] = {}
    since: dict[int, datetime] = {}
    for part_id, before in present.items():
        together = lanes_together(before, request.shares)
        if together is None:
            raise InvalidRequest.because("lease_shares_odd", "shares", shares=before)
        times = together // before
        held = _divided(by_part[part_id], times)
        count = together * request.share // request.shares
        free = free_lanes(wanted, count, lanes=together, held=held)
        if free is None:
            in_way = too_full(wanted, count, lanes=together, held=held)
            _note(since, by_part[part_id], in_way)
            continue
        lanes[part_id] = free
        if times > 1:
            divide[part_id] = times
    return Found(lanes, divide, _overlaps(session, since, site))


def refuse_overlaps(found: Found) -> None:
    """Refuse what is let already.

    Raises:
        AlreadyLet: With the leases in the way.
    """
    if found.overlaps:
        raise AlreadyLet(found.overlaps)


def _divided(held: Iterable[Hold], times: int) -> list[Hold]:
    """Return holds as they are once each lane has become so many."""
    return [
        Hold(each.part_id, each.interval, each.layer, lane, lease_id=each.lease_id, id=each.id)
        for each in held
        for lane in range(each.lane * times, (each.lane + 1) * times)
    ]


def _note(since: dict[int, datetime], held: Iterable[Hold], in_way: Mapping[int, datetime]) -> None:
    """Note the earliest instant at which each lease is in the way."""
    for each in held:
        at = None if each.id is None else in_way.get(each.id)
        if at is not None and each.lease_id is not None:
            since[each.lease_id] = min(since.get(each.lease_id, at), at)


def _overlaps(
    session: Session, since: Mapping[int, datetime], site: Site
) -> tuple[LeaseOverlap, ...]:
    views = leases.leases_by_id(session, since)
    found = [
        LeaseOverlap(views[each], to_local(at, site.zone).date()) for each, at in since.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.first, each.lease.id)))
