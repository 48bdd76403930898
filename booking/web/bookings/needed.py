"""Is a series still needed that nobody comes to?  One page, one answer."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.actions import bookings, checkins
from booking.core.errors import BookingError, InvalidRequest, Stale
from booking.core.requests import CancelRequest
from booking.core.values import BookingView
from booking.db import db
from booking.queries import agenda
from booking.queries.checkins import no_shows
from booking.web.bookings.asking import (
    END,
    KEEP,
    Answer,
    Question,
    asked,
    check_may_answer,
    in_front,
    question_page,
    series_facts,
)
from booking.web.bookings.blueprint import BOOKING, blueprint
from booking.web.context import actor, now, signed_in
from booking.web.numbers import is_id


@blueprint.get(f"{BOOKING}/needed")
@signed_in
def needed(booking_id: int) -> Response:
    """Ask, with the answer that a mail was left by in front."""
    return _page(booking_id)


@blueprint.post(f"{BOOKING}/needed")
@signed_in
def needed_post(booking_id: int) -> Response:
    """Keep the series, or end it."""
    try:
        if asked() == END:
            _end(booking_id)
            flash(_("The series has ended; its coming dates are free for others."))
        else:
            checkins.still_needed(booking_id, actor(), now=now())
            flash(_("Good to know: the series stays as it is."))
    except (InvalidRequest, Stale) as error:
        return _page(booking_id, error)
    return redirect(url_for(".show", booking_id=booking_id), 303)


def _end(booking_id: int) -> None:
    version = request.form.get("version", "")
    if not is_id(version):
        raise InvalidRequest.because("request_key_invalid")
    bookings.cancel(CancelRequest(booking_id, int(version)), actor(), now=now())


def _page(booking_id: int, error: BookingError | None = None) -> Response:
    booking = agenda.booking(db.session(), booking_id)
    check_may_answer(booking)
    return question_page(booking, _question(booking), error)


def _question(booking: BookingView) -> Question:
    facts = series_facts(booking)
    if missed := no_shows(db.session(), booking.id):
        facts.append(
            ngettext(
                "Nobody came to %(num)s of its dates.",
                "Nobody came to %(num)s of its dates.",
                missed,
            )
        )
    open_dates = (each for each in booking.occurrences if each.state.is_open)
    dates = len({each.occurrence_id for each in open_dates if each.interval.end > now()})
    is_end = asked() == END
    title = _("End the series?") if is_end else _("Is the series still needed?")
    if not dates:
        return Question(title, facts, _("Nothing of it is to come any more."))
    if is_end:
        text = ngettext(
            "%(num)s coming date is given back; what is over stays.",
            "All %(num)s coming dates are given back; what is over stays.",
            dates,
        )
    else:
        text = ngettext(
            "%(num)s date is to come. If it is not needed, others would be glad of the room.",
            "%(num)s dates are to come. If they are not needed, others would be glad of the room.",
            dates,
        )
    keep, end = Answer(KEEP, _("It is needed")), Answer(END, _("End the series"))
    return Question(title, facts, text, in_front(keep, end))
