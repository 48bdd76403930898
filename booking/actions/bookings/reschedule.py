"""Other dates for a booking: the same rows where it can be, a new booking where dates are over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings.book import Booked, booking_columns, insert_booking, tell_deciders
from booking.actions.bookings.plan import (
    Plan,
    States,
    first_states,
    granted_times,
    make_plan,
    refuse_clashes,
)
from booking.actions.bookings.rows import insert_allocations, insert_occurrences
from booking.actions.bookings.written import as_texts, revise, space_names
from booking.actions.freed import claim_freed
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
from booking.core.requests import BookingRequest
from booking.core.values import Actor, BookingView, OccurrenceView, Space, State, combined_state
from booking.models import Allocation, Occurrence
from booking.queries import houses


@dataclass(frozen=True, slots=True)
class Rescheduling:
    """A change under way: what is stored, what is planned, who does it.

    ``replaced`` are the ids of the allocations that make room for the plan;
    ``splits`` tells that the others stay as a series of their own.
    """

    before: BookingView
    plan: Plan
    states: States
    replaced: tuple[int, ...]
    splits: bool
    actor: Actor
    now: datetime


def planned(
    session: Session,
    before: BookingView,
    wish: BookingRequest,
    *,
    spaces: Mapping[int, Space],
    actor: Actor,
    now: datetime,
) -> Rescheduling:
    """Return what the change comes to; of a begun series, from its first coming date on."""
    coming = [each for each in before.occurrences if each.interval.start > now]
    splits = before.rule is not None and len(coming) < len(before.occurrences)
    if splits:
        wish = _from_now_on(wish, before, now)
    elif all(each.interval.end <= now for each in before.occurrences):
        raise InvalidRequest.because("not_open")
    plan = make_plan(session, wish, spaces, actor, now=now, granted=granted_times(before))
    if plan.site.id != before.site_id:
        raise InvalidRequest.because("site_cannot_change", "space")
    plan, states = _carried(plan, before)
    replaced = tuple(each.allocation_id for each in (coming if splits else before.occurrences))
    return Rescheduling(before, plan, states, replaced, splits, actor, now)


def _from_now_on(wish: BookingRequest, before: BookingView, now: datetime) -> BookingRequest:
    """Return the wish from its first coming date on; a COUNT loses the dates that are over."""
    if wish.rule is None:
        return wish
    rule = parse_rule(wish.rule).in_zone(before.zone)
    # A year's margin: what goes past the edge is refused by the plan.
    edge = now + timedelta(days=MOST_DATES)
    dates = expand(wish.start, wish.end - wish.start, before.zone, rule=rule, until=edge)
    coming = [each.recurrence_id for each in dates if each.interval.start > now]
    further = [each for each in wish.rdates if to_utc(each, before.zone) > now]
    if not coming and not further:
        raise InvalidRequest.because("empty_series", "repeat")
    if not coming:
        rule, coming, further = ONCE, further[:1], further[1:]
    if rule.count is not None:
        rule = with_count(rule, len(coming))
    return replace(
        wish,
        start=coming[0],
        end=coming[0] + (wish.end - wish.start),
        rule=rule.to_text(),
        rdates=tuple(further),
    )


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
    return done


def _redated(session: Session, doing: Rescheduling, findings: clashes.Findings) -> Booked:
    """Give the same booking its new dates; a date keeps its row where it can."""
    before, plan, states = doing.before, doing.plan, doing.states
    kept = _kept_columns(session, plan, states, before)
    freed = _drop(session, doing.replaced)
    insert_allocations(
        session,
        plan,
        states,
        occurrence_ids=_redate(session, before, plan.instances),
        findings=findings,
        kept=kept,
    )
    claim_freed(session, freed)
    columns = booking_columns(plan) | {"organiser_id": plan.request.organiser_id}
    after = revise(session, before, doing.actor, "change", now=doing.now, columns=columns)
    tell_changed(session, before, after, doing.actor, now=doing.now)
    return Booked(after.id, after.state, after.version)


def _split(session: Session, doing: Rescheduling, findings: clashes.Findings) -> Booked:
    """End a begun series before its coming dates and store those as a new booking."""
    before, actor, now = doing.before, doing.actor, doing.now
    coming = [each for each in before.occurrences if each.allocation_id in doing.replaced]
    freed = _drop(session, doing.replaced)
    session.execute(
        delete(Occurrence).where(Occurrence.id.in_({each.occurrence_id for each in coming}))
    )
    rule, rdates = parse_rule(before.rule or ""), before.rdates
    if coming:
        first = min(each.recurrence_id for each in coming)
        rule, rdates = ended_before(rule, first), tuple(each for each in rdates if each < first)
    columns = {"rule": rule.to_text(), "rdates": as_texts(rdates)}
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
    claim_freed(session, freed)
    return Booked(booking_id, state, version=1)


def tell_changed(
    session: Session, before: BookingView, after: BookingView, actor: Actor, *, now: datetime
) -> None:
    """Tell the organisers, the old and the new, what somebody else changed."""
    told = {before.organiser_id, after.organiser_id} - {actor.person_id, None}
    if not told:
        return
    spaces = houses.spaces_by_id(session, after.space_ids)
    record.notify(
        session,
        told,
        "notice_changed",
        {
            "actor": actor.name,
            "title": after.title,
            "space": space_names(spaces, after.space_ids),
            "start": after.starts_at,
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


def _drop(session: Session, allocation_ids: Sequence[int]) -> list[record.Claim]:
    """Delete allocations with their holds; return the time that this sets free."""
    freed = record.release(session, allocation_ids)
    session.execute(delete(Allocation).where(Allocation.id.in_(allocation_ids)))
    return freed


def _carried(plan: Plan, before: BookingView) -> tuple[Plan, States]:
    """Return the plan without the dates that were given up, and the state of each allocation.

    Dates correspond by their local day, a single booking to its only date.  A
    cancelled or skipped date stays so; an approved time that only shrinks
    stays approved.
    """
    by_day: dict[date, list[OccurrenceView]] = {}
    for old in before.occurrences:
        by_day.setdefault(old.recurrence_id.date(), []).append(old)
    if before.rule is None and plan.rule is None:
        by_day = {plan.instances[0].recurrence_id.date(): list(before.occurrences)}
    given_up = {
        each.recurrence_id: combined_state({old.state for old in old_ones})
        for each in plan.instances
        if (old_ones := by_day.get(each.recurrence_id.date()))
        and not any(old.state.is_open for old in old_ones)
    }
    skip = plan.request.skip | given_up.keys()
    plan = replace(plan, request=replace(plan.request, skip=frozenset(skip)))
    states = dict(first_states(plan))
    for each in plan.instances:
        for old in by_day.get(each.recurrence_id.date(), ()):
            key = (each.recurrence_id, old.space_id)
            shrinks = old.state is State.CONFIRMED and old.interval.covers(each.interval)
            if shrinks and states.get(key) is State.REQUESTED:
                states[key] = State.CONFIRMED
    for recurrence_id, state in given_up.items():
        states |= {(recurrence_id, space_id): state for space_id in plan.request.space_ids}
    return plan, states


def _kept_columns(
    session: Session, plan: Plan, states: States, before: BookingView
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
        .where(Occurrence.booking_id == before.id)
    )
    single = before.rule is None and plan.rule is None
    days = {each.recurrence_id.date(): each.recurrence_id for each in plan.instances}
    kept = {}
    for row in rows:
        day = plan.instances[0].recurrence_id.date() if single else row.recurrence_id.date()
        key = (days.get(day, row.recurrence_id), row.space_id)
        if key in states and states[key].value == row.state:
            kept[key] = {
                "reason": row.reason,
                "decided_by_id": row.decided_by_id,
                "decided_s": row.decided_at,
            }
    return kept


def _redate(
    session: Session, before: BookingView, instances: Sequence[Instance]
) -> dict[datetime, int]:
    """Move the rows of dates that stay, drop and add others; return ids by local start."""
    rows = {old.recurrence_id.date(): old.occurrence_id for old in before.occurrences}
    if len(rows) == len(instances) == 1:
        rows = {instances[0].recurrence_id.date(): next(iter(rows.values()))}
    days = {each.recurrence_id.date() for each in instances}
    gone = [row_id for day, row_id in rows.items() if day not in days]
    session.execute(delete(Occurrence).where(Occurrence.id.in_(gone)))
    moved = [each for each in instances if each.recurrence_id.date() in rows]
    if moved:
        session.execute(
            update(Occurrence),
            [
                {
                    "id": rows[each.recurrence_id.date()],
                    "recurrence_id": each.recurrence_id,
                    "start": each.interval.start,
                    "end": each.interval.end,
                }
                for each in moved
            ],
        )
    new = [each for each in instances if each.recurrence_id.date() not in rows]
    ids = {each.recurrence_id: rows[each.recurrence_id.date()] for each in moved}
    return ids | insert_occurrences(session, before.id, new)
