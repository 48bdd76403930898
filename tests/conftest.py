"""Fixtures for all tests: both engines, the app, a house, signed-in clients.

A test of ``tests/db``, ``tests/actions`` or ``tests/queries`` runs on both
engines, any other on SQLite alone; ``@pytest.mark.engines("sqlite",
"postgresql")`` says otherwise.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, scoped_session

from booking.config import Config, Paths, Security
from booking.config import Database as DatabaseConfig
from booking.core.values import Actor
from booking.db import db
from booking.models import Person
from tests.support import testrun
from tests.support.checks import assert_house_in_order
from tests.support.databases import ENGINES, Database, drop_templates, make_engine
from tests.support.factories import NOW, Clock, House, KeptHouse, make_house
from tests.support.service import Service, running
from tests.support.statements import count_statements

# Property tests are not timed: the machine that runs them may be busy.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ON_BOTH_ENGINES = ("actions", "db", "queries")
# Whose tests take seconds each: begun first, as short ones fill the time at the end of a run.
LONG = (
    "dav/test_suites.py",
    "test_benchmarks.py",
    "dav/test_vdirsyncer.py",
    "test_feed_clients.py",
    "statement_counts",
    "browser/test_barriers.py",
)


ALIVE = pytest.StashKey[IO[str] | None]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder; the workers of xdist share it."""
    config.stash[ALIVE] = testrun.begin(in_memory=True)
    config.addinivalue_line("markers", "engines(*names): run on these engines")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's PostgreSQL and remove its folder."""
    if alive := config.stash.get(ALIVE, None):
        drop_templates()
        testrun.end(alive)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a database on the engines that it is about."""
    own = (mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "engine_name" in metafunc.fixturenames and not any("engine_name" in names for names in own):
        marker = metafunc.definition.get_closest_marker("engines")
        folder = Path(metafunc.definition.path).relative_to(Path(__file__).parent).parts[0]
        engines = marker.args if marker else ENGINES if folder in ON_BOTH_ENGINES else ENGINES[:1]
        metafunc.parametrize("engine_name", engines, scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let workers begin with the long tests; all else keeps its order."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    here = Path(__file__).parent
    rank = {here / name: number for number, name in enumerate(LONG)}

    def place(item: pytest.Item) -> int:
        return min(
            (rank[each] for each in (item.path, item.path.parent) if each in rank),
            default=len(LONG),
        )

    items.sort(key=place)


@dataclass(slots=True)
class Services:
    """The databases of this worker, and what is on them, each made once."""

    worker: str
    clock: Clock = field(default_factory=Clock)
    databases: dict[str, Database] = field(default_factory=dict)
    engines: dict[str, Engine] = field(default_factory=dict)
    houses: dict[str, KeptHouse] = field(default_factory=dict)
    apps: dict[str, Flask] = field(default_factory=dict)

    def database(self, engine_name: str) -> Database:
        """Return this worker's database of an engine, empty."""
        if engine_name not in self.databases:
            made = self.databases[engine_name] = Database(engine_name, self.worker)
            made.create()
            engine = self.engines[engine_name] = make_engine(made.url)
            self.houses[engine_name] = KeptHouse.of(engine)
            engine.dispose()
        self.databases[engine_name].clear()
        return self.databases[engine_name]

    def app(self, database: Database) -> Flask:
        """Return the app on a database."""
        # Here, so that tests of the pure core need neither Flask nor the pages.
        from booking.app import create_app

        if database.engine not in self.apps:
            self.apps[database.engine] = create_app(config_for(database.url), self.clock)
        return self.apps[database.engine]

    def leave(self, engine_name: str) -> None:
        """Close the connections that are kept on an engine, as a stopped service has none."""
        if engine_name in self.apps:
            dispose(self.apps[engine_name])
        if engine_name in self.databases:
            self.databases[engine_name].leave()

    def close(self) -> None:
        """Give everything back."""
        for app in self.apps.values():
            dispose(app)
        for database in self.databases.values():
            database.drop()


def config_for(url: str) -> Config:
    """Return the operator's settings for a database of the tests."""
    return Config(
        database=DatabaseConfig(url=url),
        paths=Paths(var=testrun.folder()),
        security=Security(development=True),
    )


def dispose(app: Flask) -> None:
    """Close the app's connections."""
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """Return what the tests of this worker share."""
    shared = Services(os.environ.get("PYTEST_XDIST_WORKER", "main"))
    yield shared
    shared.close()


@pytest.fixture
def database(engine_name: str, services: Services) -> Database:
    """Return an empty, migrated database."""
    return services.database(engine_name)


@pytest.fixture
def engine_url(database: Database) -> str:
    """Return the URL of an empty, migrated database."""
    return database.url


@pytest.fixture
def engine(services: Services, database: Database) -> Iterator[Engine]:
    """Return an engine on an empty, migrated database; looks after the house at the end."""
    engine = services.engines[database.engine]
    yield engine
    try:
        assert_house_in_order(engine)
    finally:
        engine.dispose()


@pytest.fixture
def clock(services: Services) -> Clock:
    """Return the clock of ``app``, at ``NOW`` until the test sets it."""
    services.clock.now = NOW
    return services.clock


@pytest.fixture
def app(services: Services, database: Database, engine: Engine, clock: Clock) -> Iterator[Flask]:
    """Return the app on an empty database, without a context."""
    app = services.app(database)
    from booking.actions.bookings import crowds

    # What a process remembers is of the house of another test.
    crowds.forget()
    dav = ("booking.dav", "booking.dav.files", "booking.dav.written")
    for shelf in ("booking.boards", "booking.feeds", *dav):
        app.extensions.pop(shelf, None)
    yield app
    if database.engine == "sqlite":  # the next test brings a new file
        dispose(app)


@pytest.fixture
def session(app: Flask) -> Iterator[scoped_session[Session]]:
    """Return the session of a pushed app context, as actions and queries expect it."""
    with app.app_context():
        yield db.session


@pytest.fixture
def house(services: Services, engine: Engine) -> House:
    """Return a small house with rooms and people, stored."""
    return services.houses[engine.dialect.name].store(engine)


@pytest.fixture
def served(database: Database) -> House:
    """Return a house in a database that nobody here has open: for a service of its own."""
    engine = make_engine(database.url)
    try:
        return make_house(engine)
    finally:
        engine.dispose()


@pytest.fixture
def service(database: Database, served: House, tmp_path: Path) -> Iterator[Service]:
    """Return the service, running on ``served`` at ``NOW``."""
    with running(tmp_path, database_url=database.url, now=NOW) as service:
        yield service


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser nobody is signed in with.  Not together with ``session``."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[[FlaskClient, Actor], FlaskClient]:
    """Return what signs a person in without the form: ``sign_in(client, house.member)``."""

    def signed_in(client: FlaskClient, person: Actor) -> FlaskClient:
        with app.app_context():
            epoch = db.session.execute(
                select(Person.sign_in_epoch).where(Person.id == person.person_id)
            ).scalar_one()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = f"{person.person_id}.{epoch}"
            cookie["_fresh"] = True
        return client

    return signed_in


@pytest.fixture
def csrf() -> Callable[..., str]:
    """Return what reads the CSRF token for posts: ``csrf(client)``, or of a page it names."""

    def token(client: FlaskClient, path: str = "/sign-in") -> str:
        page = client.get(path, follow_redirects=True).text
        found = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)
        assert found, f"no token on {path}"
        return found[1]

    return token


@pytest.fixture
def count(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """Return what lists the app's SQL statements: ``with count() as statements: ...``."""

    def counting() -> AbstractContextManager[list[str]]:
        with app.app_context():
            return count_statements(db.engine)

    return counting
