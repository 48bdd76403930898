"""Something else in place of what could not be had: made by the house, taken by one click."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, insert, update
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings.book import Booked, conflict, insert_booking, tell_deciders
from booking.actions.bookings.change import as_request
from booking.actions.bookings.plan import (
    Plan,
    States,
    first_states,
    make_plan,
    refuse_clashes,
)
from booking.core import permissions
from booking.core.availability import Alternative
from booking.core.errors import (
    AlreadyDecided,
    Conflicted,
    GuardRefused,
    InvalidRequest,
    NotAllowed,
    NotFound,
)
from booking.core.recurrence import to_local
from booking.core.requests import BookingRequest
from booking.core.values import Actor, BookingView, Door, OccurrenceView, Site, State
from booking.db import transact
from booking.models import Offer
from booking.queries import agenda, offers, people

OPEN_FOR = timedelta(days=7)


def offer_instead(
    session: Session,
    refused: Sequence[OccurrenceView],
    booking: BookingView,
    actor: Actor,
    *,
    site: Site,
    now: datetime,
) -> Alternative | None:
    """Store the best that is free in place of a booking of one date, and return it.

    Runs in the verb that refuses it.  None for a series, and where nothing is free.
    """
    if booking.rule is not None or len(refused) != len(booking.occurrences):
        return None
    try:
        asker = people.actor_of(session, booking.organiser_id or 0, Door.WEB)
    except NotFound:
        return None
    found = clashes.offer(
        session,
        [refused[0].interval],
        booking.space_ids,
        site=site,
        now=now,
        attendance=booking.attendance,
        ignoring=[each.allocation_id for each in refused],
        actor=asker,
    )
    if not found:
        return None
    best = found[0]
    session.execute(
        insert(Offer).values(
            booking_id=booking.id,
            made_by_id=actor.person_id,
            starts_local=to_local(best.interval.start, site.zone),
            ends_local=to_local(best.interval.end, site.zone),
            space_ids=list(best.space_ids),
            words="",
            state=offers.OPEN,
            created_at=now,
            expires_at=min(now + OPEN_FOR, best.interval.start),
        )
    )
    return best


def accept_offer(offer_id: int, actor: Actor, *, now: datetime) -> Booked:
    """Book what was offered in place of a booking.

    Where whoever offered it decides about the space, it is confirmed at once.

    Raises:
        NotFound: If there is no such offer.
        NotAllowed: If the booking is somebody else's, or a rule forbids it.
        AlreadyDecided: If it was accepted or declined before.
        InvalidRequest: If it was open until now only.
        Conflicted: If the time is taken by now; with alternatives.
    """
    plans: list[Plan] = []

    def work(session: Session) -> Booked:
        known = offers.offer(session, offer_id)
        spaces = record.lock_spaces(session, known.space_ids)
        found, before = _open(session, offer_id, actor, now)
        plan = make_plan(session, _wish(found, before), spaces, actor, now=now)
        plans.append(plan)
        findings = refuse_clashes(session, plan, actor, instances=plan.instances)
        _decide(session, offer_id, "accepted", now)
        states = _states(session, plan, found)
        booking_id, state = insert_booking(
            session, plan, states, findings=findings, actor=actor, now=now
        )
        open_ids = {space_id for (_at, space_id), each in states.items() if each is State.REQUESTED}
        if open_ids:
            tell_deciders(session, plan, open_ids, booking_id, actor, now=now)
        return Booked(booking_id, state, version=1)

    try:
        return transact(work)
    except (Conflicted, GuardRefused) as error:
        raise conflict(error, plans[-1], actor, now=now) from error


def decline_offer(offer_id: int, actor: Actor, *, now: datetime) -> int:
    """Say no to an offer, and return the booking that it was for.

    Raises:
        NotFound, NotAllowed, AlreadyDecided, InvalidRequest: As ``accept_offer``.
    """

    def work(session: Session) -> int:
        found, before = _open(session, offer_id, actor, now)
        _decide(session, offer_id, "declined", now)
        entity, new = ("booking", before.id), {"offer": offer_id}
        record.audit(session, actor, "decline_offer", entity, now=now, new=new)
        return found.booking_id

    return transact(work)


def _open(
    session: Session, offer_id: int, actor: Actor, now: datetime
) -> tuple[offers.OfferView, BookingView]:
    found = offers.offer(session, offer_id)
    before = agenda.booking(session, found.booking_id)
    if not permissions.may_change(actor, before):
        raise NotAllowed.because("not_your_booking")
    if found.state != offers.OPEN:
        raise AlreadyDecided(found.state)
    if found.expires_at <= now:
        raise InvalidRequest.because("offer_over")
    return found, before


def _wish(found: offers.OfferView, before: BookingView) -> BookingRequest:
    return replace(
        as_request(before),
        space_ids=found.space_ids,
        start=found.starts_at,
        end=found.ends_at,
        rule=None,
        skip=frozenset(),
    )


def _states(session: Session, plan: Plan, found: offers.OfferView) -> States:
    """Return the states by the rules, confirmed where the offer's maker decides."""
    states = first_states(plan)
    if found.made_by_id is None or not plan.undecided:
        return states
    try:
        maker = people.actor_of(session, found.made_by_id, Door.WEB)
    except NotFound:
        return states
    return {
        (at, space_id): State.CONFIRMED
        if permissions.may_approve(maker, space_id=space_id, site_id=plan.site.id)
        else state
        for (at, space_id), state in states.items()
    }


def _decide(session: Session, offer_id: int, state: str, now: datetime) -> None:
    result = session.execute(
        update(Offer)
        .where(Offer.id == offer_id, Offer.state == offers.OPEN)
        .values(state=state, decided_at=now)
    )
    if cast("CursorResult[Any]", result).rowcount != 1:
        raise AlreadyDecided(state)
