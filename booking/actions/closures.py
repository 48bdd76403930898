"""Closures: a space, or the whole site, cannot be booked for a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from booking.actions import record, wants
from booking.actions.bookings.cancel import give_back
from booking.actions.freed import MOST_DAYS_AHEAD, claim_freed
from booking.actions.spaces import admins_only
from booking.core.availability import by_lane
from booking.core.checks import checked_reason
from booking.core.errors import AnswerMissing, InvalidRequest, NotFound, Stale
from booking.core.intervals import Interval, subtract
from booking.core.recurrence import to_utc
from booking.core.requests import ClosureRequest, Over
from booking.core.values import Actor, ClosureView, OccurrenceView, Site, Space
from booking.db import transact
from booking.models import Closure
from booking.queries import agenda, houses
from booking.queries.closures import closures_by_id
from booking.queries.holds import holds_within


@dataclass(frozen=True, slots=True)
class Closed:
    """A stored closure and the bookings that it lies over, kept or cancelled, by time."""

    closure_id: int
    over: tuple[OccurrenceView, ...]


def close(request: ClosureRequest, actor: Actor, *, now: datetime) -> Closed:
    """Close a space, or the whole site, for a time.

    Bookings that are already there are kept or cancelled, as the request
    says: the closure holds what is left.  What kept ones give back later
    falls to the closure.

    Raises:
        NotAllowed: If the actor does not run the site.
        InvalidRequest: If times or reason make no sense.
        NotFound: If there is no such site or space.
        AnswerMissing: If it lies over bookings, and the request does not say
            what shall become of them.
    """
    admins_only(actor, request.site_id)
    reason = checked_reason(request.reason, required=True)
    return transact(lambda session: _close(session, request, actor, now=now, reason=reason))


def change_closure(
    closure_id: int, request: ClosureRequest, actor: Actor, *, version: int, now: datetime
) -> Closed:
    """Give a closure other times, another reason or space.

    Only bookings that it did not lie over before are asked about.

    Raises:
        NotFound: If there is no such closure, or no such space.
        Stale: If somebody changed it since.
        NotAllowed, InvalidRequest, AnswerMissing: As for ``close``.
    """
    admins_only(actor, request.site_id)
    reason = checked_reason(request.reason, required=True)

    def store(session: Session) -> Closed:
        before = _found(session, closure_id)
        if before.site_id != request.site_id:
            raise NotFound("closure", closure_id)
        if before.version != version:
            raise Stale(before.version)
        return _close(session, request, actor, now=now, reason=reason, before=before)

    return transact(store)


def reopen(closure_id: int, actor: Actor, *, now: datetime) -> None:
    """Take a closure back; another one that covers the same time goes on.

    Raises:
        NotFound: If there is no such closure.
        NotAllowed: If the actor does not run the site.
    """
    transact(lambda session: _reopen(session, closure_id, actor, now))


def _close(
    session: Session,
    request: ClosureRequest,
    actor: Actor,
    *,
    now: datetime,
    reason: str,
    before: ClosureView | None = None,
) -> Closed:
    site = houses.site(session, request.site_id)
    window = _window(request, site, now)
    space_ids = _closed_spaces(session, site.id, request.space_id)
    old_ids = _closed_spaces(session, site.id, before.space_id) if before else set[int]()
    spaces = _locked(session, space_ids, old_ids, window, now=now)
    over = _over(session, space_ids, spaces, window, now=now)
    asked = [each for each in over if before is None or not _was_over(each, before, old_ids)]
    if asked and request.over is None:
        raise AnswerMissing(asked)
    freed = record.release_closure(session, before.id) if before else []
    closure_id = _stored(session, request, window, actor, reason=reason, before=before)
    wants.step_back(session, _parts(space_ids, spaces), window, now=now)
    claim_freed(session, freed, now=now)
    if request.over is Over.CANCEL:
        _cancel(session, asked, actor, now=now, reason=reason)
    hold_the_rest(session, closure_id, space_ids, spaces, window)
    new = _said(request.space_id, request.start, request.end, reason)
    verb = "close" if before is None else "change_closure"
    old = None if before is None else {"reason": before.reason, "space": before.space_id}
    record.audit(session, actor, verb, ("closure", closure_id), now=now, old=old, new=new)
    _bump(session, dict.fromkeys(space_ids | old_ids, False), closure_id, now=now)
    return Closed(closure_id, tuple(over))


def _locked(
    session: Session, space_ids: set[int], old_ids: set[int], window: Interval, *, now: datetime
) -> dict[int, Space]:
    """Lock the closed spaces and those of the bookings there, which may take more parts."""
    closed = houses.spaces_with_parts(session, space_ids)
    booked = {each.space_id for each in _over(session, space_ids, closed, window, now=now)}
    return record.lock_spaces(session, space_ids | old_ids | booked)


def _over(
    session: Session,
    space_ids: Iterable[int],
    spaces: Mapping[int, Space],
    window: Interval,
    *,
    now: datetime,
) -> list[OccurrenceView]:
    """Return what is booked in the parts of the closed spaces and has not ended, by time."""
    lanes = {part: spaces[part].lanes for each in space_ids for part in spaces[each].part_ids}
    held = holds_within(session, lanes, [window])
    found = agenda.by_allocation(
        session, {each.allocation_id for each in held if each.allocation_id is not None}
    )
    coming = (each for each in found.values() if each.interval.end > now)
    return sorted(coming, key=lambda each: (each.interval.start, each.space_id))


def _was_over(view: OccurrenceView, before: ClosureView, old_ids: set[int]) -> bool:
    blocked = view.interval.padded(view.setup, view.cleanup)
    return view.space_id in old_ids and blocked.overlaps(before.interval)


def _stored(
    session: Session,
    request: ClosureRequest,
    window: Interval,
    actor: Actor,
    *,
    reason: str,
    before: ClosureView | None,
) -> int:
    """Insert or update the row, and return its id."""
    values = {
        "space_id": request.space_id,
        "start": window.start,
        "end": window.end,
        "starts_local": request.start,
        "ends_local": request.end,
        "reason": reason,
    }
    if before is None:
        made = insert(Closure).values(
            site_id=request.site_id, created_by_id=actor.person_id, **values
        )
        return int(session.execute(made.returning(Closure.id)).scalar_one())
    record.next_version(session, Closure, before.id, before.version, values)
    return before.id


def _cancel(
    session: Session, over: Iterable[OccurrenceView], actor: Actor, *, now: datetime, reason: str
) -> None:
    by_booking = sorted(over, key=attrgetter("booking_id"))
    for booking_id, dates in groupby(by_booking, attrgetter("booking_id")):
        booking = agenda.booking(session, booking_id)
        ids = {each.allocation_id for each in dates}
        gone = [each for each in booking.occurrences if each.allocation_id in ids]
        give_back(session, booking, gone, actor, now=now, reason=reason)


def hold_the_rest(
    session: Session,
    closure_id: int,
    space_ids: Iterable[int],
    spaces: Mapping[int, Space],
    window: Interval,
) -> None:
    """Let a closure hold what is left of its time, under the lock of its spaces."""
    parts = _parts(space_ids, spaces)
    lanes = {part: spaces[part].lanes for part in parts}
    busy = by_lane(holds_within(session, lanes, [window]))
    record.hold(
        session,
        [
            record.Claim(part, left, lane, closure_id=closure_id)
            for part in parts
            for lane in range(lanes[part])
            for left in subtract(window, busy[part, lane])
        ],
    )


def _parts(space_ids: Iterable[int], spaces: Mapping[int, Space]) -> set[int]:
    return {part for each in space_ids for part in spaces[each].part_ids}


def _reopen(session: Session, closure_id: int, actor: Actor, now: datetime) -> None:
    found = _found(session, closure_id)
    admins_only(actor, found.site_id)
    space_ids = _closed_spaces(session, found.site_id, found.space_id)
    record.lock_spaces(session, space_ids)
    freed = record.release_closure(session, closure_id)
    session.execute(delete(Closure).where(Closure.id == closure_id))
    claim_freed(session, freed, now=now)
    old = {"reason": found.reason}
    record.audit(session, actor, "reopen", ("closure", closure_id), now=now, old=old)
    _bump(session, dict.fromkeys(space_ids, True), closure_id, now=now)


def _found(session: Session, closure_id: int) -> ClosureView:
    found = closures_by_id(session, [closure_id]).get(closure_id)
    if found is None or found.source:  # what a calendar has is changed there
        raise NotFound("closure", closure_id)
    return found


def _window(request: ClosureRequest, site: Site, now: datetime) -> Interval:
    try:
        start, end = (to_utc(each, site.zone) for each in (request.start, request.end))
    except OverflowError:
        raise InvalidRequest.because("time_out_of_range", "start") from None
    if end <= start:  # by the clock too: 02:00 and 03:00 are one instant in spring
        raise InvalidRequest.because("end_before_start", "end")
    if end > now + timedelta(days=MOST_DAYS_AHEAD):
        raise InvalidRequest.because("time_out_of_range", "end")
    return Interval(start, end)


def _closed_spaces(session: Session, site_id: int, space_id: int | None) -> set[int]:
    of_site = {each.id for each in houses.spaces(session, site_id)}
    if space_id is None:
        return of_site
    if space_id not in of_site:
        raise NotFound("space", space_id)
    return {space_id}


def _said(
    space_id: int | None, start: datetime, end: datetime, reason: str
) -> dict[str, int | str | None]:
    return {
        "space": space_id,
        "start": start.isoformat(timespec="minutes"),
        "end": end.isoformat(timespec="minutes"),
        "reason": reason,
    }


def _bump(session: Session, gone: Mapping[int, bool], closure_id: int, *, now: datetime) -> None:
    """Tell the calendars of spaces; ``gone`` says of each whether it is closed no more."""
    keys: Mapping[record.CollectionKey, bool] = {
        ("space", each): is_gone for each, is_gone in gone.items()
    }
    record.bump(session, keys, uid=f"closure-{closure_id}", now=now)
