"""Places in the waiting list, as every verb that gives time back needs them.

What is given back is held at once for the first who waits for it, a piece of
their time or the whole; a job then asks the rules for them, and books it,
offers it, or hands it on to the next.  So nobody comes in between, and who
gives back pays for no more than one look.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, insert, update
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions import record
from booking.core.availability import by_lane
from booking.core.errors import AlreadyDecided
from booking.core.intervals import Interval, subtract
from booking.core.requests import BookingRequest
from booking.core.values import Space, WaitMode, Want, WantState
from booking.db import Base
from booking.queries import houses, waiting
from booking.queries.holds import holds_within

SERVE = "serve"
_WANT = Base.metadata.tables["want"]
_OPEN = [each.value for each in WantState if each.is_open]


def hand_on(
    session: Session,
    freed: Sequence[record.Claim],
    *,
    now: datetime,
    after: Want | None = None,
) -> None:
    """Hold what was freed for those who wait for it, in their order, and have them served.

    Runs under the lock of the parts.  ``after`` leaves out whoever comes
    before this one, and this one: they could not take it.
    """
    if not freed:
        return
    waits = [
        each
        for each in waiting.open_wants(session, _reach(freed))
        if each.state is WantState.WAITING
        and each.interval.start > now
        and (after is None or each.place > after.place)
    ]
    if not waits:
        return
    wanted = [
        (each, claim, at.common(claim.interval))
        for each, by_part in _blocked(session, waits)
        for claim in freed
        for at in by_part.get(claim.part_id, ())
        if at.overlaps(claim.interval)
    ]
    lanes = {claim.part_id: 0 for _, claim, _ in wanted}
    for _, claim, _ in wanted:
        lanes[claim.part_id] = max(lanes[claim.part_id], claim.lane + 1)
    busy = by_lane(holds_within(session, lanes, [at for _, _, at in wanted]))
    claims = []
    for each, claim, at in wanted:
        taken = busy[claim.part_id, claim.lane]
        for left in subtract(at, taken):
            claims.append(record.Claim(claim.part_id, left, claim.lane, want_id=each.id))
            taken.append(left)
    record.hold(session, claims)
    for want_id in dict.fromkeys(each.want_id for each in claims if each.want_id is not None):
        serve_soon(session, want_id, now=now)


def serve_soon(
    session: Session, want_id: int, *, now: datetime, at: datetime | None = None
) -> None:
    """Let a job look after a place in the list, at once or ``at`` a later time; once."""
    key = f"{SERVE}:{want_id}" if at is None else f"{SERVE}:{want_id}:{int(at.timestamp())}"
    outbox.put(session, SERVE, {"want": want_id}, now=now, due=at, key=key)


def place(
    session: Session,
    request: BookingRequest,
    interval: Interval,
    *,
    person_id: int,
    site_id: int,
    mode: WaitMode,
    now: datetime,
    series: tuple[int, datetime] | None = None,
) -> int:
    """Give somebody a place in the list, and return its id.

    ``series`` names the booking and the local start of its skipped date.
    """
    booking_id, recurrence_id = series or (None, None)
    row = {
        "person_id": person_id,
        "site_id": site_id,
        "mode": mode.value,
        "state": WantState.WAITING.value,
        "since_s": now,
        "start_s": interval.start,
        "end_s": interval.end,
        "starts_local": request.start,
        "ends_local": request.end,
        "all_day": request.all_day,
        "space_ids": list(request.space_ids),
        "title": request.title,
        "category": request.category,
        "visibility": request.visibility.value,
        "note": request.note,
        "organiser_id": request.organiser_id or person_id,
        "organisation_id": request.organisation_id,
        "attendance": request.attendance,
        "booking_id": booking_id,
        "recurrence_id": recurrence_id,
    }
    statement = insert(_WANT).returning(_WANT.c.id)
    return int(session.connection().execute(statement, row).scalar_one())


def end(
    session: Session,
    want: Want,
    state: WantState,
    *,
    now: datetime,
) -> list[record.Claim]:
    """Store what became of an open place; return the time that was held for it.

    Raises:
        AlreadyDecided: If somebody was faster.
    """
    _store(session, want, {"state": state.value, "expires_s": None, "closed_s": now})
    if want.state is WantState.OFFERED:
        show(session, want, now=now)
    return record.release_want(session, want.id)


def served(session: Session, want: Want, booking_id: int) -> None:
    """Store what came of a place."""
    statement = update(_WANT).where(_WANT.c.id == want.id)
    session.connection().execute(statement.values(booking_id=booking_id))


def show(session: Session, want: Want, *, now: datetime) -> None:
    """Let boards know that time of these spaces is held, or no longer."""
    keys: Mapping[record.CollectionKey, bool] = {("space", each): False for each in want.space_ids}
    record.bump(session, keys, uid=f"want-{want.id}", now=now)


def make_offer(session: Session, want: Want, until: datetime, *, now: datetime) -> None:
    """Store that a place has its chance, until then."""
    _store(session, want, {"state": WantState.OFFERED.value, "expires_s": until})
    serve_soon(session, want.id, now=now, at=until)
    show(session, want, now=now)


def follow(session: Session, want: Want, request: BookingRequest, interval: Interval) -> None:
    """Let a place wait for where its date is by now."""
    values = {
        "start_s": interval.start,
        "end_s": interval.end,
        "starts_local": request.start,
        "ends_local": request.end,
        "space_ids": list(request.space_ids),
    }
    _store(session, want, values)


def step_back(
    session: Session, part_ids: Iterable[int], window: Interval, *, now: datetime
) -> None:
    """Take back what is held of some parts for the waiting list; it is looked at anew soon.

    For verbs that have the parts for something else.  Runs under their lock.
    """
    for each in waiting.wants(session, waiting.held_on(session, set(part_ids), window)):
        record.release_want(session, each.id)
        _store(session, each, {"state": WantState.WAITING.value, "expires_s": None})
        show(session, each, now=now)
        serve_soon(session, each.id, now=now)


def reach(want: Want, spaces: Mapping[int, Space]) -> list[record.Claim]:
    """Return all that somebody would take, in every lane, as if it were free."""
    return [
        record.Claim(part_id, spaces[space_id].blocked(want.interval), lane)
        for space_id in want.space_ids
        for part_id in spaces[space_id].part_ids
        for lane in range(spaces[part_id].lanes)
    ]


def _store(session: Session, want: Want, values: Mapping[str, Any]) -> None:
    statement = update(_WANT).where(_WANT.c.id == want.id, _WANT.c.state.in_(_OPEN))
    result = session.connection().execute(statement.values(values))
    if cast("CursorResult[Any]", result).rowcount != 1:
        raise AlreadyDecided(want.state.value)


def _reach(freed: Iterable[record.Claim]) -> Interval:
    times = [each.interval for each in freed]
    return Interval(min(each.start for each in times), max(each.end for each in times))


def _blocked(
    session: Session, wants: Iterable[Want]
) -> list[tuple[Want, dict[int, list[Interval]]]]:
    """Return each want with the times, buffers included, that it takes of parts."""
    found = [*wants]
    spaces = houses.spaces_by_id(session, {one for each in found for one in each.space_ids})
    blocked = []
    for each in found:
        by_part: dict[int, list[Interval]] = {}
        for space in (spaces[one] for one in each.space_ids):
            for part_id in space.part_ids:
                by_part.setdefault(part_id, []).append(space.blocked(each.interval))
        blocked.append((each, by_part))
    return blocked
