"""Answers from a mail without signing in: a page with one confirming button for each answer.

Looking decides nothing: programs that look into mails follow every link in them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import approvals, offers
from booking.answering import Question, question
from booking.core.errors import (
    AlreadyDecided,
    BookingError,
    Conflicted,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from booking.core.permissions import may_approve
from booking.core.recurrence import to_local
from booking.core.requests import DecisionRequest
from booking.core.values import BookingView, OccurrenceView, State
from booking.core.visibility import seen_by
from booking.db import db
from booking.i18n import LANGUAGES, sentence
from booking.queries import agenda, houses
from booking.queries.audit import last_of
from booking.queries.offers import offer as offer_named
from booking.web.approvals.cards import cards
from booking.web.bookings.offers import offered
from booking.web.context import all_sites, category_names, config, now
from booking.web.errors import status_of
from booking.web.numbers import is_id

blueprint = Blueprint("by_mail", __name__, url_prefix="/by-mail")

DECIDED = ("approve", "refuse")


@blueprint.get("/<token>")
def show(token: str) -> Response:
    """Show what is asked, and the answers; nothing happens by looking at it."""
    return _in_own_language(token, _page)


@blueprint.post("/<token>/approve")
def approve(token: str) -> Response:
    """Approve what the reader may decide, without the dates that are taken by now."""

    def work(asked: Question) -> Response:
        approvals.approve(_decision(asked), asked.actor, now=now())
        flash(_("Approved. The person who asked is told."))
        return _back(token)

    return _in_own_language(token, work)


@blueprint.post("/<token>/refuse")
def refuse(token: str) -> Response:
    """Refuse what the reader may decide; the reason is required."""

    def work(asked: Question) -> Response:
        approvals.refuse(_decision(asked), asked.actor, now=now())
        flash(_("Refused. The person who asked is told your reason."))
        return _back(token)

    return _in_own_language(token, work)


@blueprint.post("/<token>/accept")
def accept(token: str) -> Response:
    """Take one of the things that are offered."""

    def work(asked: Question) -> Response:
        made = offers.accept_offer(_offer(asked), asked.actor, now=now())
        is_sure = made.state is State.CONFIRMED
        flash(_("Booked.") if is_sure else _("Asked for. An approver has to agree."))
        return _back(token)

    return _in_own_language(token, work)


@blueprint.post("/<token>/decline")
def decline(token: str) -> Response:
    """Say no to one of the things that are offered."""

    def work(asked: Question) -> Response:
        offers.decline_offer(_offer(asked), asked.actor, now=now())
        flash(_("Declined. Nothing is booked for you."))
        return _back(token)

    return _in_own_language(token, work)


def _in_own_language(token: str, work: Callable[[Question], Response]) -> Response:
    """Do the work of a page; what cannot be is told on it, in its reader's language."""
    asked = question(db.session(), token, config().signing_key(), now=now())
    language = asked.letter.locale
    with force_locale(language if language in LANGUAGES else config().ui.default_language):
        try:
            return work(asked)
        except (InvalidRequest, Conflicted, Stale) as error:
            return _page(asked, error)
        except (AlreadyDecided, NotAllowed) as error:
            flash(" ".join(map(sentence, error.messages)), "warning")
            return _back(token)


def _back(token: str) -> Response:
    return redirect(url_for("by_mail.show", token=token), 303)


def _decision(asked: Question) -> DecisionRequest:
    """Return the decision that was sent; the page's version, so that nothing else is decided.

    Raises:
        NotFound: If the form is none of ours.
    """
    version = request.form.get("version", "")
    try:
        skip = frozenset(map(datetime.fromisoformat, request.form.getlist("skip")))
    except ValueError:
        raise NotFound("page") from None
    if not is_id(version) or not asked.is_request or any(each.tzinfo for each in skip):
        raise NotFound("page")
    reason = request.form.get("reason", "")
    return DecisionRequest(asked.booking_id, int(version), reason, skip=skip)


def _offer(asked: Question) -> int:
    """Return the id of an offer of this booking.

    Raises:
        NotFound: If it is another's.
    """
    chosen = request.form.get("offer", "")
    if asked.is_request or not is_id(chosen):
        raise NotFound("page")
    offer = offer_named(db.session(), int(chosen))
    if offer.booking_id != asked.booking_id:
        raise NotFound("offer", int(chosen))
    return offer.id


def _page(asked: Question, error: BookingError | None = None) -> Response:
    booking = agenda.booking(db.session(), asked.booking_id)
    shown = _request_page if asked.is_request else _offers_page
    answer = make_response(shown(asked, booking, error))
    answer.status_code = status_of(error) if error else 200
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _common(asked: Question, booking: BookingView, error: BookingError | None) -> dict[str, Any]:
    return {
        "token": request.view_args["token"] if request.view_args else "",
        "name": asked.letter.name,
        "booking": booking,
        "wrong": [sentence(each) for each in error.messages] if error else [],
    }


def _request_page(asked: Question, booking: BookingView, error: BookingError | None) -> str:
    """Return the page of a request, in a fixed number of statements."""
    session, actor = db.session(), asked.actor
    waiting = [each for each in booking.occurrences if _is_asked(each, asked)]
    common = _common(asked, booking, error)
    if not waiting:
        done = last_of(session, ("booking", booking.id), DECIDED, since=asked.letter.notice.at)
        zone = all_sites()[booking.site_id].zone
        at = to_local(done.at, zone) if done else None
        return render_template("by_mail/decided.html", done=done, at=at, **common)
    spaces = {each.id: each for each in houses.spaces(session)}
    mine = [
        each.id
        for each in spaces.values()
        if may_approve(actor, space_id=each.id, site_id=each.site_id)
    ]
    [card] = cards(session, waiting, actor, spaces=spaces, sites=all_sites(), mine=mine)
    in_the_way = approvals.in_the_way(booking, actor)
    taken = sorted({each.recurrence_id for each in in_the_way})
    reasons = approvals.why_asked(session, booking, card.spaces, site=card.site)
    return render_template(
        "by_mail/request.html",
        card=card,
        view=seen_by(waiting[0], actor),
        in_the_way=in_the_way,
        taken=taken,
        left={each.recurrence_id for each in waiting} - {*taken},
        reasons=list(dict.fromkeys(map(sentence, reasons))),
        reason=request.form.get("reason", ""),
        categories=category_names(),
        local=to_local,
        **common,
    )


def _is_asked(view: OccurrenceView, asked: Question) -> bool:
    return (
        view.state is State.REQUESTED
        and view.interval.end > now()
        and may_approve(asked.actor, space_id=view.space_id, site_id=view.site_id)
    )


def _offers_page(asked: Question, booking: BookingView, error: BookingError | None) -> str:
    found = offered(booking)
    return render_template("by_mail/offers.html", offered=found, **_common(asked, booking, error))
