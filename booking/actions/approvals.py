"""Approve and refuse requests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings import fairness
from booking.actions.bookings.book import Booked
from booking.actions.bookings.plan import granted_times, who_decides
from booking.actions.bookings.written import NOTHING, revise, space_names
from booking.actions.clashes import Want
from booking.actions.freed import claim_freed
from booking.actions.proposals import offer_instead, said_of
from booking.core import permissions
from booking.core.checks import checked_reason
from booking.core.errors import (
    AlreadyDecided,
    Conflicted,
    GuardRefused,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from booking.core.messages import Message, Parameter
from booking.core.requests import DecisionRequest
from booking.core.rivals import rivals_of
from booking.core.values import (
    Actor,
    BookingView,
    Clash,
    Door,
    OccurrenceView,
    Site,
    Space,
    State,
)
from booking.db import db, transact
from booking.models import Allocation
from booking.queries import agenda, houses, people


def approve(request: DecisionRequest, actor: Actor, *, now: datetime) -> Booked:
    """Confirm the open requests of a booking that the actor may decide.

    This is the moment the holds are written, and the database accepts or
    refuses.  Dates in ``request.skip`` are left out.

    Raises:
        NotFound, NotAllowed, Stale: As their names say.
        AlreadyDecided: If nothing of it is open any more.
        InvalidRequest: If no date is chosen, or all would be left out: that is a refusal.
        Conflicted: If a date is taken by now; the dates can be skipped.
    """
    reason = checked_reason(request.reason)
    wish = replace(request, refuse_rivals=checked_reason(request.refuse_rivals))
    try:
        return transact(lambda session: _approve(session, wish, actor, now=now, reason=reason))
    except (Conflicted, GuardRefused) as error:
        raise _conflict(error, request, actor, now=now) from error


def refuse(request: DecisionRequest, actor: Actor, *, now: datetime) -> Booked:
    """Refuse the open requests of a booking that the actor may decide, with a reason.

    Raises:
        InvalidRequest: If the reason is missing, or no date is chosen.
        NotFound, NotAllowed, Stale, AlreadyDecided: As for ``approve``.
    """
    reason = checked_reason(request.reason, required=True)
    return transact(lambda session: _refuse(session, request, actor, now=now, reason=reason))


def _approve(
    session: Session, request: DecisionRequest, actor: Actor, *, now: datetime, reason: str
) -> Booked:
    also = _spaces_of_rivals(session, request, actor, now=now) if request.refuse_rivals else set()
    before, spaces, undecided = _open(session, request, actor, now=now, also=also)
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
    claim_freed(session, freed, now=now)
    done = revise(session, before, actor, "approve", now=now, told={"reason": reason})
    _tell(session, before, undecided, actor, "notice_approved", now=now, reason=reason)
    if why := request.refuse_rivals:
        _refuse_rivals(session, before, chosen, actor, now=now, reason=why)
    return Booked(done.id, done.state, done.version)


def _rivals(
    session: Session, site_id: int, chosen: Sequence[OccurrenceView], actor: Actor, *, now: datetime
) -> list[OccurrenceView]:
    """Return the requests of others that some dates leave no place for, as far as one decides."""
    spaces = {each.id: each for each in houses.spaces(session, site_id)}
    mine = [
        each for each in spaces if permissions.may_approve(actor, space_id=each, site_id=site_id)
    ]
    return rivals_of(chosen, agenda.requested(session, mine, since=now), spaces)


def _spaces_of_rivals(
    session: Session, request: DecisionRequest, actor: Actor, *, now: datetime
) -> set[int]:
    """Return what has to be locked for the rivals too, as they are before the lock.

    Who becomes a rival later waits for a part that is locked.
    """
    known = agenda.booking(session, request.booking_id)
    asked = [each for each in known.occurrences if each.state is State.REQUESTED]
    found = _rivals(session, known.site_id, asked, actor, now=now)
    return {each.space_id for each in found}


def _refuse_rivals(
    session: Session,
    approved: BookingView,
    chosen: Sequence[OccurrenceView],
    actor: Actor,
    *,
    now: datetime,
    reason: str,
) -> None:
    """Refuse what cannot be any more, and offer each of them what else is free."""
    found = _rivals(session, approved.site_id, chosen, actor, now=now)
    site = houses.site(session, approved.site_id)
    gone = {
        each: [other for other in found if other.booking_id == each]
        for each in dict.fromkeys(other.booking_id for other in found)
    }
    for booking_id, refused in gone.items():
        before = agenda.booking(session, booking_id)
        _turn_down(session, before, refused, actor, now=now, reason=reason)
        offered = offer_instead(session, refused, before, actor, site=site, now=now)
        code, more = said_of(session, offered, before)
        _tell(session, before, refused, actor, code, now=now, reason=reason, more=more)


def _refuse(
    session: Session, request: DecisionRequest, actor: Actor, *, now: datetime, reason: str
) -> Booked:
    before, _, undecided = _open(session, request, actor, now=now)
    done = _turn_down(session, before, undecided, actor, now=now, reason=reason)
    _tell(session, before, undecided, actor, "notice_refused", now=now, reason=reason)
    return Booked(done.id, done.state, done.version)


def _turn_down(
    session: Session,
    before: BookingView,
    refused: Sequence[OccurrenceView],
    actor: Actor,
    *,
    now: datetime,
    reason: str,
) -> BookingView:
    """Store that some dates are refused, and return the booking as it is then."""
    freed = record.release(session, [each.allocation_id for each in refused])
    claim_freed(session, freed, now=now)
    _decide(session, refused, State.REFUSED, actor, now=now, reason=reason)
    return revise(session, before, actor, "refuse", now=now, told={"reason": reason})


def _open(
    session: Session,
    request: DecisionRequest,
    actor: Actor,
    *,
    now: datetime,
    also: Iterable[int] = (),
) -> tuple[BookingView, dict[int, Space], list[OccurrenceView]]:
    """Lock, read and check: the booking, its spaces, and what the actor may decide of it.

    ``also`` are further spaces to lock.
    """
    known = agenda.booking(session, request.booking_id)
    spaces = record.lock_spaces(session, {*known.space_ids, *also})
    before = agenda.booking(session, request.booking_id)
    mine = [
        each
        for each in before.occurrences
        if permissions.may_approve(actor, space_id=each.space_id, site_id=each.site_id)
        and request.space_id in (None, each.space_id)
    ]
    if not mine:
        raise NotAllowed.because("not_your_decision")
    if request.dates is not None:
        mine = [each for each in mine if each.recurrence_id in request.dates]
        if not mine:
            raise InvalidRequest.because("no_date_chosen", "dates")
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


def _tell(
    session: Session,
    before: BookingView,
    decided: Sequence[OccurrenceView],
    actor: Actor,
    code: str,
    *,
    now: datetime,
    reason: str,
    more: Mapping[str, Parameter] = NOTHING,
) -> None:
    """Tell whoever asked what became of it."""
    ids = tuple(sorted({each.space_id for each in decided}))
    spaces = houses.spaces_by_id(session, ids)
    record.notify(
        session,
        {before.organiser_id, before.created_by_id} - {actor.person_id},
        code,
        {
            "title": before.title,
            "space": space_names(spaces, ids),
            "start": min(each.recurrence_id for each in decided),
            "reason": reason,
            **more,
        },
        booking_id=before.id,
        now=now,
    )


def in_the_way(
    booking: BookingView, actor: Actor, request: DecisionRequest | None = None
) -> list[Clash]:
    """Return what is in the way of what waits of a booking, as the approver may see it.

    With a ``request`` only of the dates that it is about.  Advice only: the guard decides.
    """
    session = db.session()
    asked = _asked(booking, request)
    spaces = houses.spaces_with_parts(session, booking.space_ids)
    ids = [each.allocation_id for each in asked]
    findings = clashes.check(session, _wants(asked), spaces, ignoring=ids)
    return clashes.told(session, findings.taken, actor)


def why_asked(
    session: Session, booking: BookingView, spaces: Sequence[Space], *, site: Site
) -> list[Message]:
    """Return why the rules of these spaces leave a request to an approver.

    By the rules of today, for whoever asked, at the time of asking.
    """
    try:
        asker = people.actor_of(session, booking.organiser_id or 0, Door.WEB)
        found = who_decides(
            spaces,
            {
                space.id: [
                    each.interval for each in booking.occurrences if each.space_id == space.id
                ]
                for space in spaces
            },
            asker,
            site=site,
            now=booking.updated_at,
            attendance=booking.attendance,
            granted=granted_times(booking.occurrences),
        )
    except NotFound:
        return []
    except NotAllowed as error:
        return list(error.messages)
    waiting = [each for each in booking.occurrences if each.state is State.REQUESTED]
    too_much = fairness.why(session, booking, waiting, site=site, now=booking.updated_at)
    return [each for some in found.values() for each in some] + too_much


def _asked(booking: BookingView, request: DecisionRequest | None) -> list[OccurrenceView]:
    waiting = [each for each in booking.occurrences if each.state is State.REQUESTED]
    if request is None:
        return waiting
    return [
        each
        for each in waiting
        if each.recurrence_id not in request.skip
        and (request.dates is None or each.recurrence_id in request.dates)
        and request.space_id in (None, each.space_id)
    ]


def _conflict(
    error: Conflicted | GuardRefused, request: DecisionRequest, actor: Actor, *, now: datetime
) -> Conflicted:
    """Return what is in the way, with alternatives that the approver may propose."""
    session = db.session()
    booking = agenda.booking(session, request.booking_id)
    asked = _asked(booking, request)
    found = error.clashes if isinstance(error, Conflicted) else ()
    offers = clashes.offer(
        session,
        sorted({each.interval for each in asked}),
        booking.usual_spaces,
        site=houses.site(session, booking.site_id),
        spaces=houses.spaces(session, booking.site_id),
        now=now,
        attendance=booking.attendance,
        ignoring=[each.allocation_id for each in asked],
    )
    return Conflicted(found or in_the_way(booking, actor, request), offers)
