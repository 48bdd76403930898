"""Other dates for a booking: the same rows where it can be, a new booking where dates are over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings.beside import copy_permanence
from booking.actions.bookings.book import Booked, booking_columns, insert_booking, tell_deciders
from booking.actions.bookings.expansion import dates_of
from booking.actions.bookings.fairness import account_of
from booking.actions.bookings.plan import (
    Plan,
    States,
    first_states,
    granted_times,
    make_plan,
    refuse_clashes,
)
from booking.actions.bookings.rows import (
    delete_occurrences,
    insert_allocations,
    insert_occurrences,
    let_exdates_follow,
    let_questions_follow,
    own_columns,
)
from booking.actions.bookings.written import as_texts, over_of, revise, space_names
from booking.actions.freed import claim_freed
from booking.actions.skipped import await_skipped
from booking.core.errors import InvalidRequest
from booking.core.recurrence import (
    MOST_DATES,
    ONCE,
    Instance,
    ended_before,
    expand,
    parse_rule,
    to_utc,
    with_count,
)
from booking.core.requests import BookingRequest, OwnDate
from booking.core.series import by_date, carried, counterparts, own_dates
from booking.core.values import (
    Actor,
    BookingView,
    OccurrenceView,
    Site,
    Space,
    State,
    combined_state,
)
from booking.db import Base
from booking.models import Allocation, Occurrence
from booking.queries import houses

MOST_OVER = 3_660  # ten years of a series of every day
# Built once, on the table: see booking.actions.record.
_ALLOCATION = Base.metadata.tables["allocation"]
_DROP = delete(_ALLOCATION).where(_ALLOCATION.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Rescheduling:
    """A change under way: what is stored, what is planned, who does it.

    ``replaced`` are the ids of the allocations that make room for the plan;
    ``splits`` tells that the others stay as a series of their own, ``stays`` are columns
    that a begun series keeps which goes on as one.  ``places`` maps the local starts of
    the replaced dates to those that take their place, ``lost`` is what dates without one
    had of their own.
    """

    before: BookingView
    plan: Plan
    states: States
    replaced: tuple[int, ...]
    splits: bool
    places: Mapping[datetime, datetime]
    lost: tuple[OwnDate, ...]
    actor: Actor
    now: datetime
    stays: Mapping[str, Any] | None = None  # Any: what the columns take


def planned(
    session: Session,
    before: BookingView,
    wish: BookingRequest,
    *,
    spaces: Mapping[int, Space],
    actor: Actor,
    now: datetime,
    since: datetime | None = None,
    in_place: bool = False,
) -> Rescheduling:
    """Return what the change comes to.

    Of a series from the date on that starts at ``since`` by the rule, and of a
    begun one never before its first coming date.  With ``in_place`` a begun series
    stays one where all that is over is still what its new rule gives.
    """
    coming = _coming(before, now, since)
    splits = before.rule is not None and len(coming) < len(before.occurrences)
    whole = wish
    stays = splits and in_place and since is None and _gives_past(wish, before, coming, now)
    if splits:
        wish = _from_now_on(wish, before, now, may_list=stays)
    elif all(each.interval.end <= now for each in before.occurrences):
        raise InvalidRequest.because("not_open")
    site = houses.site(session, before.site_id) if wish.leaves_out else None
    wish, places, lost = _with_kept(wish, before, coming, now, site=site)
    _refuse_gone_rooms(wish, spaces)
    given_up = _given_up(before, places)
    plan = make_plan(
        session,
        wish,
        spaces,
        actor,
        now=now,
        granted=granted_times(before.occurrences),
        replaced=coming,
        given_up={each.date() for each in given_up},
    )
    if plan.site.id != before.site_id:
        raise InvalidRequest.because("site_cannot_change", "space")
    places, beyond = _within(plan, before, places)
    lost = (*lost, *beyond)
    plan, states = _carried(plan, before, places)
    replaced = tuple(each.allocation_id for each in coming)
    doing = Rescheduling(before, plan, states, replaced, splits, places, lost, actor, now)
    return replace(doing, splits=False, stays=_staying(doing, whole)) if stays else doing


def _within(
    plan: Plan, before: BookingView, places: Mapping[datetime, datetime]
) -> tuple[dict[datetime, datetime], tuple[OwnDate, ...]]:
    """Return the places that the plan reaches, and what dates beyond had of their own.

    A series without an end is stored a little further than people may book.
    """
    given = {each.recurrence_id for each in plan.instances}
    within = {old: new for old, new in places.items() if new in given}
    beyond = places.keys() - within.keys()
    alive = {each.recurrence_id for each in before.occurrences if each.state.is_open}
    return within, tuple(x for x in own_dates(before) if x.recurrence_id in beyond & alive)


def _gives_past(
    wish: BookingRequest, before: BookingView, coming: Sequence[OccurrenceView], now: datetime
) -> bool:
    """Whether the dates that are over are those that a new rule gives, at the same hours."""
    hours = (before.starts_at, before.ends_at, before.all_day, before.usual_spaces)
    if wish.rule is None or (wish.start, wish.end, wish.all_day, wish.space_ids) != hours:
        return False
    over = {each.recurrence_id for each in before.occurrences}.difference(
        each.recurrence_id for each in coming
    )
    last = max(over)
    given = {each.recurrence_id for each in _dates(wish, before, now)}
    known = over.union(each for each in before.exdates if each <= last)
    return {each for each in given if each <= last} == known


def _staying(doing: Rescheduling, whole: BookingRequest) -> Mapping[str, Any]:
    """Return the columns of a begun series that goes on as one, by its whole new rule."""
    before, plan = doing.before, doing.plan
    first = min(each.recurrence_id for each in plan.instances)
    over = [each for each in before.exdates if each < first and each not in plan.dates.left_out]
    rule = parse_rule(whole.rule or "").in_zone(before.zone)
    return {
        "starts_local": before.starts_at,
        "ends_local": before.ends_at,
        "rule": rule.to_text(),
        "rdates": as_texts(whole.rdates),
        "exdates": as_texts(sorted([*over, *plan.dates.left_out])),
    }


def _refuse_gone_rooms(wish: BookingRequest, spaces: Mapping[int, Space]) -> None:
    """Refuse a date with a room of its own that nobody can book any more, and say which it is."""
    for own in wish.own:
        for space in (spaces[each] for each in own.space_ids or () if each in spaces):
            if not space.bookable:
                start = own.start or own.recurrence_id
                raise InvalidRequest.because("own_room_gone", start=start, space=space.name)


def _coming(before: BookingView, now: datetime, since: datetime | None) -> Sequence[OccurrenceView]:
    """Return the allocations that a change is about.

    What has begun stays, and of a series all that is before it by the rule.
    """
    if before.rule is None:
        return before.occurrences
    begun = [each.recurrence_id for each in before.occurrences if each.interval.start <= now]
    last = max(begun, default=None)
    return [
        each
        for each in before.occurrences
        if (last is None or each.recurrence_id > last)
        and (since is None or each.recurrence_id >= since)
    ]


def _from_now_on(
    wish: BookingRequest, before: BookingView, now: datetime, *, may_list: bool = False
) -> BookingRequest:
    """Return the wish from its first coming date on; a COUNT loses the dates that are over.

    Where a further date comes first it is refused, unless all dates may be listed: their
    rule is kept elsewhere.
    """
    if wish.rule is None:
        return wish
    rule = parse_rule(wish.rule).in_zone(before.zone)
    by_rule = _dates(replace(wish, rdates=()), before, now)
    coming = [each.recurrence_id for each in by_rule if each.interval.start > now]
    further = [each for each in wish.rdates if to_utc(each, before.zone) > now]
    if not coming and not further:
        raise InvalidRequest.because("empty_series", "repeat")
    if not coming:
        rule, coming, further = ONCE, further[:1], further[1:]
        wish = replace(wish, leaves_out=frozenset())
    elif may_list and further and further[0] < coming[0] and not rule.is_endless:
        first, *others = sorted({*coming, *further})
        rule, coming, further = ONCE, [first], others
    if rule.count is not None:
        rule = with_count(rule, len(coming))
    return replace(
        wish,
        start=coming[0],
        end=coming[0] + (wish.end - wish.start),
        rule=rule.to_text(),
        rdates=tuple(further),
    )


def _dates(
    wish: BookingRequest, before: BookingView, now: datetime, *, site: Site | None = None
) -> Sequence[Instance]:
    """Return the dates that a wish comes to by its rule, and further ones.

    Days off of the ``site`` are left out, without one they are among them.
    """
    rule = parse_rule(wish.rule).in_zone(before.zone) if wish.rule else None
    # A year's margin: what goes past the edge is refused, or left out, by the plan.
    edge = now + timedelta(days=MOST_DATES)
    if site is not None:
        return dates_of(wish, site, zone=before.zone, edge=edge).instances
    over = now.replace(tzinfo=None) - wish.start  # dates that are over count for nothing
    return expand(
        wish.start,
        wish.end - wish.start,
        before.zone,
        rule=rule,
        rdates=wish.rdates,
        until=edge,
        limit=MOST_DATES + min(max(0, over.days + 2), MOST_OVER),
    )


def _with_kept(
    wish: BookingRequest,
    before: BookingView,
    coming: Sequence[OccurrenceView],
    now: datetime,
    *,
    site: Site | None,
) -> tuple[BookingRequest, dict[datetime, datetime], tuple[OwnDate, ...]]:
    """Return the wish with what its dates keep of their own, their places, and what is lost."""
    old = sorted({each.recurrence_id for each in coming})
    new = [each.recurrence_id for each in _dates(wish, before, now, site=site)]
    if not old:
        return wish, {}, ()
    if before.rule is None and wish.rule is None:
        return wish, {old[0]: new[0]}, ()
    shift_days = (new[0].date() - old[0].date()).days
    places = counterparts(old, new) or counterparts(old, new, shift_days=shift_days)
    alive = {each.recurrence_id for each in coming if each.state.is_open}
    had = [each for each in own_dates(before) if each.recurrence_id in alive]
    if wish.rule is None:
        return wish, places, tuple(had)
    kept, lost = carried(had, places)
    said = {each.recurrence_id.date() for each in wish.own}
    kept = tuple(each for each in kept if each.recurrence_id.date() not in said)
    return replace(wish, own=(*wish.own, *kept)), places, lost


def carry_out(session: Session, doing: Rescheduling) -> Booked:
    """Store the planned dates under the lock of a verb, and tell whom it concerns."""
    findings = refuse_clashes(
        session,
        doing.plan,
        doing.actor,
        instances=doing.plan.instances,
        ignoring=doing.replaced,
    )
    done = (_split if doing.splits else _redated)(session, doing, findings)
    _tell_deciders(session, doing, done.booking_id)
    if waits := doing.plan.request.waits:
        await_skipped(session, done.booking_id, waits, doing.actor, now=doing.now)
    return done


def _redated(session: Session, doing: Rescheduling, findings: clashes.Findings) -> Booked:
    """Give the same booking its new dates; a date keeps its row where it can."""
    before, plan, states = doing.before, doing.plan, doing.states
    kept = _kept_columns(session, doing)
    freed = drop(session, doing.replaced)
    insert_allocations(
        session,
        plan,
        states,
        occurrence_ids=_redate(session, doing),
        findings=findings,
        kept=kept,
    )
    claim_freed(session, freed, now=doing.now)
    columns = booking_columns(plan) | {"organiser_id": plan.request.organiser_id}
    columns |= doing.stays or {}
    after = revise(
        session, before, doing.actor, "change", now=doing.now, columns=columns, told=over_of(plan)
    )
    tell_changed(session, before, after, doing.actor, now=doing.now)
    return Booked(after.id, after.state, after.version, lost=doing.lost)


def _split(session: Session, doing: Rescheduling, findings: clashes.Findings) -> Booked:
    """End a begun series before its coming dates and store those as a new booking."""
    before, actor, now = doing.before, doing.actor, doing.now
    coming = [each for each in before.occurrences if each.allocation_id in doing.replaced]
    freed = drop(session, doing.replaced)
    delete_occurrences(session, {each.occurrence_id for each in coming})
    columns: dict[str, object] = {}
    if coming:
        first = min(each.recurrence_id for each in coming)
        columns = {
            "rule": ended_before(parse_rule(before.rule or ""), first).to_text(),
            "rdates": as_texts(each for each in before.rdates if each < first),
            "exdates": as_texts(each for each in before.exdates if each < first),
        }
    ended = revise(session, before, actor, "change", now=now, columns=columns)
    tell_changed(session, before, ended, actor, now=now)
    booking_id, state = insert_booking(
        session,
        doing.plan,
        doing.states,
        findings=findings,
        actor=actor,
        now=now,
        follows_id=ended.id,
    )
    copy_permanence(session, ended.id, booking_id)
    let_questions_follow(session, ended.id, booking_id)
    let_exdates_follow(session, before, booking_id)
    claim_freed(session, freed, now=now)
    return Booked(booking_id, state, version=1, lost=doing.lost)


def tell_changed(
    session: Session,
    before: BookingView,
    after: BookingView,
    actor: Actor,
    *,
    now: datetime,
    place: tuple[str, datetime] | None = None,
) -> None:
    """Tell the organisers, the old and the new, what somebody else changed.

    ``place`` names spaces and local start where it is about one date.
    """
    told = {before.organiser_id, after.organiser_id} - {actor.person_id, None}
    if not told:
        return
    if place is None:
        spaces = houses.spaces_by_id(session, after.usual_spaces)
        place = space_names(spaces, after.usual_spaces), after.starts_at
    record.notify(
        session,
        told,
        "notice_changed",
        {
            "actor": actor.name,
            "title": after.title,
            "space": place[0],
            "start": place[1],
        },
        booking_id=after.id,
        now=now,
    )


def _tell_deciders(session: Session, doing: Rescheduling, booking_id: int) -> None:
    """Tell those who decide what waits for them by now, or waits otherwise than it did."""
    asked = {space_id for (_at, space_id), each in doing.states.items() if each is State.REQUESTED}
    if asked:
        waited = any(each.state is State.REQUESTED for each in doing.before.occurrences)
        tell_deciders(
            session,
            doing.plan,
            asked,
            booking_id,
            doing.actor,
            now=doing.now,
            code="notice_request_changed" if waited else "notice_requested",
        )


def drop(session: Session, allocation_ids: Sequence[int]) -> list[record.Claim]:
    """Delete allocations with their holds; return the time that this sets free."""
    freed = record.release(session, allocation_ids)
    session.connection().execute(_DROP, {"ids": [*allocation_ids]})
    return freed


def _given_up(before: BookingView, places: Mapping[datetime, datetime]) -> dict[datetime, State]:
    """Return the new places of dates of which nothing is open, and the state that they keep."""
    stored = by_date(before)
    return {
        new: combined_state({each.state for each in stored[old]})
        for old, new in places.items()
        if not any(each.state.is_open for each in stored[old])
    }


def _carried(
    plan: Plan, before: BookingView, places: Mapping[datetime, datetime]
) -> tuple[Plan, States]:
    """Return the plan without the dates that were given up, and the state of each allocation.

    A cancelled or skipped date stays so; an approved time that only shrinks
    stays approved, unless it counts to somebody else now.
    """
    stored = by_date(before)
    before_at = {new: stored[old] for old, new in places.items()}
    given_up = _given_up(before, places)
    skip = plan.request.skip | given_up.keys()
    plan = replace(plan, request=replace(plan.request, skip=frozenset(skip)))
    states = dict(first_states(plan))
    for each in plan.instances:
        for old in before_at.get(each.recurrence_id, ()):
            key = (each.recurrence_id, old.space_id)
            shrinks = (
                old.state is State.CONFIRMED
                and old.interval.covers(each.interval)
                and account_of(before) == plan.account
            )
            if shrinks and states.get(key) is State.REQUESTED:
                states[key] = State.CONFIRMED
    for at, state in given_up.items():
        states |= {(at, space_id): state for space_id in plan.spaces_on(at)}
    return plan, states


def _kept_columns(
    session: Session, doing: Rescheduling
) -> dict[tuple[datetime, int], dict[str, Any]]:
    """Return the decision on each old allocation whose counterpart has the same state."""
    rows = session.execute(
        select(
            Occurrence.recurrence_id,
            Allocation.space_id,
            Allocation.state,
            Allocation.reason,
            Allocation.decided_by_id,
            Allocation.decided_at,
        )
        .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
        .where(Occurrence.booking_id == doing.before.id)
    )
    kept = {}
    for row in rows:
        key = (doing.places.get(row.recurrence_id, row.recurrence_id), row.space_id)
        if key in doing.states and doing.states[key].value == row.state:
            kept[key] = {
                "reason": row.reason,
                "decided_by_id": row.decided_by_id,
                "decided_s": row.decided_at,
            }
    return kept


def _redate(session: Session, doing: Rescheduling) -> dict[datetime, int]:
    """Move the rows of dates that stay, drop and add others; return ids by local start."""
    replaced = [x for x in doing.before.occurrences if x.allocation_id in doing.replaced]
    stored = {each.recurrence_id: each.occurrence_id for each in replaced}
    ids = {new: stored[old] for old, new in doing.places.items()}
    gone = stored.keys() - doing.places.keys()
    delete_occurrences(session, {stored[each] for each in gone})
    own, instances = doing.plan.own, doing.plan.instances
    moved = [each for each in instances if each.recurrence_id in ids]
    if moved:
        session.execute(
            update(Occurrence),
            [
                {
                    "id": ids[each.recurrence_id],
                    "recurrence_id": each.recurrence_id,
                    "start": each.interval.start,
                    "end": each.interval.end,
                    **own_columns(own.get(each.recurrence_id)),
                }
                for each in moved
            ],
        )
    new = [each for each in instances if each.recurrence_id not in ids]
    return ids | insert_occurrences(session, doing.before.id, new, own)
