"""New time zone data: what is to come keeps its wall clock, and gets the instants of today.

Run by the ticker, and by ``booking retime``.  A site is one transaction: all
holds that move are released before the first is taken again, so that nothing
that moves along with the others is in their way.  Each is read again under
the lock, so that work which is cut off is simply done again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings.rows import holds_time, tzdata_version
from booking.actions.bookings.written import as_texts, revise, space_names
from booking.actions.clashes import Want
from booking.actions.closures import hold_the_rest
from booking.actions.freed import claim_freed
from booking.core.intervals import Interval
from booking.core.recurrence import interval_at, to_utc
from booking.core.values import SYSTEM, BookingView, ClosureView, OccurrenceView, Space, State
from booking.db import db, transact
from booking.models import Allocation, Booking, Closure, Occurrence
from booking.queries import agenda, people
from booking.queries.closures import coming_by_clock
from booking.queries.series import StoredDate, coming_dates, outdated_sites
from booking.queries.spaces import entries


@dataclass(frozen=True, slots=True)
class Lost:
    """A date that could not be placed again: its booking and its local start."""

    booking_id: int
    recurrence_id: datetime


@dataclass(frozen=True, slots=True)
class Retimed:
    """What new data came to: what moved, and dates that are conflicts by now."""

    moved: int = 0
    lost: tuple[Lost, ...] = ()
    closures: int = 0


def retime(*, now: datetime) -> Retimed:
    """Give all coming dates the instants that today's time zone data has for their wall clock.

    Where the time is taken then, the date becomes a conflict, and its people and the
    administrators are told.  Does nothing where all is as the data says.
    """
    session = db.session()
    sites = {*outdated_sites(session, tzdata_version(), now=now)}
    sites |= {each.site_id for each, _there in _moving_closures(session, now=now)}
    session.rollback()
    done = [transact(partial(_retime, site_id=each, now=now)) for each in sorted(sites)]
    return Retimed(
        sum(each.moved for each in done),
        tuple(lost for each in done for lost in each.lost),
        sum(each.closures for each in done),
    )


def _moving_closures(session: Session, *, now: datetime) -> list[tuple[ClosureView, Interval]]:
    """Return the closures that today's data puts elsewhere, each with when it is by its clock."""
    found = []
    for each in coming_by_clock(session, now=now):
        start, end = (to_utc(at, each.zone) for at in (each.starts_at, each.ends_at))
        if start < end and Interval(start, end) != each.view.interval:
            found.append((each.view, Interval(start, end)))
    return found


def _retime(session: Session, *, site_id: int, now: datetime) -> Retimed:
    known = [each.space.id for each in entries(session, [site_id])]
    spaces = record.lock_spaces(session, known)
    moved: defaultdict[int, dict[int, Interval]] = defaultdict(dict)
    for each in coming_dates(session, site_id, tzdata_version(), now=now):
        there = _today(each)
        if there != each.interval:
            moved[each.booking_id][each.occurrence_id] = there
    stored = {each: agenda.booking(session, each) for each in moved}
    claiming = [
        each.allocation_id
        for booking_id, dates in moved.items()
        for each in stored[booking_id].occurrences
        if each.occurrence_id in dates and each.state.is_open
    ]
    closures = [each for each in _moving_closures(session, now=now) if each[0].site_id == site_id]
    freed = record.release(session, claiming)
    for closure, _there in closures:
        freed += record.release_closure(session, closure.id)
    lost: list[Lost] = []
    for booking_id, dates in moved.items():
        lost += _move(session, stored[booking_id], dates, spaces, now=now)
    for closure, there in closures:
        _move_closure(session, closure, there, known, spaces, now=now)
    claim_freed(session, freed, now=now)
    session.execute(
        update(Booking)
        .where(Booking.site_id == site_id, Booking.tzdata_version != tzdata_version())
        .values(tzdata_version=tzdata_version())
    )
    return Retimed(len(moved), tuple(lost), len(closures))


def _move_closure(
    session: Session,
    closure: ClosureView,
    there: Interval,
    of_site: Sequence[int],
    spaces: Mapping[int, Space],
    *,
    now: datetime,
) -> None:
    """Let a closure be at its wall clock again; what is booked there by now stays."""
    values = {"start": there.start, "end": there.end}
    record.next_version(session, Closure, closure.id, closure.version, values)
    closed = of_site if closure.space_id is None else [closure.space_id]
    hold_the_rest(session, closure.id, closed, spaces, there)
    entity = ("closure", closure.id)
    old = {"from": closure.interval.start.isoformat()}
    new = {"from": there.start.isoformat()}
    record.audit(session, SYSTEM, "retime", entity, now=now, old=old, new=new)
    keys: Mapping[record.CollectionKey, bool] = {("space", each): False for each in closed}
    record.bump(session, keys, uid=f"closure-{closure.id}", now=now)


def _today(date: StoredDate) -> Interval:
    """Return when a date is by today's data: at its own wall clock, or its series'."""
    start, length = date.recurrence_id, date.length
    if date.own is not None:
        start, length = date.own[0], date.own[1] - date.own[0]
    return interval_at(start, length, date.zone)


def _move(
    session: Session,
    before: BookingView,
    dates: Mapping[int, Interval],
    spaces: Mapping[int, Space],
    *,
    now: datetime,
) -> list[Lost]:
    """Write the new instants of a booking's dates, take their time again, and tell what is lost."""
    _write_times(session, dates)
    lost: list[datetime] = []
    for occurrence_id, interval in dates.items():
        views = [each for each in before.occurrences if each.occurrence_id == occurrence_id]
        if not _take(session, views, interval, spaces):
            lost.append(views[0].recurrence_id)
    columns = {"tzdata_version": tzdata_version(), "updated_at": before.updated_at}
    told = {"conflicts": as_texts(lost)} if lost else {}
    revise(session, before, SYSTEM, "retime", now=now, columns=columns, told=told)
    if lost:
        _tell(session, before, lost, spaces, now=now)
    return [Lost(before.id, each) for each in lost]


def _write_times(session: Session, dates: Mapping[int, Interval]) -> None:
    rows = [{"id": key, "start": each.start, "end": each.end} for key, each in dates.items()]
    session.execute(update(Occurrence), rows)
    for occurrence_id, each in dates.items():
        session.execute(
            update(Allocation)
            .where(Allocation.occurrence_id == occurrence_id)
            .values(start=each.start, end=each.end)
        )


def _take(
    session: Session,
    views: Sequence[OccurrenceView],
    interval: Interval,
    spaces: Mapping[int, Space],
) -> bool:
    """Hold the time of a date in all its spaces; where it is taken, make it a conflict."""
    ids = {
        each.space_id: each.allocation_id
        for each in views
        if holds_time(each.state, spaces[each.space_id])
    }
    wants = [
        Want(
            each.space_id,
            each.recurrence_id,
            interval,
            interval.padded(each.setup, each.cleanup),
        )
        for each in views
        if each.space_id in ids
    ]
    findings = clashes.check(session, wants, spaces)
    if not findings.taken:
        claims = [
            replace(claim, allocation_id=ids[want.space_id])
            for want in wants
            for claim in findings.claims[want]
        ]
        record.hold(session, claims, moves=findings.moves)
        return True
    open_ids = [each.allocation_id for each in views if each.state.is_open]
    session.execute(
        update(Allocation).where(Allocation.id.in_(open_ids)).values(state=State.CONFLICT.value)
    )
    return False


def _tell(
    session: Session,
    booking: BookingView,
    lost: Sequence[datetime],
    spaces: Mapping[int, Space],
    *,
    now: datetime,
) -> None:
    told = {booking.organiser_id, booking.created_by_id} - {None}
    record.notify(
        session,
        told | people.admins(session, booking.site_id),
        "notice_retimed",
        {
            "title": booking.title,
            "space": space_names(spaces, booking.usual_spaces),
            "start": min(lost),
            "number": len(lost),
            "zone": booking.zone,
        },
        booking_id=booking.id,
        now=now,
    )
