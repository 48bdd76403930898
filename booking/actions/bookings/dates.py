"""One date of a series: another time, other spaces, texts of its own; or back where it was."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time

from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings.book import Booked, Preview
from booking.actions.bookings.change import as_request
from booking.actions.bookings.conflict import conflict
from booking.actions.bookings.dates_stored import DatePlan, store_date_as
from booking.actions.bookings.plan import granted_times, make_plan
from booking.core import permissions
from booking.core.checks import checked
from booking.core.errors import (
    Conflicted,
    GuardRefused,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from booking.core.recurrence import to_local
from booking.core.requests import BookingRequest, DateBackRequest, DateRequest, OwnDate
from booking.core.series import GIVEN_UP, own_texts
from booking.core.values import Actor, BookingView, OccurrenceView, Site, Space
from booking.db import db, transact
from booking.queries import agenda, houses


def change_date(request: DateRequest, actor: Actor, *, now: datetime) -> Booked:
    """Give one date of a series another time, other spaces or texts of its own.

    Its place in the series stays (``recurrence_id``, RFC 5545 §3.8.4.4), so
    the series still knows it when it changes as a whole.

    Raises:
        NotFound: If there is no such date.
        NotAllowed: If the booking is somebody else's, or a rule forbids it.
        Stale: If somebody changed the booking since.
        InvalidRequest: If it makes no sense, or the date is over or given up.
        Conflicted: If the time is taken; with alternatives.
    """

    return _carried_out(
        lambda session: _locked(session, request, actor, now=now), "change_date", actor, now=now
    )


def date_changed_in(
    session: Session, request: DateRequest, actor: Actor, *, now: datetime
) -> Booked:
    """Change one date under another verb; a conflict comes without alternatives.

    Raises:
        NotFound, NotAllowed, Stale, InvalidRequest, Conflicted: As for ``change_date``.
    """
    return store_date_as(
        session, _locked(session, request, actor, now=now), "change_date", actor, now=now
    )


def _locked(session: Session, request: DateRequest, actor: Actor, *, now: datetime) -> DatePlan:
    known = agenda.booking(session, request.booking_id)
    spaces = record.lock_spaces(session, {*known.space_ids, *request.space_ids})
    return changed_date(session, request, spaces, actor, now=now)


def bring_back(request: DateBackRequest, actor: Actor, *, now: datetime) -> Booked:
    """Let a date that was cancelled, left out or not decided in time take place after all.

    At the time and in the spaces that it had.  It is asked for anew, so the
    rules of today decide.

    Raises:
        NotFound, NotAllowed, Stale, Conflicted: As for ``change_date``.
        InvalidRequest: If the date is over, or was not given up.
    """

    def planned(session: Session) -> DatePlan:
        known = agenda.booking(session, request.booking_id)
        spaces = record.lock_spaces(session, known.space_ids)
        before, stored = _seen(session, request, actor, now=now)
        if not GIVEN_UP.issuperset({each.state for each in stored}):
            raise InvalidRequest.because("date_not_given_up")
        return as_it_was(session, before, stored, spaces, actor, now=now)

    return _carried_out(planned, "bring_back", actor, now=now)


def as_it_was(
    session: Session,
    before: BookingView,
    stored: Sequence[OccurrenceView],
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    now: datetime,
) -> DatePlan:
    """Return what bringing a date back comes to, at its time and in its spaces."""
    first = stored[0]
    own = OwnDate(
        first.recurrence_id,
        to_local(first.interval.start, before.zone),
        to_local(first.interval.end, before.zone),
        tuple(sorted(each.space_id for each in stored)),
        *own_texts(before, first),
    )
    return _planned(session, before, stored, own, spaces, actor, now=now)


def preview_date(request: DateRequest, actor: Actor, *, now: datetime) -> Preview:
    """Return what changing a date would come to; stores nothing, and may be stale at once.

    Raises:
        NotFound, NotAllowed, Stale, InvalidRequest: As for ``change_date``.
    """
    session = db.session()
    known = agenda.booking(session, request.booking_id)
    spaces = houses.spaces_with_parts(session, {*known.space_ids, *request.space_ids})
    doing = changed_date(session, request, spaces, actor, now=now)
    wants = doing.plan.wants(doing.plan.instances)
    findings = clashes.check(session, wants, spaces, ignoring=doing.replaced)
    told = clashes.told(session, findings.taken, actor)
    return Preview(doing.plan.dates, tuple(told), doing.plan.asks, doing.plan.fair)


def changed_date(
    session: Session,
    request: DateRequest,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    now: datetime,
) -> DatePlan:
    """Return what a change of a date comes to, of what is stored by now."""
    before, stored = _seen(session, request, actor, now=now)
    if not any(each.state.is_open for each in stored):
        raise InvalidRequest.because("date_given_up")
    own = OwnDate(
        stored[0].recurrence_id,
        request.start,
        request.end,
        request.space_ids,
        "" if request.title == before.title else request.title,
        "" if request.note == before.note else request.note,
    )
    return _planned(session, before, stored, own, spaces, actor, now=now)


def date_as_wanted(
    session: Session,
    before: BookingView,
    stored: Sequence[OccurrenceView],
    own: OwnDate,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    site: Site,
    now: datetime,
) -> DatePlan:
    """Return what it comes to that a date, given up or not, shall be as ``own`` has it.

    Under the lock of a verb that has asked who may, and has read the ``site`` of the series.
    Times, spaces and texts are all said; texts that are those of the series are none of the
    date's own.
    """
    own = replace(
        own,
        title="" if own.title == before.title else own.title,
        note="" if own.note == before.note else own.note,
    )
    return _planned(session, before, stored, own, spaces, actor, now=now, site=site)


def _seen(
    session: Session, request: DateRequest | DateBackRequest, actor: Actor, *, now: datetime
) -> tuple[BookingView, list[OccurrenceView]]:
    """Return the series and all allocations of the date, if the actor may change it."""
    before = agenda.booking(session, request.booking_id)
    stored = [each for each in before.occurrences if each.occurrence_id == request.occurrence_id]
    if not stored:
        raise NotFound("booking", request.occurrence_id)
    if not permissions.may_change(actor, before):
        raise NotAllowed.because("not_your_booking")
    if before.version != request.version:
        raise Stale(before.version)
    if before.rule is None:
        raise InvalidRequest.because("not_a_series")
    if stored[0].interval.end <= now:
        raise InvalidRequest.because("not_open")
    return before, stored


def _planned(
    session: Session,
    before: BookingView,
    stored: Sequence[OccurrenceView],
    own: OwnDate,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    now: datetime,
    site: Site | None = None,
) -> DatePlan:
    wish = checked(_as_single(before, own))
    own = replace(own, title=wish.title if own.title else "", note=wish.note if own.note else "")
    if before.all_day and (wish.start.time(), wish.end.time()) != (time.min, time.min):
        raise InvalidRequest.because("all_day_date", "start")
    granted = granted_times(stored)
    if site is not None and any(
        spaces[each].site_id != site.id for each in wish.space_ids if each in spaces
    ):
        raise InvalidRequest.because("site_cannot_change", "space")
    plan = make_plan(
        session, wish, spaces, actor, now=now, site=site, granted=granted, replaced=stored
    )
    if plan.site.id != before.site_id:
        raise InvalidRequest.because("site_cannot_change", "space")
    return DatePlan(before, stored, plan, own)


def _as_single(before: BookingView, own: OwnDate) -> BookingRequest:
    """Return the date as if it were a booking by itself."""
    return replace(
        as_request(before),
        start=own.start or before.starts_at,
        end=own.end or before.ends_at,
        space_ids=before.usual_spaces if own.space_ids is None else own.space_ids,
        title=own.title or before.title,
        note=own.note or before.note,
        rule=None,
        rdates=(),
        skip=frozenset(),
    )


def _carried_out(
    planned: Callable[[Session], DatePlan], verb: str, actor: Actor, *, now: datetime
) -> Booked:
    """Plan and store a date in one transaction; a conflict comes with alternatives."""
    plans: list[DatePlan] = []

    def work(session: Session) -> Booked:
        doing = planned(session)
        plans.append(doing)
        return store_date_as(session, doing, verb, actor, now=now)

    try:
        return transact(work)
    except (Conflicted, GuardRefused) as error:
        doing = plans[-1]
        raise conflict(error, doing.plan, actor, now=now, ignoring=doing.replaced) from error
