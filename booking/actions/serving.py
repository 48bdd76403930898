"""The waiting list is served: whoever is next gets what became free, or is asked.

Each place is its own transaction, in which it is looked at again under the
lock: so several processes, the person with an answer, and somebody who books
at the same moment do each thing once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from booking.actions import clashes, record, wants
from booking.actions.bookings.book import Booked, insert_booking, tell_deciders
from booking.actions.bookings.dates import as_it_was
from booking.actions.bookings.dates_stored import store_date
from booking.actions.bookings.plan import (
    check_people,
    first_states,
    make_plan,
    refuse_clashes,
    site_of,
)
from booking.actions.bookings.written import space_names
from booking.actions.skipped import waiting_date
from booking.core import permissions
from booking.core.errors import BookingError, Conflicted, InvalidRequest, NotAllowed, NotFound
from booking.core.messages import Parameter, message
from booking.core.recurrence import to_local
from booking.core.values import (
    SYSTEM,
    Actor,
    Door,
    Space,
    State,
    WaitMode,
    Want,
    WantState,
)
from booking.core.waiting import as_request, is_late, offer_until
from booking.db import db, transact
from booking.queries import houses, people, waiting
from booking.queries.basis import basis_of


@dataclass(frozen=True, slots=True)
class Chance:
    """What somebody waits for is free at this moment: its claims, and what books it."""

    findings: clashes.Findings
    take: Callable[[], Booked]


def serve(want_id: int, *, now: datetime) -> WantState | None:
    """Look after a place in the list, and return its state then; None if there is none.

    If its time is free and the rules allow it, it is booked or offered; if
    not, what is free of it is for the next.  A place whose time has begun, or
    whose offer was not answered, ends.
    """
    return transact(lambda session: _serve(session, want_id, now))


def serve_due(*, now: datetime) -> int:
    """Look after all places that something has to be done about; return how many there were."""
    session = db.session()
    found = waiting.due(session, now=now)
    session.rollback()
    for each in found:
        transact(partial(_serve, want_id=each, now=now))
    return len(found)


def _serve(session: Session, want_id: int, now: datetime) -> WantState | None:
    known = waiting.want(session, want_id)
    if known is None or not known.state.is_open:
        return known.state if known else None
    spaces, want = locked(session, known)
    if not want.state.is_open:
        return want.state
    if is_late(want, now=now):
        return _over(session, want, spaces, now=now)
    try:
        actor = people.actor_of(session, want.person_id, Door.SYSTEM)
    except NotFound:
        return _gone(session, want, (), now=now)
    if want.state is WantState.OFFERED:
        return want.state
    freed = record.release_want(session, want.id)
    try:
        chance = chance_of(session, want, spaces, actor, now=now)
    except NoLonger:
        return _gone(session, want, freed, now=now)
    except (InvalidRequest, NotAllowed, Conflicted) as error:
        if isinstance(error, Conflicted) and _has_it(error, want, actor):
            return _gone(session, want, freed, now=now)
        # All that is free of it, not only what was held: somebody may need less.
        rest = [*freed, *wants.reach(want, spaces)]
        wants.hand_on(session, rest, now=now, after=want)
        return want.state
    serve_so = _claim if want.mode is WaitMode.CLAIM else _offer
    state = serve_so(session, want, chance, spaces, now=now)
    wants.hand_on(session, freed, now=now)
    return state


class NoLonger(BookingError):
    """Nobody waits for this date any more: it was given up, or is booked."""

    def __init__(self) -> None:
        super().__init__(message("wait_over"))


def locked(session: Session, known: Want) -> tuple[dict[int, Space], Want]:
    """Lock what somebody waits for; return the spaces with their parts, and the place as it is."""
    date = waiting_date(session, known)
    ids = {*known.space_ids, *(date.request.space_ids if date else ())}
    spaces = record.lock_spaces(session, ids)
    want = waiting.want(session, known.id)
    if want is None:
        raise NotFound("want", known.id)
    return spaces, want


def chance_of(
    session: Session, want: Want, spaces: Mapping[int, Space], actor: Actor, *, now: datetime
) -> Chance:
    """Return the chance of a place, once what was held for it is released.

    Raises:
        InvalidRequest, NotAllowed: If the rules refuse it by now.
        Conflicted: If something of it is taken.
        NoLonger: If it is about a date that does not wait any more.
    """
    if want.recurrence_id is not None:
        return _date_chance(session, want, spaces, actor, now=now)
    wish = as_request(want)
    site_id = site_of(wish, spaces)
    basis = basis_of(session, wish, site_id=site_id, actor_id=actor.person_id)
    plan = make_plan(session, wish, spaces, actor, now=now, site=basis.site)
    check_people(basis, wish, actor)
    findings = refuse_clashes(session, plan, actor, instances=plan.instances)

    def take() -> Booked:
        booking_id, state = insert_booking(
            session, plan, first_states(plan), findings=findings, actor=actor, now=now
        )
        if plan.undecided:
            tell_deciders(session, plan, plan.undecided, booking_id, actor, now=now)
        return Booked(booking_id, state, version=1)

    return Chance(findings, take)


def _date_chance(
    session: Session, want: Want, spaces: Mapping[int, Space], actor: Actor, *, now: datetime
) -> Chance:
    """Return the chance of a skipped date of a series, where and when it is by now."""
    date = waiting_date(session, want)
    if date is None:
        raise NoLonger
    if date.moved_from(want):
        wants.follow(session, want, date.request, date.interval)
    if not {*date.request.space_ids} <= spaces.keys():  # moved while we waited for the lock
        raise Conflicted(())
    doing = as_it_was(session, date.booking, date.views, spaces, actor, now=now)
    findings = refuse_clashes(
        session, doing.plan, actor, instances=doing.plan.instances, ignoring=doing.replaced
    )
    return Chance(findings, lambda: store_date(session, doing, "claim", actor, now=now))


def take(session: Session, want: Want, chance: Chance, *, now: datetime) -> Booked:
    """Book what somebody waits for, and end the place."""
    wants.end(session, want, WantState.SERVED, now=now)
    booked = chance.take()
    wants.served(session, want, booked.booking_id)
    return booked


def _claim(
    session: Session,
    want: Want,
    chance: Chance,
    spaces: Mapping[int, Space],
    *,
    now: datetime,
) -> WantState:
    booked = take(session, want, chance, now=now)
    told = {want.person_id, want.organiser_id}
    params = said_of(want, spaces)
    if booked.state is State.REQUESTED:
        record.notify(
            session, told, "notice_claim_asked", params, booking_id=booked.booking_id, now=now
        )
    else:
        record.notify(
            session, told, "notice_claimed", params, booking_id=booked.booking_id, now=now
        )
    return WantState.SERVED


def _offer(
    session: Session,
    want: Want,
    chance: Chance,
    spaces: Mapping[int, Space],
    *,
    now: datetime,
) -> WantState:
    """Hold the time for a while, and ask."""
    site = houses.site(session, want.site_id)
    until = offer_until(want.interval.start, site.policy, now=now)
    claims = (each for some in chance.findings.claims.values() for each in some)
    record.hold(
        session,
        [replace(each, want_id=want.id) for each in claims],
        moves=chance.findings.moves,
    )
    wants.make_offer(session, want, until, now=now)
    record.notify(
        session,
        [want.person_id],
        "notice_slot_offered",
        {**said_of(want, spaces), "at": to_local(until, site.zone)},
        now=now,
    )
    record.audit(session, SYSTEM, "offer", ("want", want.id), now=now)
    return WantState.OFFERED


def _over(session: Session, want: Want, spaces: Mapping[int, Space], *, now: datetime) -> WantState:
    """End a place whose time has begun, or whose offer was not answered."""
    was_offered = want.state is WantState.OFFERED
    freed = wants.end(session, want, WantState.EXPIRED, now=now)
    wants.hand_on(session, freed, now=now)
    params = said_of(want, spaces)
    if was_offered:
        record.note(session, [want.person_id], "notice_offer_over", params, now=now)
    else:
        record.note(session, [want.person_id], "notice_waiting_over", params, now=now)
    return WantState.EXPIRED


def _gone(
    session: Session, want: Want, freed: Iterable[record.Claim], *, now: datetime
) -> WantState:
    """End a place that nobody needs any more."""
    held = wants.end(session, want, WantState.GONE, now=now)
    wants.hand_on(session, [*freed, *held], now=now)
    return WantState.GONE


def _has_it(error: Conflicted, want: Want, actor: Actor) -> bool:
    """Whether what is in the way is one's own booking of that very time."""
    return any(
        each.occurrence is not None
        and permissions.is_own(actor, each.occurrence)
        and each.occurrence.interval.covers(want.interval)
        and each.space_id == each.occurrence.space_id
        for each in error.clashes
    )


def said_of(want: Want, spaces: Mapping[int, Space]) -> dict[str, Parameter]:
    """Return what a message about a place names."""
    known = [each for each in want.space_ids if each in spaces]
    return {
        "title": want.title,
        "space": space_names(spaces, known),
        "start": want.starts_at,
    }
