"""Hand over: a booking becomes another person's, with all its dates as they are."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings import fairness
from booking.actions.bookings.book import Booked
from booking.actions.bookings.written import revise, space_names
from booking.core import permissions
from booking.core.checks import checked_reason
from booking.core.errors import InvalidRequest, NotAllowed, Stale
from booking.core.messages import Parameter
from booking.core.requests import HandOverRequest
from booking.core.values import Account, Actor, BookingView, Space
from booking.db import transact
from booking.queries import agenda, colleagues, houses


def hand_over(request: HandOverRequest, actor: Actor, *, now: datetime) -> Booked:
    """Make another person of the organisation the organiser; for an administrator, anybody.

    What is asked for waits on, what is confirmed stays so.  Whoever both made
    and organised the booking has no more part in it.

    Raises:
        NotFound: If there is no such booking.
        NotAllowed: If the booking is somebody else's, that person not of its organisation,
            or it would be more than they may have.
        Stale: If somebody changed it since.
        InvalidRequest: If it is over, or theirs already, or there is no such person.
    """
    words = checked_reason(request.words)
    return transact(lambda session: _hand_over(session, request, actor, now=now, words=words))


def successors(session: Session, booking: BookingView, actor: Actor) -> list[colleagues.Colleague]:
    """Return to whom the actor may hand a booking over, by organisation, then by name.

    Whoever belongs to two organisations is there twice.
    """
    if permissions.may_administer(actor, booking.site_id):
        found = colleagues.everybody(session)
    elif booking.organisation_id is not None:
        found = colleagues.colleagues(session, [booking.organisation_id])
    else:  # of no organisation: to one's own people
        found = colleagues.colleagues(session, actor.organisations)
    return [each for each in found if each.person_id != booking.organiser_id]


def _hand_over(
    session: Session, request: HandOverRequest, actor: Actor, *, now: datetime, words: str
) -> Booked:
    known = agenda.booking(session, request.booking_id)
    spaces = record.lock_spaces(session, known.space_ids)
    before = agenda.booking(session, request.booking_id)
    if not permissions.may_change(actor, before):
        raise NotAllowed.because("not_your_booking")
    if before.version != request.version:
        raise Stale(before.version)
    if not any(each.state.is_open and each.interval.end > now for each in before.occurrences):
        raise InvalidRequest.because("not_open")
    if request.person_id == before.organiser_id:
        raise InvalidRequest.because("handed_over_already", "person")
    _check_person(session, before, request.person_id, actor)
    _check_limits(session, before, request.person_id, actor, spaces=spaces, now=now)
    columns: dict[str, object] = {"organiser_id": request.person_id, "sequence": before.sequence}
    if before.created_by_id == before.organiser_id:
        # The key of the form belongs to whoever made the booking.
        columns |= {"created_by_id": request.person_id, "request_key": None}
    told = {"words": words} if words else {}
    after = revise(session, before, actor, "hand_over", now=now, columns=columns, told=told)
    _tell(session, before, after, actor, now=now, words=words)
    return Booked(after.id, after.state, after.version)


def _check_person(session: Session, before: BookingView, person_id: int, actor: Actor) -> None:
    if any(each.person_id == person_id for each in successors(session, before, actor)):
        return
    if all(each.person_id != person_id for each in colleagues.everybody(session)):
        raise InvalidRequest.because("not_found", "person", kind="person")
    raise NotAllowed.because("person_not_of_organisation", "person")


def _check_limits(
    session: Session,
    before: BookingView,
    person_id: int,
    actor: Actor,
    *,
    spaces: Mapping[int, Space],
    now: datetime,
) -> None:
    """Refuse what would be more than the person may have, where it counts to them then."""
    account = Account.of(before.organisation_id, person_id)
    if account == fairness.account_of(before):
        return
    coming = [each for each in before.occurrences if each.interval.end > now]
    found = fairness.ask(
        session,
        account,
        fairness.parts_of(coming, spaces),
        [spaces[each] for each in before.space_ids],
        actor,
        site=houses.site(session, before.site_id),
        now=now,
    )
    if found.asks:
        raise NotAllowed(*next(iter(found.asks.values())))


def _tell(
    session: Session,
    before: BookingView,
    after: BookingView,
    actor: Actor,
    *,
    now: datetime,
    words: str,
) -> None:
    """Tell whoever has it now, and whoever had it."""
    spaces = houses.spaces_by_id(session, after.space_ids)
    coming = [
        each.recurrence_id
        for each in after.occurrences
        if each.state.is_open and each.interval.end > now
    ]
    said: dict[str, Parameter] = {
        "actor": actor.name,
        "title": after.title,
        "space": space_names(spaces, after.space_ids),
        "start": min(coming),
    }
    told = (
        (after.organiser_id, "notice_handed_over", {"words": words}),
        (before.organiser_id, "notice_handed_on", {"person": after.organiser_name}),
    )
    for person_id, code, more in told:
        ids = {person_id} - {actor.person_id}
        record.notify(session, ids, code, {**said, **more}, booking_id=after.id, now=now)
