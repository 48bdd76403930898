"""One date of a series: another time, other spaces, texts of its own; or back where it was."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from types import MappingProxyType
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings.book import Booked, Preview, tell_deciders
from booking.actions.bookings.change import as_request
from booking.actions.bookings.conflict import conflict
from booking.actions.bookings.plan import (
    Plan,
    first_states,
    granted_times,
    make_plan,
    refuse_clashes,
)
from booking.actions.bookings.reschedule import drop, tell_changed
from booking.actions.bookings.rows import insert_allocations, own_columns
from booking.actions.bookings.written import revise, space_names, withdraw_of_date
from booking.actions.freed import claim_freed
from booking.core import permissions
from booking.core.checks import checked
from booking.core.errors import (
    Conflicted,
    GuardRefused,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from booking.core.recurrence import to_local
from booking.core.requests import BookingRequest, DateBackRequest, DateRequest, OwnDate
from booking.core.series import GIVEN_UP, own_texts
from booking.core.values import Actor, BookingView, OccurrenceView, Space, State, combined_state
from booking.db import db, transact
from booking.models import Allocation, Occurrence
from booking.queries import agenda, houses


@dataclass(frozen=True, slots=True)
class DatePlan:
    """One date of a series under change: what is stored of it, what is planned in its place."""

    before: BookingView
    stored: Sequence[OccurrenceView]
    plan: Plan
    own: OwnDate

    @property
    def replaced(self) -> list[int]:
        """The ids of the allocations that make room for the plan."""
        return [each.allocation_id for each in self.stored]

    @property
    def is_same_place(self) -> bool:
        """Whether neither time nor spaces change."""
        [planned] = self.plan.instances
        spaces = {each.space_id for each in self.stored}
        return planned.interval == self.stored[0].interval and spaces == {
            *self.plan.request.space_ids
        }


def change_date(request: DateRequest, actor: Actor, *, now: datetime) -> Booked:
    """Give one date of a series another time, other spaces or texts of its own.

    Its place in the series stays (``recurrence_id``, RFC 5545 §3.8.4.4), so
    the series still knows it when it changes as a whole.

    Raises:
        NotFound: If there is no such date.
        NotAllowed: If the booking is somebody else's, or a rule forbids it.
        Stale: If somebody changed the booking since.
        InvalidRequest: If it makes no sense, or the date is over or given up.
        Conflicted: If the time is taken; with alternatives.
    """

    return _carried_out(
        lambda session: _locked(session, request, actor, now=now), "change_date", actor, now=now
    )


def date_changed_in(
    session: Session, request: DateRequest, actor: Actor, *, now: datetime
) -> Booked:
    """Change one date under another verb; a conflict comes without alternatives.

    Raises:
        NotFound, NotAllowed, Stale, InvalidRequest, Conflicted: As for ``change_date``.
    """
    return store_date_as(
        session, _locked(session, request, actor, now=now), "change_date", actor, now=now
    )


def _locked(session: Session, request: DateRequest, actor: Actor, *, now: datetime) -> DatePlan:
    known = agenda.booking(session, request.booking_id)
    spaces = record.lock_spaces(session, {*known.space_ids, *request.space_ids})
    return changed_date(session, request, spaces, actor, now=now)


def bring_back(request: DateBackRequest, actor: Actor, *, now: datetime) -> Booked:
    """Let a date that was cancelled, left out or not decided in time take place after all.

    At the time and in the spaces that it had.  It is asked for anew, so the
    rules of today decide.

    Raises:
        NotFound, NotAllowed, Stale, Conflicted: As for ``change_date``.
        InvalidRequest: If the date is over, or was not given up.
    """

    def planned(session: Session) -> DatePlan:
        known = agenda.booking(session, request.booking_id)
        spaces = record.lock_spaces(session, known.space_ids)
        before, stored = _seen(session, request, actor, now=now)
        if not GIVEN_UP.issuperset({each.state for each in stored}):
            raise InvalidRequest.because("date_not_given_up")
        return as_it_was(session, before, stored, spaces, actor, now=now)

    return _carried_out(planned, "bring_back", actor, now=now)


def as_it_was(
    session: Session,
    before: BookingView,
    stored: Sequence[OccurrenceView],
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    now: datetime,
) -> DatePlan:
    """Return what bringing a date back comes to, at its time and in its spaces."""
    first = stored[0]
    own = OwnDate(
        first.recurrence_id,
        to_local(first.interval.start, before.zone),
        to_local(first.interval.end, before.zone),
        tuple(sorted(each.space_id for each in stored)),
        *own_texts(before, first),
    )
    return _planned(session, before, stored, own, spaces, actor, now=now)


def preview_date(request: DateRequest, actor: Actor, *, now: datetime) -> Preview:
    """Return what changing a date would come to; stores nothing, and may be stale at once.

    Raises:
        NotFound, NotAllowed, Stale, InvalidRequest: As for ``change_date``.
    """
    session = db.session()
    known = agenda.booking(session, request.booking_id)
    spaces = houses.spaces_with_parts(session, {*known.space_ids, *request.space_ids})
    doing = changed_date(session, request, spaces, actor, now=now)
    wants = doing.plan.wants(doing.plan.instances)
    findings = clashes.check(session, wants, spaces, ignoring=doing.replaced)
    told = clashes.told(session, findings.taken, actor)
    return Preview(doing.plan.dates, tuple(told), doing.plan.asks, doing.plan.fair)


def changed_date(
    session: Session,
    request: DateRequest,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    now: datetime,
) -> DatePlan:
    """Return what a change of a date comes to, of what is stored by now."""
    before, stored = _seen(session, request, actor, now=now)
    if not any(each.state.is_open for each in stored):
        raise InvalidRequest.because("date_given_up")
    own = OwnDate(
        stored[0].recurrence_id,
        request.start,
        request.end,
        request.space_ids,
        "" if request.title == before.title else request.title,
        "" if request.note == before.note else request.note,
    )
    return _planned(session, before, stored, own, spaces, actor, now=now)


def date_as_wanted(
    session: Session,
    before: BookingView,
    stored: Sequence[OccurrenceView],
    own: OwnDate,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    now: datetime,
) -> DatePlan:
    """Return what it comes to that a date, given up or not, shall be as ``own`` has it.

    Under the lock of a verb that has asked who may.  Times, spaces and texts
    are all said; texts that are those of the series are none of the date's own.
    """
    own = replace(
        own,
        title="" if own.title == before.title else own.title,
        note="" if own.note == before.note else own.note,
    )
    return _planned(session, before, stored, own, spaces, actor, now=now)


def _seen(
    session: Session, request: DateRequest | DateBackRequest, actor: Actor, *, now: datetime
) -> tuple[BookingView, list[OccurrenceView]]:
    """Return the series and all allocations of the date, if the actor may change it."""
    before = agenda.booking(session, request.booking_id)
    stored = [each for each in before.occurrences if each.occurrence_id == request.occurrence_id]
    if not stored:
        raise NotFound("booking", request.occurrence_id)
    if not permissions.may_change(actor, before):
        raise NotAllowed.because("not_your_booking")
    if before.version != request.version:
        raise Stale(before.version)
    if before.rule is None:
        raise InvalidRequest.because("not_a_series")
    if stored[0].interval.end <= now:
        raise InvalidRequest.because("not_open")
    return before, stored


def _planned(
    session: Session,
    before: BookingView,
    stored: Sequence[OccurrenceView],
    own: OwnDate,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    now: datetime,
) -> DatePlan:
    wish = checked(_as_single(before, own))
    own = replace(own, title=wish.title if own.title else "", note=wish.note if own.note else "")
    if before.all_day and (wish.start.time(), wish.end.time()) != (time.min, time.min):
        raise InvalidRequest.because("all_day_date", "start")
    granted = granted_times(stored)
    plan = make_plan(session, wish, spaces, actor, now=now, granted=granted, replaced=stored)
    if plan.site.id != before.site_id:
        raise InvalidRequest.because("site_cannot_change", "space")
    return DatePlan(before, stored, plan, own)


def _as_single(before: BookingView, own: OwnDate) -> BookingRequest:
    """Return the date as if it were a booking by itself."""
    return replace(
        as_request(before),
        start=own.start or before.starts_at,
        end=own.end or before.ends_at,
        space_ids=before.usual_spaces if own.space_ids is None else own.space_ids,
        title=own.title or before.title,
        note=own.note or before.note,
        rule=None,
        rdates=(),
        skip=frozenset(),
    )


def _carried_out(
    planned: Callable[[Session], DatePlan], verb: str, actor: Actor, *, now: datetime
) -> Booked:
    """Plan and store a date in one transaction; a conflict comes with alternatives."""
    plans: list[DatePlan] = []

    def work(session: Session) -> Booked:
        doing = planned(session)
        plans.append(doing)
        return store_date_as(session, doing, verb, actor, now=now)

    try:
        return transact(work)
    except (Conflicted, GuardRefused) as error:
        doing = plans[-1]
        raise conflict(error, doing.plan, actor, now=now, ignoring=doing.replaced) from error


def store_date_as(
    session: Session, doing: DatePlan, verb: str, actor: Actor, *, now: datetime
) -> Booked:
    """Store a planned date under a verb; where only its texts are new, its allocations stay.

    Raises:
        Conflicted: If the time is taken; without alternatives.
    """
    if verb == "change_date" and doing.is_same_place:
        return _store_texts(session, doing, actor, now=now)
    return store_date(session, doing, verb, actor, now=now)


def store_date(
    session: Session, doing: DatePlan, verb: str, actor: Actor, *, now: datetime
) -> Booked:
    """Put the planned allocations of a date in the place of the stored ones, under a verb.

    Raises:
        Conflicted: If the time is taken; without alternatives.
    """
    before, plan, occurrence_id = doing.before, doing.plan, doing.stored[0].occurrence_id
    findings = refuse_clashes(
        session, plan, actor, instances=plan.instances, ignoring=doing.replaced
    )
    states = first_states(plan)
    kept = _decisions(session, doing)
    freed = drop(session, doing.replaced)
    [planned] = plan.instances
    session.execute(
        update(Occurrence)
        .where(Occurrence.id == occurrence_id)
        .values(start=planned.interval.start, end=planned.interval.end, **own_columns(doing.own))
    )
    insert_allocations(
        session,
        plan,
        states,
        occurrence_ids={planned.recurrence_id: occurrence_id},
        findings=findings,
        kept={key: kept[key[1], state] for key, state in states.items() if (key[1], state) in kept},
    )
    claim_freed(session, freed, now=now)
    withdraw_of_date(session, occurrence_id, now=now)
    done = _revised(session, doing, verb, actor, now=now)
    asked = {space_id for (_at, space_id), each in states.items() if each is State.REQUESTED}
    if asked:
        waited = any(each.state is State.REQUESTED for each in doing.stored)
        code = "notice_request_changed" if waited else "notice_requested"
        tell_deciders(session, plan, asked, before.id, actor, now=now, code=code)
    return done


def _store_texts(session: Session, doing: DatePlan, actor: Actor, *, now: datetime) -> Booked:
    session.execute(
        update(Occurrence)
        .where(Occurrence.id == doing.stored[0].occurrence_id)
        .values(own_columns(doing.own))
    )
    columns = {"sequence": doing.before.sequence}
    return _revised(session, doing, "change_date", actor, now=now, columns=columns)


def _revised(
    session: Session,
    doing: DatePlan,
    verb: str,
    actor: Actor,
    *,
    now: datetime,
    columns: Mapping[str, int | str] = MappingProxyType({}),
) -> Booked:
    """Write the next version of the series with what became of its date, and tell its organiser."""
    wish, before = doing.plan.request, doing.before
    if before.cancel_reason and verb != "change_date":
        columns = {**columns, "cancel_reason": ""}  # it takes place after all
    after = revise(
        session,
        before,
        actor,
        verb,
        now=now,
        columns=columns,
        was={"date": kept_of_date(before, doing.stored)},
        told={
            "date": {
                "at": doing.own.recurrence_id.isoformat(timespec="minutes"),
                "start": wish.start.isoformat(timespec="minutes"),
                "end": wish.end.isoformat(timespec="minutes"),
                "spaces": list(wish.space_ids),
                "title": wish.title,
                "note": wish.note,
            }
        },
    )
    spaces = space_names(doing.plan.spaces, wish.space_ids)
    tell_changed(session, before, after, actor, now=now, place=(spaces, wish.start))
    return Booked(after.id, after.state, after.version)


def kept_of_date(before: BookingView, stored: Sequence[OccurrenceView]) -> dict[str, object]:
    """Return what the audit keeps of a stored date, as JSON."""
    first = stored[0]
    start, end = (to_local(at, before.zone) for at in (first.interval.start, first.interval.end))
    return {
        "at": first.recurrence_id.isoformat(timespec="minutes"),
        "start": start.isoformat(timespec="minutes"),
        "end": end.isoformat(timespec="minutes"),
        "spaces": sorted(each.space_id for each in stored),
        "title": first.title,
        "note": first.note,
        "state": combined_state({each.state for each in stored}).value,
    }


def _decisions(session: Session, doing: DatePlan) -> dict[tuple[int, State], dict[str, Any]]:
    """Return the decision on each stored allocation, by its space and state."""
    rows = session.execute(
        select(
            Allocation.space_id,
            Allocation.state,
            Allocation.reason,
            Allocation.decided_by_id,
            Allocation.decided_at,
        ).where(Allocation.id.in_(doing.replaced))
    )
    return {
        (row.space_id, State(row.state)): {
            "reason": row.reason,
            "decided_by_id": row.decided_by_id,
            "decided_s": row.decided_at,
        }
        for row in rows
    }
