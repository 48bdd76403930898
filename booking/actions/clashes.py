"""Is the wanted time free?  Asked under the lock, by preview and commit alike."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from operator import attrgetter

from sqlalchemy.orm import Session

from booking.actions.packing import make_room
from booking.actions.record import Claim
from booking.actions.strangers import let_to_others
from booking.core import hours, policy
from booking.core.availability import (
    Alternative,
    alternatives,
    assign_lanes,
    busy_by_space,
    find_conflicts,
)
from booking.core.errors import InvalidRequest
from booking.core.intervals import Interval, merge
from booking.core.recurrence import to_local
from booking.core.values import Actor, Clash, Hold, Site, Space
from booking.core.visibility import clash_seen_by
from booking.holidays import NONE, public_holidays
from booking.queries import agenda, waiting
from booking.queries.closures import closures_by_id
from booking.queries.holds import holds_near, holds_within

DAYS_AROUND = 7
MOST_OTHERS = 60
MOST_A_DATE = 3
_DAY = timedelta(days=1)
_by_start, _by_end = attrgetter("start"), attrgetter("end")


@dataclass(frozen=True, slots=True)
class Want:
    """One date in one space: ``used`` is the time without buffers, ``blocked`` with them."""

    space_id: int
    recurrence_id: datetime
    used: Interval
    blocked: Interval


@dataclass(frozen=True, slots=True)
class Findings:
    """What the check found: claims by want for those that are free, holds for the others.

    ``moves`` are holds of others that change their lane to make room, before
    the claims are taken.
    """

    claims: Mapping[Want, tuple[Claim, ...]]
    taken: tuple[tuple[Want, Hold], ...]
    moves: Mapping[int, int] = field(default_factory=dict)


def check(
    session: Session,
    wants: Sequence[Want],
    spaces: Mapping[int, Space],
    *,
    ignoring: Collection[int] = (),
) -> Findings:
    """Return the claims that wants may make, and every hold in their way.

    ``spaces`` has the wanted spaces and all of their parts; ``ignoring`` are
    the ids of allocations that the wants replace.
    """
    lanes = {
        part_id: spaces[part_id].lanes
        for want in wants
        for part_id in spaces[want.space_id].part_ids
    }
    by_part: defaultdict[int, list[Hold]] = defaultdict(list)
    for held in holds_within(session, lanes, [want.blocked for want in wants]):
        if held.allocation_id is None or held.allocation_id not in ignoring:
            by_part[held.part_id].append(held)
    _refuse_own_overlaps(wants, spaces)
    in_way = _in_the_way(wants, spaces, by_part)
    claims = {
        want: tuple(
            Claim(part_id, want.blocked, lane)
            for part_id in spaces[want.space_id].part_ids
            for lane in _free(want, spaces[part_id], by_part[part_id])
        )
        for want in wants
        if want not in in_way
    }
    moves = _make_room(session, in_way, claims, spaces, ignoring=ignoring)
    return Findings(
        claims, tuple((want, each) for want in wants for each in in_way.get(want, ())), moves
    )


def _make_room(
    session: Session,
    in_way: dict[Want, list[Hold]],
    claims: dict[Want, tuple[Claim, ...]],
    spaces: Mapping[int, Space],
    *,
    ignoring: Collection[int],
) -> dict[int, int]:
    """Let others change lanes for what is in the way of a want; return their new lanes by id.

    What finds its place is taken out of ``in_way`` and gets its claim.
    """
    moved: dict[int | None, int] = {}
    for want in sorted(in_way, key=lambda each: each.blocked):
        part = spaces[want.space_id]
        if part.lanes == 1 or part.part_ids != (part.id,):
            continue
        claimed = [
            Hold(part.id, each.interval, lane=each.lane)
            for made in claims.values()
            for each in made
            if each.part_id == part.id
        ]
        packing = make_room(
            session, want.blocked, part, claimed=claimed, moved=moved, ignoring=ignoring
        )
        if packing is not None:
            moved |= {each.id: lane for each, lane in packing.moves}
            claims[want] = (Claim(part.id, want.blocked, packing.lane),)
            del in_way[want]
    return {hold_id: lane for hold_id, lane in moved.items() if hold_id is not None}


def _refuse_own_overlaps(wants: Sequence[Want], spaces: Mapping[int, Space]) -> None:
    """Buffers may make neighbouring dates of one series meet; the guard would refuse that."""
    by_part: defaultdict[int, list[Interval]] = defaultdict(list)
    for want in wants:
        for part_id in spaces[want.space_id].part_ids:
            by_part[part_id].append(want.blocked)
    for blocked in by_part.values():
        ordered = sorted(blocked)
        if any(after.start < before.end for before, after in pairwise(ordered)):
            raise InvalidRequest.because("overlapping_series", "repeat")


def _in_the_way(
    wants: Sequence[Want], spaces: Mapping[int, Space], by_part: Mapping[int, Sequence[Hold]]
) -> dict[Want, list[Hold]]:
    """Map each want that is not free to the holds in its way; lanes count as one until all go."""
    asked: defaultdict[int, list[Want]] = defaultdict(list)
    for want in wants:
        for part_id in spaces[want.space_id].part_ids:
            asked[part_id].append(want)
    found: defaultdict[Want, dict[int | None, Hold]] = defaultdict(dict)
    for part_id, asking in asked.items():
        met: defaultdict[Interval, list[Hold]] = defaultdict(list)
        blocked = {want.blocked for want in asking}
        for conflict in find_conflicts(blocked, by_part.get(part_id, ())):
            met[conflict.wanted].append(conflict.hold)
        for want in asking:
            holds = met.get(want.blocked, [])
            if not _free(want, spaces[part_id], holds):
                found[want].update((each.id, each) for each in holds)
    return {want: list(holds.values()) for want, holds in found.items()}


def _free(want: Want, part: Space, holds: Sequence[Hold]) -> Collection[int]:
    """Return the lanes of a part that a want takes, none where it cannot have them.

    A combined space has its parts for itself, so it takes all of their lanes.
    """
    if want.space_id == part.id:
        lane = assign_lanes(want.blocked, part.lanes, holds)
        return () if lane is None else (lane,)
    is_taken = any(each.interval.overlaps(want.blocked) for each in holds)
    return () if is_taken else range(part.lanes)


def told(session: Session, taken: Iterable[tuple[Want, Hold]], actor: Actor) -> list[Clash]:
    """Return what stands in the way as the actor may see it, by time, each thing once a date."""
    pairs = list(taken)
    views = agenda.by_allocation(
        session, {held.allocation_id for _, held in pairs if held.allocation_id is not None}
    )
    closed = closures_by_id(
        session, {held.closure_id for _, held in pairs if held.closure_id is not None}
    )
    waits = waiting.held(
        session,
        {held.want_id for _, held in pairs if held.want_id is not None},
        person_id=actor.person_id,
    )
    found: dict[tuple[object, ...], Clash] = {}
    for want, held in pairs:
        source = (held.allocation_id, held.closure_id, held.want_id)
        key = (want.recurrence_id, want.space_id, *source)
        clash = Clash(
            want.space_id,
            want.used,
            want.recurrence_id,
            occurrence=views[held.allocation_id] if held.allocation_id is not None else None,
            closure=closed[held.closure_id] if held.closure_id is not None else None,
            held=waits[held.want_id] if held.want_id is not None else None,
        )
        found[key] = clash_seen_by(clash, actor)
    return sorted(found.values(), key=lambda clash: (clash.wanted.start, clash.space_id))


@dataclass(frozen=True, slots=True)
class Ground:
    """What is looked at to offer something else: who is free when, as the rules leave it.

    ``busy`` is merged, of ``others`` around the wanted times alone; ``windows``
    are the opening hours of the days, in order.
    """

    spaces: Sequence[Space]
    others: Sequence[Space]
    busy: Mapping[int, Sequence[Interval]]
    windows: Sequence[Interval]

    def within(self, window: Interval) -> dict[int, Sequence[Interval]]:
        """Return what is busy in one window, with what reaches into it."""
        return {
            space_id: busy[
                bisect_right(busy, window.start, key=_by_end) : bisect_left(
                    busy, window.end, key=_by_start
                )
            ]
            for space_id, busy in self.busy.items()
        }


def offer(
    session: Session,
    wanted: Sequence[Interval],
    space_ids: Sequence[int],
    *,
    site: Site,
    spaces: Iterable[Space],
    now: datetime,
    attendance: int | None = None,
    ignoring: Collection[int] = (),
    actor: Actor | None = None,
    is_given: bool = False,
) -> list[Alternative]:
    """Return the best free alternatives: other times in the same spaces, other spaces then.

    ``wanted`` are the dates without buffers, ``spaces`` those of the site.
    Nothing is offered that the rules of a room refuse to ``actor``; None is
    not bound by them.
    ``is_given`` looks as if the wanted time itself were somebody else's.
    Advice only: the guard decides.
    """
    found = ground(
        session,
        wanted,
        space_ids,
        site=site,
        spaces=spaces,
        now=now,
        ignoring=ignoring,
        actor=actor,
        is_given=is_given,
    )
    return offer_on(found, wanted, now=now, attendance=attendance) if found else []


def offer_on(
    found: Ground, wanted: Sequence[Interval], *, now: datetime, attendance: int | None
) -> list[Alternative]:
    """Return the best free alternatives to all wanted dates together."""
    return alternatives(
        wanted,
        found.spaces,
        others=found.others,
        busy=found.busy,
        open_hours=found.windows,
        now=now,
        attendance=attendance,
    )


def offer_each(
    found: Ground,
    wanted: Mapping[datetime, Interval],
    *,
    now: datetime,
    attendance: int | None,
    most: int = MOST_A_DATE,
) -> dict[datetime, list[Alternative]]:
    """Return the best free alternatives to each date by itself, on its own day."""
    offers = {}
    for at, interval in sorted(wanted.items()):
        window = next((each for each in found.windows if each.overlaps(interval)), None)
        if window is None:
            continue
        span = Interval(min(window.start, interval.start), max(window.end, interval.end))
        offers[at] = alternatives(
            [interval],
            found.spaces,
            others=found.others,
            # Buffers reach over the window's edges.
            busy=found.within(span.padded(_DAY, _DAY)),
            open_hours=[window],
            now=now,
            attendance=attendance,
            most=most,
        )
    return offers


def ground(
    session: Session,
    wanted: Sequence[Interval],
    space_ids: Sequence[int],
    *,
    site: Site,
    spaces: Iterable[Space],
    now: datetime,
    ignoring: Collection[int] = (),
    actor: Actor | None = None,
    is_given: bool = False,
) -> Ground | None:
    """Return who is free on the days of the wanted dates; of a single one on those after, too.

    None where nothing can be offered: a space is not there any more, or it is too late.
    """
    if not wanted:  # somebody answered, or gave up, in this very moment
        return None
    first_day = to_local(wanted[0].start, site.zone).date()
    days = {to_local(each.start, site.zone).date() for each in wanted}
    if len(wanted) == 1:
        days |= {first_day + timedelta(days=each) for each in range(1, DAYS_AROUND)}
    windows = [hours.open_hours(site, each) for each in sorted(days)]
    last = hours.edge(site, now)
    windows = [each for each in windows if each.end <= last]
    length = wanted[0].length
    by_id = {
        space.id: space
        for space in spaces
        if space.bookable
        and (actor is None or policy.is_ever_possible(space, length, actor, site=site))
    }
    asked = [by_id[each] for each in space_ids if each in by_id]
    if len(asked) != len(space_ids) or not windows:
        return None
    kinds = {space.kind for space in asked}
    others = [each for each in by_id.values() if each.kind in kinds and each not in asked]
    others = others[:MOST_OTHERS]
    # Other spaces are wanted at the same time only, so their other days are not looked at.
    near = [(asked, (*windows, *wanted)), (others, wanted)]
    busy = _busy(session, near, by_id, ignoring=ignoring)
    if is_given:
        for space in asked:
            busy[space.id] += [space.blocked(each) for each in wanted]
    if actor is not None:
        _close(busy, asked, days, actor, site=site, now=now)
        _close(busy, others, _days(wanted, site), actor, site=site, now=now)
        let = let_to_others(
            session, [*asked, *others], by_id, [*windows, *wanted], actor, site_id=site.id
        )
        for space_id, times in let.items():
            busy[space_id] += times
    merged = {space_id: merge(some) for space_id, some in busy.items()}
    return Ground(asked, others, merged, windows)


def busy_within(
    session: Session,
    spaces: Sequence[Space],
    known: Mapping[int, Space],
    windows: Iterable[Interval],
    actor: Actor,
    *,
    site_id: int,
) -> dict[int, list[Interval]]:
    """Return when spaces are taken within windows, buffers included, or let to strangers.

    ``known`` has their parts by id, as far as they are in use.  Merged; one
    statement, and one more where some of the spaces can be let.
    """
    times = [*windows]
    busy = _busy(session, [(spaces, times)], known)
    let = let_to_others(session, spaces, known, times, actor, site_id=site_id)
    return {**busy, **{each: merge([*busy[each], *some]) for each, some in let.items()}}


def _busy(
    session: Session,
    places: Sequence[tuple[Sequence[Space], Iterable[Interval]]],
    known: Mapping[int, Space],
    *,
    ignoring: Collection[int] = (),
) -> dict[int, list[Interval]]:
    """Return the same for several groups of spaces, each with the windows that matter for it.

    ``ignoring`` are ids of allocations that do not count.
    """
    holds = holds_near(session, [_around(*each, known) for each in places])
    kept = (
        each for each in holds if each.allocation_id is None or each.allocation_id not in ignoring
    )
    return busy_by_space([each for spaces, _times in places for each in spaces], kept)


def _around(
    spaces: Sequence[Space], times: Iterable[Interval], known: Mapping[int, Space]
) -> tuple[dict[int, int], list[Interval]]:
    """Return the lanes of the parts of spaces, and the times with room for their buffers."""
    margin = max((max(each.setup, each.cleanup) for each in spaces), default=timedelta(0))
    lanes = {
        part_id: known[part_id].lanes if part_id in known else 1
        for each in spaces
        for part_id in each.part_ids
    }
    return lanes, [each.padded(margin, margin) for each in times]


def _days(wanted: Iterable[Interval], site: Site) -> set[date]:
    """Return the local days on which some of the wanted times begin or end."""
    return {to_local(at, site.zone).date() for each in wanted for at in (each.start, each.end)}


def _close(
    busy: dict[int, list[Interval]],
    spaces: Iterable[Space],
    days: Collection[date],
    actor: Actor,
    *,
    site: Site,
    now: datetime,
) -> None:
    """Add to the busy times of spaces those at which the rules refuse them to the actor."""
    for space in spaces:
        holidays = NONE
        if policy.minds_holidays(space, site):
            years = {each.year for each in days}
            holidays = public_holidays(site.country, site.region, years)
        busy[space.id] += policy.closed_times(
            space, sorted(days), actor, site=site, now=now, holidays=holidays
        )
