"""Is a series still needed that nobody comes to?  One page, one answer."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import bookings, checkins
from booking.core import permissions
from booking.core.errors import BookingError, InvalidRequest, NotAllowed, Stale
from booking.core.requests import CancelRequest
from booking.core.values import BookingView
from booking.db import db
from booking.queries import agenda, houses
from booking.queries.checkins import no_shows
from booking.web.bookings.blueprint import BOOKING, blueprint
from booking.web.bookings.words import rule_words
from booking.web.context import actor, now, signed_in
from booking.web.numbers import is_id
from booking.web.spoken import by_field

KEEP, END = "keep", "end"


@blueprint.get(f"{BOOKING}/needed")
@signed_in
def needed(booking_id: int) -> Response:
    """Ask, with the answer that a mail was left by in front."""
    return _page(agenda.booking(db.session(), booking_id))


@blueprint.post(f"{BOOKING}/needed")
@signed_in
def needed_post(booking_id: int) -> Response:
    """Keep the series, or end it."""
    try:
        if request.form.get("answer") == END:
            _end(booking_id)
            flash(_("The series has ended; its coming dates are free for others."))
        else:
            checkins.still_needed(booking_id, actor(), now=now())
            flash(_("Good to know: the series stays as it is."))
    except (InvalidRequest, Stale) as error:
        status = 409 if isinstance(error, Stale) else 422
        return _page(agenda.booking(db.session(), booking_id), error, status)
    return redirect(url_for(".show", booking_id=booking_id), 303)


def _end(booking_id: int) -> None:
    version = request.form.get("version", "")
    if not is_id(version):
        raise InvalidRequest.because("request_key_invalid")
    bookings.cancel(CancelRequest(booking_id, int(version)), actor(), now=now())


def _page(booking: BookingView, error: BookingError | None = None, status: int = 200) -> Response:
    if not permissions.may_change(actor(), booking):
        raise NotAllowed.because("not_your_booking")
    coming = {
        each.occurrence_id
        for each in booking.occurrences
        if each.state.is_open and each.interval.end > now()
    }
    page = render_template(
        "bookings/needed.html",
        booking=booking,
        errors=by_field(error) if error else {},
        rule=rule_words(booking.rule) if booking.rule else "",
        rooms=[
            each.name for each in houses.spaces_by_id(db.session(), booking.usual_spaces).values()
        ],
        number=no_shows(db.session(), booking.id),
        dates=len(coming),
        answer=END if request.values.get("answer") == END else KEEP,
    )
    return make_response(page, status)
