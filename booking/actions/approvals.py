"""Approve and refuse requests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings.book import Booked
from booking.actions.bookings.plan import collections_of, snapshot_of, space_names
from booking.actions.clashes import Want
from booking.actions.freed import claim_freed
from booking.core import permissions
from booking.core.checks import checked_reason
from booking.core.errors import (
    AlreadyDecided,
    Conflicted,
    GuardRefused,
    InvalidRequest,
    NotAllowed,
    Stale,
)
from booking.core.requests import DecisionRequest
from booking.core.values import Actor, BookingView, OccurrenceView, Space, State
from booking.db import db, transact
from booking.models import Allocation, Booking
from booking.queries import agenda, houses


def approve(request: DecisionRequest, actor: Actor, *, now: datetime) -> Booked:
    """Confirm the open requests of a booking that the actor may decide.

    This is the moment the holds are written, and the database accepts or
    refuses.  Dates in ``request.skip`` are left out.

    Raises:
        NotFound, NotAllowed, Stale: As their names say.
        AlreadyDecided: If nothing of it is open any more.
        InvalidRequest: If all of it would be left out: that is a refusal.
        Conflicted: If a date is taken by now; the dates can be skipped.
    """
    reason = checked_reason(request.reason)
    try:
        return transact(lambda session: _approve(session, request, actor, now=now, reason=reason))
    except (Conflicted, GuardRefused) as error:
        raise _conflict(error, request, actor, now=now) from error


def refuse(request: DecisionRequest, actor: Actor, *, now: datetime) -> Booked:
    """Refuse the open requests of a booking that the actor may decide, with a reason.

    Raises:
        InvalidRequest: If the reason is missing.
        NotFound, NotAllowed, Stale, AlreadyDecided: As for ``approve``.
    """
    reason = checked_reason(request.reason, required=True)
    return transact(lambda session: _refuse(session, request, actor, now=now, reason=reason))


def _approve(
    session: Session, request: DecisionRequest, actor: Actor, *, now: datetime, reason: str
) -> Booked:
    before, spaces, undecided = _open(session, request, actor, now=now)
    skipped = [each for each in undecided if each.recurrence_id in request.skip]
    chosen = [each for each in undecided if each.recurrence_id not in request.skip]
    if not chosen:
        raise InvalidRequest.because("all_dates_skipped", "skip")
    ids = [each.allocation_id for each in undecided]
    findings = clashes.check(session, _wants(chosen), spaces, ignoring=ids)
    if findings.taken:
        raise Conflicted(clashes.told(session, findings.taken, actor))
    freed = record.release(session, ids)
    _decide(session, chosen, State.CONFIRMED, actor, now=now, reason=reason)
    _decide(session, skipped, State.SKIPPED, actor, now=now, reason=reason)
    by_key = {(each.recurrence_id, each.space_id): each.allocation_id for each in chosen}
    record.hold(
        session,
        [
            record.Claim(
                claim.part_id,
                claim.interval,
                claim.lane,
                allocation_id=by_key[want.recurrence_id, want.space_id],
            )
            for want, claims in findings.claims.items()
            for claim in claims
        ],
        moves=findings.moves,
    )
    claim_freed(session, freed)
    return _written_down(session, before, undecided, actor, verb="approve", now=now, reason=reason)


def _refuse(
    session: Session, request: DecisionRequest, actor: Actor, *, now: datetime, reason: str
) -> Booked:
    before, _, undecided = _open(session, request, actor, now=now)
    claim_freed(session, record.release(session, [each.allocation_id for each in undecided]))
    _decide(session, undecided, State.REFUSED, actor, now=now, reason=reason)
    return _written_down(session, before, undecided, actor, verb="refuse", now=now, reason=reason)


def _open(
    session: Session, request: DecisionRequest, actor: Actor, *, now: datetime
) -> tuple[BookingView, dict[int, Space], list[OccurrenceView]]:
    """Lock, read and check: the booking, its spaces, and what the actor may decide of it."""
    known = agenda.booking(session, request.booking_id)
    spaces = record.lock_spaces(session, known.space_ids)
    before = agenda.booking(session, request.booking_id)
    mine = [
        each
        for each in before.occurrences
        if permissions.may_approve(actor, space_id=each.space_id, site_id=each.site_id)
        and request.space_id in (None, each.space_id)
    ]
    if not mine:
        raise NotAllowed.because("not_your_decision")
    undecided = [each for each in mine if each.state is State.REQUESTED and each.interval.end > now]
    if not undecided:
        raise AlreadyDecided(before.state.value)
    if before.version != request.version:
        raise Stale(before.version)
    return before, spaces, undecided


def _wants(allocations: Sequence[OccurrenceView]) -> list[Want]:
    """Buffers are those of the time of booking, not of today's space."""
    return [
        Want(
            each.space_id,
            each.recurrence_id,
            each.interval,
            each.interval.padded(each.setup, each.cleanup),
        )
        for each in allocations
    ]


def _decide(
    session: Session,
    allocations: Sequence[OccurrenceView],
    state: State,
    actor: Actor,
    *,
    now: datetime,
    reason: str,
) -> None:
    if allocations:
        session.execute(
            update(Allocation)
            .where(Allocation.id.in_([each.allocation_id for each in allocations]))
            .values(state=state.value, reason=reason, decided_by_id=actor.person_id, decided_at=now)
        )


def _written_down(
    session: Session,
    before: BookingView,
    decided: Sequence[OccurrenceView],
    actor: Actor,
    *,
    verb: str,
    now: datetime,
    reason: str,
) -> Booked:
    result = session.execute(
        update(Booking)
        .where(Booking.id == before.id, Booking.version == before.version)
        .values(version=before.version + 1, sequence=before.sequence + 1, updated_at=now)
    )
    if cast("CursorResult[Any]", result).rowcount != 1:
        raise Stale(before.version + 1)
    after = agenda.booking(session, before.id)
    record.bump(session, collections_of(after), uid=before.uid, now=now)
    record.audit(
        session,
        actor,
        verb,
        ("booking", before.id),
        now=now,
        old=snapshot_of(before),
        new=snapshot_of(after) | {"reason": reason},
    )
    decided_spaces = tuple(sorted({each.space_id for each in decided}))
    spaces = houses.spaces_by_id(session, decided_spaces)
    record.notify(
        session,
        {before.organiser_id, before.created_by_id} - {actor.person_id},
        "notice_approved" if verb == "approve" else "notice_refused",
        {
            "title": before.title,
            "space": space_names(spaces, decided_spaces),
            "start": min(each.recurrence_id for each in decided),
            "reason": reason,
        },
        booking_id=before.id,
        now=now,
    )
    return Booked(after.id, after.state, after.version)


def _conflict(
    error: Conflicted | GuardRefused, request: DecisionRequest, actor: Actor, *, now: datetime
) -> Conflicted:
    """Return what is in the way, with alternatives that the approver may propose."""
    session = db.session()
    booking = agenda.booking(session, request.booking_id)
    asked = [
        each
        for each in booking.occurrences
        if each.state is State.REQUESTED and each.recurrence_id not in request.skip
    ]
    ids = [each.allocation_id for each in asked]
    found = list(error.clashes) if isinstance(error, Conflicted) else []
    if not found:
        spaces = houses.spaces_by_id(session, booking.space_ids)
        parts = {part for space in spaces.values() for part in space.part_ids}
        spaces = spaces | houses.spaces_by_id(session, parts)
        findings = clashes.check(session, _wants(asked), spaces, ignoring=ids)
        found = clashes.told(session, findings.taken, actor)
    offers = clashes.offer(
        session,
        sorted({each.interval for each in asked}),
        booking.space_ids,
        site=houses.site(session, booking.site_id),
        now=now,
        attendance=booking.attendance,
        ignoring=ids,
    )
    return Conflicted(found, offers)
