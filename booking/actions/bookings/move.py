"""Move: to another time or space by one gesture; texts stay."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from booking.actions.bookings.book import Booked
from booking.actions.bookings.change import as_request, change
from booking.actions.bookings.dates import change_date
from booking.core import permissions
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.requests import ChangeRequest, DateRequest, MoveRequest
from booking.core.series import own_texts
from booking.core.values import Actor, BookingView
from booking.db import db
from booking.queries import agenda


def move(request: MoveRequest, actor: Actor, *, now: datetime) -> Booked:
    """Move a single booking, or one date of a series, to another time or space.

    Raises:
        InvalidRequest: If it is a series as a whole, or the spaces make no sense.
        NotFound, NotAllowed, Stale, Conflicted: As for ``change``.
    """
    before = agenda.booking(db.session(), request.booking_id)
    if not permissions.may_change(actor, before):
        raise NotAllowed.because("not_your_booking")
    if before.rule is not None:
        return _move_date(request, before, actor, now=now)
    wanted = replace(
        as_request(before),
        start=request.start,
        end=request.end,
        space_ids=_exchanged(before.usual_spaces, request),
        all_day=False,
    )
    return change(ChangeRequest(request.booking_id, request.version, wanted), actor, now=now)


def _move_date(request: MoveRequest, before: BookingView, actor: Actor, *, now: datetime) -> Booked:
    if request.occurrence_id is None:
        raise InvalidRequest.because("series_cannot_move")
    date = [each for each in before.occurrences if each.occurrence_id == request.occurrence_id]
    if not date:
        raise NotFound("booking", request.occurrence_id)
    title, note = own_texts(before, date[0])
    wanted = DateRequest(
        request.booking_id,
        request.occurrence_id,
        request.version,
        request.start,
        request.end,
        _exchanged([each.space_id for each in date], request),
        title,
        note,
    )
    return change_date(wanted, actor, now=now)


def _exchanged(spaces: Collection[int], request: MoveRequest) -> tuple[int, ...]:
    """Return the spaces with one exchanged for another, if the move says so."""
    if request.space_from is None or request.space_to is None:
        return tuple(spaces)
    if request.space_from not in spaces:
        raise InvalidRequest.because("space_unknown", "space")
    if request.space_to in set(spaces) - {request.space_from}:
        raise InvalidRequest.because("space_twice", "space")
    swap = {request.space_from: request.space_to}
    return tuple(swap.get(each, each) for each in spaces)
