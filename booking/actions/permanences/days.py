"""One day of a permanence: not today, after all, late, on time.

Anybody of the organisation says so, with one tap; what is said twice is said
once, so none of these asks for a version.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.book import Booked
from booking.actions.bookings.cancel import give_back
from booking.actions.bookings.conflict import conflict
from booking.actions.bookings.dates import as_it_was
from booking.actions.bookings.dates_stored import DatePlan, store_date
from booking.actions.bookings.written import revise
from booking.core.errors import Conflicted, GuardRefused, InvalidRequest, NotAllowed, NotFound
from booking.core.permanences import DayAsked, LateRequest
from booking.core.permissions import may_receive
from booking.core.recurrence import to_local, to_utc
from booking.core.series import GIVEN_UP
from booking.core.values import Actor, BookingView, OccurrenceView, Space
from booking.db import transact
from booking.models import Occurrence
from booking.queries import agenda
from booking.queries.permanences import permanence

Seen = tuple[BookingView, Sequence[OccurrenceView], Mapping[int, Space]]


def stay_away(day: DayAsked, actor: Actor, *, now: datetime) -> Booked:
    """Say that nobody receives that day: the office is free for others.

    Raises:
        NotFound: If there is no such date of a permanence.
        NotAllowed: If it is another organisation's.
        InvalidRequest: If it is over.
    """

    def work(session: Session) -> Booked:
        before, stored, _spaces = _seen(session, day, actor, now)
        gone = [each for each in stored if each.state.is_open]
        if not gone:
            return _as_it_is(before)
        return give_back(session, before, gone, actor, now=now, reason="")

    return transact(work)


def come_after_all(day: DayAsked, actor: Actor, *, now: datetime) -> Booked:
    """Take the day back that was given up, where and when it was.

    Raises:
        NotFound, NotAllowed, InvalidRequest: As for ``stay_away``.
        Conflicted: If somebody else has the office by now; with alternatives.
    """
    plans: list[DatePlan] = []

    def work(session: Session) -> Booked:
        before, stored, spaces = _seen(session, day, actor, now)
        if any(each.state.is_open for each in stored):
            return _as_it_is(before)
        if not GIVEN_UP.issuperset({each.state for each in stored}):
            raise InvalidRequest.because("date_not_given_up")
        plans.append(as_it_was(session, before, stored, spaces, actor, now=now))
        return store_date(session, plans[-1], "bring_back", actor, now=now)

    try:
        return transact(work)
    except (Conflicted, GuardRefused) as error:
        doing = plans[-1]
        raise conflict(error, doing.plan, actor, now=now, ignoring=doing.replaced) from error


def be_late(request: LateRequest, actor: Actor, *, now: datetime) -> Booked:
    """Say from when somebody receives that day, or (``expected`` None) that it is on time.

    The office stays taken from the start.

    Raises:
        NotFound, NotAllowed: As for ``stay_away``.
        InvalidRequest: If it is over, given up, or not expected within its time.
    """

    def work(session: Session) -> Booked:
        before, stored, _spaces = _seen(session, request.day, actor, now)
        if not any(each.state.is_open for each in stored):
            raise InvalidRequest.because("date_given_up")
        at = _expected(before, stored[0], request)
        session.execute(
            update(Occurrence)
            .where(Occurrence.id == request.day.occurrence_id)
            .values(expected_at=at)
        )
        local = to_local(at, before.zone).isoformat(timespec="minutes") if at else None
        said = {"on": stored[0].recurrence_id.isoformat(timespec="minutes"), "expected": local}
        columns = {"sequence": before.sequence}
        after = revise(session, before, actor, "late", now=now, columns=columns, told=said)
        return _as_it_is(after)

    return transact(work)


def _seen(session: Session, day: DayAsked, actor: Actor, now: datetime) -> Seen:
    """Return the permanence, the allocations of its date, and the spaces, locked."""
    known = agenda.booking(session, day.booking_id)
    spaces = record.lock_spaces(session, known.space_ids)
    before = agenda.booking(session, day.booking_id)
    permanence(session, before.id)
    stored = [each for each in before.occurrences if each.occurrence_id == day.occurrence_id]
    if not stored:
        raise NotFound("booking", day.occurrence_id)
    if not may_receive(actor, before):
        raise NotAllowed.because("permanence_not_yours")
    if stored[0].interval.end <= now:
        raise InvalidRequest.because("not_open")
    return before, stored, spaces


def _expected(before: BookingView, date: OccurrenceView, request: LateRequest) -> datetime | None:
    if request.expected is None:
        return None
    day = to_local(date.interval.start, before.zone).date()
    at = to_utc(datetime.combine(day, request.expected), before.zone)
    if not date.interval.start < at < date.interval.end:
        raise InvalidRequest.because("expected_outside", "expected")
    return at


def _as_it_is(booking: BookingView) -> Booked:
    return Booked(booking.id, booking.state, booking.version)
