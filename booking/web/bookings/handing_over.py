"""A booking becomes another person's: to whom, and a word with it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import bookings
from booking.actions.bookings.hand_over import successors
from booking.core import permissions
from booking.core.errors import BookingError, InvalidRequest, NotAllowed, Stale
from booking.core.requests import HandOverRequest
from booking.core.values import BookingView
from booking.db import db
from booking.queries import agenda, houses
from booking.queries.colleagues import Colleague
from booking.web.bookings.blueprint import BOOKING, blueprint
from booking.web.bookings.form import told
from booking.web.bookings.words import rule_words, span_words
from booking.web.context import actor, is_fragment, now, signed_in
from booking.web.numbers import is_id
from booking.web.spoken import by_field


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form carries: the person, words to them, the version that was seen."""

    person: str = ""
    words: str = ""
    version: str = ""


@blueprint.get(f"{BOOKING}/hand-over")
@signed_in
def hand_over(booking_id: int) -> Response:
    """Ask to whom."""
    booking = agenda.booking(db.session(), booking_id)
    return _page(booking, Typed(version=str(booking.version)))


@blueprint.post(f"{BOOKING}/hand-over")
@signed_in
def hand_over_post(booking_id: int) -> Response:
    """Make it theirs."""
    form = request.form
    typed = Typed(form.get("person", ""), form.get("words", ""), form.get("version", ""))
    try:
        done = bookings.hand_over(_read(booking_id, typed), actor(), now=now())
    except (InvalidRequest, NotAllowed, Stale) as error:
        return _again(booking_id, typed, error)
    after = agenda.booking(db.session(), done.booking_id)
    said = _(
        "Handed over: %(title)s is now for %(name)s.", title=after.title, name=after.organiser_name
    )
    return told(said, lambda: url_for(".show", booking_id=booking_id))


def _read(booking_id: int, typed: Typed) -> HandOverRequest:
    if not is_id(typed.version):
        raise InvalidRequest.because("request_key_invalid")
    if not typed.person:
        raise InvalidRequest.because("person_missing", "person")
    if not is_id(typed.person):
        raise InvalidRequest.because("not_found", "person", kind="person")
    return HandOverRequest(booking_id, int(typed.version), int(typed.person), typed.words)


def _again(booking_id: int, typed: Typed, error: BookingError) -> Response:
    """Return the form with what is wrong."""
    booking = agenda.booking(db.session(), booking_id)
    wrong = by_field(error)
    if wrong.get("reason"):
        wrong["words"] = wrong.pop("reason")
    if isinstance(error, Stale):
        return _page(booking, replace(typed, version=str(booking.version)), 409, wrong)
    return _page(booking, typed, 422, wrong)


def _page(
    booking: BookingView,
    typed: Typed,
    status: int = 200,
    errors: dict[str, list[str]] | None = None,
) -> Response:
    if not permissions.may_change(actor(), booking):
        raise NotAllowed.because("not_your_booking")
    template = "bookings/hand_over.html" if is_fragment() else "bookings/hand_over_page.html"
    rooms = houses.spaces_by_id(db.session(), booking.space_ids).values()
    return make_response(
        render_template(
            template,
            booking=booking,
            typed=typed,
            errors=errors or {},
            when=span_words(booking.starts_at, booking.ends_at, all_day=booking.all_day),
            rule=rule_words(booking.rule) if booking.rule else "",
            rooms=[each.name for each in rooms],
            people=_grouped(successors(db.session(), booking, actor())),
        ),
        status,
    )


def _grouped(people: Iterable[Colleague]) -> dict[str, list[Colleague]]:
    """Return the people of each organisation by its name."""
    found: dict[str, list[Colleague]] = {}
    for each in people:
        found.setdefault(each.organisation_name, []).append(each)
    return found
