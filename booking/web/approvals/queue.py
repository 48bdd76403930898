"""The queue: what waits, the next first, decided one by one or several at once."""

from collections.abc import Mapping
from types import MappingProxyType

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from booking.actions import approvals
from booking.core.errors import BookingError, InvalidRequest
from booking.core.recurrence import to_local
from booking.core.requests import DecisionRequest
from booking.core.values import Actor
from booking.db import db
from booking.i18n import sentence
from booking.queries import agenda, houses, requests
from booking.queries.usage import use_by_organisation
from booking.web import context
from booking.web.approvals.blueprint import LAST_MONTHS, approver, blueprint, decided_by
from booking.web.approvals.cards import cards
from booking.web.context import Page, signed_in
from booking.web.numbers import is_id, page_number

ON_A_PAGE = 20


@blueprint.get("")
@signed_in
def queue() -> Page:
    """Show the open requests that the viewer decides, the next first."""
    return queue_page(approver())


@blueprint.post("/decide")
@signed_in
def decide() -> Page:
    """Approve or refuse what is ticked, each for itself: one that cannot be leaves the others."""
    actor = approver()
    chosen = [wish for each in request.form.getlist("chosen") if (wish := _ticked(each))]
    reason = request.form.get("reason", "")
    refusing = request.form.get("what") == "refuse"
    if not chosen:
        return queue_page(actor, trouble=_("Tick the requests first.")), 422
    done = 0
    for wish in chosen[:ON_A_PAGE]:
        try:
            if refusing:
                approvals.refuse(wish, actor, now=context.now())
            else:
                approvals.approve(wish, actor, now=context.now())
            done += 1
        except InvalidRequest as error:  # the reason, which is the same for all
            told = " ".join(sentence(each) for each in error.messages)
            return queue_page(actor, trouble=told, reason=reason), 422
        except BookingError as error:
            title = requests.titles(db.session(), [wish.booking_id]).get(wish.booking_id, "")
            why = " ".join(sentence(each) for each in error.messages)
            flash(_("%(title)s: not decided. %(why)s", title=title, why=why), "warning")
    if done:
        flash(
            ngettext("%(num)s request refused.", "%(num)s requests refused.", done)
            if refusing
            else ngettext("%(num)s request approved.", "%(num)s requests approved.", done)
        )
    return redirect(url_for("approvals.queue"), 303)


def _ticked(value: str) -> DecisionRequest | None:
    booking_id, _dot, version = value.partition(".")
    if not (is_id(booking_id) and is_id(version)):
        return None
    return DecisionRequest(int(booking_id), int(version), request.form.get("reason", ""))


def queue_page(
    actor: Actor,
    *,
    wrong: Mapping[int, list[str]] = MappingProxyType({}),
    typed: Mapping[int, str] = MappingProxyType({}),
    trouble: str = "",
    reason: str = "",
) -> str:
    """Return the queue, in a fixed number of statements.

    ``wrong`` and ``typed`` are sentences and the reason for the booking that
    could not be refused as asked; ``trouble`` and ``reason`` the same for
    several at once.
    """
    session, now = db.session(), context.now()
    spaces = {each.id: each for each in houses.spaces(session)}
    mine = decided_by(actor, spaces)
    page = page_number()
    ids, waiting = requests.waiting(
        session, mine, now=now, limit=ON_A_PAGE, offset=(page - 1) * ON_A_PAGE
    )
    asked = agenda.requested_of(session, ids, mine, since=now)
    shown = cards(
        session,
        asked,
        actor,
        spaces=spaces,
        sites=context.all_sites(),
        mine=mine,
    )
    return render_template(
        "approvals/queue.html",
        cards=shown,
        waiting=waiting,
        page=page,
        has_more=waiting > page * ON_A_PAGE,
        use=use_by_organisation(session, spaces, since=now - LAST_MONTHS, until=now)
        if shown
        else {},
        wrong=wrong,
        typed=typed,
        trouble=trouble,
        reason=reason,
        local=to_local,
    )
