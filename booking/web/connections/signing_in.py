"""Where the calendar is, and how to sign in there; a new password later."""

from dataclasses import replace

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import connections as verbs
from booking.core.connections import ConnectionView
from booking.core.errors import BookingError
from booking.web.connections.accounts import Typed, account_of, tried
from booking.web.connections.blueprint import ONE, REFUSED, blueprint, own, page
from booking.web.connections.lines import line_of
from booking.web.context import actor, now, signed_in


@blueprint.get("/new")
@signed_in
def new() -> Response:
    """Ask where the calendar is."""
    return _ask(Typed())


@blueprint.post("/new")
@signed_in
def find() -> Response:
    """Look for the calendars of an account, and go on to choose one."""
    address, name = (request.form.get(each, "").strip() for each in ("address", "username"))
    typed = Typed(address, name)
    try:
        verbs.count_try(actor(), now=now())
        account, found = account_of(typed, request.form.get("password", ""))
        made = verbs.begin_connection(account, found, actor(), now=now())
    except REFUSED as error:
        where = getattr(error, "url", typed.address)
        return _ask(replace(typed, address=where), error=error)
    return redirect(url_for(".choose", connection_id=made), 303)


@blueprint.get(f"{ONE}/password")
@signed_in
def password(connection_id: int) -> Response:
    """Ask for a new password."""
    return _password(own(connection_id))


@blueprint.post(f"{ONE}/password")
@signed_in
def set_password(connection_id: int) -> Response:
    """Try a new password, keep it and go on."""
    found = own(connection_id)
    name = request.form.get("username", "").strip()
    try:
        verbs.count_try(actor(), now=now())
        account, _found = tried(found.account.home, name, request.form.get("password", ""))
        verbs.set_secret(connection_id, account, actor(), now=now())
    except REFUSED as error:
        return _password(found, error=error)
    flash(_("The new password works."))
    return redirect(url_for(".show", connection_id=connection_id), 303)


def _ask(typed: Typed, *, error: BookingError | None = None) -> Response:
    return page("connections/new.html", error, typed=typed)


def _password(found: ConnectionView, *, error: BookingError | None = None) -> Response:
    username = request.form.get("username", found.account.username)
    return page("connections/password.html", error, connection=line_of(found), username=username)
