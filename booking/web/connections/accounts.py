"""Accounts of other servers: found, and tried before they are kept."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from booking.core.connections import Account
from booking.core.errors import InvalidRequest
from booking.core.messages import message
from booking.vault import Vault
from booking.web.context import config

MOST_SECRET = 4_000
PASSWORD, TOKEN = "password", "token"  # the ways to sign in of which a secret is typed


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form; the password never does."""

    address: str = ""
    username: str = ""
    way: str = PASSWORD


def account_of(typed: Typed, secret: str) -> tuple[Account, list[tuple[str, str]]]:
    """Find the account and try it.

    Raises:
        InvalidRequest: With what is wrong beside its field.
    """
    from booking.sync import discovery  # noqa: PLC0415
    from booking.sync.errors import RemoteError  # noqa: PLC0415
    from booking.sync.run import guard_of  # noqa: PLC0415

    if not typed.address:
        raise InvalidRequest.because("address_invalid", "address")
    try:
        home = discovery.locate(typed.address, guard_of(config()))
    except RemoteError as error:
        raise InvalidRequest(replace(error.reason, field="address")) from error
    _refuse_ours(home)
    name = typed.username or (typed.address if "@" in typed.address else "")
    return tried(home, name, secret, way=typed.way)


def tried(
    home: str, username: str, secret: str, *, way: str
) -> tuple[Account, list[tuple[str, str]]]:
    """Sign in with a password or a token, and list the calendars.

    Raises:
        InvalidRequest: ``remote_denied`` or what else went wrong, beside its field.
    """
    from booking.sync import discovery  # noqa: PLC0415
    from booking.sync.errors import Denied, RemoteError  # noqa: PLC0415
    from booking.sync.run import guard_of  # noqa: PLC0415
    from booking.sync.transport import Credentials  # noqa: PLC0415

    if way == TOKEN:
        username, secret = "", secret.strip()
        if not _is_token(secret):
            raise InvalidRequest(message("token_invalid", "password"))
    elif not username or not secret:
        raise InvalidRequest(message("remote_denied", "password"))
    guard = guard_of(config())
    try:
        scheme = "bearer" if way == TOKEN else discovery.scheme_of(home, guard)
        given = Credentials(home, username[:254], secret[:MOST_SECRET], scheme)
        found = [(each.url, each.name) for each in discovery.calendars(given, guard)]
    except RemoteError as error:
        field = "password" if isinstance(error, Denied) else "address"
        raise InvalidRequest(replace(error.reason, field=field)) from error
    sealed = Vault(config()).seal(secret[:MOST_SECRET])
    return Account(home, username[:254], scheme, sealed), found


def _is_token(text: str) -> bool:
    """Whether it can be sent as a token: one word of ASCII (RFC 6750 §2.1)."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def _refuse_ours(home: str) -> None:
    """Refuse to write the house's bookings into the house.

    Raises:
        InvalidRequest: ``calendar_ours``.
    """
    ours, asked = urlsplit(config().public_url), urlsplit(home)
    if (ours.hostname, ours.port) == (asked.hostname, asked.port):
        raise InvalidRequest.because("calendar_ours", "address")
