"""Mails that came in and are of no use, each with the reason; and how the mailbox is."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions.received import dismiss
from booking.core.errors import NotFound
from booking.core.recurrence import to_local
from booking.db import db
from booking.i18n import sentence
from booking.queries.received import mailbox_state, open_mails
from booking.web.admin.shell import admins, blueprint, own_sites
from booking.web.context import actor, config
from booking.web.numbers import is_id

MOST_MAILS = 200


@blueprint.get("/mail-in", endpoint="mail_in")
@admins(everywhere=True)
def index() -> str:
    """List what was set aside, and what waits for its sender."""
    zone = next((each.zone for each in own_sites()), "UTC")
    found = open_mails(db.session(), limit=MOST_MAILS)
    state = mailbox_state(db.session())
    return render_template(
        "admin/mail_in.html",
        mails=[
            (each, to_local(each.at, zone), sentence(each.reason) if each.reason else "")
            for each in found
        ],
        address=config().mail_in.address if config().mail_in.is_set else "",
        checks=bool(config().mail_in.authserv_id),
        read_at=to_local(state.at, zone) if state.at else None,
        error=state.error,
    )


@blueprint.post("/mail-in", endpoint="dismiss_mail")
@admins(everywhere=True)
def dismiss_mail() -> Response:
    """Take one from the list."""
    chosen = request.form.get("id", "")
    if not is_id(chosen):
        raise NotFound("mail", chosen)
    dismiss(int(chosen), actor())
    flash(_("Taken from the list."))
    return redirect(url_for(".mail_in"), 303)
