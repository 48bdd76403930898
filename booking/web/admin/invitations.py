"""Invitations from a list: a file is shown line by line, and sent when somebody says so."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.actions import accounts
from booking.actions.accounts import Fate, Looked
from booking.core.errors import InvalidRequest
from booking.core.guests import MOST_BYTES, MOST_GUESTS, WORDS, guests_of, read_guests
from booking.core.sheets import as_text
from booking.db import db
from booking.i18n import GUEST_FATES, sentence
from booking.imports.workbooks import read_table
from booking.web.admin.shell import admins, blueprint
from booking.web.admin.typed import told
from booking.web.context import actor, config, now


@blueprint.get("/invitations", endpoint="invitations")
@admins(everywhere=True)
def index() -> Response:
    """Ask for the file."""
    return _page()


@blueprint.post("/invitations")
@admins(everywhere=True)
def invitations_post() -> Response:
    """Show what a file would do, or do it (``list``: the text that was shown)."""
    looked: Sequence[Looked] = ()
    text = request.form.get("list", "")
    try:
        if not text:
            chosen = request.files.get("file")
            if chosen is None:
                raise InvalidRequest.because("list_empty", "file")
            table = read_table(chosen.stream, WORDS, most_bytes=MOST_BYTES, most_rows=MOST_GUESTS)
            looked = accounts.look_at(db.session(), guests_of(table))
            return _page(looked, text=as_text(table))
        guests = read_guests(text)
        looked = accounts.look_at(db.session(), guests)
        number = accounts.invite_all(guests, actor(), now=now(), lifetime=_lifetime())
    except InvalidRequest as error:
        errors, status = told(error)
        return _page(looked, errors=errors, status=status)
    flash(
        ngettext(
            "%(num)s invitation goes out by mail.", "%(num)s invitations go out by mail.", number
        )
    )
    return redirect(url_for("people.index"), 303)


def _page(
    looked: Sequence[Looked] = (),
    *,
    text: str = "",
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    number = Counter(each.fate for each in looked)
    lines = [(each, GUEST_FATES[each.fate], [sentence(one) for one in each.why]) for each in looked]
    return make_response(
        render_template(
            "admin/invitations.html",
            lines=lines,
            invited=number[Fate.INVITED],
            left_out=number[Fate.KNOWN] + number[Fate.TWICE],
            wrong=number[Fate.WRONG],
            text=text,
            most=MOST_GUESTS,
            kept_here=not config().mail.smtp_host,
            errors=errors or {},
        ),
        status,
    )


def _lifetime() -> timedelta:
    return timedelta(days=config().security.invitation_days)
