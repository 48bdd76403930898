"""Check in: by the page of the booking, or of the room, to which the code at its door leads."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import checkins
from booking.core.errors import InvalidRequest
from booking.web.bookings.blueprint import BOOKING, blueprint
from booking.web.context import actor, now, signed_in
from booking.web.numbers import is_id
from booking.web.spoken import by_field


@blueprint.post(f"{BOOKING}/check-in")
@signed_in
def check_in(booking_id: int) -> Response:
    """Write down that somebody is there, and go back to where that was said."""
    try:
        checkins.check_in(booking_id, actor(), now=now())
        flash(_("Checked in."))
    except InvalidRequest as error:
        flash(" ".join(each for some in by_field(error).values() for each in some))
    room = request.form.get("room", "")
    if is_id(room):
        return redirect(url_for("rooms.show", space_id=int(room)), 303)
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)
