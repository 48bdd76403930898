"""Change and move: the same booking at another time, in other spaces, with other texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings.book import (
    Booked,
    booking_columns,
    conflict,
    insert_booking,
)
from booking.actions.bookings.plan import (
    Plan,
    States,
    check_people,
    collections_of,
    first_states,
    granted_times,
    insert_allocations,
    insert_occurrences,
    make_plan,
    refuse_clashes,
    snapshot_of,
    space_names,
)
from booking.actions.freed import claim_freed
from booking.core import permissions
from booking.core.checks import checked
from booking.core.errors import Conflicted, GuardRefused, InvalidRequest, NotAllowed, Stale
from booking.core.recurrence import (
    MOST_DATES,
    Instance,
    ended_before,
    expand,
    parse_rule,
    with_count,
)
from booking.core.requests import BookingRequest, ChangeRequest, MoveRequest
from booking.core.values import (
    Actor,
    BookingView,
    OccurrenceView,
    Space,
    State,
    combined_state,
)
from booking.db import db, transact
from booking.models import Allocation, Booking, Occurrence
from booking.queries import agenda, houses


def change(request: ChangeRequest, actor: Actor, *, now: datetime) -> Booked:
    """Store the booking as it shall be.

    A series of which dates are over keeps those: what comes is split off into
    a booking of its own, and its id is returned.

    Raises:
        NotFound, InvalidRequest, NotAllowed: As for ``book``.
        Stale: If somebody changed it since.
        Conflicted: If a wanted time is taken; with alternatives.
    """
    wish = checked(request.wanted)
    asked = replace(request, wanted=wish)
    try:
        return transact(lambda session: _change(session, asked, actor, now))
    except (Conflicted, GuardRefused) as error:
        session = db.session()
        before = agenda.booking(session, request.booking_id)
        spaces = houses.spaces_with_parts(session, wish.space_ids)
        doing = _planned(session, before, wish, spaces=spaces, actor=actor, now=now)
        raise conflict(error, doing.plan, actor, now=now, ignoring=doing.replaced) from error


def move(request: MoveRequest, actor: Actor, *, now: datetime) -> Booked:
    """Move a single booking to another time or space; texts stay.

    Raises:
        InvalidRequest: If it is a series, or the spaces make no sense.
        NotFound, NotAllowed, Stale, Conflicted: As for ``change``.
    """
    before = agenda.booking(db.session(), request.booking_id)
    if not permissions.may_change(actor, before):
        raise NotAllowed.because("not_your_booking")
    if before.rule is not None:
        raise InvalidRequest.because("series_cannot_move")
    spaces = before.space_ids
    if request.space_from is not None and request.space_to is not None:
        if request.space_from not in spaces:
            raise InvalidRequest.because("space_unknown", "space")
        if request.space_to in set(spaces) - {request.space_from}:
            raise InvalidRequest.because("space_twice", "space")
        swap = {request.space_from: request.space_to}
        spaces = tuple(swap.get(each, each) for each in spaces)
    wanted = replace(
        as_request(before),
        start=request.start,
        end=request.end,
        space_ids=spaces,
        all_day=False,
    )
    return change(ChangeRequest(request.booking_id, request.version, wanted), actor, now=now)


def as_request(booking: BookingView) -> BookingRequest:
    """Return the request that would make this booking as it is."""
    return BookingRequest(
        space_ids=booking.space_ids,
        start=booking.starts_at,
        end=booking.ends_at,
        title=booking.title,
        all_day=booking.all_day,
        rule=booking.rule,
        skip=frozenset(
            each.recurrence_id for each in booking.occurrences if each.state is State.SKIPPED
        ),
        organisation_id=booking.organisation_id,
        organiser_id=booking.organiser_id,
        attendance=booking.attendance,
        category=booking.category,
        visibility=booking.visibility,
        note=booking.note,
    )


@dataclass(frozen=True, slots=True)
class _Change:
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


def _change(session: Session, request: ChangeRequest, actor: Actor, now: datetime) -> Booked:
    known = agenda.booking(session, request.booking_id)
    spaces = record.lock_spaces(session, {*known.space_ids, *request.wanted.space_ids})
    before = agenda.booking(session, request.booking_id)  # again, under the lock
    _refuse(before, request, actor)
    wish = replace(request.wanted, organiser_id=request.wanted.organiser_id or before.organiser_id)
    people = (wish.organisation_id, wish.organiser_id)
    if people != (before.organisation_id, before.organiser_id):
        check_people(session, wish, actor, site_id=before.site_id)
    if _same_schedule(before, wish):
        return _change_texts(session, before, wish, actor, now=now)
    doing = _planned(session, before, wish, spaces=spaces, actor=actor, now=now)
    return _split(session, doing) if doing.splits else _reschedule(session, doing)


def _planned(
    session: Session,
    before: BookingView,
    wish: BookingRequest,
    *,
    spaces: Mapping[int, Space],
    actor: Actor,
    now: datetime,
) -> _Change:
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
    return _Change(before, plan, states, replaced, splits, actor, now)


def _refuse(before: BookingView, request: ChangeRequest, actor: Actor) -> None:
    if not permissions.may_change(actor, before):
        raise NotAllowed.because("not_your_booking")
    if before.version != request.version:
        raise Stale(before.version)
    if not any(each.state.is_open for each in before.occurrences):
        raise InvalidRequest.because("not_open")


def _same_schedule(before: BookingView, wish: BookingRequest) -> bool:
    stored = parse_rule(before.rule) if before.rule else None
    wanted = parse_rule(wish.rule).in_zone(before.zone) if wish.rule else None
    return stored == wanted and (
        (before.starts_at, before.ends_at, before.all_day, before.space_ids)
        == (wish.start, wish.end, wish.all_day, wish.space_ids)
    )


def _from_now_on(wish: BookingRequest, before: BookingView, now: datetime) -> BookingRequest:
    """Return the wish from its first coming date on; a COUNT loses the dates that are over."""
    if wish.rule is None:
        return wish
    rule = parse_rule(wish.rule).in_zone(before.zone)
    # A year's margin: what goes past the edge is refused by the plan.
    edge = now + timedelta(days=MOST_DATES)
    dates = expand(wish.start, wish.end - wish.start, before.zone, rule=rule, until=edge)
    coming = [each for each in dates if each.interval.start > now]
    if not coming:
        raise InvalidRequest.because("empty_series", "repeat")
    if rule.count is not None:
        rule = with_count(rule, len(coming))
    start = coming[0].recurrence_id
    return replace(wish, start=start, end=start + (wish.end - wish.start), rule=rule.to_text())


def _change_texts(
    session: Session, before: BookingView, wish: BookingRequest, actor: Actor, *, now: datetime
) -> Booked:
    columns = {
        "title": wish.title,
        "category": wish.category.value,
        "visibility": wish.visibility.value,
        "note": wish.note,
        "organisation_id": wish.organisation_id,
        "organiser_id": wish.organiser_id,
        "attendance": wish.attendance,
    }
    _update(session, before, columns, now=now, sequence=before.sequence)
    return _done(session, before, actor, now=now)


def _reschedule(session: Session, doing: _Change) -> Booked:
    """Give the same booking its new dates; a date keeps its row where it can."""
    before, plan, states = doing.before, doing.plan, doing.states
    findings = _clear(session, doing)
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
    _update(session, before, columns, now=doing.now, sequence=before.sequence + 1)
    return _done(session, before, doing.actor, now=doing.now)


def _split(session: Session, doing: _Change) -> Booked:
    """End a begun series before its coming dates and store those as a new booking."""
    before, now = doing.before, doing.now
    coming = [each for each in before.occurrences if each.allocation_id in doing.replaced]
    findings = _clear(session, doing)
    freed = _drop(session, doing.replaced)
    session.execute(
        delete(Occurrence).where(Occurrence.id.in_({each.occurrence_id for each in coming}))
    )
    rule = parse_rule(before.rule or "")
    if coming:
        rule = ended_before(rule, min(each.recurrence_id for each in coming))
    _update(session, before, {"rule": rule.to_text()}, now=now, sequence=before.sequence + 1)
    ended = _done(session, before, doing.actor, now=now)
    booking_id, state = insert_booking(
        session,
        doing.plan,
        doing.states,
        findings=findings,
        actor=doing.actor,
        now=now,
        follows_id=ended.booking_id,
    )
    claim_freed(session, freed)
    return Booked(booking_id, state, version=1)


def _clear(session: Session, doing: _Change) -> clashes.Findings:
    """Return the claims for all dates, as if the booking's own were not there."""
    plan = doing.plan
    return refuse_clashes(
        session, plan, doing.actor, instances=plan.instances, ignoring=doing.replaced
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


def _update(
    session: Session,
    before: BookingView,
    columns: Mapping[str, Any],
    *,
    now: datetime,
    sequence: int,
) -> None:
    values = {**columns, "updated_at": now, "sequence": sequence}
    record.next_version(session, Booking, before.id, before.version, values)


def _done(session: Session, before: BookingView, actor: Actor, *, now: datetime) -> Booked:
    """Write revisions and audit, tell the organiser; return how the booking stands now."""
    after = agenda.booking(session, before.id)
    record.bump(
        session,
        collections_of(before, gone=True) | collections_of(after),
        uid=before.uid,
        now=now,
    )
    record.audit(
        session,
        actor,
        "change",
        ("booking", before.id),
        now=now,
        old=snapshot_of(before),
        new=snapshot_of(after),
    )
    if told := {before.organiser_id, after.organiser_id} - {actor.person_id, None}:
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
    return Booked(after.id, after.state, after.version)
