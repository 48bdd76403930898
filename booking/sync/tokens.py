"""Tokens of connections: good when a run begins, exchanged for new ones by one process at a time.

Many providers take a refresh token once.  So who exchanges it holds the
connection's row meanwhile, by a lease and not by a lock: nobody who writes
waits for a provider, only who needs these very tokens.
"""

import time

from flask import Flask, current_app

from booking.actions import connections as verbs
from booking.config import Config
from booking.core.connections import ConnectionView
from booking.db import db
from booking.net import Guard
from booking.providers import Provider
from booking.queries.connections import is_signed_in_at, secret_of
from booking.sync import oauth
from booking.sync.errors import Denied, Unwell
from booking.sync.oauth import Tokens
from booking.sync.transport import Credentials
from booking.vault import Unopenable, Vault

LONGEST_WAIT_S = 30.0
_LOOK_AGAIN_S = 0.1


def provider_named(config: Config, name: str) -> Provider:
    """Return a provider of the settings.

    Raises:
        Denied: ``oauth_gone``, if there is none of this name (any more).
    """
    for each in config.sync.providers:
        if each.id == name:
            return each
    raise Denied("oauth_gone")


def bearer_of(found: ConnectionView, config: Config, guard: Guard) -> Credentials:
    """Return how to sign in with a connection's tokens, and how with the next ones.

    Raises:
        SignedOut: If they have ended, and the provider gives no others.
        RemoteError: As the provider answers.
        Unopenable: If the key that sealed them is gone.
    """
    keeper = _Keeper(found, config, guard)
    tokens = keeper.tokens()
    access = tokens.access
    if not tokens.is_fresh(keeper.clock()):
        access = keeper.after(access)
    return Credentials(found.url or found.account.home, "", access, "bearer", keeper.after)


def give_back(person_id: int, provider_id: str, sealed: str, config: Config, guard: Guard) -> None:
    """Tell a provider that tokens are needed no longer.

    Not while the person has another connection there: some providers end all
    tokens of an account with one.

    Raises:
        RemoteError: If it could not be told.
    """
    if is_signed_in_at(db.session(), person_id, provider_id):
        return
    db.session.rollback()
    try:
        provider = provider_named(config, provider_id)
        tokens = Tokens.of_text(Vault(config).open(sealed))
    except (Denied, Unopenable):  # nobody can be told, or nothing
        return
    oauth.give_back(provider, tokens, guard)


class _Keeper:
    """Keeps the tokens of one connection; any thread may ask it."""

    def __init__(self, found: ConnectionView, config: Config, guard: Guard) -> None:
        self._id = found.id
        self._provider = provider_named(config, found.account.provider)
        self._vault = Vault(config)
        self._guard = guard
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        self._app = app
        self.clock = app.extensions["booking"]["clock"]

    def tokens(self) -> Tokens:
        """Return the tokens as they are stored now."""
        with self._app.app_context():  # a session of its own: another process may have written
            return Tokens.of_text(self._vault.open(secret_of(db.session(), self._id)))

    def after(self, access: str) -> str:
        """Return the access token that follows this one, which is no longer accepted.

        Raises:
            RemoteError: If there is none.
        """
        gives_up = time.monotonic() + LONGEST_WAIT_S
        while time.monotonic() < gives_up:
            known = self.tokens()
            if known.access != access:  # somebody else was faster
                return known.access
            with self._app.app_context():
                lease = verbs.begin_renewal(self._id, now=self.clock())
            if lease is not None:
                return self._exchanged(access, lease)
            time.sleep(_LOOK_AGAIN_S)
        raise Unwell("address_too_slow")

    def _exchanged(self, access: str, lease: verbs.Renewal) -> str:
        sealed = None
        try:
            known = self.tokens()
            if known.access != access:  # stored between the look and the lease
                return known.access
            now = self.clock()
            found = oauth.renewed(self._provider, known, self._guard, now=now)
            sealed = self._vault.seal(found.to_text())
        finally:
            with self._app.app_context():
                verbs.end_renewal(lease, sealed)
        return found.access
