"""Something else, proposed: by an approver for a request, by the house for one it refused."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import insert
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings.change import as_request
from booking.actions.bookings.conflict import conflict
from booking.actions.bookings.plan import Plan, refuse_clashes
from booking.actions.bookings.reschedule import planned
from booking.actions.bookings.written import NOTHING, space_names
from booking.actions.offers import as_offered, close_offer
from booking.core import permissions
from booking.core.availability import Alternative
from booking.core.checks import checked_reason
from booking.core.errors import (
    AlreadyDecided,
    Conflicted,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from booking.core.intervals import Interval
from booking.core.messages import Parameter
from booking.core.recurrence import to_local
from booking.core.requests import ProposalRequest
from booking.core.values import Actor, BookingView, Door, OccurrenceView, Site, State
from booking.db import transact
from booking.models import Offer
from booking.queries import agenda, houses, offers, people

OPEN_FOR = timedelta(days=7)
MOST_PROPOSALS = 5
MOST_DATES_OFFERED = 10


class Wish(NamedTuple):
    """What to offer something for: a date (None: the whole booking), its times, its spaces."""

    occurrence_id: int | None
    wanted: tuple[Interval, ...]
    space_ids: tuple[int, ...]


def propose(request: ProposalRequest, actor: Actor, *, now: datetime) -> int:
    """Propose another time or other spaces for a request, and return the offer's id.

    Nothing is held by it.  Whoever asked accepts it as a change of the
    request, under the rules of the house and against what is booked then.

    Raises:
        NotFound, NotAllowed, Stale: As their names say; ``NotAllowed`` also if the
            rules refuse it to whoever asked.
        AlreadyDecided: If nothing of it waits any more.
        InvalidRequest: If it makes no sense, or is what was asked for.
        Conflicted: If it is taken; with alternatives.
    """
    words = checked_reason(request.words)
    plans: list[Plan] = []
    ours: list[int] = []

    def work(session: Session) -> int:
        known = agenda.booking(session, request.booking_id)
        spaces = record.lock_spaces(session, {*known.space_ids, *request.space_ids})
        before = _waiting(session, request, actor, now=now)
        asker = _asker(session, before) or actor
        asked = as_request(before)
        wish = as_offered(before, request.space_ids, request.start, request.end)
        if replace(wish, space_ids=()) == replace(asked, space_ids=()) and {*wish.space_ids} == {
            *asked.space_ids
        }:
            raise InvalidRequest.because("proposal_same", "start")
        doing = planned(session, before, wish, spaces=spaces, actor=asker, now=now)
        plans.append(doing.plan)
        ours.extend(doing.replaced)
        refuse_clashes(
            session, doing.plan, actor, instances=doing.plan.instances, ignoring=doing.replaced
        )
        made = _insert(
            session,
            before,
            actor,
            (doing.plan.request.start, doing.plan.request.end),
            doing.plan.request.space_ids,
            until=doing.plan.instances[0].interval.start,
            words=words,
            now=now,
        )
        _tell(session, before, doing.plan, actor, words, now=now)
        new = {"offer": made, "start": request.start.isoformat(timespec="minutes")}
        record.audit(session, actor, "propose", ("booking", before.id), now=now, new=new)
        return made

    try:
        return transact(work)
    except Conflicted as error:
        raise conflict(error, plans[-1], actor, now=now, ignoring=ours) from error


def withdraw(offer_id: int, actor: Actor, *, now: datetime) -> int:
    """Take an offer back that nobody answered yet, and return its booking.

    Raises:
        NotFound: If there is no such offer.
        NotAllowed: If the actor decides about none of the booking's spaces.
        AlreadyDecided: If it is not open any more.
    """

    def work(session: Session) -> int:
        found = offers.offer(session, offer_id)
        before = agenda.booking(session, found.booking_id)
        if not _decides(actor, before):
            raise NotAllowed.because("not_your_decision")
        close_offer(session, found, "withdrawn", now=now)
        entity, new = ("booking", before.id), {"offer": offer_id}
        record.audit(session, actor, "withdraw_offer", entity, now=now, new=new)
        return before.id

    return transact(work)


def suggestions(session: Session, booking: BookingView, *, now: datetime) -> list[Alternative]:
    """Return what is free in place of a request that waits, for whoever asked; advice only."""
    waiting = {
        each.interval
        for each in booking.occurrences
        if each.state is State.REQUESTED and each.interval.end > now
    }
    return clashes.offer(
        session,
        sorted(waiting),
        booking.usual_spaces,
        site=houses.site(session, booking.site_id),
        spaces=houses.spaces(session, booking.site_id),
        now=now,
        attendance=booking.attendance,
        ignoring=[each.allocation_id for each in booking.occurrences],
        actor=_asker(session, booking),
        is_given=True,
    )


def offer_instead(
    session: Session,
    refused: Sequence[OccurrenceView],
    booking: BookingView,
    actor: Actor,
    *,
    site: Site,
    now: datetime,
) -> list[Alternative]:
    """Store the best that is free in place of what is refused, and return it, by time.

    Runs in the verb that refuses it, after that is written down.  One offer
    where all of the booking is refused, a series included; else one for each
    date, up to ``MOST_DATES_OFFERED``.
    """
    wishes = [
        Wish(occurrence_id, tuple(wanted), booking.usual_spaces)
        for occurrence_id, wanted in _refused_dates(refused, booking)
    ]
    return store_offers(session, wishes, booking, actor, site=site, now=now)


def store_offers(
    session: Session,
    wishes: Iterable[Wish],
    booking: BookingView,
    actor: Actor,
    *,
    site: Site,
    now: datetime,
) -> list[Alternative]:
    """Store the best that is free for each wish of a booking, and return it, by time.

    ``actor`` makes the offers.  What the wishes had is free again by now.
    """
    asker = _asker(session, booking)
    if asker is None:
        return []
    found = []
    spaces = houses.spaces(session, site.id)
    for occurrence_id, wanted, space_ids in wishes:
        best = clashes.offer(
            session,
            wanted,
            space_ids,
            site=site,
            spaces=spaces,
            now=now,
            attendance=booking.attendance,
            actor=asker,
        )[:1]
        for each in best:
            start, end = (
                to_local(at, site.zone) for at in (each.interval.start, each.interval.end)
            )
            if occurrence_id is None and booking.rule is not None:
                # A series keeps its days; what is free may be told of a later one of them.
                first = to_local(wanted[0].start, site.zone).date()
                start, end = datetime.combine(first, start.time()), end + (first - start.date())
            _insert(
                session,
                booking,
                actor,
                (start, end),
                each.space_ids,
                until=wanted[0].start if booking.rule else each.interval.start,
                occurrence_id=occurrence_id,
                now=now,
            )
        found += best
    return found


def said_of(
    session: Session, offered: Sequence[Alternative], booking: BookingView
) -> tuple[str, Mapping[str, Parameter]]:
    """Return the code of the message about a refusal with these offers, and what it names."""
    if not offered:
        return "notice_refused", NOTHING
    if len(offered) > 1:
        return "notice_dates_offered", {"number": len(offered)}
    best = offered[0]
    spaces = houses.spaces_by_id(session, best.space_ids)
    return "notice_offered", {
        "instead": space_names(spaces, best.space_ids),
        "at": to_local(best.interval.start, booking.zone),
    }


def _refused_dates(
    refused: Sequence[OccurrenceView], booking: BookingView
) -> Iterator[tuple[int | None, list[Interval]]]:
    """Return what to offer something for: (date or None for the whole, its times)."""
    ids = {each.allocation_id for each in refused}
    if len(ids) == len(booking.occurrences):
        yield None, sorted({each.interval for each in refused})
        return
    by_date: dict[int, list[OccurrenceView]] = {}
    for each in booking.occurrences:
        by_date.setdefault(each.occurrence_id, []).append(each)
    whole = [
        (occurrence_id, [views[0].interval])
        for occurrence_id, views in by_date.items()
        if all(each.allocation_id in ids for each in views)
    ]
    yield from sorted(whole, key=lambda each: each[1])[:MOST_DATES_OFFERED]


def _waiting(
    session: Session, request: ProposalRequest, actor: Actor, *, now: datetime
) -> BookingView:
    before = agenda.booking(session, request.booking_id)
    if not _decides(actor, before):
        raise NotAllowed.because("not_your_decision")
    if not any(
        each.state is State.REQUESTED and each.interval.end > now for each in before.occurrences
    ):
        raise AlreadyDecided(before.state.value)
    if before.version != request.version:
        raise Stale(before.version)
    if len(offers.open_offers(session, before.id, now=now)) >= MOST_PROPOSALS:
        raise InvalidRequest.because("too_many_proposals", most=MOST_PROPOSALS)
    return before


def _asker(session: Session, booking: BookingView) -> Actor | None:
    """Return whoever asked, None where nobody of the house is left to answer."""
    try:
        return people.actor_of(session, booking.organiser_id or 0, Door.WEB)
    except NotFound:
        return None


def _decides(actor: Actor, booking: BookingView) -> bool:
    return any(
        permissions.may_approve(actor, space_id=each, site_id=booking.site_id)
        for each in booking.space_ids
    )


def _insert(
    session: Session,
    booking: BookingView,
    actor: Actor,
    local: tuple[datetime, datetime],
    space_ids: Sequence[int],
    *,
    until: datetime,
    now: datetime,
    words: str = "",
    occurrence_id: int | None = None,
) -> int:
    statement = insert(Offer).values(
        booking_id=booking.id,
        occurrence_id=occurrence_id,
        made_by_id=actor.person_id,
        starts_local=local[0],
        ends_local=local[1],
        space_ids=list(space_ids),
        words=words,
        state=offers.OPEN,
        created_at=now,
        expires_at=min(now + OPEN_FOR, until),
    )
    made: int = session.execute(statement.returning(Offer.id)).scalar_one()
    return made


def _tell(
    session: Session, before: BookingView, plan: Plan, actor: Actor, words: str, *, now: datetime
) -> None:
    record.notify(
        session,
        {before.organiser_id, before.created_by_id} - {actor.person_id},
        "notice_proposed",
        {
            "actor": actor.name,
            "title": before.title,
            "start": before.starts_at,
            "instead": space_names(plan.spaces, plan.request.space_ids),
            "at": plan.request.start,
            "words": words,
        },
        booking_id=before.id,
        now=now,
    )
