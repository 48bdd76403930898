"""Where the calendar is, and how to sign in there; a new password later."""

from dataclasses import replace

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import connections as verbs
from booking.core.connections import ConnectionView
from booking.core.errors import BookingError, InvalidRequest
from booking.web.connections.accounts import PASSWORD, TOKEN, Typed, account_of, tried
from booking.web.connections.blueprint import ONE, REFUSED, blueprint, own, page
from booking.web.connections.lines import line_of
from booking.web.context import actor, config, now, signed_in


@blueprint.get("/new")
@signed_in
def new() -> Response:
    """Ask where the calendar is."""
    return ask(Typed())


@blueprint.post("/new")
@signed_in
def find() -> Response:
    """Look for the calendars of an account, and go on to choose one."""
    form = request.form
    address, name = (form.get(each, "").strip() for each in ("address", "username"))
    typed = Typed(address, name, TOKEN if form.get("way") == TOKEN else PASSWORD)
    try:
        verbs.count_try(actor(), now=now())
        account, found = account_of(typed, form.get("password", ""))
        made = verbs.begin_connection(account, found, actor(), now=now())
    except REFUSED as error:
        if (elsewhere := getattr(error, "url", "")) and "@" in address:
            typed = replace(typed, username=name or address)  # the mail address leaves its field
        return ask(replace(typed, address=elsewhere or address), error=error)
    return redirect(url_for(".choose", connection_id=made), 303)


@blueprint.get(f"{ONE}/password")
@signed_in
def password(connection_id: int) -> Response:
    """Ask for a new password, or to sign in again."""
    return again(own(connection_id))


@blueprint.post(f"{ONE}/password")
@signed_in
def set_password(connection_id: int) -> Response:
    """Try a new password, keep it and go on."""
    found = own(connection_id)
    if found.account.scheme == "oauth":
        raise InvalidRequest.because("choice_invalid")
    name, secret = request.form.get("username", "").strip(), request.form.get("password", "")
    way = TOKEN if found.account.scheme == "bearer" else PASSWORD
    try:
        verbs.count_try(actor(), now=now())
        account, _found = tried(found.account.home, name, secret, way=way)
        verbs.set_secret(connection_id, account, actor(), now=now())
    except REFUSED as error:
        return again(found, error=error)
    flash(_("The new password works.") if way == PASSWORD else _("The new token works."))
    return redirect(url_for(".show", connection_id=connection_id), 303)


def ask(typed: Typed, *, error: BookingError | None = None) -> Response:
    """Show the form for a new connection."""
    return page("connections/new.html", error, typed=typed, providers=config().sync.providers)


def again(found: ConnectionView, *, error: BookingError | None = None) -> Response:
    """Show the form for a new password or token, or the button that leads to the provider."""
    if found.account.scheme == "oauth":
        named = {each.id: each.name for each in config().sync.providers}
        name = named.get(found.account.provider, "")
        return page("connections/again.html", error, connection=line_of(found), provider=name)
    username = request.form.get("username", found.account.username)
    return page(
        "connections/password.html",
        error,
        connection=line_of(found),
        username=username,
        is_token=found.account.scheme == "bearer",
    )
