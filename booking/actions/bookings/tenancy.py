"""Only the tenant books a let office."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sqlalchemy.orm import Session

from booking.core import permissions
from booking.core.errors import NotAllowed
from booking.core.intervals import Interval
from booking.core.letting import other_tenants
from booking.core.values import LETTABLE, Actor, Space, Tenancy
from booking.queries.leases import tenancies


def refuse_strangers(
    session: Session,
    wanted: Mapping[int, Sequence[Interval]],
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    organisation_id: int | None,
    site_id: int,
    granted: Mapping[int, Sequence[Interval]] = MappingProxyType({}),
) -> None:
    """Refuse time of spaces that are let by then, unless to the organisation it is booked for.

    ``wanted`` has the times of each space, ``spaces`` those with their parts.
    Whoever runs the site is not bound by it, and what lies within a ``granted``
    time is not asked about again.  Asked under the lock of the spaces, as their
    leases are written under it.

    Raises:
        NotAllowed: With the name of a tenant.
    """
    lettable = {
        part
        for space_id in wanted
        for part in spaces[space_id].part_ids
        if spaces[part].kind in LETTABLE
    }
    if not lettable or permissions.may_administer(actor, site_id):
        return
    times = [each for some in wanted.values() for each in some]
    span = Interval(min(each.start for each in times), max(each.end for each in times))
    let: defaultdict[int, list[Tenancy]] = defaultdict(list)
    for each in tenancies(session, lettable, span):
        let[each.part_id].append(each)
    for space_id, some in wanted.items():
        space, has = spaces[space_id], granted.get(space_id, ())
        fresh = [at for at in some if not any(each.covers(at) for each in has)]
        for part_id in space.part_ids:
            if names := other_tenants(fresh, let[part_id], organisation_id):
                tenant = ", ".join(names)
                raise NotAllowed.because("office_let", "space", space=space.name, tenant=tenant)
