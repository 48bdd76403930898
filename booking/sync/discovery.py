"""From what a person types to the calendars of the account (RFC 6764 §6, RFC 4791 §6.2.1).

First without the password: it is sent to the host that was typed, to one below
it, or to one that the person has seen and typed.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

from dns.resolver import Resolver

from booking.core.errors import InvalidRequest
from booking.net import Guard
from booking.sync.errors import Blocked, Denied, Forbidden, Gone, RemoteError, Unwell
from booking.sync.services import services
from booking.sync.transport import Credentials, Transport

T = TypeVar("T")
MOST_CALENDARS = 100
_ASK = (
    '<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:">'
    "<prop><current-user-principal/></prop></propfind>"
)
_HEADERS = {"Depth": "0", "Content-Type": "application/xml; charset=utf-8"}

logging.getLogger("caldav").setLevel(logging.ERROR)  # it would log what servers send


class Elsewhere(InvalidRequest):
    """The calendars are at another host than the one that was typed: the person has to agree."""

    def __init__(self, url: str) -> None:
        host = urlsplit(url).hostname or ""
        super().__init__(
            *InvalidRequest.because("calendar_elsewhere", "address", host=host).messages
        )
        self.url = url


@dataclass(frozen=True, slots=True)
class Found:
    """A calendar of the account: its address and what it is called."""

    url: str
    name: str


def locate(address: str, guard: Guard, resolver: Resolver | None = None) -> str:
    """Return where the calendars of a mail address or a host are, asking without a password.

    DNS is asked first which server has them, unless an address was typed whole;
    ``resolver`` is the system's.

    Raises:
        InvalidRequest: ``address_invalid``.
        Elsewhere: If the host leads to another one.
        RemoteError: If nobody answers, or the address must not be asked.
    """
    text = address.strip()
    if "://" not in text:
        host = text.rpartition("@")[2] if "@" in text and "/" not in text else text
        text = f"https://{host}"
    parts = urlsplit(text)
    if not parts.hostname or parts.username is not None:
        raise InvalidRequest.because("address_invalid", "address")
    tried = [urljoin(text, "/.well-known/caldav"), urljoin(text, "/")]
    named: list[str] = []
    if parts.path.strip("/"):
        tried.insert(0, text)
    elif "://" not in address and _is_domain(parts):
        named = services(parts.hostname, resolver)
    error: RemoteError = Gone("calendar_not_found")
    with Transport(guard) as transport:
        for url in (*named, *tried):
            try:
                answer = transport.request("PROPFIND", url, _ASK, _HEADERS)
            except RemoteError:
                if url not in named:
                    raise
                continue  # what DNS names may be out of date; the domain itself is asked as well
            if answer.status_code in (207, 401):
                return _agreed(answer.url, typed=text)
            if answer.status_code >= 500:
                error = Unwell("remote_status", status=answer.status_code)
    raise error


def _is_domain(parts: SplitResult) -> bool:
    """Whether it is a domain, and not a number, a single name, or the port of a server."""
    host = parts.hostname or ""
    is_number = ":" in host or host.replace(".", "").isdigit()
    return "." in host and not is_number and parts.port is None


def _agreed(url: str, *, typed: str) -> str:
    meant, found = urlsplit(typed).hostname or "", urlsplit(url).hostname or ""
    bare = meant.removeprefix("www.")
    if found not in (meant, bare) and not found.endswith(f".{bare}"):
        raise Elsewhere(url)
    return url


def scheme_of(url: str, guard: Guard) -> str:
    """Return how a server wants people to sign in: ``basic``, or ``digest`` where only that."""
    with Transport(guard) as transport:
        answer = transport.request("PROPFIND", url, _ASK, _HEADERS)
    offered = (answer.headers.get("WWW-Authenticate") or "").lower()
    return "digest" if "digest" in offered and "basic" not in offered else "basic"


def calendars(credentials: Credentials, guard: Guard) -> list[Found]:
    """Return the calendars of the account that take events, in the server's order.

    Raises:
        RemoteError: As the server answers; ``Denied`` where it does not know them.
    """
    with Transport(guard, credentials) as transport:
        return _with(transport, credentials.origin_of, _calendars)


def make_calendar(credentials: Credentials, guard: Guard, name: str) -> Found:
    """Make a calendar and return it.

    Raises:
        RemoteError: As the server answers; ``Forbidden`` where it makes none.
    """
    with Transport(guard, credentials) as transport:
        try:
            return _with(transport, credentials.origin_of, lambda client: _made(client, name))
        except Denied as error:  # 403: the account is known, but may not
            raise Forbidden("calendar_not_made") from error


def _with(transport: Transport, url: str, ask: Callable[[Any], T]) -> T:
    """Let caldav ask over our guarded transport; its errors become ours."""
    from caldav.davclient import DAVClient  # noqa: PLC0415  0.3 s and 40 MB, for whoever connects
    from caldav.lib import error as errors  # noqa: PLC0415

    client: Any = DAVClient(url=url, enable_rfc6764=False, timeout=20)
    client.session.close()
    client.session = transport
    try:
        return ask(client)
    except errors.AuthorizationError as error:
        raise Denied from error
    except errors.NotFoundError as error:
        raise Gone("calendar_not_found") from error
    except errors.MkcalendarError as error:
        raise Forbidden("calendar_not_made") from error
    except errors.DAVError as error:
        raise Unwell("remote_unreadable") from error


def _calendars(client: Any) -> list[Found]:
    found = []
    for each in client.principal().get_calendars()[:MOST_CALENDARS]:
        takes = each.get_supported_components()
        if not takes or "VEVENT" in takes:
            found.append(Found(str(each.url), each.get_display_name() or str(each.url)))
    return found


def _made(client: Any, name: str) -> Found:
    made = client.principal().make_calendar(name=name, supported_calendar_component_set=["VEVENT"])
    return Found(str(made.url), name)


__all__ = ["Blocked", "Elsewhere", "Found", "calendars", "locate", "make_calendar", "scheme_of"]
