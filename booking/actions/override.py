"""Override: whoever runs the site books over what others have, and those are told and helped.

What is in the way gives up its time first; what follows is an ordinary booking, or an
ordinary change, under the rules and the guard that everybody has.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings.book import Booked, booked_in, earlier
from booking.actions.bookings.change import changed_in
from booking.actions.bookings.conflict import conflict
from booking.actions.bookings.dates import changed_date, date_changed_in
from booking.actions.bookings.plan import Plan, make_plan
from booking.actions.bookings.reschedule import planned
from booking.actions.bookings.written import NOTHING, revise, space_names
from booking.actions.clashes import Want
from booking.actions.freed import close_freed, covering
from booking.actions.proposals import MOST_DATES_OFFERED, Wish, store_offers
from booking.actions.skipped import await_displaced
from booking.actions.wants import hand_on
from booking.core import permissions
from booking.core.availability import Alternative, fewest_in_the_way
from booking.core.checks import checked, checked_reason
from booking.core.errors import Conflicted, GuardRefused, InvalidRequest, NotAllowed
from booking.core.intervals import Interval
from booking.core.messages import Parameter
from booking.core.recurrence import to_local
from booking.core.requests import BookingRequest, ChangeRequest, DateRequest, OverrideRequest
from booking.core.values import SYSTEM, Actor, BookingView, Hold, OccurrenceView, Space, State
from booking.core.visibility import seen_by
from booking.db import db, transact
from booking.models import Allocation
from booking.queries import agenda, houses

MOST_DISPLACED = 50  # bookings: each is read, offered something and told, under the lock


Asked = BookingRequest | ChangeRequest | DateRequest


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What a plan would displace: ``gone``, by time.

    ``taken`` are all holds in its way, ``ours`` the allocations that the plan
    itself replaces.  ``is_fixed`` tells that something of it cannot be
    displaced: a closure, or what is over.
    """

    plan: Plan
    taken: tuple[tuple[Want, Hold], ...]
    gone: tuple[OccurrenceView, ...]
    ours: tuple[int, ...]
    is_fixed: bool


def override(request: OverrideRequest, actor: Actor, *, now: datetime) -> Booked:
    """Book, or change a booking or a date, over what others have, as far as the actor agreed.

    What is displaced is cancelled with the reason, of a series only the dates
    in the way; each gets what else is free as an offer of the house, and a
    place in the waiting list for what was lost.

    Raises:
        NotAllowed: If the actor does not run the site.
        InvalidRequest: If it makes no sense, the reason is missing, or too much is in the way.
        NotFound, Stale: As for ``change``.
        Conflicted: If a closure is in the way, or what the actor has not agreed to displace.
    """
    reason = checked_reason(request.reason, required=True)
    wish = replace(request, asked=_checked(request.asked))
    ways: list[InTheWay] = []
    try:
        return transact(
            lambda session: _override(
                session, wish, actor, now=now, reason=reason, tell=ways.append
            )
        )
    except (Conflicted, GuardRefused) as error:
        raise conflict(error, ways[-1].plan, actor, now=now, ignoring=ways[-1].ours) from error


def displaced_by(asked: Asked, actor: Actor, *, now: datetime) -> tuple[OccurrenceView, ...]:
    """Return what an override would displace, as the actor may see it; may be stale at once.

    Empty where nothing is in the way, or something that cannot be displaced, or too much.

    Raises:
        InvalidRequest, NotAllowed, NotFound: As for ``override``.
    """
    session = db.session()
    way = _look(session, _checked(asked), actor, now=now)
    if way.is_fixed or len({each.booking_id for each in way.gone}) > MOST_DISPLACED:
        return ()
    return tuple(seen_by(each, actor) for each in way.gone)


def _override(
    session: Session,
    request: OverrideRequest,
    actor: Actor,
    *,
    now: datetime,
    reason: str,
    tell: Callable[[InTheWay], None],
) -> Booked:
    spaces = _locked(session, request, actor, now=now)
    if isinstance(request.asked, BookingRequest) and (
        twin := earlier(session, request.asked, actor)
    ):
        return twin
    way = _in_the_way(session, request.asked, spaces, actor, now=now)
    tell(way)
    if not permissions.may_administer(actor, way.plan.site.id):
        raise NotAllowed.because("admins_only")
    if way.is_fixed or not {each.allocation_id for each in way.gone} <= request.displaced:
        raise Conflicted(clashes.told(session, way.taken, actor))
    before = _bookings(session, way.gone)
    freed = _give_up(session, way.gone, reason)
    done = _stored(session, request, actor, now=now)
    hand_on(session, freed, now=now)
    for booking, gone in before:
        _tell(session, booking, gone, way.plan, actor, for_id=done.booking_id, now=now, why=reason)
    if before:
        new = {"reason": reason, "displaced": [each.id for each, _gone in before]}
        record.audit(session, actor, "override", ("booking", done.booking_id), now=now, new=new)
    return done


def _locked(
    session: Session, request: OverrideRequest, actor: Actor, *, now: datetime
) -> dict[int, Space]:
    """Lock the wanted spaces and those of what is in the way, as it is before the lock.

    What comes in the way later waits for a part that is locked, and was not agreed to.
    """
    way = _look(session, request.asked, actor, now=now)
    ids = _space_ids(session, request.asked) | {each.space_id for each in way.gone}
    return record.lock_spaces(session, ids)


def _look(session: Session, asked: Asked, actor: Actor, *, now: datetime) -> InTheWay:
    spaces = houses.spaces_with_parts(session, _space_ids(session, asked))
    return _in_the_way(session, asked, spaces, actor, now=now)


def _checked(asked: Asked) -> Asked:
    if isinstance(asked, ChangeRequest):
        return replace(asked, wanted=checked(asked.wanted))
    return asked if isinstance(asked, DateRequest) else checked(asked)


def _space_ids(session: Session, asked: Asked) -> set[int]:
    """Return the spaces of the request, and those that the changed booking has."""
    if isinstance(asked, ChangeRequest):
        known = agenda.booking(session, asked.booking_id)
        return {*asked.wanted.all_space_ids, *known.space_ids}
    if isinstance(asked, DateRequest):
        return {*asked.space_ids, *agenda.booking(session, asked.booking_id).space_ids}
    return {*asked.all_space_ids}


def _planned(
    session: Session,
    asked: Asked,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    now: datetime,
) -> tuple[Plan, tuple[int, ...]]:
    """Return the plan, and the allocations that it replaces."""
    if isinstance(asked, BookingRequest):
        return make_plan(session, asked, spaces, actor, now=now), ()
    if isinstance(asked, DateRequest):
        date = changed_date(session, asked, spaces, actor, now=now)
        return date.plan, tuple(date.replaced)
    before = agenda.booking(session, asked.booking_id)
    doing = planned(
        session, before, asked.wanted, spaces=spaces, actor=actor, now=now, since=asked.since
    )
    return doing.plan, doing.replaced


def _in_the_way(
    session: Session,
    asked: Asked,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    now: datetime,
) -> InTheWay:
    plan, ours = _planned(session, asked, spaces, actor, now=now)
    booking_id = None if isinstance(asked, BookingRequest) else asked.booking_id
    wants = plan.wants(plan.instances)
    taken = clashes.check(session, wants, plan.spaces, ignoring=ours).taken
    ids = _fewest(taken, plan.spaces)
    # Lanes that cannot be packed anew, because of what has to stay, need more.
    left = clashes.check(session, wants, plan.spaces, ignoring={*ours, *ids}).taken if ids else ()
    ids |= {held.allocation_id for _want, held in left if held.allocation_id is not None}
    views = sorted(
        agenda.by_allocation(session, ids).values(),
        key=lambda each: (each.interval, each.allocation_id),
    )
    is_fixed = (
        any(held.allocation_id is None for _want, held in (left if ids else taken))
        or any(each.interval.end <= now or each.booking_id == booking_id for each in views)
        or _is_closed(session, [want for want, _held in taken], plan.spaces)
    )
    return InTheWay(plan, taken, tuple(views), ours, is_fixed)


def _fewest(taken: Iterable[tuple[Want, Hold]], spaces: Mapping[int, Space]) -> set[int]:
    """Return the allocations that have to go; of a space with lanes as few as can be."""
    met: defaultdict[Want, list[Hold]] = defaultdict(list)
    for want, held in taken:
        met[want].append(held)
    gone: list[Hold] = []
    for want, holds in met.items():
        space = spaces[want.space_id]
        if space.lanes == 1 or space.part_ids != (space.id,):
            gone += holds
        else:
            gone += fewest_in_the_way(want.blocked, space.lanes, holds)
    return {each.allocation_id for each in gone if each.allocation_id is not None}


def _is_closed(session: Session, wants: Sequence[Want], spaces: Mapping[int, Space]) -> bool:
    """Whether a closure lies over a time that is taken: it would have it next."""
    if not wants:
        return False
    parts = {part_id for each in wants for part_id in spaces[each.space_id].part_ids}
    span = Interval(
        min(each.blocked.start for each in wants), max(each.blocked.end for each in wants)
    )
    return any(
        part_id in spaces[each.space_id].part_ids and window.overlaps(each.blocked)
        for _closure, part_id, window in covering(session, parts, span)
        for each in wants
    )


def _bookings(
    session: Session, gone: Iterable[OccurrenceView]
) -> list[tuple[BookingView, list[OccurrenceView]]]:
    """Return the bookings that are displaced, as they are before, each with what goes of it."""
    of: defaultdict[int, list[OccurrenceView]] = defaultdict(list)
    for each in gone:
        of[each.booking_id].append(each)
    if len(of) > MOST_DISPLACED:
        raise InvalidRequest.because("too_many_displaced", most=MOST_DISPLACED)
    return [(agenda.booking(session, each), some) for each, some in of.items()]


def _give_up(session: Session, gone: Collection[OccurrenceView], reason: str) -> list[record.Claim]:
    """Cancel what is displaced, and return the time that closures leave of it."""
    if not gone:
        return []
    ids = [each.allocation_id for each in gone]
    # Before the time is taken again: what a closure lies over is the closure's.
    freed = record.release(session, ids)
    close_freed(session, freed)
    session.execute(
        update(Allocation)
        .where(Allocation.id.in_(ids))
        .values(state=State.CANCELLED.value, reason=reason)
    )
    return freed


def _stored(session: Session, request: OverrideRequest, actor: Actor, *, now: datetime) -> Booked:
    if isinstance(request.asked, ChangeRequest):
        return changed_in(session, request.asked, actor, now)
    if isinstance(request.asked, DateRequest):
        return date_changed_in(session, request.asked, actor, now=now)
    return booked_in(session, request.asked, actor, now, tell=lambda _plan: None)


def _tell(
    session: Session,
    before: BookingView,
    gone: Sequence[OccurrenceView],
    plan: Plan,
    actor: Actor,
    *,
    for_id: int,
    now: datetime,
    why: str,
) -> None:
    """Write down that a booking was displaced, offer it what else is free, and tell its people.

    What it lost waits for the time to become free again.
    """
    dates = sorted({each.recurrence_id for each in gone})
    open_ids = {each.allocation_id for each in before.occurrences if each.state.is_open}
    is_whole = open_ids <= {each.allocation_id for each in gone}
    revise(
        session,
        before,
        actor,
        "displace",
        now=now,
        columns={"cancel_reason": why} if is_whole else {},
        told={
            "reason": why,
            "cancelled": [each.isoformat(timespec="minutes") for each in dates],
            "for": for_id,
        },
    )
    await_displaced(session, before.id, {each.occurrence_id for each in gone}, now=now)
    offered = store_offers(session, _wishes(before, gone), before, SYSTEM, site=plan.site, now=now)
    space_ids = tuple(sorted({each.space_id for each in gone}))
    code, more = _said(session, dates, offered, before)
    record.notify(
        session,
        {before.organiser_id, before.created_by_id} - {actor.person_id},
        code,
        {
            "actor": actor.name,
            "title": before.title,
            "space": space_names(houses.spaces_by_id(session, space_ids), space_ids),
            "start": dates[0],
            "reason": why,
            **more,
        },
        booking_id=before.id,
        now=now,
    )


def _wishes(before: BookingView, gone: Sequence[OccurrenceView]) -> list[Wish]:
    """Return what to look for: of a series that goes as a whole, a series; else each date."""
    if len(gone) == len(before.occurrences):
        return [Wish(None, tuple(sorted({each.interval for each in gone})), before.usual_spaces)]
    by_date: defaultdict[int, list[OccurrenceView]] = defaultdict(list)
    for each in gone:
        by_date[each.occurrence_id].append(each)
    return [
        Wish(date, (some[0].interval,), tuple(sorted(each.space_id for each in some)))
        for date, some in [*by_date.items()][:MOST_DATES_OFFERED]
    ]


def _said(
    session: Session,
    dates: Sequence[datetime],
    offered: Sequence[Alternative],
    booking: BookingView,
) -> tuple[str, Mapping[str, Parameter]]:
    """Return the code of the message with these offers, and what it names."""
    if len(dates) > 1 and len(offered) != 1:
        return "notice_dates_displaced", {"number": len(dates), "offered": len(offered)}
    if not offered:
        return "notice_displaced", NOTHING
    best = offered[0]
    return "notice_displaced_offered", {
        "instead": space_names(houses.spaces_by_id(session, best.space_ids), best.space_ids),
        "at": to_local(best.interval.start, booking.zone),
    }
