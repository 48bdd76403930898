"""A swap is agreed to, and carried out at once; or declined."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings import fairness
from booking.actions.bookings.book import Booked
from booking.actions.bookings.dates_stored import kept_of_date
from booking.actions.bookings.reschedule import drop
from booking.actions.bookings.written import revise, withdraw_of_dates
from booking.actions.freed import claim_freed
from booking.actions.swaps.sides import Side, ask_rules, close, named, refuse, side_of
from booking.core import permissions
from booking.core.errors import AlreadyDecided, InvalidRequest, NotAllowed
from booking.core.intervals import Interval
from booking.core.requests import DateSeen
from booking.core.values import Actor, BookingView, OccurrenceView, State
from booking.db import Base, insert_listed, transact
from booking.models import Hold, Occurrence
from booking.queries import agenda, swaps

SECOND = timedelta(seconds=1)
_ALLOCATION = Base.metadata.tables["allocation"]


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
        refuse(given, wanted, now)
        ask_rules(session, given, wanted, now=now)
        close(session, swap_id, "accepted", now=now)
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
        close(session, swap_id, "declined", now=now)
        entity = ("booking", wanted.booking.id)
        record.audit(session, actor, "decline_swap", entity, now=now, new={"swap": swap_id})
        people_ids = {swaps.swap(session, swap_id).made_by_id, given.booking.organiser_id}
        told = named(session, given, given.local[0], actor)
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
    return side_of(session, found.given), side_of(session, found.wanted)


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
        withdraw_of_dates(session, [side.occurrence_id], now=now)
        rows += [_row(side, each) for each in place.date]
    back = ("id", "occurrence_id", "space_id")
    stored = insert_listed(session.connection(), _ALLOCATION, rows, returning=back)
    new = {(occurrence_id, space_id): row_id for row_id, occurrence_id, space_id in stored}
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
        date = side_of(session, DateSeen(before.id, side.occurrence_id, before.version)).date
        told = {"date": kept_of_date(before, date)}
    after = revise(session, before, actor, "swap", now=now, columns=columns, was=was, told=told)
    record.notify(
        session,
        {before.organiser_id, before.created_by_id} - {actor.person_id},
        "notice_swapped",
        named(session, side, place.local[0], actor, space_ids=place.space_ids),
        booking_id=before.id,
        now=now,
    )
    return after
