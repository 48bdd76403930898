"""A booking, or one date of a series, is given back."""

from dataclasses import dataclass

from flask import make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import bookings
from booking.core import permissions
from booking.core.errors import InvalidRequest, NotAllowed, Stale
from booking.core.permissions import is_own
from booking.core.recurrence import to_local
from booking.core.requests import CancelRequest
from booking.core.values import BookingView, OccurrenceView
from booking.db import db
from booking.i18n import sentence
from booking.queries import agenda, houses
from booking.web.bookings.blueprint import BOOKING, blueprint
from booking.web.bookings.form import told
from booking.web.bookings.reading import date_of
from booking.web.bookings.words import rule_words, span_words
from booking.web.context import actor, is_fragment, now, signed_in
from booking.web.numbers import is_id
from booking.web.spoken import by_field


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form carries: a reason, the date it is about, the version that was seen."""

    reason: str = ""
    occurrence: str = ""
    version: str = ""


@blueprint.get(f"{BOOKING}/cancel")
@signed_in
def cancel(booking_id: int) -> Response:
    """Ask once more, and for a reason."""
    booking = agenda.booking(db.session(), booking_id)
    asked = Typed(occurrence=request.args.get("occurrence", ""), version=str(booking.version))
    return _page(booking, asked)


@blueprint.post(f"{BOOKING}/cancel")
@signed_in
def cancel_post(booking_id: int) -> Response:
    """Give the time back."""
    form = request.form
    typed = Typed(form.get("reason", ""), form.get("occurrence", ""), form.get("version", ""))
    booking = agenda.booking(db.session(), booking_id)
    date = _date_of(booking, typed.occurrence)
    if not is_id(typed.version):
        return _page(booking, typed, status=422)
    wish = CancelRequest(
        booking_id,
        int(typed.version),
        typed.reason,
        occurrence_id=date.occurrence_id if date else None,
    )
    try:
        bookings.cancel(wish, actor(), now=now())
    except Stale as error:
        booking = agenda.booking(db.session(), booking_id)
        typed = Typed(typed.reason, typed.occurrence, str(booking.version))
        errors = {"": [sentence(each) for each in error.messages]}
        return _page(booking, typed, status=409, errors=errors)
    except InvalidRequest as error:
        booking = agenda.booking(db.session(), booking_id)
        return _page(booking, typed, status=422, errors=by_field(error))
    said = (
        _("Cancelled: %(title)s, %(when)s.", title=booking.title, when=_when(booking, date))
        if date
        else _("Cancelled: %(title)s.", title=booking.title)
    )
    return told(said, lambda: url_for(".show", booking_id=booking_id))


def _page(
    booking: BookingView,
    typed: Typed,
    *,
    status: int = 200,
    errors: dict[str, list[str]] | None = None,
) -> Response:
    if not permissions.may_change(actor(), booking):
        raise NotAllowed.because("not_your_booking")
    date = _date_of(booking, typed.occurrence)
    coming = [
        each for each in booking.occurrences if each.state.is_open and each.interval.end > now()
    ]
    template = "bookings/cancel.html" if is_fragment() else "bookings/cancel_page.html"
    return make_response(
        render_template(
            template,
            booking=booking,
            typed=typed,
            errors=errors or {},
            when=_when(booking, date),
            rule=rule_words(booking.rule) if booking.rule else "",
            rooms=[
                each.name for each in houses.spaces_by_id(db.session(), booking.space_ids).values()
            ],
            is_date=date is not None,
            dates=len({each.occurrence_id for each in coming}),
            is_own=is_own(actor(), booking),
        ),
        status,
    )


def _date_of(booking: BookingView, asked: str) -> OccurrenceView | None:
    """Return the date that is asked for, None for the whole booking.

    Raises:
        NotFound: If the booking has no such date.
    """
    return date_of(booking, asked) if asked else None


def _when(booking: BookingView, date: OccurrenceView | None) -> str:
    if date is None:
        return span_words(booking.starts_at, booking.ends_at, all_day=booking.all_day)
    start, end = (to_local(each, booking.zone) for each in (date.interval.start, date.interval.end))
    return span_words(start, end, all_day=booking.all_day)
