"""An event of somebody's calendar file is booked: one transaction, harmless when repeated."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from booking.actions.bookings.book import Booked, booked_in, earlier
from booking.actions.bookings.book import preview as look
from booking.actions.bookings.conflict import conflict
from booking.actions.bookings.plan import Plan
from booking.core.checks import checked
from booking.core.errors import BookingError, Conflicted, GuardRefused, InvalidRequest, NotAllowed
from booking.core.imports import Clashing, Fate, Left, Outcome, Wish, settled
from booking.core.requests import BookingRequest
from booking.core.values import Actor, State
from booking.db import db, transact

TRIES = 4  # somebody may take another date meanwhile


def import_event(
    wish: Wish,
    actor: Actor,
    *,
    clashing: Clashing,
    now: datetime,
    told: set[int] | None = None,
) -> Outcome:
    """Book what a file asks for, without what clashes; imported before, it is left as it is.

    What is refused is told in the outcome, not raised: the next event has its
    turn.  ``told`` has the spaces whose approvers know of this file, and grows:
    a hundred requests are one message, and a hundred lines of their queue.
    """
    told = set() if told is None else told
    try:
        request, made = _booked(checked(wish.request), clashing, actor, now, told)
    except Conflicted as error:
        return _taken(wish, error)
    except (InvalidRequest, NotAllowed) as error:
        return refused(wish, error)
    fate = Fate.REQUESTED if made.state is State.REQUESTED else Fate.BOOKED
    gone = request.skip - wish.request.skip
    return replace(
        outcome_of(wish, Fate.THERE if made.repeated else fate),
        start=request.start,
        end=request.end,
        space_ids=request.space_ids,
        dates=wish.dates - len(gone),
        clashing=tuple(sorted(gone)),
        booking_id=made.booking_id,
    )


def preview_event(wish: Wish, actor: Actor, *, now: datetime) -> Outcome:
    """Return what importing an event would come to; stores nothing, and may be stale at once."""
    try:
        request = checked(wish.request)
        if before := earlier(db.session(), request, actor):
            return replace(outcome_of(wish, Fate.THERE), booking_id=before.booking_id)
        seen = look(request, actor, now=now)
    except (InvalidRequest, NotAllowed) as error:
        return refused(wish, error)
    taken = tuple(sorted({each.recurrence_id for each in seen.clashes}))
    outcome = replace(
        outcome_of(wish, Fate.REQUESTED if seen.asks else Fate.BOOKED), clashing=taken
    )
    if len(taken) < outcome.dates:
        return outcome
    return replace(outcome, fate=Fate.TAKEN, dates=0)


def left_out(left: Left) -> Outcome:
    """Return the outcome of what the reader left out."""
    return Outcome(left.uid, left.title, Fate.LEFT, start=left.start, reasons=(left.reason,))


@dataclass(slots=True)
class _Seen:
    """The plan of the last try: whoever is refused still needs it."""

    plan: Plan | None = None

    def note(self, plan: Plan) -> None:
        self.plan = plan


def _booked(
    request: BookingRequest, clashing: Clashing, actor: Actor, now: datetime, told: set[int]
) -> tuple[BookingRequest, Booked]:
    """Return what was booked at last, and what came of it.

    Raises:
        Conflicted: If nothing is left of it, or others are faster each time.
        InvalidRequest, NotAllowed: As booking does.
    """
    for left in reversed(range(TRIES)):
        seen = _Seen()
        try:
            made = _once(request, actor, now, seen.note, told)
        except (Conflicted, GuardRefused) as error:
            if seen.plan is None:
                raise
            known = error
            if clashing is not Clashing.LEAVE or isinstance(error, GuardRefused):
                known = conflict(error, seen.plan, actor, now=now)
            zone = seen.plan.site.zone
            assert isinstance(known, Conflicted)  # noqa: S101
            smaller = settled(known, seen.plan.request, clashing, zone)
            dates = {each.recurrence_id for each in seen.plan.instances}
            if not left or smaller is None or dates <= smaller.skip:
                raise known from error
            request = smaller
        else:
            told |= seen.plan.undecided if seen.plan else set()
            return request, made
    raise AssertionError("unreachable")


def _once(
    request: BookingRequest,
    actor: Actor,
    now: datetime,
    tell: Callable[[Plan], None],
    told: set[int],
) -> Booked:
    try:
        return transact(
            lambda session: booked_in(session, request, actor, now, tell=tell, told=told)
        )
    except IntegrityError:
        twin = earlier(db.session(), request, actor)  # the same file, imported twice at once
        if twin is None:
            raise
        return twin


def outcome_of(wish: Wish, fate: Fate) -> Outcome:
    """Return what is told of an event with this fate, as it was asked for."""
    request = wish.request
    return Outcome(
        wish.uid,
        request.title,
        fate,
        start=request.start,
        end=request.end,
        space_ids=request.space_ids,
        dates=wish.dates,
        over=wish.over,
        warnings=wish.warnings,
    )


def refused(wish: Wish, error: BookingError) -> Outcome:
    """Return what is told of an event that a rule of the house refuses."""
    return replace(outcome_of(wish, Fate.REFUSED), dates=0, reasons=error.messages)


def _taken(wish: Wish, error: Conflicted) -> Outcome:
    taken = tuple(sorted({each.recurrence_id for each in error.clashes}))
    return replace(outcome_of(wish, Fate.TAKEN), dates=0, clashing=taken)
