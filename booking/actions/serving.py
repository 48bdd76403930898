"""The waiting list is served: whoever is next gets what became free, or is asked.

Each place is its own transaction, in which it is looked at again under the
lock: so several processes, the person with an answer, and somebody who books
at the same moment do each thing once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.actions import clashes, record, wants
from booking.actions.bookings.book import Booked, insert_booking, tell_deciders
from booking.actions.bookings.plan import (
    check_people,
    first_states,
    make_plan,
    refuse_clashes,
    who_decides,
)
from booking.actions.bookings.rows import holds_time
from booking.actions.bookings.written import revise, space_names
from booking.core import permissions
from booking.core.errors import BookingError, Conflicted, InvalidRequest, NotAllowed, NotFound
from booking.core.intervals import Interval
from booking.core.messages import Message, Parameter, message
from booking.core.recurrence import to_local
from booking.core.requests import BookingRequest
from booking.core.values import (
    SYSTEM,
    Actor,
    BookingView,
    Door,
    OccurrenceView,
    Space,
    State,
    WaitMode,
    Want,
    WantState,
    combined_state,
)
from booking.core.waiting import as_request, is_late, offer_until
from booking.db import db, transact
from booking.models import Allocation
from booking.queries import agenda, houses, people, waiting

MOST_FOLLOWERS = 50  # series that go on with each other


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
    plan = make_plan(session, wish, spaces, actor, now=now)
    check_people(session, wish, actor, site_id=plan.site.id)
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
    site = houses.site(session, want.site_id)
    asks = who_decides(
        [spaces[each] for each in date.request.space_ids],
        {each: [date.interval] for each in date.request.space_ids},
        actor,
        site=site,
        now=now,
        attendance=date.booking.attendance,
    )
    findings = clashes.check(session, date.wants(), spaces)
    if findings.taken:
        raise Conflicted(clashes.told(session, findings.taken, actor))

    def take() -> Booked:
        return _revive(session, date, findings, spaces, asks, actor, now=now)

    return Chance(findings, take)


@dataclass(frozen=True, slots=True)
class SkippedDate:
    """A date of a series that was left out, with the spaces that it lacks."""

    booking: BookingView
    views: tuple[OccurrenceView, ...]

    @property
    def interval(self) -> Interval:
        """When it is, without buffers."""
        return self.views[0].interval

    @property
    def request(self) -> BookingRequest:
        """The request that would book it alone."""
        start, end = (
            to_local(at, self.booking.zone) for at in (self.interval.start, self.interval.end)
        )
        return BookingRequest(
            space_ids=tuple(sorted(each.space_id for each in self.views)),
            start=start,
            end=end,
            title=self.views[0].title,
            all_day=self.booking.all_day,
            organisation_id=self.booking.organisation_id,
            organiser_id=self.booking.organiser_id,
            attendance=self.booking.attendance,
            category=self.booking.category,
            visibility=self.booking.visibility,
            note=self.booking.note,
        )

    def moved_from(self, want: Want) -> bool:
        """Whether it is at another time, or in other spaces, than somebody waits for."""
        return (self.interval, self.request.space_ids) != (want.interval, want.space_ids)

    def wants(self) -> list[clashes.Want]:
        """Return what it takes; buffers are those of the time of booking."""
        return [
            clashes.Want(
                each.space_id,
                each.recurrence_id,
                each.interval,
                each.interval.padded(each.setup, each.cleanup),
            )
            for each in self.views
        ]


def waiting_date(session: Session, want: Want) -> SkippedDate | None:
    """Return the skipped date that a place is about, None where it waits no more.

    A series that was split goes on in another booking; who gives up all that
    is to come gives up this too.
    """
    if want.booking_id is None or want.recurrence_id is None:
        return None
    asked = [want.booking_id]
    for booking_id in asked:
        booking = agenda.booking(session, booking_id)
        views = tuple(
            each
            for each in booking.occurrences
            if each.recurrence_id.date() == want.recurrence_id.date()
            and each.state is State.SKIPPED
        )
        if views:
            return None if _is_given_up(booking, views[0]) else SkippedDate(booking, views)
        if len(asked) < MOST_FOLLOWERS:
            asked += waiting.followers(session, booking_id)
    return None


def _is_given_up(booking: BookingView, date: OccurrenceView) -> bool:
    later = [each.state for each in booking.occurrences if each.interval.end > date.interval.start]
    return State.CANCELLED in later and not any(each.is_open for each in later)


def _revive(
    session: Session,
    date: SkippedDate,
    findings: clashes.Findings,
    spaces: Mapping[int, Space],
    asks: Mapping[int, tuple[Message, ...]],
    actor: Actor,
    *,
    now: datetime,
) -> Booked:
    """Give a skipped date its time; where an approver decides, ask for it."""
    states = {
        each.space_id: State.REQUESTED if each.space_id in asks else State.CONFIRMED
        for each in date.views
    }
    for state in set(states.values()):
        ids = [each.allocation_id for each in date.views if states[each.space_id] is state]
        session.execute(
            update(Allocation).where(Allocation.id.in_(ids)).values(state=state.value, reason="")
        )
    ids_of = {each.space_id: each.allocation_id for each in date.views}
    record.hold(
        session,
        [
            replace(claim, allocation_id=ids_of[want.space_id])
            for want, claims in findings.claims.items()
            if holds_time(states[want.space_id], spaces[want.space_id])
            for claim in claims
        ],
        moves=findings.moves,
    )
    told = {"claimed": date.views[0].recurrence_id.isoformat(timespec="minutes")}
    after = revise(session, date.booking, actor, "claim", now=now, told=told)
    if asks:
        record.notify(
            session,
            people.deciders(session, [*asks], site_id=after.site_id) - {actor.person_id},
            "notice_requested",
            {
                "actor": actor.name,
                "title": date.views[0].title,
                "space": space_names(spaces, sorted(asks)),
                "start": date.request.start,
            },
            booking_id=after.id,
            now=now,
        )
    state = combined_state({*states.values()})
    return Booked(after.id, state, after.version)


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
