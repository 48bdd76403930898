"""What the house offers in place of a booking: taken, or not, by one click."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import offers as verbs
from booking.core.recurrence import to_local
from booking.core.values import BookingView, Space, State
from booking.db import db
from booking.queries import houses
from booking.queries.offers import OfferView, open_offers
from booking.web.bookings.blueprint import blueprint
from booking.web.bookings.words import day_words, span_words
from booking.web.context import actor, now, signed_in

OFFER = "/offers/<int(max=2147483647):offer_id>"


@dataclass(frozen=True, slots=True)
class Offered:
    """An open offer in words; ``until`` is of the house's clock.

    ``about`` says, of a series, whether it is for the whole or for which date.
    """

    id: int
    rooms: str
    when: str
    until: datetime
    words: str
    about: str


def offered(booking: BookingView) -> list[Offered]:
    """Return what is offered for a booking, or in its place; two statements at most."""
    found = open_offers(db.session(), booking.id, now=now())
    spaces: Mapping[int, Space] = (
        houses.spaces_by_id(db.session(), {each for one in found for each in one.space_ids})
        if found
        else {}
    )
    return [
        Offered(
            each.id,
            ", ".join(spaces[one].name for one in each.space_ids if one in spaces),
            span_words(each.starts_at, each.ends_at, all_day=booking.all_day),
            to_local(each.expires_at, booking.zone),
            each.words,
            _about(each, booking),
        )
        for each in found
    ]


def _about(offer: OfferView, booking: BookingView) -> str:
    if booking.rule is None:
        return ""
    if offer.occurrence_id is None:
        return _("for the whole series")
    dates = (each for each in booking.occurrences if each.occurrence_id == offer.occurrence_id)
    date = next(dates, None)
    return _("in place of %(day)s", day=day_words(date.recurrence_id)) if date else ""


@blueprint.post(f"{OFFER}/accept")
@signed_in
def accept_offer(offer_id: int) -> Response:
    """Book what is offered."""
    made = verbs.accept_offer(offer_id, actor(), now=now())
    if made.state is State.CONFIRMED:
        flash(_("Booked. The house had agreed before."))
    else:
        flash(_("Asked for. An approver has to agree."))
    return redirect(url_for("bookings.show", booking_id=made.booking_id), 303)


@blueprint.post(f"{OFFER}/decline")
@signed_in
def decline_offer(offer_id: int) -> Response:
    """Say no to what is offered."""
    booking_id = verbs.decline_offer(offer_id, actor(), now=now())
    flash(_("Declined. Nothing is booked for you."))
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)
