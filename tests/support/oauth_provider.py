"""A provider with accounts, tokens and calendars: OAuth 2.0 by HTTP, before a real CalDAV server.

It stands in a proxy (``odd_calendars``): what is not its own passes on to the
calendar server, with the account's password in place of the token.
"""

import hashlib
import json
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from threading import Lock
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from booking.providers import Provider
from tests.support.calendars import CalendarServer
from tests.support.odd_calendars import Passing, proxy

CLIENT, SECRET = "house", "key-of-the-house"


@dataclass(slots=True)
class Accounts:
    """What the provider knows, and how it behaves.

    A refresh token is good once; one that comes again is counted in
    ``replayed``.  ``answer`` is given to the next questions for tokens instead
    of what is right.
    """

    url: str
    server: CalendarServer
    lasts_s: int = 3600
    answer: tuple[int, dict[str, str], bytes] | None = None
    denies: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    spent: set[str] = field(default_factory=set)
    replayed: int = 0
    grants: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def provider(self, **more: str) -> Provider:
        """Return it as the operator would name it."""
        values = {
            "id": "cloud",
            "name": "Cloud",
            "authorize_url": f"{self.url}/authorize?kept=yes",
            "token_url": f"{self.url}/token",
            "caldav_url": f"{self.url}/",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "scopes": "calendar offline",
            "revoke_url": f"{self.url}/revoke",
        }
        return Provider(**(values | more))

    def sign_in(self, url: str) -> str:
        """Sign in as a person would at this address; return where the browser is sent."""
        parts = urlsplit(url)
        client = HTTPConnection(parts.netloc, timeout=10)
        client.request("GET", f"{parts.path}?{parts.query}")
        answer = client.getresponse()
        client.close()
        assert answer.status == 302, answer.status
        return answer.headers["Location"]

    def forget_access(self) -> None:
        """Accept no access token of before any more."""
        self.access.clear()

    def revoke_all(self) -> None:
        """Accept no token of before any more, as after *remove access* in the settings."""
        self.access.clear()
        self.refresh.clear()

    def take(self, passing: Passing) -> None:
        """Answer what is the provider's, and open the calendars to whoever has a token."""
        path = urlsplit(passing.path).path
        with self._lock:
            if path == "/authorize":
                self._authorize(passing)
            elif path == "/token":
                self._token(passing)
            elif path == "/revoke":
                form = dict(parse_qsl(passing.body.decode()))
                self.revoked.append(form["token"])
                self.refresh.discard(form["token"])
                _say(passing, 200 if self._is_client(passing, form) else 401, {})
            else:
                self._calendar(passing)

    def _authorize(self, passing: Passing) -> None:
        asked = {key: value[0] for key, value in parse_qs(urlsplit(passing.path).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        back = {"state": asked["state"]}
        if self.denies:
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_urlsafe(8)
            self.codes[back["code"]] = asked
        passing.status = 302
        passing.answer_headers = {"Location": f"{asked['redirect_uri']}?{urlencode(back)}"}

    def _token(self, passing: Passing) -> None:
        form = dict(parse_qsl(passing.body.decode()))
        self.grants.append(form.get("grant_type", ""))
        if self.answer is not None:
            passing.status, passing.answer_headers, passing.answer = self.answer
        elif not self._is_client(passing, form):
            _say(passing, 401, {"error": "invalid_client"})
        elif not (self._is_code(form) or self._is_refresh(form)):
            _say(passing, 400, {"error": "invalid_grant", "error_description": "Révoqué \u2713"})
        else:
            access, refresh = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
            self.access.add(access)
            self.refresh.add(refresh)
            given = {"access_token": access, "refresh_token": refresh, "token_type": "Bearer"}
            _say(passing, 200, {**given, "expires_in": self.lasts_s})

    def _is_client(self, passing: Passing, form: dict[str, str]) -> bool:
        basic = b"Basic " + b64encode(f"{CLIENT}:{SECRET}".encode())
        in_header = passing.headers.get("Authorization", "").encode() == basic
        return in_header or (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)

    def _is_code(self, form: dict[str, str]) -> bool:
        asked = self.codes.pop(form.get("code", ""), None)  # good once
        if form["grant_type"] != "authorization_code" or asked is None:
            return False
        hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(hashed).rstrip(b"=").decode()
        is_same = form.get("redirect_uri") == asked["redirect_uri"]
        return is_same and challenge == asked["code_challenge"]

    def _is_refresh(self, form: dict[str, str]) -> bool:
        token = form.get("refresh_token", "")
        if form["grant_type"] != "refresh_token":
            return False
        self.replayed += token in self.spent
        if token not in self.refresh:
            return False
        self.refresh.remove(token)
        self.spent.add(token)
        return True

    def _calendar(self, passing: Passing) -> None:
        scheme, _blank, token = passing.headers.get("Authorization", "").partition(" ")
        self.seen.append(scheme)
        if scheme != "Bearer" or token not in self.access:
            passing.status = 401
            passing.answer_headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return
        pair = f"{self.server.username}:{self.server.password}".encode()
        passing.headers["Authorization"] = f"Basic {b64encode(pair).decode()}"


def _say(passing: Passing, status: int, said: dict[str, object]) -> None:
    passing.status, passing.answer = status, json.dumps(said).encode()
    passing.answer_headers = {"Content-Type": "application/json"}


@contextmanager
def provider_before(server: CalendarServer) -> Iterator[Accounts]:
    """Run a provider before a calendar server until the end of the block."""
    with proxy(server.url) as found:
        accounts = Accounts(found.url, server)
        found.before = accounts.take
        yield accounts
