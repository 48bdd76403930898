"""The page of one invitation, without an account: what it is about, and the answer.

Looking decides nothing: programs that look into mails follow every link in them.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import invitees as verbs
from booking.core.errors import NotFound
from booking.core.invitees import GIVEN
from booking.core.recurrence import to_local
from booking.core.values import BookingView, OccurrenceView, Site, Space
from booking.db import db
from booking.i18n import LANGUAGES, sentence
from booking.invited import invited_by_link
from booking.queries import agenda, houses
from booking.queries.invitees import Standing, standing
from booking.web.bookings.words import repeat_words, span_words
from booking.web.context import all_sites, config, now

blueprint = Blueprint("invited", __name__, url_prefix="/invited")


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation and the booking that it is to."""

    standing: Standing
    booking: BookingView
    token: str

    @property
    def site(self) -> Site:
        """Where it takes place."""
        return all_sites()[self.booking.site_id]

    @property
    def next(self) -> OccurrenceView | None:
        """The date that is next, None where nothing is to come."""
        coming = (
            each
            for each in self.booking.occurrences
            if each.state.is_open and each.interval.end > now()
        )
        return next(coming, None)


@blueprint.get("/<token>")
def show(token: str) -> Response:
    """Show an invitation, and the answers; nothing happens by looking at it."""
    asked = _asked(token)
    with force_locale(_language(asked)):
        return _page(asked)


@blueprint.post("/<token>/answer")
def answer(token: str) -> Response:
    """Keep the answer."""
    asked = _asked(token)
    given = next((each for each in GIVEN if each.value == request.form.get("answer")), None)
    if given is None:
        raise NotFound("page")
    why = verbs.answer_now(asked.standing.invitee.id, given, now=now())
    with force_locale(_language(asked)):
        if why is None:
            flash(_("Thank you: your answer is kept."))
        else:
            flash(sentence(why), "warning")
    return redirect(url_for(".show", token=token), 303)


@blueprint.post("/<token>/none")
def opt_out(token: str) -> Response:
    """Let the address get no invitations any more."""
    asked = _asked(token)
    verbs.opt_out(asked.standing.invitee.id, now=now())
    with force_locale(_language(asked)):
        flash(_("Done: this house sends no more invitations to your address."))
    return redirect(url_for(".show", token=token), 303)


def _asked(token: str) -> Asked:
    """Return the invitation that a link stands for; five statements.

    Raises:
        NotFound: If it is none of ours.
    """
    invitee_id = invited_by_link(token, config().signing_key())
    found = standing(db.session(), invitee_id) if invitee_id is not None else None
    if found is None:
        raise NotFound("answer_link")
    return Asked(found, agenda.booking(db.session(), found.invitee.booking_id), token)


def _language(asked: Asked) -> str:
    locale = asked.standing.locale
    return locale if locale in LANGUAGES else config().ui.default_language


def _page(asked: Asked) -> Response:
    booking, date = asked.booking, asked.next
    at = date or booking.occurrences[-1]
    start, end = (to_local(each, booking.zone) for each in (at.interval.start, at.interval.end))
    together = [each for each in booking.occurrences if each.occurrence_id == at.occurrence_id]
    spaces = houses.spaces_by_id(db.session(), [each.space_id for each in together])
    page = make_response(render_template("invited.html", **_said(asked, spaces, start, end)))
    page.headers["X-Robots-Tag"] = "noindex"
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


def _said(asked: Asked, spaces: dict[int, Space], start: Any, end: Any) -> dict[str, Any]:
    booking = asked.booking
    return {
        "asked": asked,
        "token": asked.token,
        "title": booking.title,
        "name": booking.organiser_name or asked.site.name,
        "when": span_words(start, end, all_day=booking.all_day),
        "rule": repeat_words(booking),
        "where": [each.name for each in spaces.values()],
        "site": asked.site,
        "invitee": asked.standing.invitee,
        "is_on": asked.standing.is_invited and asked.next is not None,
        "opted_out": asked.standing.opted_out,
    }
