"""Files from addresses that people type in: fetched once, from the internet alone.

Whoever types an address may mean one behind the house's own wall.  So the
guard looks at what the name resolves to, connects to that very number, and
looks again whom it reached: a name that resolves to another number a moment
later gains nothing.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from io import BytesIO
from threading import Timer
from urllib.parse import SplitResult, urljoin, urlsplit

from booking import __version__
from booking.core.errors import InvalidRequest
from booking.core.messages import message

MOST_REDIRECTS = 4
MOST_ADDRESS = 2_000
SECONDS = 20.0
_CHUNK = 64 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SCHEMES = {"https": 443, "http": 80}
_LONGEST_S = 7 * 86_400  # that somebody asks us to wait
_HEADERS = {
    "User-Agent": f"house-booking/{__version__}",
    "Accept": "text/calendar, text/plain;q=0.5",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class Unreachable(InvalidRequest):
    """The address cannot be fetched; one message, for the field ``address``.

    ``retry_after`` is how long its server asks to be left alone.
    """

    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be fetched: ``trusted`` hosts may be private and speak http."""

    trusted: frozenset[str] = frozenset()
    most_bytes: int = 50 * 1024 * 1024
    seconds: float = SECONDS


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave: None where it is as before, with what it is known by next time."""

    body: BytesIO | None
    etag: str = ""
    modified: str = ""


def fetch(address: str, guard: Guard) -> BytesIO:
    """Return what is found at an address; redirects are followed, each under the same guard.

    Raises:
        Unreachable: If it may not be fetched, or cannot, or is too large or too slow.
    """
    body = fetch_if_new(address, guard).body
    if body is None:  # nobody asked whether it is
        raise Unreachable.because("address_status", "address", status=304)
    return body


def fetch_if_new(address: str, guard: Guard, *, etag: str = "", modified: str = "") -> Fetched:
    """Return the same, unless it is still what ``etag`` or ``modified`` name (RFC 9110 §13.1).

    Raises:
        Unreachable: As ``fetch`` does.
    """
    known = {"If-None-Match": etag, "If-Modified-Since": "" if etag else modified}
    asked = {name: value for name, value in known.items() if value}
    ends = time.monotonic() + guard.seconds
    for _ in range(MOST_REDIRECTS + 1):
        target = split_address(address, guard)
        with _answer(target, guard, ends, asked) as (answer, is_late):
            if answer.status in REDIRECTS:
                address = urljoin(target.geturl(), answer.headers.get("Location", ""))
                continue
            if answer.status == 304 and asked:
                return Fetched(None)
            if answer.status != 200:
                raise _refusal(answer)
            kept = (_plain(answer.headers.get(name, "")) for name in ("ETag", "Last-Modified"))
            return Fetched(_body(answer, guard, is_late), *kept)
    raise Unreachable.because("address_redirects", "address")


def _refusal(answer: http.client.HTTPResponse) -> Unreachable:
    said = message("address_status", "address", status=answer.status)
    error = Unreachable(said)
    error.retry_after = _wait(answer.headers.get("Retry-After", ""))
    return error


def _wait(asked: str) -> timedelta | None:
    """Return how long a server asks to wait: in seconds, or until a moment (RFC 9110 §10.2.3)."""
    asked = asked.strip()
    if asked.isascii() and asked.isdecimal():
        return timedelta(seconds=min(int(asked[:9]), _LONGEST_S))
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - datetime.now(UTC), timedelta(0))


def _plain(value: str) -> str:
    """Return what a server says of its answer if it can be sent back, else nothing."""
    return value if value.isascii() and value.isprintable() and len(value) <= 200 else ""


def is_public(number: str) -> bool:
    """Whether an IP address is one of the internet, and not of a house, a machine or a test."""
    try:
        found = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.is_site_local:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def split_address(address: str, guard: Guard) -> SplitResult:
    """Return the parts of an address that may be asked.

    Raises:
        Unreachable: If it is none, or not of the kind that may be fetched.
    """
    text = address.strip()
    if text[:9].lower() == "webcal://":
        text = f"https://{text[9:]}"
    try:
        target = urlsplit(text)
        host, _port = target.hostname or "", target.port
    except ValueError:
        raise Unreachable.because("address_invalid", "address") from None
    is_plain = text.isascii() and text.isprintable() and " " not in text
    if len(text) > MOST_ADDRESS or not is_plain or target.username is not None or not host:
        raise Unreachable.because("address_invalid", "address")
    if target.scheme not in SCHEMES or (target.scheme == "http" and host not in guard.trusted):
        raise Unreachable.because("address_not_https", "address")
    return target


@contextmanager
def _answer(
    target: SplitResult, guard: Guard, ends: float, asked: Mapping[str, str]
) -> Iterator[tuple[http.client.HTTPResponse, list[bool]]]:
    """Give the answer to a GET, until the time is over; then the list is no longer empty."""
    is_late: list[bool] = []
    try:
        with closing(connected(target, guard, ends)) as connection:

            def stop() -> None:
                is_late.append(True)
                # Wakes whoever waits for more; closing alone would not.
                with suppress(OSError):  # it is closed already
                    connection.shutdown(socket.SHUT_RDWR)

            timer = Timer(max(0.0, ends - time.monotonic()), stop)
            timer.daemon = True
            timer.start()
            try:
                with closing(_asked(connection, target, asked)) as answer:
                    yield answer, is_late
            finally:
                timer.cancel()
    except (OSError, http.client.HTTPException, ValueError) as error:
        if is_late or isinstance(error, TimeoutError):
            raise Unreachable.because("address_too_slow", "address") from error
        raise Unreachable.because("address_unreachable", "address") from error


def _asked(
    connection: socket.socket, target: SplitResult, asked: Mapping[str, str]
) -> http.client.HTTPResponse:
    client = http.client.HTTPConnection(target.hostname or "", target.port)
    client.sock = connection
    path = f"{target.path or '/'}{f'?{target.query}' if target.query else ''}"
    host = target.netloc  # without a name and a password: those were refused
    client.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": host, **_HEADERS, **asked}.items():
        client.putheader(name, value)
    client.endheaders()
    return client.getresponse()


def connected(target: SplitResult, guard: Guard, ends: float) -> socket.socket:
    """Return a connection to the host, with TLS where the address says so.

    Raises:
        Unreachable: If any number of the name, or the one that answered, is not public.
        OSError: If nobody answers.
    """
    host, port = target.hostname or "", target.port or SCHEMES[target.scheme]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = list(dict.fromkeys(str(each[4][0]) for each in found))
    _refuse_private(numbers, host, guard)
    connection = _first(numbers, port, ends)
    try:
        _refuse_private([str(connection.getpeername()[0])], host, guard)
        if target.scheme == "https":
            connection = _tls().wrap_socket(connection, server_hostname=host)
    except BaseException:
        connection.close()
        raise
    return connection


@cache
def _tls() -> ssl.SSLContext:
    """Return who is trusted: to read all authorities of the system takes 50 ms, so once."""
    return ssl.create_default_context()


def _refuse_private(numbers: Collection[str], host: str, guard: Guard) -> None:
    if host not in guard.trusted and not all(map(is_public, numbers)):
        raise Unreachable.because("address_private", "address")


def _first(numbers: Collection[str], port: int, ends: float) -> socket.socket:
    error: OSError = OSError("no address")
    for number in numbers:
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        try:
            return socket.create_connection((number, port), timeout=left)
        except OSError as found:
            error = found
    raise error


def _body(answer: http.client.HTTPResponse, guard: Guard, is_late: list[bool]) -> BytesIO:
    body = BytesIO()
    while chunk := answer.read1(_CHUNK):
        if body.tell() + len(chunk) > guard.most_bytes:
            most = guard.most_bytes // 1024**2
            raise Unreachable.because("calendar_too_big", "address", most=most)
        body.write(chunk)
    if is_late:  # what was cut off looks like an end
        raise TimeoutError
    body.seek(0)
    return body
