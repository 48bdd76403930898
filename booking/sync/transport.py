"""HTTP to addresses that people typed: guarded, with a deadline, over connections that stay open.

``request`` looks like the one of the usual libraries, so that caldav can be
given it.  The guard is the one of ``booking.net``: the number that a name
resolves to is looked at, and again the number that answered; redirects are
followed here, with their method, each under the same guard.
"""

import hashlib
import http.client
import secrets
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from threading import Lock, Timer, local
from typing import Self
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.request import parse_http_list, parse_keqv_list

from booking import __version__
from booking.net import (
    MOST_REDIRECTS,
    REDIRECTS,
    Guard,
    Unreachable,
    connected,
    split_address,
)
from booking.sync.errors import Blocked, Denied, SignedOut, Unwell

MOST_BYTES = 64 * 1024 * 1024  # what lists 50,000 objects has 20 MB
_CHUNK = 64 * 1024
# Whose accounts live on hosts of one family, to which the server itself leads.
_FAMILIES = (".icloud.com",)
_HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
_HEADERS = {"User-Agent": f"house-booking/{__version__}", "Accept-Encoding": "identity"}
_QUICK_ACK = getattr(socket, "TCP_QUICKACK", None)  # Linux
Origin = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to sign in: ``scheme`` is basic, digest or bearer; ``origin_of`` where it is for.

    ``renew`` returns the token that follows the one it is given, where there is such.
    """

    origin_of: str
    username: str = ""
    secret: str = field(default="", repr=False)
    scheme: str = "basic"
    renew: Callable[[str], str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; ``url`` is where it was found in the end."""

    status_code: int
    headers: Message
    content: bytes
    url: str
    reason: str = ""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")


class Transport:
    """Requests with one account's credentials; each thread has connections of its own."""

    def __init__(self, guard: Guard, credentials: Credentials | None = None) -> None:
        self._guard = guard
        self._credentials = credentials
        self._token = credentials.secret if credentials else ""
        self._challenge: dict[str, str] = {}
        self._count = 0
        self._lock = Lock()
        self._own = local()
        self._all: list[http.client.HTTPConnection] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for each in self._all:
            each.close()
        self._all.clear()
        self._own = local()

    @property
    def _open(self) -> dict[Origin, http.client.HTTPConnection]:
        """The connections of this thread."""
        if not hasattr(self._own, "open"):
            self._own.open = {}
        found: dict[Origin, http.client.HTTPConnection] = self._own.open
        return found

    def request(
        self,
        method: str,
        url: str,
        data: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_others: object,  # what libraries pass along: proxies, certificates, time-outs
    ) -> Answer:
        """Return the answer, whatever its status; redirects are followed with their method.

        Raises:
            Blocked: If the address, or one that it leads to, must not be asked.
            Unwell: If nobody answers in time, or not in HTTP.
        """
        body = _encoded(data)
        ends = time.monotonic() + self._guard.seconds
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._signed(method, url, body, headers or {}, ends)
            goal = answer.headers.get("Location")
            if answer.status_code not in REDIRECTS or not goal:
                return answer
            url = urljoin(url, goal)
        raise Unwell("address_redirects")

    def request_once(
        self, method: str, url: str, data: bytes | str | None, headers: Mapping[str, str]
    ) -> Answer:
        """Return what this very address answers, be it a redirect.

        Raises:
            Blocked, Unwell: As ``request`` does.
        """
        ends = time.monotonic() + self._guard.seconds
        return self._signed(method, url, _encoded(data), headers, ends)

    def _signed(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], ends: float
    ) -> Answer:
        """Ask once, or twice where the server first has to say how to sign in."""
        token = self._token
        answer = self._asked(method, url, body, headers, ends)
        if answer.status_code != 401 or self._credentials is None:
            return answer
        if self._credentials.scheme == "bearer":
            return self._with_next_token(token, method, url, body, headers)
        asked = answer.headers.get("WWW-Authenticate") or ""
        if self._credentials.scheme == "digest" and "digest" in asked.lower():
            with self._lock:
                self._challenge, self._count = _challenge(asked), 0
            answer = self._asked(method, url, body, headers, ends)
        return answer

    def _with_next_token(
        self, token: str, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """Ask again with the token after this one, which was not accepted.

        Raises:
            Denied: If there is none, or it is not accepted either.
        """
        assert self._credentials is not None  # noqa: S101  whoever has a token has them
        renew = self._credentials.renew
        if renew is None:
            raise Denied("remote_token_denied")
        with self._lock:  # all threads wait for the same one
            if self._token == token:
                self._token = renew(token)
        ends = time.monotonic() + self._guard.seconds  # the provider had its own time
        answer = self._asked(method, url, body, headers, ends)
        if answer.status_code == 401:
            raise SignedOut
        return answer

    def _asked(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], ends: float
    ) -> Answer:
        try:
            target = split_address(url, self._guard)
        except Unreachable as error:
            raise Blocked(error.messages[0].code) from error
        sent = {**_HEADERS, **headers, **self._authorization(method, target)}
        origin = _origin(target)
        while True:
            is_new = origin not in self._open
            try:
                return self._answer(method, target, body, sent, ends)
            except (OSError, http.client.HTTPException, ValueError) as error:
                if (kept := self._open.pop(origin, None)) is not None:
                    kept.close()
                # A server may close a connection that lies idle: once more, over a new one.
                if is_new or time.monotonic() >= ends or isinstance(error, TimeoutError):
                    late = time.monotonic() >= ends or isinstance(error, TimeoutError)
                    code = "address_too_slow" if late else "address_unreachable"
                    raise Unwell(code) from error
            except Unreachable as error:
                raise Blocked(error.messages[0].code) from error

    def _answer(
        self,
        method: str,
        target: SplitResult,
        body: bytes | None,
        headers: Mapping[str, str],
        ends: float,
    ) -> Answer:
        client = self._connection(target, ends)
        connection = client.sock
        timer = Timer(max(0.0, ends - time.monotonic()), _stop, [connection])
        timer.daemon = True
        timer.start()
        try:
            path = f"{target.path or '/'}{f'?{target.query}' if target.query else ''}"
            client.request(method, path, body, {**headers, "Host": target.netloc})
            if _QUICK_ACK is not None:  # a server that answers in two pieces waits 40 ms for it
                connection.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
            found = client.getresponse()
            content = self._body(found, ends)
            found.close()  # read to its end it is still open, and the next request would fail
            if found.will_close:
                self._open.pop(_origin(target), None)
                client.close()
        finally:
            timer.cancel()
        return Answer(found.status, found.headers, content, target.geturl(), found.reason)

    def _connection(self, target: SplitResult, ends: float) -> http.client.HTTPConnection:
        origin = _origin(target)
        if origin not in self._open:
            client = http.client.HTTPConnection(origin[1], origin[2])
            client.sock = connected(target, self._guard, ends)
            # Headers and body leave in two pieces: the second must not wait for an answer.
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open[origin] = client
            self._all.append(client)
        return self._open[origin]

    def _body(self, answer: http.client.HTTPResponse, ends: float) -> bytes:
        most = min(self._guard.most_bytes, MOST_BYTES)
        pieces, size = [], 0
        while piece := answer.read1(_CHUNK):
            size += len(piece)
            if size > most:
                raise Unwell("remote_too_big", most=most // 1024**2)
            pieces.append(piece)
        if time.monotonic() >= ends or answer.length:  # what was cut off looks like an end
            raise TimeoutError if time.monotonic() >= ends else ConnectionError
        return b"".join(pieces)

    def _authorization(self, method: str, target: SplitResult) -> dict[str, str]:
        """Return the header that signs in, for whom the credentials are meant and nobody else."""
        given = self._credentials
        if given is None or not _is_for(given.origin_of, target):
            return {}
        if given.scheme == "bearer":
            return {"Authorization": f"Bearer {self._token}"}
        if given.scheme == "digest":
            if not self._challenge:
                return {}
            with self._lock:
                self._count += 1
                challenge, count = self._challenge, self._count
            uri = f"{target.path or '/'}{f'?{target.query}' if target.query else ''}"
            return {"Authorization": _digest(challenge, given, method, uri, count)}
        pair = b64encode(f"{given.username}:{given.secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}


def _encoded(data: bytes | str | None) -> bytes | None:
    return data.encode() if isinstance(data, str) else data


def _stop(connection: socket.socket) -> None:
    """Wake whoever waits for more; closing alone would not."""
    with suppress(OSError):  # it is closed already
        connection.shutdown(socket.SHUT_RDWR)


def _origin(target: SplitResult) -> Origin:
    usual = 443 if target.scheme == "https" else 80
    return target.scheme, target.hostname or "", target.port or usual


def _is_for(address: str, target: SplitResult) -> bool:
    """Whether a request may carry the credentials: the same origin, or hosts of one family."""
    meant, asked = _origin(urlsplit(address)), _origin(target)
    related = any(meant[1].endswith(each) and asked[1].endswith(each) for each in _FAMILIES)
    return meant == asked or (related and meant[::2] == asked[::2] == ("https", 443))


def _challenge(header: str) -> dict[str, str]:
    """Return what a server asks of a digest (RFC 7616 §3.3), the best that we know of several."""
    offers = []
    for part in header.replace("digest ", "Digest ").split("Digest ")[1:]:
        offer = parse_keqv_list([each for each in parse_http_list(part) if "=" in each])
        if _algorithm(offer) in _HASHES:
            offers.append(offer)
    return max(offers, key=lambda each: _algorithm(each) != "MD5", default={})


def _algorithm(challenge: Mapping[str, str]) -> str:
    return challenge.get("algorithm", "MD5").upper().removesuffix("-SESS")


def _digest(
    challenge: Mapping[str, str], given: Credentials, method: str, uri: str, count: int
) -> str:
    """Return the Authorization header (RFC 7616 §3.4)."""

    def hashed(text: str) -> str:
        name = _HASHES[_algorithm(challenge)]
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    realm, nonce = challenge.get("realm", ""), challenge.get("nonce", "")
    ours, number = secrets.token_hex(8), f"{count:08x}"
    key = hashed(f"{given.username}:{realm}:{given.secret}")
    if challenge.get("algorithm", "").upper().endswith("-SESS"):
        key = hashed(f"{key}:{nonce}:{ours}")
    asked = hashed(f"{method}:{uri}")
    fields = {"username": given.username, "realm": realm, "nonce": nonce, "uri": uri}
    if "auth" in challenge.get("qop", "").replace(" ", "").split(","):
        proof = hashed(f"{key}:{nonce}:{number}:{ours}:auth:{asked}")
        bare = {"qop": "auth", "nc": number}
        fields["cnonce"] = ours
    else:
        proof, bare = hashed(f"{key}:{nonce}:{asked}"), {}
    fields["response"] = proof
    if "opaque" in challenge:
        fields["opaque"] = challenge["opaque"]
    if "algorithm" in challenge:
        bare["algorithm"] = challenge["algorithm"]
    quoted = (f'{name}="{_quotable(value)}"' for name, value in fields.items())
    return "Digest " + ", ".join((*quoted, *(f"{name}={value}" for name, value in bare.items())))


def _quotable(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
