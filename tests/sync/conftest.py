"""Real calendar servers, one of each for this worker, and a member's connection with one."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from flask import Flask

from booking.actions import connections as verbs
from booking.config import Calendars, Config
from booking.core.connections import Account, ConnectionView, Settings
from booking.core.values import Actor
from booking.db import db
from booking.queries.connections import connection
from booking.sync import discovery
from booking.sync.remote import Remote
from booking.sync.run import guard_of, run
from booking.sync.transport import Credentials, Transport
from booking.vault import Vault
from tests.support.calendars import CalendarServer, ours, radicale, xandikos
from tests.support.factories import Clock, House
from tests.support.odd_calendars import Proxy, proxy, through

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def radicale_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    """Return Radicale, with one account."""
    with radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(scope="session")
def xandikos_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    """Return Xandikos."""
    with xandikos(tmp_path_factory.mktemp("xandikos")) as server:
        yield server


@pytest.fixture(scope="session")
def ours_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    """Return our own CalDAV server, on a database of its own."""
    with ours(tmp_path_factory.mktemp("ours")) as server:
        yield server


@dataclass(slots=True)
class Connected:
    """A member's connection with a new calendar, and that calendar as another program sees it."""

    id: int
    owner: Actor
    config: Config
    clock: Clock
    remote: Remote
    transport: Transport

    def run(self) -> ConnectionView:
        """Let a worker do one run, now; return the connection after it."""
        verbs.sync_now(self.id, self.owner, now=self.clock())
        claimed = verbs.claim(now=self.clock())
        assert claimed is not None
        assert claimed.id == self.id
        run(claimed, self.config, self.clock)
        return self.view()

    def view(self) -> ConnectionView:
        """Return the connection as it is."""
        return connection(db.session(), self.id, now=self.clock())

    def there(self) -> dict[str, bytes]:
        """Return what is in the calendar: href -> text."""
        news = self.remote.listing()
        return {href: item.raw for href, item in self.remote.items(news.etags)}

    def texts(self) -> list[str]:
        """Return the texts in the calendar, unfolded, each with newlines alone."""
        raws = (each.decode().replace("\r\n", "\n") for each in self.there().values())
        return [each.replace("\n ", "") for each in raws]

    def edit(self, href: str, raw: bytes) -> None:
        """Change an object as its owner's phone would."""
        found = self.remote.item(href)
        self.remote.put(href, raw, found.etag if found else None)


@pytest.fixture
def connect(
    app: Flask, session: object, house: House, clock: Clock
) -> Iterator[Callable[..., Connected]]:
    """Return what connects a person with a new calendar on a server."""
    config = replace(
        app.extensions["booking"]["config"], calendars=Calendars(trusted_hosts="localhost")
    )
    transports = []

    def made(
        server: CalendarServer, owner: Actor | None = None, settings: Settings | None = None
    ) -> Connected:
        owner, guard = owner or house.member, guard_of(config)
        home = discovery.locate(server.url, guard)
        given = Credentials(home, server.username, server.password)
        name = f"Calendar {next(_numbers)}"
        url = server.calendar or discovery.make_calendar(given, guard, name).url
        sealed = Vault(config).seal(server.password)
        account = Account(home, server.username, "basic", sealed)
        id_ = verbs.begin_connection(account, [(url, name)], owner, now=clock())
        verbs.choose_calendar(id_, url, name, settings or Settings(), owner, now=clock())
        verbs.resume(id_, owner, now=clock())
        transport = Transport(guard, given)
        transports.append(transport)
        remote = Remote(url, transport)
        for href in remote.listing().etags if server.calendar else ():
            remote.delete(href, None)
        return Connected(id_, owner, config, clock, remote, transport)

    yield made
    for each in transports:
        each.close()


@pytest.fixture
def odd(radicale_server: CalendarServer) -> Iterator[tuple[Proxy, CalendarServer]]:
    """Return a proxy that lets everything pass, and Radicale as seen through it."""
    with proxy(radicale_server.url) as found:
        yield found, through(found, radicale_server)
