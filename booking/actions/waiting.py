"""The waiting list, as people use it: get in, get out, answer what is offered."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.actions import clashes, record, wants
from booking.actions.bookings.book import Booked, read_locked
from booking.actions.bookings.plan import check_category, check_people, make_plan
from booking.actions.serving import NoLonger, chance_of, locked, said_of, take
from booking.actions.skipped import await_skipped, check_number
from booking.core import permissions
from booking.core.checks import checked
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.requests import BookingRequest
from booking.core.values import Actor, Clash, State, WaitMode, Want, WantState
from booking.core.waiting import is_late
from booking.db import transact
from booking.queries import agenda, waiting


def wait(request: BookingRequest, mode: WaitMode, actor: Actor, *, now: datetime) -> int:
    """Give the actor a place in the waiting list for a time that is taken; return its id.

    Raises:
        InvalidRequest: If it makes no sense, is a series, is free or waited for
            already, or the actor has too many places.
        NotAllowed: If a rule of the house forbids such a booking.
    """
    wish = checked(request)
    if wish.rule is not None or wish.rdates:
        raise InvalidRequest.because("wait_for_series", "repeat")
    if actor.person_id is None:
        raise NotAllowed.because("sign_in_first")
    return transact(lambda session: _wait(session, wish, mode, actor, now))


def wait_for_date(
    booking_id: int, occurrence_id: int, mode: WaitMode, actor: Actor, *, now: datetime
) -> None:
    """Let a date that was left out of a series wait for its time to become free.

    Raises:
        NotFound: If there is no such booking.
        NotAllowed: If it is somebody else's.
        InvalidRequest: If the date was not left out, is over or waits already,
            or the actor has too many places.
    """

    def work(session: Session) -> None:
        known = agenda.booking(session, booking_id)
        record.lock_spaces(session, known.space_ids)
        if not permissions.may_change(actor, known):
            raise NotAllowed.because("not_your_booking")
        if not await_skipped(
            session, booking_id, mode, actor, now=now, occurrence_id=occurrence_id
        ):
            raise InvalidRequest.because("wait_over")

    transact(work)


def leave(want_id: int, actor: Actor, *, now: datetime) -> None:
    """Give a place in the list up, or say no to what is offered; the next in line is served.

    Raises:
        NotFound: If there is no such place.
        NotAllowed: If it is somebody else's.
        InvalidRequest: If it is over already.
    """

    def work(session: Session) -> None:
        _spaces, want = locked(session, _own(session, want_id, actor))
        if not want.state.is_open:
            raise InvalidRequest.because("wait_over")
        freed = wants.end(session, want, WantState.GONE, now=now)
        wants.hand_on(session, freed, now=now)
        record.audit(session, actor, "leave", ("want", want.id), now=now)

    transact(work)


def accept(want_id: int, actor: Actor, *, now: datetime) -> Booked:
    """Book what is held for the actor.

    Accepting twice is harmless.

    Raises:
        NotFound: If there is no such place.
        NotAllowed: If it is somebody else's, or a rule forbids it by now.
        InvalidRequest: If nothing is offered, or not any more.
        Conflicted: If it cannot be had after all: the space has changed.
    """

    def work(session: Session) -> Booked:
        spaces, want = locked(session, _own(session, want_id, actor))
        if want.state is WantState.SERVED and want.booking_id is not None:
            made = agenda.booking(session, want.booking_id)
            return Booked(made.id, made.state, made.version, repeated=True)
        if want.state is not WantState.OFFERED or is_late(want, now=now):
            raise InvalidRequest.because("offer_over")
        freed = record.release_want(session, want.id)
        try:
            chance = chance_of(session, want, spaces, actor, now=now)
        except NoLonger:
            raise InvalidRequest.because("wait_over") from None
        booked = take(session, want, chance, now=now)
        wants.hand_on(session, freed, now=now)
        if booked.state is State.CONFIRMED:
            record.notify(
                session,
                {want.organiser_id} - {actor.person_id},
                "notice_claimed",
                said_of(want, spaces),
                booking_id=booked.booking_id,
                now=now,
            )
        return booked

    return transact(work)


def _wait(
    session: Session, wish: BookingRequest, mode: WaitMode, actor: Actor, now: datetime
) -> int:
    spaces, basis = read_locked(session, wish, actor)
    plan = make_plan(session, wish, spaces, actor, now=now, site=basis.site)
    check_people(basis, wish, actor)
    check_category(basis)
    (instance,) = plan.instances
    if instance.interval.start <= now:
        raise InvalidRequest.because("in_the_past", "start")
    findings = clashes.check(session, plan.wants(plan.instances), plan.spaces)
    if not findings.taken:
        raise InvalidRequest.because("wait_is_free")
    if any(_is_own(each, actor) for each in clashes.told(session, findings.taken, actor)):
        raise InvalidRequest.because("wait_is_yours")
    person_id = actor.person_id or 0
    same = (plan.request.space_ids, instance.interval)
    for each in waiting.open_wants(session, instance.interval):
        if each.person_id == person_id and (each.space_ids, each.interval) == same:
            raise InvalidRequest.because("wait_twice")
    check_number(session, person_id)
    want_id = wants.place(
        session,
        plan.request,
        instance.interval,
        person_id=person_id,
        site_id=plan.site.id,
        mode=mode,
        now=now,
    )
    new = {
        "title": wish.title,
        "spaces": list(plan.request.space_ids),
        "start": plan.request.start.isoformat(timespec="minutes"),
        "mode": mode.value,
    }
    record.audit(session, actor, "wait", ("want", want_id), now=now, new=new)
    return want_id


def _is_own(clash: Clash, actor: Actor) -> bool:
    """Whether somebody stands in one's own way: with a booking, or with what is offered."""
    if clash.held is not None:
        return clash.held.is_mine
    booked = clash.occurrence
    return (
        booked is not None
        and permissions.is_own(actor, booked)
        and booked.interval.covers(clash.wanted)
    )


def _own(session: Session, want_id: int, actor: Actor) -> Want:
    found = waiting.want(session, want_id)
    if found is None:
        raise NotFound("want", want_id)
    if found.person_id != actor.person_id:
        raise NotAllowed.because("not_your_place")
    return found
