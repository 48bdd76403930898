"""The address of the calendars, in all the forms in which apps ask for it."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from flask import request

from booking.web.context import config, viewer


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody's calendars are: ``server`` is the whole address, ``user`` who signs in."""

    server: str
    user: str
    person_id: int

    @property
    def host(self) -> str:
        """Name and port alone, for apps that look for the rest by themselves."""
        return urlsplit(self.server).netloc

    @property
    def principal(self) -> str:
        """The address of the person among the calendars."""
        return f"{self.server}principals/{self.person_id}/"

    @property
    def is_local(self) -> bool:
        """Whether only programs on this computer reach it."""
        return urlsplit(self.server).hostname in ("127.0.0.1", "localhost", "::1")

    def for_davx5(self, secret: str) -> str:
        """Return the address that opens DAVx⁵ with everything filled in."""
        who = f"{quote(self.user, safe='')}:{quote(secret, safe='')}"
        return f"davx5://{who}@{self.server.partition('://')[2]}"


def own_address() -> Address:
    """Return the address of whoever is signed in."""
    looking = viewer()
    assert looking is not None  # noqa: S101 - the pages are for people who are signed in
    return Address(server(), looking.email, looking.person_id)


def server() -> str:
    """Return the whole address of the calendars."""
    home = config().server.public_url or request.host_url
    return f"{home.rstrip('/')}/dav/"
