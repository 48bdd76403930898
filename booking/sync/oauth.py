"""Signing in at a provider (OAuth 2.0): the way there, and what comes back (RFC 6749, 7636, 7009).

Authlib knows the protocol; what it asks goes through our transport, under the
guard, and a redirect is not followed: it would take codes and keys elsewhere.
Nothing that a provider says in its own words is kept, only its codes.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import quote, urlencode

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from booking.net import REDIRECTS, Guard
from booking.providers import USER, Provider
from booking.sync.errors import Denied, RemoteError, SignedOut, Unwell
from booking.sync.transport import Answer, Transport

EARLY = timedelta(minutes=2)  # before its end a token is exchanged
MOST_CHARACTERS = 8_000  # of a token
_LONGEST_S = 366 * 86_400
_OURS = ("invalid_client", "unauthorized_client")  # what only the operator can set right


@dataclass(frozen=True, slots=True)
class Tokens:
    """What lets us in: ``access`` until ``ends`` (None: who knows), ``refresh`` for the next."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    ends: datetime | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Whether it will be good for a while."""
        return self.ends is None or now < self.ends - EARLY

    def to_text(self) -> str:
        """Return it as it is sealed."""
        ends = self.ends.isoformat() if self.ends else None
        return json.dumps({"access": self.access, "refresh": self.refresh, "ends": ends})

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Return what ``to_text`` made a text of."""
        kept = json.loads(text)
        ends = datetime.fromisoformat(kept["ends"]) if kept["ends"] else None
        return cls(kept["access"], kept["refresh"], ends)


def home_of(provider: Provider, user: str) -> str:
    """Return where the calendars of a member are."""
    return provider.caldav_url.replace(USER, quote(user, safe="@"))


def sign_in_url(provider: Provider, back: str, *, state: str, verifier: str, user: str = "") -> str:
    """Return where a member signs in; the provider sends them to ``back`` with the state."""
    client = _client(provider, None, back)
    hint = {"login_hint": user} if user else {}
    url, _state = client.create_authorization_url(
        provider.authorize_url, state=state, code_verifier=verifier, **hint
    )
    return str(url)


def exchange(
    provider: Provider, back: str, code: str, verifier: str, guard: Guard, *, now: datetime
) -> Tokens:
    """Return the tokens for a code that a member brought back.

    Raises:
        RemoteError: ``oauth_code`` where the provider does not know it (any more), and as
            ``renewed``; ``oauth_short`` where we would be let in for an hour only.
    """
    try:
        with _asking(provider, guard) as session:
            client = _client(provider, session, back)
            found = client.fetch_token(
                provider.token_url, code=code, code_verifier=verifier, redirect_uri=back
            )
    except SignedOut as error:
        raise Denied("oauth_code", name=provider.name) from error
    tokens = _tokens(found, now)
    if tokens.ends is not None and not tokens.refresh:
        raise Denied("oauth_short", name=provider.name)
    return tokens


def renewed(provider: Provider, tokens: Tokens, guard: Guard, *, now: datetime) -> Tokens:
    """Return new tokens for old ones, whose refresh token may be spent by that.

    Raises:
        SignedOut: If the member, or the provider, let us in no longer.
        Unwell: If the provider does not answer, or not as it should; ``oauth_client`` where it
            does not know this service.
        Blocked: If its address must not be asked.
    """
    if not tokens.refresh:
        raise SignedOut
    with _asking(provider, guard) as session:
        client = _client(provider, session)
        found = client.refresh_token(provider.token_url, refresh_token=tokens.refresh)
    return _tokens(found, now)


def give_back(provider: Provider, tokens: Tokens, guard: Guard) -> None:
    """Tell the provider that the tokens are needed no longer, where it wants to know.

    Raises:
        RemoteError: If it could not be told.
    """
    if not provider.revoke_url:
        return
    kind = "refresh_token" if tokens.refresh else "access_token"
    with _asking(provider, guard) as session:
        client = _client(provider, session)
        token = tokens.refresh or tokens.access
        client.revoke_token(provider.revoke_url, token=token, token_type_hint=kind)


def _client(provider: Provider, session: "_Session | None", back: str | None = None) -> Any:
    method = "none"
    if provider.client_secret:
        method = f"client_secret_{'post' if provider.client_auth == 'body' else 'basic'}"
    return OAuth2Client(
        session,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        redirect_uri=back,
        scope=provider.scopes or None,
        code_challenge_method="S256",
    )


@contextmanager
def _asking(provider: Provider, guard: Guard) -> Iterator["_Session"]:
    """Open the way to a provider; its errors become ours."""
    with Transport(guard) as transport:
        try:
            yield _Session(transport, provider)
        except OAuth2Error as error:
            raise _meaning(str(error.error), provider) from error
        except ValueError as error:
            raise Unwell("oauth_unreadable", name=provider.name) from error


def _meaning(code: str, provider: Provider) -> RemoteError:
    if code == "invalid_grant":
        return SignedOut()
    if code in _OURS:
        return Unwell("oauth_client", name=provider.name)
    return Unwell("oauth_error", name=provider.name, error=code)


def _tokens(found: Mapping[str, Any], now: datetime) -> Tokens:
    seconds = found.get("expires_in")
    ends = now + timedelta(seconds=seconds) if seconds else None
    return Tokens(found["access_token"], found.get("refresh_token") or "", ends)


class _Session:
    """What Authlib asks through, in the shape of the usual libraries."""

    def __init__(self, transport: Transport, provider: Provider) -> None:
        self._transport = transport
        self._provider = provider

    def post(
        self, url: str, data: Mapping[str, str], headers: Mapping[str, str] | None, auth: ClientAuth
    ) -> "_Said":
        """Return what the provider says to a form."""
        # A copy: Authlib writes the client's secret into what it is given, which may be shared.
        url, sent, body = auth.prepare("POST", url, dict(headers or {}), urlencode(data))
        answer = self._transport.request_once("POST", url, body, sent)
        if answer.status_code in REDIRECTS:
            raise Unwell("oauth_redirect", name=self._provider.name)
        if answer.status_code == 429 or answer.status_code >= 500:
            raise Unwell("oauth_status", name=self._provider.name, status=answer.status_code)
        return _Said(answer)


class _Said:
    """An answer of a provider, of which only what we understand is let through."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status_code
        self._content = answer.content

    def raise_for_status(self) -> None:
        """Let ``json`` say what is wrong."""

    def json(self) -> dict[str, object]:
        """Return the tokens, or the code of an error.

        Raises:
            ValueError: If it is neither.
        """
        said = json.loads(self._content)
        if not isinstance(said, dict):
            raise ValueError("no object")
        error = said.get("error")
        if error is not None:
            code = error if isinstance(error, str) and error.isidentifier() else "error"
            return {"error": code[:40]}
        kept: dict[str, object] = {"access_token": _text(said.get("access_token"))}
        if str(said.get("token_type", "bearer")).lower() != "bearer":
            raise ValueError("not a bearer token")
        if said.get("refresh_token"):
            kept["refresh_token"] = _text(said["refresh_token"])
        seconds = said.get("expires_in")
        if seconds is not None:
            kept["expires_in"] = min(max(int(float(seconds)), 1), _LONGEST_S)
        return kept


def _text(token: object) -> str:
    # What is sent in a header: no blanks and no lines (RFC 6750 §2.1).
    if not isinstance(token, str) or not 0 < len(token) <= MOST_CHARACTERS:
        raise ValueError("no token")
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise ValueError("no token")
    return token
