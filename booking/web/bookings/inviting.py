"""Who is invited to a booking: the list on its page, and who is added or taken from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.actions import invitees as verbs
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.invitees import Answer, Invitee, counted, typed_people
from booking.core.values import BookingView
from booking.core.visibility import invitees_seen_by
from booking.db import db
from booking.i18n import sentence
from booking.queries.invitees import invitees
from booking.web.bookings.blueprint import BOOKING, blueprint
from booking.web.context import actor, now, signed_in


@dataclass(frozen=True, slots=True)
class Invited:
    """Who is invited, as the reader may know it, and how many gave each answer."""

    people: Sequence[Invitee]
    numbers: Mapping[Answer, int]


def invited(booking: BookingView) -> Invited:
    """Return who is invited to a booking, in two statements at most."""
    people = invitees_seen_by(invitees(db.session(), booking.id), booking, actor())
    return Invited(people, {each: number for each, number in counted(people).items() if number})


@blueprint.post(f"{BOOKING}/invite")
@signed_in
def invite(booking_id: int) -> Response:
    """Invite the people that were typed."""
    try:
        people = typed_people(request.form.get("invite", ""))
        if not people:
            raise InvalidRequest.because("invitee_missing", "invite")
        number = verbs.invite(booking_id, people, actor(), now=now())
    except (InvalidRequest, NotAllowed) as error:
        flash(" ".join(map(sentence, error.messages)), "warning")
        return _back(booking_id)
    if number:
        flash(
            ngettext(
                "Invited: the mail is on its way.",
                "%(num)s people invited: the mails are on their way.",
                number,
            )
        )
    else:
        flash(_("These people are invited already."))
    return _back(booking_id)


@blueprint.post(f"{BOOKING}/invitees/<int:invitee_id>/remove")
@signed_in
def uninvite(booking_id: int, invitee_id: int) -> Response:
    """Take somebody from the list."""
    verbs.uninvite(booking_id, invitee_id, actor(), now=now())
    flash(_("Taken from the list. Whoever had an invitation is told by mail."))
    return _back(booking_id)


def _back(booking_id: int) -> Response:
    return redirect(f"{url_for('.show', booking_id=booking_id)}#invited", 303)
