"""The answer to an offer: something else taken, or not, by one click."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.book import Booked, insert_booking, tell_deciders
from booking.actions.bookings.change import as_request
from booking.actions.bookings.conflict import conflict
from booking.actions.bookings.plan import Plan, States, first_states, make_plan, refuse_clashes
from booking.actions.bookings.reschedule import carry_out, planned
from booking.actions.bookings.written import space_names
from booking.actions.skipped import wait_no_more
from booking.core import permissions
from booking.core.errors import (
    AlreadyDecided,
    Conflicted,
    GuardRefused,
    InvalidRequest,
    NotAllowed,
    NotFound,
)
from booking.core.messages import Parameter
from booking.core.requests import BookingRequest
from booking.core.values import Actor, BookingView, Door, Space, State
from booking.db import transact
from booking.models import Offer
from booking.queries import agenda, houses, offers, people


def accept_offer(offer_id: int, actor: Actor, *, now: datetime) -> Booked:
    """Take what is offered: a request that waits becomes it, what was refused is booked anew.

    Where whoever offered it decides about the space, it is confirmed at once.

    Raises:
        NotFound: If there is no such offer.
        NotAllowed: If the booking is somebody else's, or a rule forbids it.
        AlreadyDecided: If it was accepted, declined or withdrawn before.
        InvalidRequest: If it was open until now only.
        Conflicted: If the time is taken by now; with alternatives.
    """
    plans: list[Plan] = []
    ours: list[int] = []

    def work(session: Session) -> Booked:
        known = offers.offer(session, offer_id)
        booking = agenda.booking(session, known.booking_id)
        spaces = record.lock_spaces(session, {*known.space_ids, *booking.space_ids})
        found, before = _open(session, offer_id, actor, now)
        wish = _wish(found, before)
        if found.occurrence_id is None and _waits(before, now):
            doing = planned(session, before, wish, spaces=spaces, actor=actor, now=now)
            plans.append(doing.plan)
            ours.extend(doing.replaced)
            doing = replace(doing, states=_agreed(session, doing.plan, doing.states, found))
            close_offer(session, found, "accepted", now=now)
            done = carry_out(session, doing)
        else:
            plan = make_plan(session, wish, spaces, actor, now=now)
            plans.append(plan)
            close_offer(session, found, "accepted", now=now)
            states = _agreed(session, plan, first_states(plan), found)
            done = _book(session, plan, states, actor, before.id, now=now)
            wait_no_more(session, before, found.occurrence_id, now=now)
        _tell_maker(session, found, before, actor, "notice_accepted", now=now)
        return done

    try:
        return transact(work)
    except (Conflicted, GuardRefused) as error:
        raise conflict(error, plans[-1], actor, now=now, ignoring=ours) from error


def decline_offer(offer_id: int, actor: Actor, *, now: datetime) -> int:
    """Say no to an offer, and return the booking that it was for.

    Raises:
        NotFound, NotAllowed, AlreadyDecided, InvalidRequest: As ``accept_offer``.
    """

    def work(session: Session) -> int:
        found, before = _open(session, offer_id, actor, now)
        close_offer(session, found, "declined", now=now)
        entity, new = ("booking", before.id), {"offer": offer_id}
        record.audit(session, actor, "decline_offer", entity, now=now, new=new)
        _tell_maker(session, found, before, actor, "notice_declined", now=now)
        return found.booking_id

    return transact(work)


def as_offered(
    booking: BookingView, space_ids: tuple[int, ...], start: datetime, end: datetime
) -> BookingRequest:
    """Return a booking at another time, in other spaces; all day if it can stay so."""
    wish = replace(as_request(booking), space_ids=space_ids, start=start, end=end)
    later = start - booking.starts_at
    wish = replace(wish, rdates=tuple(each + later for each in wish.rdates))
    midnights = start.time() == end.time() == time.min
    return replace(wish, all_day=wish.all_day and midnights)


def close_offer(session: Session, found: offers.OfferView, state: str, *, now: datetime) -> None:
    """Store what became of an open offer.

    Raises:
        AlreadyDecided: If somebody was faster.
    """
    result = session.execute(
        update(Offer)
        .where(Offer.id == found.id, Offer.state == offers.OPEN)
        .values(state=state, decided_at=now)
    )
    if cast("CursorResult[Any]", result).rowcount != 1:
        raise AlreadyDecided(offers.offer(session, found.id).state)


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


def _waits(before: BookingView, now: datetime) -> bool:
    return any(
        each.state is State.REQUESTED and each.interval.end > now for each in before.occurrences
    )


def _wish(found: offers.OfferView, before: BookingView) -> BookingRequest:
    """Return the booking as the offer has it; of a series the whole, or the date it is about."""
    wish = as_offered(before, found.space_ids, found.starts_at, found.ends_at)
    if found.occurrence_id is None and before.rule is not None:
        return wish
    return replace(wish, rule=None, skip=frozenset())


def _book(
    session: Session,
    plan: Plan,
    states: States,
    actor: Actor,
    follows_id: int,
    *,
    now: datetime,
) -> Booked:
    findings = refuse_clashes(session, plan, actor, instances=plan.instances)
    booking_id, state = insert_booking(
        session, plan, states, findings=findings, actor=actor, now=now, follows_id=follows_id
    )
    open_ids = {space_id for (_at, space_id), each in states.items() if each is State.REQUESTED}
    if open_ids:
        tell_deciders(session, plan, open_ids, booking_id, actor, now=now)
    return Booked(booking_id, state, version=1)


def _agreed(session: Session, plan: Plan, states: States, found: offers.OfferView) -> States:
    """Return the states by the rules, confirmed where the offer's maker decides."""
    if found.made_by_id is None or not plan.undecided:
        return states
    try:
        maker = people.actor_of(session, found.made_by_id, Door.WEB)
    except NotFound:
        return states
    return {
        (at, space_id): State.CONFIRMED
        if state is State.REQUESTED
        and permissions.may_approve(maker, space_id=space_id, site_id=plan.site.id)
        else state
        for (at, space_id), state in states.items()
    }


def _tell_maker(
    session: Session,
    found: offers.OfferView,
    before: BookingView,
    actor: Actor,
    code: str,
    *,
    now: datetime,
) -> None:
    spaces: Mapping[int, Space] = houses.spaces_by_id(session, found.space_ids)
    told: dict[str, Parameter] = {
        "actor": actor.name,
        "title": before.title,
        "space": space_names(spaces, found.space_ids),
        "start": found.starts_at,
    }
    made_by = {found.made_by_id} - {actor.person_id}
    record.notify(session, made_by, code, told, booking_id=before.id, now=now)
