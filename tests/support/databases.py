"""Databases for tests: a migrated template for each engine, a copy for each worker."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, inspect, make_url
from sqlalchemy.pool import NullPool

from booking.db import WRITING, Base, engine_options, prepare_engine
from tests.support import testrun
from tests.support.migrating import upgrade
from tests.support.postgres import locked, server_url

ENGINES = ("sqlite", "postgresql")
_DELETIONS: dict[str, list[str]] = {}  # engine -> statements: the tables of a run stay the same


@dataclass(frozen=True, slots=True)
class Database:
    """A database of one worker that starts as a copy of the migrated template."""

    engine: str
    name: str

    @property
    def url(self) -> str:
        """The SQLAlchemy URL, as the configuration would have it."""
        if self.engine == "sqlite":
            return f"sqlite:///{testrun.folder() / self.name}.db"
        return _on_server(f"{_prefix()}_{self.name}")

    def create(self) -> None:
        """Make it from the template, in place of what is there."""
        _template(self.engine)
        if self.engine == "sqlite":
            self.drop()
            shutil.copyfile(testrun.folder() / "template.db", _file(self.url))
        else:
            self.drop()
            _administer(f'CREATE DATABASE "{_name(self.url)}" TEMPLATE "{_prefix()}_template"')

    def create_empty(self) -> None:
        """Make it without any table, in place of what is there."""
        self.drop()
        if self.engine == "postgresql":
            _administer(f'CREATE DATABASE "{_name(self.url)}"')

    def clear(self) -> None:
        """Empty all tables; every engine on it must have been disposed on SQLite."""
        if self.engine == "sqlite":
            self.create()
            return
        self.empty(_emptying(self.url))

    def empty(self, engine: Engine) -> None:
        """Empty all tables while others are connected."""
        with writing(engine) as connection:
            # A test that left a transaction open shall fail here, not hang.
            patience = ["SET LOCAL lock_timeout = '5s'"] if self.engine == "postgresql" else []
            run_all(connection, [*patience, *_deletions(connection)])

    def leave(self) -> None:
        """Close the connection that empties it."""
        _emptying(self.url).dispose()

    def drop(self) -> None:
        """Remove it; does nothing where it is not."""
        if self.engine == "sqlite":
            for end in ("", "-wal", "-shm", ".lock"):
                Path(f"{_file(self.url)}{end}").unlink(missing_ok=True)
        else:
            self.leave()
            _administer(f'DROP DATABASE IF EXISTS "{_name(self.url)}" WITH (FORCE)')


def make_engine(url: str, *, threads: int = 2) -> Engine:
    """Return an engine set up like the service's, outside of any app."""
    engine = create_engine(url, **engine_options(url, threads=threads))
    prepare_engine(engine)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a writing transaction on a connection, without session or app."""
    with engine.connect() as connection:
        connection = connection.execution_options(**WRITING[engine.dialect.name])
        with connection.begin():
            yield connection


def run_all(connection: Connection, statements: Sequence[str]) -> None:
    """Run statements without parameters; PostgreSQL gets them in one round trip."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        driver.execute("; ".join(statements))
    else:
        for statement in statements:
            driver.execute(statement)


def insertions(connection: Connection) -> list[str]:
    """Return statements that write all that is stored once more, into empty tables."""
    quoted = {"sqlite": "quote({})", "postgresql": "quote_nullable({}::text)"}
    found = []
    for table in Base.metadata.sorted_tables:
        columns = [f'"{each.name}"' for each in table.columns if each.computed is None]
        values = (quoted[connection.dialect.name].format(column) for column in columns)
        rows = connection.exec_driver_sql(f"SELECT {', '.join(values)} FROM {table.name}").all()
        if rows:
            told = ", ".join(f"({', '.join(row)})" for row in rows)
            found.append(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES {told}")
    return found


def drop_templates() -> None:
    """Remove the template from a server that outlives the run."""
    if os.environ.get("TEST_PG_URL") and (testrun.folder() / "postgresql.ready").exists():
        _administer(f'DROP DATABASE IF EXISTS "{_prefix()}_template" WITH (FORCE)')


def _template(engine: str) -> None:
    """Migrate the run's template once, whichever worker comes first."""
    folder = testrun.folder()
    with locked(folder / f"{engine}.lock"):
        ready = folder / f"{engine}.ready"
        if ready.exists():
            return
        template = folder / "template.db"
        if engine == "sqlite":
            upgrade(f"sqlite:///{template}")
            _leave_wal(template)
        else:
            _administer(f'CREATE DATABASE "{_prefix()}_template"')
            upgrade(_on_server(f"{_prefix()}_template"))
        ready.touch()


def _leave_wal(file: Path) -> None:
    """Bring everything into the one file, so that it can be copied: the last to close does so."""
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _administer(statement: str) -> None:
    engine = create_engine(
        server_url(testrun.folder()), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


@cache
def _emptying(url: str) -> Engine:
    """Return an engine that keeps one connection, as a new one costs more than the work."""
    return create_engine(url, pool_size=1)


def _deletions(connection: Connection) -> list[str]:
    """Return what empties all tables, those that refer to others first."""
    engine = connection.dialect.name
    if engine not in _DELETIONS:
        tables = inspect(connection).get_sorted_table_and_fkc_names()
        names = [name for name, _keys in tables[::-1] if name and name != "alembic_version"]
        _DELETIONS[engine] = [f"DELETE FROM {name}" for name in names]
    return _DELETIONS[engine]


def _prefix() -> str:
    return testrun.folder().name.replace("-", "_")


def _on_server(name: str) -> str:
    url = make_url(server_url(testrun.folder())).set(database=name)
    return url.render_as_string(hide_password=False)


def _name(url: str) -> str:
    return str(make_url(url).database)


_file = _name
