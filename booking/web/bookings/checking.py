"""What a booking would come to, told before anything is saved."""

from dataclasses import replace

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from booking.actions import bookings
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.permissions import may_change
from booking.core.requests import BookingRequest, ChangeRequest
from booking.core.values import BookingView
from booking.db import db
from booking.queries import agenda
from booking.web.bookings.blueprint import blueprint
from booking.web.bookings.form import Trouble, form_page
from booking.web.bookings.outlook import Outlook, outlook_of
from booking.web.bookings.reading import read_request, since_of
from booking.web.bookings.typed import Typed
from booking.web.context import actor, is_fragment, now, signed_in
from booking.web.numbers import is_id
from booking.web.spoken import by_field


@blueprint.post("/bookings/check")
@signed_in
def check() -> Response:
    """Tell a script what saving would come to, or show the form again with it."""
    typed = Typed.from_form(request.form)
    booking = _stored(request.form.get("booking", ""))
    # What is not there yet is no reason to say nothing about the time.
    asked = replace(typed, title=typed.title or "-", request_key="")
    try:
        outlook = _outlook(asked, booking)
    except InvalidRequest as error:
        if is_fragment():
            return make_response("", 204)
        return form_page(typed, booking=booking, trouble=Trouble(422, by_field(error)))
    if is_fragment():
        return make_response(render_template("bookings/outlook.html", outlook=outlook))
    return form_page(typed, booking=booking, outlook=outlook)


def _stored(asked: str) -> BookingView | None:
    """Return the booking that is being changed; only its own people get this far."""
    if not asked:
        return None
    if not is_id(asked):
        raise NotFound("booking", asked)
    found = agenda.booking(db.session(), int(asked))
    if not may_change(actor(), found):
        raise NotAllowed.because("not_your_booking")
    return found


def _outlook(typed: Typed, booking: BookingView | None) -> Outlook:
    wish = read_request(typed)
    return outlook_of(lambda: _preview(wish, typed, booking), wish.skip)


def _preview(wish: BookingRequest, typed: Typed, booking: BookingView | None) -> bookings.Preview:
    if booking is None:
        return bookings.preview(wish, actor(), now=now())
    since = since_of(booking, typed.since)
    changed = ChangeRequest(booking.id, booking.version, wish, since)
    return bookings.preview_change(changed, actor(), now=now())
