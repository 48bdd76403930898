"""Services at which members sign in to connect a calendar (OAuth 2.0), named by the operator."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

USER = "{user}"  # stands in an address for the member's name there


class WrongProvider(Exception):
    """A provider cannot be used: ``key`` of its table, and what is expected there."""

    def __init__(self, key: str, expected: str) -> None:
        super().__init__(f"{key}: {expected}")
        self.key = key
        self.expected = expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A service that lets us in with tokens that its members allow.

    ``id`` is part of the address to which it sends them back.  ``caldav_url``
    may have ``{user}`` where the member's name there belongs; then it is asked.
    ``client_secret`` may be in a file instead; without one only PKCE proves us.
    """

    id: str
    name: str
    authorize_url: str
    token_url: str
    caldav_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    client_secret_file: str = ""
    client_auth: str = "header"
    scopes: str = ""
    revoke_url: str = ""

    @property
    def asks_user(self) -> bool:
        """Whether the member's name there is needed before anything else."""
        return USER in self.caldav_url


def read_providers(tables: object, *, base: Path, plain_hosts: frozenset[str]) -> list[Provider]:
    """Return the providers of a list of tables; ``plain_hosts`` may be asked by http.

    Raises:
        WrongProvider: On the first key that cannot be used.
    """
    if not isinstance(tables, list | tuple) or not all(isinstance(each, dict) for each in tables):
        raise WrongProvider("", "expected tables, each written as [[sync.providers]]")
    found = [_read(each, base, plain_hosts) for each in tables]
    twice = {each.id for each in found if sum(other.id == each.id for other in found) > 1}
    if twice:
        raise WrongProvider("id", f"expected another one for each, found {min(twice)!r} twice")
    return found


def _read(table: Mapping[str, object], base: Path, plain_hosts: frozenset[str]) -> Provider:
    known = {each.name: each for each in fields(Provider)}
    values: dict[str, str] = {}
    for key, value in table.items():
        if key not in known:
            raise WrongProvider(key, f"unknown key; expected one of {', '.join(known)}")
        if not isinstance(value, str):
            raise WrongProvider(key, "expected text in quotes")
        values[key] = value.strip()
    for key, entry in known.items():
        if entry.default is MISSING and not values.get(key):
            raise WrongProvider(key, "expected a text: a provider needs it")
    provider = Provider(**{**values, "client_secret": _secret(values, base)})
    _check(provider, plain_hosts)
    return provider


def _check(provider: Provider, plain_hosts: frozenset[str]) -> None:
    if not re.fullmatch(r"[a-z0-9-]{1,40}", provider.id):
        raise WrongProvider("id", "expected small letters, digits and hyphens, 40 at most")
    if provider.client_auth not in ("header", "body"):
        raise WrongProvider("client_auth", 'expected "header" or "body"')
    for key in ("authorize_url", "token_url", "caldav_url", "revoke_url"):
        url = getattr(provider, key)
        parts = urlsplit(url)
        is_plain = parts.scheme == "http" and parts.hostname in plain_hosts
        if url and not (parts.hostname and (parts.scheme == "https" or is_plain)):
            raise WrongProvider(key, "expected an address that begins with https://")


def _secret(values: Mapping[str, str], base: Path) -> str:
    name = values.get("client_secret_file", "")
    if not name:
        return values.get("client_secret", "")
    if values.get("client_secret"):
        raise WrongProvider("client_secret_file", "expected no file where client_secret is given")
    try:
        return (base / Path(name).expanduser()).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongProvider("client_secret_file", "expected a file that can be read") from error
