"""Swap: the people of two dates exchange their places (time and spaces), when both agree.

A proposal holds nothing and binds nobody: the rules are asked when it is made, and again,
under the lock, when it is agreed to.  It is void as soon as either booking has changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, insert, select, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings import fairness
from booking.actions.bookings.book import Booked
from booking.actions.bookings.dates import kept_of_date
from booking.actions.bookings.plan import who_decides
from booking.actions.bookings.reschedule import drop
from booking.actions.bookings.written import revise, space_names, withdraw_of_date
from booking.actions.freed import claim_freed
from booking.core import permissions
from booking.core.checks import checked_reason
from booking.core.errors import AlreadyDecided, InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.intervals import Interval
from booking.core.messages import Message, Parameter, message
from booking.core.recurrence import to_local
from booking.core.requests import DateSeen, SwapRequest
from booking.core.values import Actor, BookingView, Door, OccurrenceView, Site, Space, State
from booking.core.visibility import may_read
from booking.db import Base, insert_listed, transact
from booking.models import Hold, Occurrence, Swap
from booking.queries import agenda, houses, people, swaps

OPEN_FOR = timedelta(days=7)
MOST_SWAPS = 5  # open ones that give the same booking
SECOND = timedelta(seconds=1)
_ALLOCATION = Base.metadata.tables["allocation"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two dates: its booking, and its allocations."""

    booking: BookingView
    date: tuple[OccurrenceView, ...]

    @property
    def occurrence_id(self) -> int:
        """The row of the date."""
        return self.date[0].occurrence_id

    @property
    def interval(self) -> Interval:
        """When it is."""
        return self.date[0].interval

    @property
    def space_ids(self) -> tuple[int, ...]:
        """Where it is, in id order."""
        return tuple(sorted(each.space_id for each in self.date))

    @property
    def local(self) -> tuple[datetime, datetime]:
        """When it is, by the clock of the house."""
        zone = self.booking.zone
        return to_local(self.interval.start, zone), to_local(self.interval.end, zone)


def propose_swap(request: SwapRequest, actor: Actor, *, now: datetime) -> int:
    """Propose to exchange a date of one's own for somebody else's, and return the swap's id.

    Raises:
        NotFound: If there is no such date, or the actor may not read it.
        NotAllowed: If the given booking is somebody else's, or the rules refuse the
            exchange, or leave it to an approver.
        Stale: If somebody changed one of them since.
        InvalidRequest: If these two cannot be exchanged, or too much is proposed already.
    """
    words = checked_reason(request.words)

    def work(session: Session) -> int:
        given, wanted = _side(session, request.given), _side(session, request.wanted)
        if not all(may_read(each, actor) for each in wanted.date):
            raise NotFound("booking", request.wanted.booking_id)
        if not permissions.may_change(actor, given.booking):
            raise NotAllowed.because("not_your_booking")
        for side, seen in ((given, request.given), (wanted, request.wanted)):
            if side.booking.version != seen.version:
                raise Stale(side.booking.version)
        _refuse(given, wanted, now)
        _ask_rules(session, given, wanted, now=now)
        if swaps.given_swaps(session, given.booking.id, now=now) >= MOST_SWAPS:
            raise InvalidRequest.because("too_many_swaps", most=MOST_SWAPS)
        made = _insert(session, request, actor, given, wanted, words=words, now=now)
        entity = ("booking", given.booking.id)
        record.audit(session, actor, "propose_swap", entity, now=now, new={"swap": made})
        _tell_asked(session, given, wanted, actor, now=now, words=words)
        return made

    return transact(work)


def accept_swap(swap_id: int, actor: Actor, *, now: datetime) -> Booked:
    """Exchange the places of both dates at once, and return the actor's booking.

    Raises:
        NotFound: If there is no such swap.
        NotAllowed: If the wanted booking is somebody else's, or the rules refuse the
            exchange by now, or leave it to an approver.
        AlreadyDecided: If it was accepted, declined or withdrawn before.
        InvalidRequest: If its time is over, or a booking has changed since.
    """

    def work(session: Session) -> Booked:
        known = swaps.swap(session, swap_id)
        ids = {known.given.booking_id, known.wanted.booking_id}
        record.lock_spaces(
            session, {one for each in ids for one in agenda.booking(session, each).space_ids}
        )
        given, wanted = _open(session, swap_id, actor, now=now)
        _refuse(given, wanted, now)
        _ask_rules(session, given, wanted, now=now)
        _close(session, swap_id, "accepted", now=now)
        _exchange(session, given, wanted, now=now)
        _revise(session, given, wanted, actor, now=now)
        after = _revise(session, wanted, given, actor, now=now)
        return Booked(after.id, after.state, after.version)

    return transact(work)


def decline_swap(swap_id: int, actor: Actor, *, now: datetime) -> int:
    """Say no to a swap, and return the booking that was wanted.

    Raises:
        NotFound, NotAllowed, AlreadyDecided, InvalidRequest: As ``accept_swap``.
    """

    def work(session: Session) -> int:
        given, wanted = _open(session, swap_id, actor, now=now)
        _close(session, swap_id, "declined", now=now)
        entity = ("booking", wanted.booking.id)
        record.audit(session, actor, "decline_swap", entity, now=now, new={"swap": swap_id})
        people_ids = {swaps.swap(session, swap_id).made_by_id, given.booking.organiser_id}
        told = _named(session, given, given.local[0], actor)
        record.notify(
            session,
            people_ids - {actor.person_id},
            "notice_swap_declined",
            told,
            booking_id=given.booking.id,
            now=now,
        )
        return wanted.booking.id

    return transact(work)


def withdraw_swap(swap_id: int, actor: Actor, *, now: datetime) -> int:
    """Take a proposed swap back, and return the booking that was given.

    Raises:
        NotFound: If there is no such swap.
        NotAllowed: If the given booking is somebody else's.
        AlreadyDecided: If it is not open any more.
    """

    def work(session: Session) -> int:
        found = swaps.swap(session, swap_id)
        given = agenda.booking(session, found.given.booking_id)
        if not permissions.may_change(actor, given):
            raise NotAllowed.because("not_your_booking")
        _close(session, swap_id, "withdrawn", now=now)
        new = {"swap": swap_id}
        record.audit(session, actor, "withdraw_swap", ("booking", given.id), now=now, new=new)
        return given.id

    return transact(work)


def _side(session: Session, seen: DateSeen) -> Side:
    booking = agenda.booking(session, seen.booking_id)
    date = tuple(each for each in booking.occurrences if each.occurrence_id == seen.occurrence_id)
    if not date:
        raise NotFound("booking", seen.occurrence_id)
    return Side(booking, date)


def _open(session: Session, swap_id: int, actor: Actor, *, now: datetime) -> tuple[Side, Side]:
    """Return the given and the wanted date of a swap that the actor may still agree to."""
    found = swaps.swap(session, swap_id)
    wanted = agenda.booking(session, found.wanted.booking_id)
    if not permissions.may_change(actor, wanted):
        raise NotAllowed.because("not_your_booking")
    if found.state != swaps.OPEN:
        raise AlreadyDecided(found.state)
    given = agenda.booking(session, found.given.booking_id)
    if (given.version, wanted.version) != (found.given.version, found.wanted.version):
        raise InvalidRequest.because("swap_void")
    if found.expires_at <= now:
        raise InvalidRequest.because("swap_over")
    return _side(session, found.given), _side(session, found.wanted)


def _refuse(given: Side, wanted: Side, now: datetime) -> None:
    """Refuse what cannot be exchanged, whatever the rules of the rooms say."""
    sides = (given, wanted)
    if given.booking.site_id != wanted.booking.site_id:
        raise InvalidRequest.because("swap_other_site")
    if given.booking.organiser_id == wanted.booking.organiser_id:
        raise InvalidRequest.because("swap_same_person")
    if any(each.interval.start <= now for each in sides):
        raise InvalidRequest.because("swap_begun")
    if any(one.state is not State.CONFIRMED for each in sides for one in each.date):
        raise InvalidRequest.because("swap_unconfirmed")
    # A series is all day or not; a single booking can be either.
    is_series = any(each.booking.rule is not None for each in sides)
    if is_series and given.booking.all_day != wanted.booking.all_day:
        raise InvalidRequest.because("swap_all_day")


def _ask_rules(session: Session, given: Side, wanted: Side, *, now: datetime) -> None:
    """Refuse the exchange where the rules do not let either have the place of the other."""
    site = houses.site(session, given.booking.site_id)
    spaces = houses.spaces_by_id(session, {*given.space_ids, *wanted.space_ids})
    # Limits lock the account that they are about: two swaps must not wait in a circle.
    for taker, place in sorted(((given, wanted), (wanted, given)), key=lambda pair: _rank(pair[0])):
        name = taker.booking.organiser_name
        try:
            asker = people.actor_of(session, taker.booking.organiser_id or 0, Door.WEB)
            asks = _asks(session, taker, place, asker, spaces=spaces, site=site, now=now)
        except NotFound:
            raise InvalidRequest.because("swap_nobody") from None
        except NotAllowed as error:
            raise NotAllowed(message("swap_refused", person=name), *error.messages) from error
        if asks:
            why = (each for some in asks.values() for each in some)
            raise NotAllowed(message("swap_needs_approval", person=name), *why)


def _rank(side: Side) -> tuple[int, int]:
    account = fairness.account_of(side.booking)
    return account.organisation_id or 0, account.person_id or 0


def _asks(
    session: Session,
    taker: Side,
    place: Side,
    asker: Actor,
    *,
    spaces: Mapping[int, Space],
    site: Site,
    now: datetime,
) -> dict[int, tuple[Message, ...]]:
    """Return why an approver would have to agree, by space.

    Raises:
        NotAllowed: If a rule, or a limit of whoever takes the place, refuses it.
    """
    there = [spaces[each] for each in place.space_ids]
    asks = who_decides(
        there,
        {each: [place.interval] for each in place.space_ids},
        asker,
        site=site,
        now=now,
        attendance=taker.booking.attendance,
    )
    fair = fairness.ask(
        session,
        fairness.account_of(taker.booking),
        fairness.parts_of(place.date, spaces),
        there,
        asker,
        site=site,
        now=now,
        replaced=taker.date,
    )
    return asks | dict(fair.asks)


def _insert(
    session: Session,
    request: SwapRequest,
    actor: Actor,
    given: Side,
    wanted: Side,
    *,
    words: str,
    now: datetime,
) -> int:
    statement = insert(Swap).values(
        given_booking_id=request.given.booking_id,
        given_occurrence_id=request.given.occurrence_id,
        given_version=request.given.version,
        wanted_booking_id=request.wanted.booking_id,
        wanted_occurrence_id=request.wanted.occurrence_id,
        wanted_version=request.wanted.version,
        made_by_id=actor.person_id,
        words=words,
        state=swaps.OPEN,
        created_at=now,
        expires_at=min(now + OPEN_FOR, given.interval.start, wanted.interval.start),
    )
    made: int = session.execute(statement.returning(Swap.id)).scalar_one()
    return made


def _close(session: Session, swap_id: int, state: str, *, now: datetime) -> None:
    result = session.execute(
        update(Swap)
        .where(Swap.id == swap_id, Swap.state == swaps.OPEN)
        .values(state=state, decided_at=now)
    )
    if cast("CursorResult[Any]", result).rowcount != 1:
        raise AlreadyDecided(swaps.swap(session, swap_id).state)


def _exchange(session: Session, given: Side, wanted: Side, *, now: datetime) -> None:
    """Let each date have the other's holds: given up first, then taken, lanes and buffers kept."""
    ids = [each.allocation_id for side in (given, wanted) for each in side.date]
    held = _claims(session, ids)
    freed = drop(session, ids)
    rows = []
    for side, place in ((given, wanted), (wanted, given)):
        times = {"start": place.interval.start, "end": place.interval.end}
        if side.booking.rule is None:
            times["recurrence_id"] = place.local[0]
        else:  # new rules for the clocks keep the wall clock of what has its own
            times["starts_local"], times["ends_local"] = place.local
        session.execute(update(Occurrence).where(Occurrence.id == side.occurrence_id).values(times))
        withdraw_of_date(session, side.occurrence_id, now=now)
        rows += [_row(side, each) for each in place.date]
    back = ("id", "occurrence_id", "space_id")
    stored = insert_listed(session.connection(), _ALLOCATION, rows, returning=back)
    new = {(row.occurrence_id, row.space_id): row.id for row in stored}
    takers = {given.occurrence_id: wanted.occurrence_id, wanted.occurrence_id: given.occurrence_id}
    owners = {
        each.allocation_id: new[takers[each.occurrence_id], each.space_id]
        for side in (given, wanted)
        for each in side.date
    }
    record.hold(
        session,
        [
            record.Claim(each.part_id, each.interval, each.lane, allocation_id=owners[old])
            for old, each in held
        ],
    )
    claim_freed(session, freed, now=now)


def _claims(session: Session, allocation_ids: Iterable[int]) -> list[tuple[int, record.Claim]]:
    """Return what allocations hold, each with the allocation's id."""
    rows = session.execute(
        select(Hold.allocation_id, Hold.part_id, Hold.start, Hold.end, Hold.lane).where(
            Hold.allocation_id.in_(allocation_ids)
        )
    )
    return [
        (row.allocation_id, record.Claim(row.part_id, Interval(row.start, row.end), row.lane))
        for row in rows
    ]


def _row(side: Side, place: OccurrenceView) -> dict[str, object]:
    """Return the row of an allocation of one side that takes the place of another."""
    account = fairness.account_of(side.booking)
    return {
        "occurrence_id": side.occurrence_id,
        "organisation_id": account.organisation_id,
        "person_id": account.person_id,
        "space_id": place.space_id,
        "state": State.CONFIRMED.value,
        "start_s": place.interval.start,
        "end_s": place.interval.end,
        "setup_s": int(place.setup / SECOND),
        "cleanup_s": int(place.cleanup / SECOND),
        "reason": "",
        "decided_by_id": None,
        "decided_s": None,
    }


def _revise(
    session: Session, side: Side, place: Side, actor: Actor, *, now: datetime
) -> BookingView:
    """Write the next version of one of the bookings, and tell its people where it is now."""
    before = side.booking
    columns: dict[str, object] = {}
    was: Mapping[str, object] = {}
    told: dict[str, object] = {}
    if before.rule is None:
        start, end = place.local
        columns = {
            "starts_local": start,
            "ends_local": end,
            "all_day": place.booking.all_day,
            "space_ids": list(place.space_ids),
        }
    else:
        was = {"date": kept_of_date(before, side.date)}
        date = _side(session, DateSeen(before.id, side.occurrence_id, before.version)).date
        told = {"date": kept_of_date(before, date)}
    after = revise(session, before, actor, "swap", now=now, columns=columns, was=was, told=told)
    record.notify(
        session,
        {before.organiser_id, before.created_by_id} - {actor.person_id},
        "notice_swapped",
        _named(session, side, place.local[0], actor, space_ids=place.space_ids),
        booking_id=before.id,
        now=now,
    )
    return after


def _tell_asked(
    session: Session, given: Side, wanted: Side, actor: Actor, *, now: datetime, words: str
) -> None:
    spaces = houses.spaces_by_id(session, given.space_ids)
    record.notify(
        session,
        {wanted.booking.organiser_id, wanted.booking.created_by_id} - {actor.person_id},
        "notice_swap_proposed",
        {
            **_named(session, wanted, wanted.local[0], actor),
            "instead": space_names(spaces, given.space_ids),
            "at": given.local[0],
            "words": words,
        },
        booking_id=wanted.booking.id,
        now=now,
    )


def _named(
    session: Session,
    side: Side,
    start: datetime,
    actor: Actor,
    *,
    space_ids: tuple[int, ...] = (),
) -> dict[str, Parameter]:
    """Return what a message names: who, the booking, where and when."""
    ids = space_ids or side.space_ids
    return {
        "actor": actor.name,
        "title": side.date[0].title,
        "space": space_names(houses.spaces_by_id(session, ids), ids),
        "start": start,
    }
