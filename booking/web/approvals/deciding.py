"""One request decided: approved, refused, or something else proposed for it."""

from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import approvals, proposals
from booking.core.errors import AlreadyDecided, Conflicted, InvalidRequest, NotAllowed, Stale
from booking.core.recurrence import to_local
from booking.core.requests import DecisionRequest
from booking.core.values import State
from booking.db import db
from booking.i18n import sentence
from booking.queries import agenda, houses
from booking.web import context
from booking.web.approvals.blueprint import BOOKING, approver, blueprint
from booking.web.approvals.page import proposing_page, request_page
from booking.web.approvals.queue import queue_page
from booking.web.bookings.reading import read_proposal
from booking.web.bookings.typed import Typed
from booking.web.context import Page, signed_in


@blueprint.post(f"{BOOKING}/approve")
@signed_in
def approve(booking_id: int) -> Page:
    """Confirm what the viewer may decide of a booking."""
    actor = approver()
    wish = _decision(booking_id)
    try:
        done = approvals.approve(wish, actor, now=context.now())
    except Conflicted as error:
        return _taken(wish, error), 409
    except InvalidRequest as error:
        return _wrong(wish, error)
    except (AlreadyDecided, Stale) as error:
        return _too_late(booking_id, error)
    if wish.refuse_rivals:
        flash(_("Approved. The others are refused, and offered what else is free."))
    elif done.state is State.CONFIRMED:
        flash(_("Approved. The person who asked finds the answer in the inbox."))
    elif wish.dates is not None:
        flash(_("Approved. The other dates wait on."))
    else:
        flash(_("Approved what you decide about. Something else still waits for its approver."))
    return redirect(url_for("approvals.queue"), 303)


@blueprint.post(f"{BOOKING}/refuse")
@signed_in
def refuse(booking_id: int) -> Page:
    """Refuse what the viewer may decide of a booking; the reason is required."""
    actor = approver()
    wish = _decision(booking_id)
    try:
        approvals.refuse(wish, actor, now=context.now())
    except InvalidRequest as error:
        return _wrong(wish, error)
    except (AlreadyDecided, Stale) as error:
        return _too_late(booking_id, error)
    flash(_("Refused. The person who asked finds your reason in the inbox."))
    return redirect(url_for("approvals.queue"), 303)


@blueprint.post(f"{BOOKING}/propose")
@signed_in
def propose(booking_id: int) -> Page:
    """Propose another time or other rooms to whoever asked."""
    actor = approver()
    typed, words = Typed.from_form(request.form), request.form.get("words", "")
    try:
        if offer := request.form.get("take"):
            typed = typed.taking(offer)
        wish = read_proposal(booking_id, typed, words)
        proposals.propose(wish, actor, now=context.now())
    except (InvalidRequest, NotAllowed) as error:
        if error.messages[0].code == "not_your_decision":
            raise
        return _answer(proposing_page(actor, booking_id, typed, words, trouble=error), 422)
    except Conflicted as error:
        return _answer(proposing_page(actor, booking_id, typed, words, trouble=error), 409)
    except (AlreadyDecided, Stale) as error:
        return _too_late(booking_id, error)
    flash(_("Proposed. Whoever asked accepts or declines with one click."))
    return redirect(url_for("approvals.show", booking_id=booking_id), 303)


@blueprint.post("/offers/<int(max=2147483647):offer_id>/withdraw")
@signed_in
def withdraw(offer_id: int) -> Page:
    """Take back what was proposed and nobody answered yet."""
    booking_id = proposals.withdraw(offer_id, approver(), now=context.now())
    flash(_("Withdrawn."))
    return redirect(url_for("approvals.show", booking_id=booking_id), 303)


def _decision(booking_id: int) -> DecisionRequest:
    try:
        version = int(request.form["version"])
        skip = _dates("skip")
        dates = _dates("dates") if "some" in request.form else None
    except (KeyError, ValueError):
        abort(400)
    refuse_rivals = ""
    if "rivals" in request.form:
        refuse_rivals = request.form.get("rivals_reason", "").strip() or _(
            "Another request was chosen for this time."
        )
    return DecisionRequest(
        booking_id,
        version,
        request.form.get("reason", ""),
        dates=dates,
        skip=skip,
        refuse_rivals=refuse_rivals,
    )


def _dates(name: str) -> frozenset[datetime]:
    """Return local starts from the form.

    Raises:
        ValueError: If one is none.
    """
    found = frozenset(datetime.fromisoformat(each) for each in request.form.getlist(name))
    if any(each.tzinfo for each in found):
        raise ValueError(name)
    return found


def _wrong(wish: DecisionRequest, error: InvalidRequest) -> Page:
    """Return the page that the decision was made on, with what is wrong with it."""
    sentences = [sentence(each) for each in error.messages]
    actor = approver()
    if "some" in request.form or request.form.get("from") == "page":
        page = request_page(actor, wish.booking_id, wrong=sentences, typed=wish)
        return _answer(page, 422)
    wrong, typed = {wish.booking_id: sentences}, {wish.booking_id: wish.reason}
    return queue_page(actor, wrong=wrong, typed=typed), 422


def _answer(page: str | Response, status: int) -> Page:
    return page if isinstance(page, Response) else (page, status)


def _too_late(booking_id: int, error: AlreadyDecided | Stale) -> Page:
    flash(" ".join(sentence(each) for each in error.messages), "warning")
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)


def _taken(wish: DecisionRequest, error: Conflicted) -> str:
    """Return the page that lists the taken dates and offers to approve the others."""
    booking = agenda.booking(db.session(), wish.booking_id)
    spaces = houses.spaces_by_id(db.session(), {*booking.space_ids})
    others = {
        each.recurrence_id
        for each in booking.occurrences
        if each.state is State.REQUESTED
        and (wish.dates is None or each.recurrence_id in wish.dates)
    } - {clash.recurrence_id for clash in error.clashes}
    return render_template(
        "approvals/taken.html",
        booking=booking,
        spaces=spaces,
        clashes=error.clashes,
        zone=booking.zone,
        local=to_local,
        wish=wish,
        others=len(others),
    )
