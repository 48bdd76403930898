"""A stored booking changes: by the form, or by a drag on the board."""

from dataclasses import replace

from flask import request
from werkzeug.wrappers import Response

from booking.actions import bookings
from booking.actions.bookings.change import as_request
from booking.core import permissions
from booking.core.errors import BookingError, NotAllowed
from booking.core.requests import BookingRequest, ChangeRequest
from booking.core.values import BookingView
from booking.db import db
from booking.queries import agenda
from booking.web.bookings.blueprint import BOOKING, blueprint
from booking.web.bookings.displacing import displaced_with_reason
from booking.web.bookings.form import done, form_page, refused
from booking.web.bookings.new import taking
from booking.web.bookings.reading import read_move, read_request, read_version
from booking.web.bookings.typed import Typed
from booking.web.context import actor, now, signed_in


@blueprint.get(f"{BOOKING}/edit")
@signed_in
def edit(booking_id: int) -> Response:
    """Show the form with the booking as it is."""
    booking = _changeable(booking_id)
    return form_page(Typed.from_booking(booking), booking=booking)


@blueprint.post(f"{BOOKING}/edit")
@signed_in
def change(booking_id: int) -> Response:
    """Store the booking as it was typed."""
    booking = _changeable(booking_id)
    typed = Typed.from_form(request.form)
    try:
        typed = taking(typed)
        wish = ChangeRequest(booking_id, read_version(typed), _wanted(typed, booking))
        done_id = displaced_with_reason(wish)
        done_id = done_id or bookings.change(wish, actor(), now=now()).booking_id
    except BookingError as error:
        return refused(error, typed, booking=_fresh(booking_id))
    return done(done_id)


@blueprint.post(f"{BOOKING}/move")
@signed_in
def move(booking_id: int) -> Response:
    """Move a single booking; a refusal is the form with the new time in it."""
    booking = _changeable(booking_id)
    form = request.form
    space_from, space_to = form.get("space_from", ""), form.get("space_to", "")
    times = Typed.from_form(form)
    typed = replace(
        Typed.from_booking(booking),
        date=times.date,
        start=times.start,
        end=times.end,
        end_date=times.end_date,
        all_day="",
        version=times.version,
    )
    if space_from and space_to:
        spaces = (space_to if each == space_from else each for each in typed.space)
        typed = replace(typed, space=tuple(dict.fromkeys(spaces)))
    try:
        wish = read_move(booking_id, times, space_from=space_from, space_to=space_to)
        moved = bookings.move(wish, actor(), now=now())
    except BookingError as error:
        return refused(error, typed, booking=_fresh(booking_id))
    return done(moved.booking_id)


def _changeable(booking_id: int) -> BookingView:
    """Return a booking that the reader may change.

    Raises:
        NotFound: If there is none.
        NotAllowed: If it is somebody else's.
    """
    booking = agenda.booking(db.session(), booking_id)
    if not permissions.may_change(actor(), booking):
        raise NotAllowed.because("not_your_booking")
    return booking


def _fresh(booking_id: int) -> BookingView:
    """Return the booking as it is after the refusal; the verb's snapshot is over."""
    return agenda.booking(db.session(), booking_id)


def _wanted(typed: Typed, booking: BookingView) -> BookingRequest:
    """Return the request; dates that were left out before stay so."""
    wanted = read_request(typed)
    if not wanted.rule:
        return wanted
    return replace(wanted, skip=wanted.skip | as_request(booking).skip)
