"""A stored booking changes: by the form, or by a drag on the board."""

from dataclasses import replace

from flask import request
from werkzeug.wrappers import Response

from booking.actions import bookings
from booking.actions.bookings.change import as_request
from booking.core import permissions
from booking.core.errors import BookingError, NotAllowed
from booking.core.requests import BookingRequest, ChangeRequest
from booking.core.series import series_from
from booking.core.values import BookingView
from booking.db import db
from booking.queries import agenda
from booking.web.bookings.blueprint import BOOKING, blueprint
from booking.web.bookings.displacing import displaced_with_reason
from booking.web.bookings.form import done, form_page, refused
from booking.web.bookings.new import taking
from booking.web.bookings.reading import read_request, read_version, since_of
from booking.web.bookings.typed import Typed
from booking.web.bookings.words import own_words
from booking.web.context import actor, now, signed_in


@blueprint.get(f"{BOOKING}/edit")
@signed_in
def edit(booking_id: int) -> Response:
    """Show the form with the booking as it is; with ``since`` from one of its dates on.

    With ``take`` it has the time and the rooms that a search found.
    """
    booking = changeable(booking_id)
    asked = request.args.get("since", "")
    since = since_of(booking, asked)
    shown = booking if since is None else series_from(booking, since)
    typed = replace(Typed.from_booking(shown), since=asked)
    if offer := request.args.get("take", ""):
        typed = typed.taking(offer)
    return form_page(typed, booking=booking)


@blueprint.post(f"{BOOKING}/edit")
@signed_in
def change(booking_id: int) -> Response:
    """Store the booking as it was typed."""
    booking = changeable(booking_id)
    typed = Typed.from_form(request.form)
    try:
        typed = taking(typed)
        since = since_of(booking, typed.since)
        wish = ChangeRequest(booking_id, read_version(typed), _wanted(typed, booking), since)
        if over := displaced_with_reason(wish):
            return done(over)
        changed = bookings.change(wish, actor(), now=now())
    except BookingError as error:
        return refused(error, typed, booking=fresh(booking_id))
    return done(changed.booking_id, lost=own_words(changed.lost))


def changeable(booking_id: int) -> BookingView:
    """Return a booking that the reader may change.

    Raises:
        NotFound: If there is none.
        NotAllowed: If it is somebody else's.
    """
    booking = agenda.booking(db.session(), booking_id)
    if not permissions.may_change(actor(), booking):
        raise NotAllowed.because("not_your_booking")
    return booking


def fresh(booking_id: int) -> BookingView:
    """Return the booking as it is after the refusal; the verb's snapshot is over."""
    return agenda.booking(db.session(), booking_id)


def _wanted(typed: Typed, booking: BookingView) -> BookingRequest:
    """Return the request; dates that were left out before stay so."""
    wanted = read_request(typed)
    if not wanted.rule:
        return wanted
    return replace(wanted, skip=wanted.skip | as_request(booking).skip)
