"""A swap is proposed, or taken back."""

from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.written import space_names
from booking.actions.swaps.sides import Side, ask_rules, close, named, refuse, side_of
from booking.core import permissions
from booking.core.checks import checked_reason
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.requests import SwapRequest
from booking.core.values import Actor
from booking.core.visibility import may_read
from booking.db import transact
from booking.models import Swap
from booking.queries import agenda, houses, swaps

OPEN_FOR = timedelta(days=7)
MOST_SWAPS = 5  # open ones that give the same booking


def propose_swap(request: SwapRequest, actor: Actor, *, now: datetime) -> int:
    """Propose to exchange a date of one's own for somebody else's, and return the swap's id.

    Raises:
        NotFound: If there is no such date, or the actor may not read it.
        NotAllowed: If the given booking is somebody else's, or the rules refuse the
            exchange, or leave it to an approver.
        Stale: If somebody changed one of them since.
        InvalidRequest: If these two cannot be exchanged, or too much is proposed already.
    """
    words = checked_reason(request.words)

    def work(session: Session) -> int:
        given, wanted = side_of(session, request.given), side_of(session, request.wanted)
        if not all(may_read(each, actor) for each in wanted.date):
            raise NotFound("booking", request.wanted.booking_id)
        if not permissions.may_change(actor, given.booking):
            raise NotAllowed.because("not_your_booking")
        for side, seen in ((given, request.given), (wanted, request.wanted)):
            if side.booking.version != seen.version:
                raise Stale(side.booking.version)
        refuse(given, wanted, now)
        ask_rules(session, given, wanted, now=now)
        if swaps.given_swaps(session, given.booking.id, now=now) >= MOST_SWAPS:
            raise InvalidRequest.because("too_many_swaps", most=MOST_SWAPS)
        made = _insert(session, request, actor, given, wanted, words=words, now=now)
        entity = ("booking", given.booking.id)
        record.audit(session, actor, "propose_swap", entity, now=now, new={"swap": made})
        _tell_asked(session, given, wanted, actor, now=now, words=words)
        return made

    return transact(work)


def withdraw_swap(swap_id: int, actor: Actor, *, now: datetime) -> int:
    """Take a proposed swap back, and return the booking that was given.

    Raises:
        NotFound: If there is no such swap.
        NotAllowed: If the given booking is somebody else's.
        AlreadyDecided: If it is not open any more.
    """

    def work(session: Session) -> int:
        found = swaps.swap(session, swap_id)
        given = agenda.booking(session, found.given.booking_id)
        if not permissions.may_change(actor, given):
            raise NotAllowed.because("not_your_booking")
        close(session, swap_id, "withdrawn", now=now)
        new = {"swap": swap_id}
        record.audit(session, actor, "withdraw_swap", ("booking", given.id), now=now, new=new)
        return given.id

    return transact(work)


def _insert(
    session: Session,
    request: SwapRequest,
    actor: Actor,
    given: Side,
    wanted: Side,
    *,
    words: str,
    now: datetime,
) -> int:
    statement = insert(Swap).values(
        given_booking_id=request.given.booking_id,
        given_occurrence_id=request.given.occurrence_id,
        given_version=request.given.version,
        wanted_booking_id=request.wanted.booking_id,
        wanted_occurrence_id=request.wanted.occurrence_id,
        wanted_version=request.wanted.version,
        made_by_id=actor.person_id,
        words=words,
        state=swaps.OPEN,
        created_at=now,
        expires_at=min(now + OPEN_FOR, given.interval.start, wanted.interval.start),
    )
    made: int = session.execute(statement.returning(Swap.id)).scalar_one()
    return made


def _tell_asked(
    session: Session, given: Side, wanted: Side, actor: Actor, *, now: datetime, words: str
) -> None:
    spaces = houses.spaces_by_id(session, given.space_ids)
    record.notify(
        session,
        {wanted.booking.organiser_id, wanted.booking.created_by_id} - {actor.person_id},
        "notice_swap_proposed",
        {
            **named(session, wanted, wanted.local[0], actor),
            "instead": space_names(spaces, given.space_ids),
            "at": given.local[0],
            "words": words,
        },
        booking_id=wanted.booking.id,
        now=now,
    )
