"""Let spaces in a search: their time is free to nobody but their tenants."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from booking.core import permissions
from booking.core.intervals import Interval
from booking.core.letting import times_of_others
from booking.core.values import LETTABLE, Actor, Space, Tenancy
from booking.queries.leases import tenancies


def let_to_others(
    session: Session,
    spaces: Sequence[Space],
    known: Mapping[int, Space],
    windows: Iterable[Interval],
    actor: Actor,
    *,
    site_id: int,
) -> dict[int, list[Interval]]:
    """Return when spaces are let, within windows, to organisations that are not the actor's.

    ``known`` has their parts.  Empty for whoever runs the site, as booking asks
    them nothing.  At most one statement, and none where nothing can be let.
    """
    parts = {
        part
        for each in spaces
        for part in each.part_ids
        if part in known and known[part].kind in LETTABLE
    }
    times = [*windows]
    if not parts or not times or permissions.may_administer(actor, site_id):
        return {}
    span = Interval(min(each.start for each in times), max(each.end for each in times))
    by_part: defaultdict[int, list[Tenancy]] = defaultdict(list)
    for each in tenancies(session, parts, span):
        by_part[each.part_id].append(each)
    if not by_part:
        return {}
    others = {part: times_of_others(let, actor.organisations) for part, let in by_part.items()}
    return {
        each.id: [time for part in each.part_ids for time in others.get(part, ())]
        for each in spaces
    }
