"""Does a series keep its place next season?  Asked by a page, on the booking's, and in the list."""

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import renewals as verbs
from booking.core.errors import BookingError, InvalidRequest
from booking.core.recurrence import parse_rule
from booking.core.renewals import is_answerable
from booking.core.values import Actor, BookingView, Renewal, RenewalState
from booking.db import db
from booking.queries import agenda
from booking.queries.renewals import renewal, unanswered
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
from booking.web.bookings.words import day_words
from booking.web.context import actor, all_sites, now, signed_in


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A series of the reader's that the house waits for an answer about."""

    booking_id: int
    title: str
    season: date


@blueprint.get(f"{BOOKING}/season")
@signed_in
def season(booking_id: int) -> Response:
    """Ask, with the answer that a mail was left by in front."""
    return _page(booking_id)


@blueprint.post(f"{BOOKING}/season")
@signed_in
def season_post(booking_id: int) -> Response:
    """Keep the place, or give it back."""
    try:
        if asked() == END:
            verbs.give_place_back(booking_id, actor(), now=now())
            flash(_("Given back, thank you. The series ends with the season."))
        else:
            verbs.keep_place(booking_id, actor(), now=now())
            flash(_("Kept: the series goes on next season."))
    except InvalidRequest as error:
        return _page(booking_id, error)
    return redirect(url_for(".show", booking_id=booking_id), 303)


def season_of(booking: BookingView) -> Renewal | None:
    """Return the question about a series that the reader may answer, None for anything else."""
    if booking.rule is None or not parse_rule(booking.rule).is_endless:
        return None
    site = all_sites()[booking.site_id]
    if site.policy.seasons is None:
        return None
    known = renewal(db.session(), booking.id)
    return known if known and is_answerable(booking, known, site, now=now()) else None


def unanswered_of(reader: Actor, *, of: str) -> list[Unanswered]:
    """Return the series that are asked about, of the reader or (``of``) the organisation."""
    sites = all_sites()
    if of == "house" or not any(each.policy.seasons for each in sites.values()):
        return []
    person_id, managed = (None, reader.manages) if of else (reader.person_id, ())
    found = unanswered(db.session(), person_id=person_id, organisation_ids=managed)
    return [
        Unanswered(each.booking_id, each.title, each.season)
        for each in found
        if sites[each.site_id].policy.seasons
    ]


def _page(booking_id: int, error: BookingError | None = None) -> Response:
    booking = agenda.booking(db.session(), booking_id)
    check_may_answer(booking)
    return question_page(booking, _question(booking, season_of(booking)), error)


def _question(booking: BookingView, known: Renewal | None) -> Question:
    facts = series_facts(booking)
    if known is None:
        gone = _("Nobody asks about this series any more: it was answered, or has ended.")
        return Question(_("Next season"), facts, gone)
    last = day_words(known.season)
    end = Answer(END, _("Give the place back"))
    if known.state is RenewalState.KEPT or asked() == END:
        answers = [end]
        if known.state is not RenewalState.KEPT:
            answers = in_front(Answer(KEEP, _("Keep the place")), end)
        text = _(
            "The series ends on %(last)s. What it holds after that is free for others at once.",
            last=last,
        )
        return Question(_("Give the place back?"), facts, text, answers)
    text = _(
        "The season ends on %(last)s. Keep the place, and you are asked again next year. Without"
        " an answer the series ends with the season.",
        last=last,
    )
    keep = Answer(KEEP, _("Keep the place"))
    return Question(_("Keep the place next season?"), facts, text, in_front(end, keep))
