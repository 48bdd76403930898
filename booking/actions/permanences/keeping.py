"""A permanence is booked as any series, with its words for visitors, in one transaction."""

from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.beside import insert_permanence, update_permanence
from booking.actions.bookings.book import Booked, booked_in, earlier
from booking.actions.bookings.change import changed_in, conflict_of_change
from booking.actions.bookings.conflict import conflict
from booking.actions.bookings.plan import Plan
from booking.core.checks import checked
from booking.core.errors import Conflicted, GuardRefused, InvalidRequest, NotAllowed
from booking.core.permanences import (
    Details,
    PermanenceChange,
    PermanenceRequest,
    checked_details,
)
from booking.core.permissions import may_keep_permanence
from booking.core.requests import BookingRequest, ChangeRequest
from booking.core.values import Actor, Category, Visibility
from booking.db import db, transact
from booking.queries import agenda, houses
from booking.queries.permanences import permanence


def make(request: PermanenceRequest, actor: Actor, *, now: datetime) -> Booked:
    """Store a permanence with all its dates, or nothing.

    Raises:
        InvalidRequest, NotAllowed, Conflicted: As for ``book``.
    """
    details, wish = checked_details(request.details), _public(request.wanted)
    plans: list[Plan] = []

    def work(session: Session) -> Booked:
        spaces = houses.spaces_by_id(session, wish.all_space_ids)
        for site_id in {each.site_id for each in spaces.values()}:
            _refuse(actor, wish.organisation_id, site_id=site_id)
        made = booked_in(session, wish, actor, now, tell=plans.append)
        if not made.repeated:
            insert_permanence(session, made.booking_id, details)
        return made

    try:
        return transact(work)
    except (Conflicted, GuardRefused) as error:
        raise conflict(error, plans[-1], actor, now=now) from error
    except IntegrityError:
        # The same form sent twice at once: see ``book``.
        twin = earlier(db.session(), wish, actor)
        if twin is None:
            raise
        return twin


def change(request: PermanenceChange, actor: Actor, *, now: datetime) -> Booked:
    """Store a permanence as it shall be; what is over stays as it was.

    Raises:
        NotFound: If the booking is no permanence.
        InvalidRequest, NotAllowed, Stale, Conflicted: As for ``change`` of a booking.
    """
    details = checked_details(request.details)
    asked = replace(request.asked, wanted=_public(request.asked.wanted))
    try:
        return transact(lambda session: _changed(session, asked, details, actor, now))
    except (Conflicted, GuardRefused) as error:
        raise conflict_of_change(error, asked, actor, now=now) from error


def _changed(
    session: Session, asked: ChangeRequest, details: Details, actor: Actor, now: datetime
) -> Booked:
    known = agenda.booking(session, asked.booking_id)
    record.lock_spaces(session, {*known.space_ids, *asked.wanted.all_space_ids})
    before = agenda.booking(session, asked.booking_id)
    was = permanence(session, before.id)
    for organisation_id in (before.organisation_id, asked.wanted.organisation_id):
        _refuse(actor, organisation_id, site_id=before.site_id)
    done = changed_in(session, asked, actor, now)
    if details != was:
        update_permanence(session, done.booking_id, details)
        record.audit(
            session,
            actor,
            "change_words",
            ("booking", done.booking_id),
            now=now,
            old=asdict(was),
            new=asdict(details),
        )
    return done


def _public(request: BookingRequest) -> BookingRequest:
    """Return the series as visitors may read it.

    Raises:
        InvalidRequest: If it makes no sense, or is no series.
    """
    wish = checked(request)
    if wish.rule is None:
        raise InvalidRequest.because("permanence_once", "repeat")
    return replace(wish, category=Category.PERMANENCE.value, visibility=Visibility.PUBLIC)


def _refuse(actor: Actor, organisation_id: int | None, *, site_id: int) -> None:
    if organisation_id is None:
        raise InvalidRequest.because("organisation_missing", "organisation")
    if not may_keep_permanence(actor, organisation_id, site_id=site_id):
        raise NotAllowed.because("permanence_not_yours", "organisation")
