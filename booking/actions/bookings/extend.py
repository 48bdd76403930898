"""Endless series go on: they take the days that bookings open next, before anybody else can.

Run by the ticker.  Each series is its own transaction and is read again under
the lock, so work that is cut off goes on where it was, and several processes
do each thing once.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings import fairness
from booking.actions.bookings.book import tell_deciders
from booking.actions.bookings.change import as_request
from booking.actions.bookings.expansion import Dates, dates_of
from booking.actions.bookings.plan import Plan, States
from booking.actions.bookings.rows import insert_allocations, insert_occurrences
from booking.actions.bookings.written import as_texts, collections_of, space_names
from booking.core.allowances import Part, asked_of
from booking.core.errors import GuardRefused, InvalidRequest, NotFound
from booking.core.messages import Parameter
from booking.core.policy import series_edge
from booking.core.recurrence import MOST_DATES, Instance, parse_rule
from booking.core.values import SYSTEM, Actor, BookingView, Door, Site, Space, State
from booking.db import db, transact
from booking.models import Booking
from booking.queries import agenda, houses, people
from booking.queries.series import endless

log = logging.getLogger("booking.series")

# So far beyond what others can book: a night that is missed costs no series its place.
AHEAD = timedelta(days=2)
_ENDED = frozenset({State.CANCELLED, State.REFUSED, State.EXPIRED})


@dataclass(frozen=True, slots=True)
class _Next:
    """A series with the dates that it takes next, and the states that these have where free.

    ``over`` are dates that are more than a limit which is kept, ``asks`` says
    that an approver has to agree to others.
    """

    before: BookingView
    plan: Plan
    wanted: States
    actor: Actor = SYSTEM
    over: frozenset[datetime] = frozenset()
    asks: frozenset[tuple[datetime, int]] = frozenset()


def extend_series(*, now: datetime) -> int:
    """Let every endless series go on as far as its rooms can be booked.

    Returns how many have new dates.

    The older series comes first: where two meet, the younger one's date becomes
    a conflict, and its people are told.  A new date is confirmed or requested as
    the last one is.  Where it is more than a limit of fair use, it becomes a
    conflict, or is requested, as the limit says.  A series without any open date
    has ended, and one of 1,000 dates is full.
    """
    session = db.session()
    known = endless(session)
    session.rollback()
    return sum(_gone_on(each, now=now) for each in known)


def _gone_on(booking_id: int, *, now: datetime) -> bool:
    """Extend a series; one that the database refuses keeps no other from going on."""
    try:
        return transact(partial(_extend, booking_id=booking_id, now=now))
    except (GuardRefused, IntegrityError):
        log.exception("a series without an end could not go on", extra={"booking": booking_id})
        return False


def _extend(session: Session, *, booking_id: int, now: datetime) -> bool:
    try:
        known = agenda.booking(session, booking_id)
    except NotFound:
        return False
    site = houses.site(session, known.site_id)
    rooms = houses.spaces_by_id(session, known.usual_spaces)
    if _next_dates(known, rooms, site, now=now) is None:  # most nights, of most series
        return False
    spaces = record.lock_spaces(session, known.usual_spaces)
    before = agenda.booking(session, booking_id)
    dates = _next_dates(before, spaces, site, now=now)
    if dates is None:
        return False
    wanted = _states(before, dates, now=now)
    account = fairness.account_of(before)
    plan = Plan(dates.request, site, spaces, dates, {}, {}, account, fairness.Fairness())
    doing = _within_limits(session, _Next(before, plan, wanted), now=now)
    _store(session, doing, now=now)
    return True


def _within_limits(session: Session, doing: _Next, *, now: datetime) -> _Next:
    """Return what the limits leave of the new dates, one after the other."""
    before, plan = doing.before, doing.plan
    wanted = {
        each.recurrence_id: [
            Part(each.interval, plan.spaces[space_id].weight, each.recurrence_id)
            for space_id in plan.request.space_ids
        ]
        for each in plan.instances
        if each.recurrence_id not in plan.request.skip
    }
    actor = _organiser(session, before)
    said = fairness.verdicts_in_turn(session, plan.account, wanted, actor, site=plan.site, now=now)
    over = frozenset(at for at, verdict in said.items() if verdict.refuses)
    spaces = [plan.spaces[each] for each in plan.request.space_ids]
    asks = frozenset(
        (at, space.id)
        for at, verdict in said.items()
        if at not in over
        for space in asked_of(verdict, spaces, actor)
        if doing.wanted[at, space.id] is State.CONFIRMED
    )
    states = {key: State.REQUESTED if key in asks else each for key, each in doing.wanted.items()}
    return replace(doing, wanted=states, actor=actor, over=over, asks=asks)


def _organiser(session: Session, booking: BookingView) -> Actor:
    """Return whose limits count; who runs the house may go over them."""
    person_id = booking.organiser_id or booking.created_by_id
    try:
        return SYSTEM if person_id is None else people.actor_of(session, person_id, Door.SYSTEM)
    except NotFound:
        return SYSTEM


def _next_dates(
    before: BookingView, spaces: Mapping[int, Space], site: Site, *, now: datetime
) -> Dates | None:
    """Return the dates after the last stored one, None where there is none, or no further ones."""
    states = _last_states(before, now=now)
    if before.rule is None or not parse_rule(before.rule).is_endless or not states:
        return None
    taken = {each.recurrence_id for each in before.occurrences}
    # From the last date of the rule on: the rhythm is the same, and the way is short.
    last = max([*taken.difference(before.rdates), *before.exdates], default=before.starts_at)
    length = before.ends_at - before.starts_at
    request = replace(as_request(before), start=last, end=last + length, rdates=(), own=())
    usual = [spaces[each] for each in before.usual_spaces if each in spaces]
    edge = series_edge(usual, site, now + AHEAD)
    try:
        dates = dates_of(request, site, zone=before.zone, edge=edge)
    except InvalidRequest:  # nothing but days off, or nothing yet
        return None
    days = {each.date() for each in taken}
    room = max(0, MOST_DATES - len(taken))
    new = [each for each in dates.instances if each.recurrence_id.date() not in days][:room]
    left_out = {at: why for at, why in dates.left_out.items() if at > last}
    if not new and not left_out:
        return None
    kept = replace(request, space_ids=tuple(sorted(states)), skip=_asked_out(before, new))
    return replace(dates, request=kept, instances=tuple(new), left_out=left_out)


def _asked_out(before: BookingView, new: Sequence[Instance]) -> frozenset[datetime]:
    """Return the new dates that its people have left out before the series came to them.

    By their days: the series may have been moved since.
    """
    days = {each.date() for each in before.exdates_beyond}
    return frozenset(each.recurrence_id for each in new if each.recurrence_id.date() in days)


def _last_states(before: BookingView, *, now: datetime) -> dict[int, State]:
    """Return the state that each usual space of a series has last, none where it has ended."""
    latest = max(each.recurrence_id for each in before.occurrences)
    if not any(
        (each.interval.end > now and each.state.is_open)
        or (each.recurrence_id == latest and each.state not in _ENDED)
        for each in before.occurrences
    ):
        return {}
    return {
        each.space_id: each.state
        for each in before.occurrences
        if each.state.is_open and each.space_id in before.usual_spaces
    }


def _states(before: BookingView, dates: Dates, *, now: datetime) -> States:
    last = _last_states(before, now=now)
    return {
        (each.recurrence_id, space_id): (
            State.SKIPPED if each.recurrence_id in dates.request.skip else last[space_id]
        )
        for each in dates.instances
        for space_id in dates.request.space_ids
    }


def _store(session: Session, doing: _Next, *, now: datetime) -> None:
    """Write the next dates; those that cannot be had as conflicts.

    No new SEQUENCE (RFC 5545 §3.8.7.4): the series is what it was, only its edge moved.
    """
    before, plan = doing.before, doing.plan
    findings = clashes.check(session, plan.wants(plan.instances), plan.spaces)
    taken = {want.recurrence_id for want, _hold in findings.taken}
    lost = sorted(taken | doing.over)
    states = {
        key: State.CONFLICT if key[0] in lost else state for key, state in doing.wanted.items()
    }
    asked = sorted(key for key in doing.asks if key[0] not in lost)
    insert_allocations(
        session,
        plan,
        states,
        occurrence_ids=insert_occurrences(session, before.id, plan.instances, {}),
        findings=findings,
    )
    exdates = as_texts(sorted({*before.exdates, *plan.dates.left_out}))
    columns: dict[str, object] = {"exdates": exdates}
    if before.exdates_beyond:
        reached = max((each.recurrence_id for each in plan.instances), default=before.starts_at)
        beyond = (each for each in before.exdates_beyond if each > reached)
        columns["exdates_beyond"] = as_texts(beyond)
    if asked:  # a request has its time to be decided from now on
        columns["updated_at"] = now
    record.next_version(session, Booking, before.id, before.version, columns)
    record.bump(session, collections_of(before), uid=before.uid, now=now)
    if asked:
        first = replace(plan.request, start=asked[0][0])
        space_ids = {space_id for _at, space_id in asked}
        tell_deciders(
            session, replace(plan, request=first), space_ids, before.id, doing.actor, now=now
        )
    if lost:
        new = {"conflicts": as_texts(lost)}
        record.audit(session, SYSTEM, "extend", ("booking", before.id), now=now, new=new)
        _tell(session, before, sorted(taken), sorted(doing.over - taken), now=now)


def _tell(
    session: Session,
    booking: BookingView,
    taken: Sequence[datetime],
    over: Sequence[datetime],
    *,
    now: datetime,
) -> None:
    """Tell whose series it is which of its dates could not be had, and why."""
    names = space_names(houses.spaces_by_id(session, booking.usual_spaces), booking.usual_spaces)
    told = {booking.organiser_id, booking.created_by_id} - {None}
    said: dict[str, Parameter] = {"title": booking.title, "space": names}
    if taken:
        params = {**said, "start": taken[0], "number": len(taken)}
        record.notify(session, told, "notice_conflict", params, booking_id=booking.id, now=now)
    if over:
        params = {**said, "start": over[0], "number": len(over)}
        record.notify(session, told, "notice_over_limit", params, booking_id=booking.id, now=now)
