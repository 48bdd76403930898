"""SQLite: one connection that reads, and one that writes.

The driver would begin nothing on SELECT, so that check-then-insert races: we begin
ourselves, BEGIN IMMEDIATE to write, and read under ``PRAGMA query_only``.  A single
connection would have to be told so at each change, and SQLite forgets all statements
that it has prepared with every such word: that was a third of the time of a PUT.
"""

import random
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.exc import OperationalError

WAL_TRIES = 50


class Pair:
    """Two connections to one file as the driver's one: that of the transaction is in use.

    The one that writes is opened when somebody writes for the first time.
    """

    __slots__ = ("_open", "_reads", "_used", "_writes")

    def __init__(self, open_one: Callable[[], sqlite3.Connection]) -> None:
        self._open = open_one
        self._reads = self._used = open_one()
        self._reads.execute("PRAGMA query_only=1")
        self._writes: sqlite3.Connection | None = None

    @property
    def writing(self) -> sqlite3.Connection:
        """The one that writes."""
        if self._writes is None:
            self._writes = self._open()
        return self._writes

    def begin(self, *, writes: bool) -> None:
        """Begin a transaction, and use its connection from now on."""
        self._used = self.writing if writes else self._reads
        self._used.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    def cursor(self) -> sqlite3.Cursor:
        """Return a cursor of the connection in use."""
        return self._used.cursor()

    def commit(self) -> None:
        """Commit the transaction."""
        self._used.commit()

    def rollback(self) -> None:
        """Roll the transaction back."""
        self._used.rollback()

    def close(self) -> None:
        """Close both."""
        self._reads.close()
        if self._writes is not None:
            self._writes.close()

    def __getattr__(self, name: str) -> Any:  # whatever else the driver's connections have
        return getattr(self._used, name)


def prepare_sqlite(engine: Engine) -> None:
    """Let an engine have such pairs, and begin their transactions."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, _record: object, args: Any, given: Any) -> Any:
        def open_one() -> sqlite3.Connection:
            opened: sqlite3.Connection = dialect.loaded_dbapi.connect(*args, **given)
            return _set_up(opened)

        return Pair(open_one)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        pair: Any = connection.connection.dbapi_connection
        try:
            pair.begin(writes=connection.get_execution_options().get("write", False))
        except sqlite3.OperationalError as error:  # told as that of any statement
            raise OperationalError("BEGIN", None, error) from error


def _set_up(opened: sqlite3.Connection) -> sqlite3.Connection:
    opened.isolation_level = None
    for pragma in (
        "busy_timeout=15000",
        "synchronous=FULL",  # NORMAL may lose the last "confirmed" at a power cut
        "foreign_keys=ON",
    ):
        opened.execute(f"PRAGMA {pragma}")
    _write_ahead(opened)
    return opened


def _write_ahead(opened: sqlite3.Connection) -> None:
    """Let the file have a write-ahead log, which it keeps from then on.

    Who changes that while others open the file is told "locked" at once, whatever the timeout.
    """
    for attempt in range(WAL_TRIES):
        try:
            opened.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if attempt + 1 == WAL_TRIES:
                raise
            time.sleep(random.uniform(0.01, 0.05))  # noqa: S311  jitter, no secret
        else:
            return
