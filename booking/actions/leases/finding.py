"""Is a space free to be let?  Asked under the lock, by preview and verbs alike."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from booking.core.errors import AlreadyLet, InvalidRequest, NotFound
from booking.core.intervals import Interval
from booking.core.letting import fit, let_times
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
    today: date,
    ignoring: Collection[int] = (),
) -> Found:
    """Return what a lease may take of its space, and the leases in its way.

    ``spaces`` has the space with its parts, ``today`` is the site's; ``ignoring`` are ids of leases
    that give their place up for it.

    Raises:
        InvalidRequest: If the share does not go with how the space is let.
    """
    space = asked_space(spaces, request, site)
    wanted = let_times(request.starts, request.ends, request.weekdays, site.zone, today=today)
    span = Interval(wanted[0].start, wanted[-1].end)
    by_part: defaultdict[int, list[Hold]] = defaultdict(list)
    for each in leases.let_holds(session, space.part_ids, span):
        if each.lease_id not in ignoring:
            by_part[each.part_id].append(each)
    present = leases.let_lanes(session, space.part_ids)
    fitting = fit(wanted, request.share, request.shares, present=present, held=by_part)
    return Found(fitting.lanes, fitting.divide, _overlaps(session, fitting.since, site))


def refuse_overlaps(found: Found) -> None:
    """Refuse what is let already.

    Raises:
        AlreadyLet: With the leases in the way.
    """
    if found.overlaps:
        raise AlreadyLet(found.overlaps)


def _overlaps(
    session: Session, since: Mapping[int, datetime], site: Site
) -> tuple[LeaseOverlap, ...]:
    views = leases.leases_by_id(session, since)
    found = [
        LeaseOverlap(views[each], to_local(at, site.zone).date()) for each, at in since.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.first, each.lease.id)))
