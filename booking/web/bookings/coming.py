"""How many people came: asked once a date has begun."""

from dataclasses import dataclass
from functools import partial

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions.bookings.attended import count_people
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.permissions import may_change
from booking.core.recurrence import to_local
from booking.core.values import BookingView
from booking.db import db
from booking.queries import agenda
from booking.queries.attended import attended
from booking.web.bookings.blueprint import BOOKING, blueprint
from booking.web.bookings.words import span_words
from booking.web.context import actor, now, signed_in
from booking.web.forms import Reading
from booking.web.spoken import by_field

SHOWN = 30  # the latest dates


@dataclass(frozen=True, slots=True)
class Date:
    """A date that has begun; ``came`` as it is typed."""

    id: int
    when: str
    came: str


@blueprint.get(f"{BOOKING}/came")
@signed_in
def came(booking_id: int) -> Response:
    """Ask how many people came to the dates that have begun, the latest first."""
    return _page(_own(booking_id))


@blueprint.post(f"{BOOKING}/came")
@signed_in
def came_post(booking_id: int) -> Response:
    """Store how many came; an empty field takes it back."""
    booking, reading = _own(booking_id), Reading()
    typed = {
        each.id: request.form.get(f"came-{each.id}", "").strip()[:9] for each in _dates(booking)
    }
    try:
        numbers = {key: reading.take(partial(_number, text), None) for key, text in typed.items()}
        reading.done()
        count_people(booking_id, numbers, actor(), now=now())
    except InvalidRequest as error:
        words = [each for some in by_field(error).values() for each in some]
        return _page(booking, typed, words[:1], 422)
    flash(_("Saved."))
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)


def _own(booking_id: int) -> BookingView:
    found = agenda.booking(db.session(), booking_id)
    if not may_change(actor(), found):
        raise NotAllowed.because("not_your_booking")
    return found


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise InvalidRequest.because("number_invalid", "came")
    return int(text)


def _dates(booking: BookingView) -> list[Date]:
    begun = {
        each.occurrence_id: each
        for each in booking.occurrences
        if each.state.is_open and each.interval.start <= now()
    }
    latest = sorted(begun.values(), key=lambda each: each.interval.start, reverse=True)[:SHOWN]
    known = attended(db.session(), [each.occurrence_id for each in latest])
    return [
        Date(
            each.occurrence_id,
            span_words(
                to_local(each.interval.start, booking.zone),
                to_local(each.interval.end, booking.zone),
                all_day=booking.all_day,
            ),
            str(known.get(each.occurrence_id, "")),
        )
        for each in latest
    ]


def _page(
    booking: BookingView,
    typed: dict[int, str] | None = None,
    errors: list[str] | None = None,
    status: int = 200,
) -> Response:
    return make_response(
        render_template(
            "bookings/came.html",
            booking=booking,
            dates=_dates(booking),
            typed=typed or {},
            errors=errors or [],
        ),
        status,
    )
