"""What a booking would come to, told before anything is saved."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from booking.actions import bookings
from booking.core.errors import BookingError, InvalidRequest, NotAllowed, NotFound
from booking.core.permissions import may_change
from booking.core.recurrence import clock_changes
from booking.core.values import BookingView
from booking.db import db
from booking.i18n import sentence
from booking.queries import agenda
from booking.web.bookings.blueprint import blueprint
from booking.web.bookings.form import Trouble, form_page
from booking.web.bookings.reading import read_request
from booking.web.bookings.typed import Typed
from booking.web.bookings.words import clock_words, day_off_words
from booking.web.context import actor, is_fragment, now, signed_in
from booking.web.numbers import is_id
from booking.web.spoken import by_field


@dataclass(frozen=True, slots=True)
class Outlook:
    """What saving would come to: refused, in part taken, to be approved, or just free.

    ``refused`` and ``asks`` are sentences; ``taken`` of the ``dates`` clash.
    ``left_out`` has days with why; ``known_until`` is the last day whose
    school holidays are known, where dates come after it.  ``clocks`` tells what
    falls into the hours in which the clocks change.
    """

    dates: int = 1
    taken: int = 0
    asks: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    left_out: tuple[tuple[datetime, str], ...] = ()
    known_until: date | None = None
    clocks: tuple[str, ...] = ()


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
    try:
        found = bookings.preview(
            wish, actor(), now=now(), booking_id=booking.id if booking else None
        )
    except InvalidRequest:
        raise
    except BookingError as error:
        return Outlook(refused=tuple(sentence(each) for each in error.messages))
    asks = (each for some in found.asks.values() for each in some)
    dates = [each for each in found.recurrence_ids if each not in wish.skip]
    return Outlook(
        dates=len(dates),
        taken=len({each.recurrence_id for each in found.clashes}),
        asks=tuple(dict.fromkeys(sentence(each) for each in asks)),
        left_out=tuple((at, day_off_words(day)) for at, day in found.dates.left_out.items()),
        known_until=found.dates.known_until,
        clocks=tuple(
            clock_words(*each)
            for each in clock_changes(dates, wish.end - wish.start, found.dates.zone)
        ),
    )
