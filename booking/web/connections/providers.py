"""Members who sign in at a provider: sent there, and back with a code (OAuth 2.0)."""

import secrets
from dataclasses import replace

from flask import flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import connections as verbs
from booking.core.connections import Account, ConnectionView, SignIn
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.providers import Provider
from booking.secrets import new_token
from booking.vault import Vault
from booking.web.connections.accounts import Typed
from booking.web.connections.blueprint import ONE, REFUSED, blueprint, own
from booking.web.connections.signing_in import again, ask
from booking.web.context import actor, config, now, signed_in

KEPT = "calendar_sign_in"  # in the session: the state that has to come back to this browser
Found = tuple[Account, list[tuple[str, str]]]


@blueprint.post("/sign-in/<name>")
@signed_in
def leave_for(name: str) -> Response:
    """Send a member to a provider, for a new connection."""
    provider = _provider(name)
    user = request.form.get("user", "").strip()
    try:
        if provider.asks_user and not 0 < len(user) <= 254:
            raise InvalidRequest.because("user_missing", f"user-{name}")
        return _leave(provider, user)
    except REFUSED as error:
        return ask(Typed(username=user), error=error)


@blueprint.post(f"{ONE}/sign-in")
@signed_in
def leave_again(connection_id: int) -> Response:
    """Send a member to the provider of a connection, to be let in again."""
    found = own(connection_id)
    try:
        return _leave(_provider(found.account.provider), found.account.username, found)
    except REFUSED as error:
        return again(found, error=error)


@blueprint.get("/signed-in/<name>")
@signed_in
def come_back(name: str) -> Response:
    """Take a member back from a provider, with a code or with what went wrong."""
    provider = _provider(name)
    found = None
    try:
        taken = _taken(name)
        if taken.connection_id is not None:
            found = own(taken.connection_id)
        account, calendars = _account(provider, taken)
        if found is None:
            made = verbs.begin_connection(account, calendars, actor(), now=now())
            return redirect(url_for(".choose", connection_id=made), 303)
        _keep(found, account, calendars)
    except REFUSED as error:
        return ask(Typed(), error=error) if found is None else again(found, error=error)
    flash(_("You are signed in again."))
    return redirect(url_for(".show", connection_id=found.id), 303)


def _provider(name: str) -> Provider:
    found = next((each for each in config().sync.providers if each.id == name), None)
    if found is None:
        raise NotFound("provider", name)
    return found


def _leave(provider: Provider, user: str, found: ConnectionView | None = None) -> Response:
    """Return the page that leads to the provider.

    By its own link and not by a redirect: what a form leads to is held to this site (CSP).
    """
    from booking.sync.oauth import sign_in_url  # noqa: PLC0415

    verbs.count_try(actor(), now=now())
    state, verifier = new_token(), secrets.token_urlsafe(48)
    sealed = Vault(config()).seal(verifier)
    asked = SignIn(provider.id, sealed, user, found.id if found else None)
    verbs.begin_sign_in(asked, state, actor(), now=now())
    session[KEPT] = state
    url = sign_in_url(provider, _back(provider), state=state, verifier=verifier, user=user)
    answer = make_response(
        render_template("connections/leaving.html", name=provider.name, url=url, found=found)
    )
    answer.headers["Refresh"] = f"0; url={url}"
    return answer


def _taken(name: str) -> SignIn:
    """Return what the member went for, once.

    Raises:
        NotAllowed: ``oauth_state``, if it was not this browser or not now.
        InvalidRequest: What the provider says against it.
    """
    state = request.args.get("state", "")
    kept = session.pop(KEPT, "")
    if not kept or not secrets.compare_digest(kept.encode(), state.encode()):
        raise NotAllowed.because("oauth_state")
    return verbs.take_sign_in(name, state, actor(), now=now())


def _account(provider: Provider, taken: SignIn) -> Found:
    """Return the account that a member lets us into, with its calendars.

    Raises:
        InvalidRequest: What went wrong.
    """
    from booking.sync import discovery, oauth  # noqa: PLC0415
    from booking.sync.errors import RemoteError  # noqa: PLC0415
    from booking.sync.run import guard_of  # noqa: PLC0415
    from booking.sync.transport import Credentials  # noqa: PLC0415

    _refuse_errors(provider)
    guard, vault = guard_of(config()), Vault(config())
    code, verifier = request.args["code"], vault.open(taken.verifier)
    home, sealed = oauth.home_of(provider, taken.username), ""
    try:
        tokens = oauth.exchange(provider, _back(provider), code, verifier, guard, now=now())
        sealed = vault.seal(tokens.to_text())
        given = Credentials(home, "", tokens.access, "bearer")
        calendars = [(each.url, each.name) for each in discovery.calendars(given, guard)]
    except RemoteError as error:
        if sealed:
            verbs.give_back_unused(provider.id, sealed, actor(), now=now())
        raise InvalidRequest(replace(error.reason, field="")) from error
    return Account(home, taken.username, "oauth", sealed, provider.id), calendars


def _refuse_errors(provider: Provider) -> None:
    """Refuse to go on without a code (RFC 6749 §4.1.2.1).

    Raises:
        InvalidRequest: ``oauth_denied`` where the member said no, else ``oauth_error``.
    """
    error = request.args.get("error", "")
    if error == "access_denied":
        raise InvalidRequest.because("oauth_denied", name=provider.name)
    if error or not request.args.get("code"):
        code = error[:40] if error.isidentifier() and error.isascii() else "error"
        raise InvalidRequest.because("oauth_error", name=provider.name, error=code)


def _keep(found: ConnectionView, account: Account, calendars: list[tuple[str, str]]) -> None:
    """Store new tokens of a connection.

    Raises:
        InvalidRequest: ``oauth_other_account``, if they do not open its calendar.
    """
    if found.url and found.url not in dict(calendars):
        verbs.give_back_unused(account.provider, account.secret, actor(), now=now())
        raise InvalidRequest.because("oauth_other_account")
    verbs.set_secret(found.id, account, actor(), now=now())


def _back(provider: Provider) -> str:
    """Return the address to which a provider sends members back, as it is registered there."""
    return f"{config().public_url}{url_for('.come_back', name=provider.id)}"
