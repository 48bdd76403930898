"""Planned dates of a series become rows: one or many, as one new version of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.book import Booked, tell_deciders
from booking.actions.bookings.plan import Plan, States, first_states, refuse_clashes
from booking.actions.bookings.reschedule import drop, tell_changed
from booking.actions.bookings.rows import insert_allocations, own_columns
from booking.actions.bookings.written import revise, space_names, withdraw_of_dates
from booking.actions.freed import claim_freed
from booking.core.recurrence import to_local
from booking.core.requests import OwnDate
from booking.core.values import Actor, BookingView, OccurrenceView, State, combined_state
from booking.db import Base

# Built once, on the tables: see booking.actions.record.
_OCCURRENCE, _ALLOCATION = (Base.metadata.tables[name] for name in ("occurrence", "allocation"))
_DECISIONS = select(
    *(_ALLOCATION.c[each] for each in ("space_id", "state", "reason", "decided_by_id", "decided_s"))
).where(_ALLOCATION.c.id.in_(bindparam("ids", expanding=True)))


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

    @property
    def wanted(self) -> dict[str, object]:
        """What the audit keeps of the date as it shall be, as JSON."""
        wish = self.plan.request
        return {
            "at": self.own.recurrence_id.isoformat(timespec="minutes"),
            "start": wish.start.isoformat(timespec="minutes"),
            "end": wish.end.isoformat(timespec="minutes"),
            "spaces": list(wish.space_ids),
            "title": wish.title,
            "note": wish.note,
        }


@dataclass(frozen=True, slots=True)
class DateStep:
    """A planned date and the verb it is stored under; of ``texts`` alone its allocations stay."""

    doing: DatePlan
    verb: str
    texts: bool = False


def store_date_as(
    session: Session, doing: DatePlan, verb: str, actor: Actor, *, now: datetime
) -> Booked:
    """Store a planned date under a verb; where only its texts are new, its allocations stay.

    Raises:
        Conflicted: If the time is taken; without alternatives.
    """
    texts = verb == "change_date" and doing.is_same_place
    return store_dates(session, [DateStep(doing, verb, texts=texts)], actor, now=now)


def store_date(
    session: Session, doing: DatePlan, verb: str, actor: Actor, *, now: datetime
) -> Booked:
    """Put the planned allocations of a date in the place of the stored ones, under a verb.

    Raises:
        Conflicted: If the time is taken; without alternatives.
    """
    return store_dates(session, [DateStep(doing, verb)], actor, now=now)


def store_dates(
    session: Session,
    steps: Iterable[DateStep],
    actor: Actor,
    *,
    now: datetime,
    freed: Sequence[record.Claim] = (),
) -> Booked:
    """Store planned dates of one series, at least one, as one new version of it.

    Each step is taken from ``steps`` when those before it are stored: planned
    then, limits count them together.  ``freed`` is what was released for them before.

    Raises:
        Conflicted: If the time of one is taken; without alternatives.
    """
    done, free = list[DateStep](), [*freed]
    asking: Plan | None = None
    asked, waited = set[int](), False
    for step in steps:
        done.append(step)
        if step.texts:
            _store_own(session, step.doing)
            continue
        states = _replace(session, step.doing, actor, free)
        open_ = {space_id for (_at, space_id), each in states.items() if each is State.REQUESTED}
        if open_:
            asked |= open_
            asking = asking or step.doing.plan
            waited = waited or any(x.state is State.REQUESTED for x in step.doing.stored)
    claim_freed(session, free, now=now)
    moved = [each.doing.stored[0].occurrence_id for each in done if not each.texts]
    withdraw_of_dates(session, moved, now=now)
    booked = _revised(session, done, actor, now=now)
    if asking is not None:
        code = "notice_request_changed" if waited else "notice_requested"
        tell_deciders(session, asking, asked, booked.booking_id, actor, now=now, code=code)
    return booked


def _store_own(session: Session, doing: DatePlan, **times: datetime) -> None:
    """Store what a date has of its own, with other times where they are said."""
    values = {**times, **own_columns(doing.own)}
    statement = _OCCURRENCE.update().where(_OCCURRENCE.c.id == doing.stored[0].occurrence_id)
    session.connection().execute(statement.values(values))


def _replace(session: Session, doing: DatePlan, actor: Actor, freed: list[record.Claim]) -> States:
    """Put planned allocations in the place of the stored ones; add what this sets free."""
    plan = doing.plan
    findings = refuse_clashes(
        session, plan, actor, instances=plan.instances, ignoring=doing.replaced
    )
    states = first_states(plan)
    kept = _decisions(session, doing)
    freed += drop(session, doing.replaced)
    [planned] = plan.instances
    _store_own(session, doing, start_s=planned.interval.start, end_s=planned.interval.end)
    insert_allocations(
        session,
        plan,
        states,
        occurrence_ids={planned.recurrence_id: doing.stored[0].occurrence_id},
        findings=findings,
        kept={key: kept[key[1], state] for key, state in states.items() if (key[1], state) in kept},
    )
    return states


def _revised(session: Session, done: Sequence[DateStep], actor: Actor, *, now: datetime) -> Booked:
    """Write the next version of a series with what became of its dates, and tell its organiser."""
    first, *others = done
    before = first.doing.before
    columns: dict[str, int | str] = {}
    if all(each.texts for each in done):
        columns["sequence"] = before.sequence
    if before.cancel_reason and any(each.verb != "change_date" for each in done):
        columns["cancel_reason"] = ""  # it takes place after all
    after = revise(
        session,
        before,
        actor,
        first.verb,
        now=now,
        columns=columns,
        was={"date": kept_of_date(before, first.doing.stored)},
        told={"date": first.doing.wanted},
    )
    for each in others:
        was, told = {"date": kept_of_date(before, each.doing.stored)}, {"date": each.doing.wanted}
        entity = ("booking", before.id)
        record.audit(session, actor, each.verb, entity, now=now, old=was, new=told)
    wish = first.doing.plan.request
    place = space_names(first.doing.plan.spaces, wish.space_ids), wish.start
    tell_changed(session, before, after, actor, now=now, place=None if others else place)
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
    rows = session.connection().execute(_DECISIONS, {"ids": doing.replaced})
    return {
        (row.space_id, State(row.state)): {
            "reason": row.reason,
            "decided_by_id": row.decided_by_id,
            "decided_s": row.decided_s,
        }
        for row in rows
    }
