"""Change: the same booking at another time, in other spaces, with other texts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter

from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings import fairness
from booking.actions.bookings.book import Booked, Preview
from booking.actions.bookings.conflict import conflict
from booking.actions.bookings.expansion import Dates, dates_of
from booking.actions.bookings.plan import check_category, check_people
from booking.actions.bookings.reschedule import carry_out, planned, tell_changed
from booking.actions.bookings.written import revise
from booking.core import permissions
from booking.core.checks import checked
from booking.core.errors import Conflicted, GuardRefused, InvalidRequest, NotAllowed, Stale
from booking.core.recurrence import Instance, parse_rule, to_utc
from booking.core.requests import BookingRequest, ChangeRequest
from booking.core.series import own_dates
from booking.core.values import Account, Actor, BookingView, Category, Space, State, Visibility
from booking.db import db, transact
from booking.queries import agenda, houses
from booking.queries.basis import basis_of
from booking.queries.permanences import details_of


def change(request: ChangeRequest, actor: Actor, *, now: datetime) -> Booked:
    """Store the booking as it shall be.

    A series of which dates are over keeps those: what comes is split off into
    a booking of its own, and its id is returned.

    Raises:
        NotFound, InvalidRequest, NotAllowed: As for ``book``.
        Stale: If somebody changed it since.
        Conflicted: If a wanted time is taken; with alternatives.
    """
    wish = checked(request.wanted)
    asked = replace(request, wanted=wish)
    try:
        return transact(lambda session: changed_in(session, asked, actor, now))
    except (Conflicted, GuardRefused) as error:
        raise conflict_of_change(error, asked, actor, now=now) from error


def conflict_of_change(
    error: Conflicted | GuardRefused,
    request: ChangeRequest,
    actor: Actor,
    *,
    now: datetime,
) -> Conflicted:
    """Return the error for the door, of a request that is checked and was rolled back."""
    session, wish = db.session(), request.wanted
    before = agenda.booking(session, request.booking_id)
    spaces = houses.spaces_with_parts(session, {*before.space_ids, *wish.all_space_ids})
    doing = planned(session, before, wish, spaces=spaces, actor=actor, now=now, since=request.since)
    return conflict(error, doing.plan, actor, now=now, ignoring=doing.replaced)


def preview_change(request: ChangeRequest, actor: Actor, *, now: datetime) -> Preview:
    """Return what a change would come to; stores nothing, and may be stale at once.

    Raises:
        NotFound, InvalidRequest, NotAllowed: As for ``change``.
    """
    session = db.session()
    before = agenda.booking(session, request.booking_id)
    _refuse(before, replace(request, version=before.version), actor)
    wish = _with_organiser(checked(request.wanted), before)
    _keep_public(session, before, wish)
    told = (before.organiser_name,) if before.organiser_id not in (None, actor.person_id) else ()
    if _is_about_texts(session, before, request.since, wish, now):
        stored = {Instance(each.recurrence_id, each.interval) for each in before.occurrences}
        dates = Dates(
            wish, None, tuple(sorted(stored, key=attrgetter("recurrence_id"))), before.zone
        )
        return Preview(dates, (), {}, fairness.Fairness(), kept=own_dates(before), told=told)
    spaces = houses.spaces_with_parts(session, {*before.space_ids, *wish.all_space_ids})
    doing = planned(session, before, wish, spaces=spaces, actor=actor, now=now, since=request.since)
    plan = doing.plan
    findings = clashes.check(
        session, plan.wants(plan.instances), plan.spaces, ignoring=doing.replaced
    )
    return Preview(
        plan.dates,
        tuple(clashes.told(session, findings.taken, actor)),
        plan.asks if State.REQUESTED in doing.states.values() else {},
        plan.fair,
        kept=tuple(plan.own.values()),
        lost=doing.lost,
        apart=doing.splits,
        told=told,
    )


def as_request(booking: BookingView) -> BookingRequest:
    """Return the request that would make this booking as it is."""
    return BookingRequest(
        space_ids=booking.usual_spaces,
        start=booking.starts_at,
        end=booking.ends_at,
        title=booking.title,
        all_day=booking.all_day,
        rule=booking.rule,
        rdates=booking.rdates,
        leaves_out=booking.leaves_out,
        skip=frozenset(
            each.recurrence_id for each in booking.occurrences if each.state is State.SKIPPED
        ),
        organisation_id=booking.organisation_id,
        organiser_id=booking.organiser_id,
        attendance=booking.attendance,
        category=booking.category,
        visibility=booking.visibility,
        note=booking.note,
    )


def changed_in(
    session: Session,
    request: ChangeRequest,
    actor: Actor,
    now: datetime,
    *,
    in_place: bool = False,
) -> Booked:
    """Change a booking under a verb, by a request that is checked.

    With ``in_place`` a begun series stays one booking wherever that is possible.
    """
    known = agenda.booking(session, request.booking_id)
    spaces = record.lock_spaces(session, {*known.space_ids, *request.wanted.all_space_ids})
    before = agenda.booking(session, request.booking_id)  # again, under the lock
    _refuse(before, request, actor)
    wish = _with_organiser(request.wanted, before)
    others = (wish.organisation_id, wish.organiser_id) != (
        before.organisation_id,
        before.organiser_id,
    )
    if others or wish.category != before.category:
        basis = basis_of(session, wish, site_id=before.site_id, actor_id=None)
        if others:
            check_people(basis, wish, actor)
        if wish.category != before.category:
            check_category(basis)
    _keep_public(session, before, wish)
    if _is_about_texts(session, before, request.since, wish, now) and not _asks_anew(
        session, before, wish, spaces=spaces, actor=actor, now=now
    ):
        return _change_texts(session, before, wish, actor, now=now)
    doing = planned(
        session,
        before,
        wish,
        spaces=spaces,
        actor=actor,
        now=now,
        since=request.since,
        in_place=in_place,
    )
    return carry_out(session, doing)


def _refuse(before: BookingView, request: ChangeRequest, actor: Actor) -> None:
    if not permissions.may_change(actor, before):
        raise NotAllowed.because("not_your_booking")
    if before.version != request.version:
        raise Stale(before.version)
    if not any(each.state.is_open for each in before.occurrences):
        raise InvalidRequest.because("not_open")


def _keep_public(session: Session, before: BookingView, wish: BookingRequest) -> None:
    """Refuse to hide a permanence: visitors come because they read it."""
    hides = before.category == Category.PERMANENCE and wish.visibility is not Visibility.PUBLIC
    if hides and details_of(session, before.id) is not None:
        raise InvalidRequest.because("permanence_is_public", "visibility")


def _with_organiser(wish: BookingRequest, before: BookingView) -> BookingRequest:
    return replace(wish, organiser_id=wish.organiser_id or before.organiser_id)


def _is_about_texts(
    session: Session,
    before: BookingView,
    since: datetime | None,
    wish: BookingRequest,
    now: datetime,
) -> bool:
    return (
        since is None
        and not wish.own
        and _same_schedule(before, wish)
        and not _leaves_out_others(session, before, now)
    )


def _same_schedule(before: BookingView, wish: BookingRequest) -> bool:
    stored = parse_rule(before.rule) if before.rule else None
    wanted = parse_rule(wish.rule).in_zone(before.zone) if wish.rule else None
    return stored == wanted and (
        (before.starts_at, before.ends_at, before.all_day, before.usual_spaces)
        == (wish.start, wish.end, wish.all_day, wish.space_ids)
        and (before.rdates, before.leaves_out) == (wish.rdates, wish.leaves_out)
    )


def _leaves_out_others(session: Session, before: BookingView, now: datetime) -> bool:
    """Whether the days off that are known today leave out other coming dates than are stored."""
    if before.rule is None or not before.leaves_out:
        return False
    last = max(each.recurrence_id for each in before.occurrences)
    site = houses.site(session, before.site_id)
    after = to_utc(max((last, *before.exdates)), before.zone) + timedelta(seconds=1)
    try:
        dates = dates_of(as_request(before), site, zone=before.zone, edge=after)
    except InvalidRequest:  # a file that cannot be read is no reason to keep a new title out
        return False
    coming = [each for each in dates.exdates if to_utc(each, before.zone) > now]
    return coming != [each for each in before.exdates if to_utc(each, before.zone) > now]


def _asks_anew(
    session: Session,
    before: BookingView,
    wish: BookingRequest,
    *,
    spaces: Mapping[int, Space],
    actor: Actor,
    now: datetime,
) -> bool:
    """Whether an approver has to agree that what comes counts to another account."""
    account = Account.of(wish.organisation_id, wish.organiser_id)
    if account == fairness.account_of(before):
        return False
    coming = [each for each in before.occurrences if each.interval.end > now]
    found = fairness.ask(
        session,
        account,
        fairness.parts_of(coming, spaces),
        [spaces[each] for each in wish.space_ids],
        actor,
        site=houses.site(session, before.site_id),
        now=now,
    )
    return bool(found.asks)


def _change_texts(
    session: Session, before: BookingView, wish: BookingRequest, actor: Actor, *, now: datetime
) -> Booked:
    columns = {
        "sequence": before.sequence,
        "title": wish.title,
        "category": wish.category,
        "visibility": wish.visibility.value,
        "note": wish.note,
        "organisation_id": wish.organisation_id,
        "organiser_id": wish.organiser_id,
        "attendance": wish.attendance,
    }
    after = revise(session, before, actor, "change", now=now, columns=columns)
    tell_changed(session, before, after, actor, now=now)
    return Booked(after.id, after.state, after.version)
