"""A booking, or one date of a series, is dragged on the board."""

from dataclasses import replace

from flask import request
from werkzeug.wrappers import Response

from booking.actions import bookings
from booking.core.errors import BookingError
from booking.core.values import BookingView
from booking.web.bookings.blueprint import BOOKING, blueprint
from booking.web.bookings.changing import changeable, fresh
from booking.web.bookings.dating import date_of_series, refused_date
from booking.web.bookings.form import done, refused
from booking.web.bookings.reading import read_move
from booking.web.bookings.typed import Typed
from booking.web.context import actor, now, signed_in
from booking.web.numbers import is_id


@blueprint.post(f"{BOOKING}/move")
@signed_in
def move(booking_id: int) -> Response:
    """Move a single booking or one date of a series; a refusal is its form with the new time."""
    booking = changeable(booking_id)
    occurrence = request.form.get("occurrence", "")
    space_from, space_to = (request.form.get(name, "") for name in ("space_from", "space_to"))
    times = Typed.from_form(request.form)
    typed = _moved(_stored(booking, occurrence), times, space_from=space_from, space_to=space_to)
    try:
        wish = read_move(
            booking_id, times, space_from=space_from, space_to=space_to, occurrence=occurrence
        )
        bookings.move(wish, actor(), now=now())
    except BookingError as error:
        if booking.rule is not None and is_id(occurrence):
            return refused_date(error, typed, booking_id, int(occurrence))
        return refused(error, typed, booking=fresh(booking_id))
    return done(booking_id)


def _stored(booking: BookingView, occurrence: str) -> Typed:
    if booking.rule is not None and is_id(occurrence):
        return date_of_series(booking, int(occurrence)).typed()
    return Typed.from_booking(booking)


def _moved(typed: Typed, times: Typed, *, space_from: str, space_to: str) -> Typed:
    """Return what is stored, with the time and the space of the drag."""
    typed = replace(
        typed,
        date=times.date,
        start=times.start,
        end=times.end,
        end_date=times.end_date,
        all_day="",
        version=times.version,
    )
    if not (space_from and space_to):
        return typed
    spaces = (space_to if each == space_from else each for each in typed.space)
    return replace(typed, space=tuple(dict.fromkeys(spaces)))
