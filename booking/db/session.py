"""Engines and transactions.

Reading is physically read-only on both engines, so a write in a GET fails
loudly.  ``transact`` opens the one writing transaction of a use-case.

What reads on PostgreSQL does so without a transaction: each statement sees
what is committed by then, as it would in READ COMMITTED, and BEGIN and
ROLLBACK need not travel.
"""

import contextlib
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from booking.core.errors import GuardRefused
from booking.db.sqlite import prepare_sqlite

if sys.platform != "win32":  # there busy_timeout alone keeps writers in line
    import fcntl

T = TypeVar("T")
RETRIES = 3
DEADLOCK, SERIALIZATION, EXCLUSION = "40P01", "40001", "23P01"
FRESH_S = 1  # for so long a connection that lies in the pool is taken to be alive
WRITING: dict[str, dict[str, Any]] = {  # the execution options of what writes
    "sqlite": {"write": True},
    "postgresql": {"isolation_level": "READ COMMITTED", "postgresql_readonly": False},
}


class Base(DeclarativeBase):
    """Root of all tables; the names of constraints are ours on both engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class HouseSession(FlaskSession):
    """A session that has the connection of its transaction at hand: every statement asks for it."""

    _at_hand: Connection | None = None

    def connection(
        self,
        bind_arguments: Any = None,
        execution_options: Any = None,
    ) -> Connection:
        """Return the connection of the transaction, which begins if there is none."""
        if bind_arguments or execution_options:
            return super().connection(bind_arguments, execution_options)
        if self._at_hand is None:
            self._at_hand = super().connection()
        return self._at_hand


@event.listens_for(HouseSession, "after_transaction_end")
def _leave_connection(session: HouseSession, _transaction: object) -> None:
    session._at_hand = None


db = SQLAlchemy(model_class=Base, session_options={"class_": HouseSession})


def engine_options(url: str, *, threads: int) -> dict[str, Any]:
    """Return the engine options that fit the database, a connection for each thread."""
    options: dict[str, Any] = {"pool_size": threads + 2, "max_overflow": 4}
    if url.startswith("postgresql"):
        options |= {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    return options


def prepare_engine(engine: Engine) -> None:
    """Set up the connections and transactions of an engine; call once for each."""
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine)
    else:
        _prepare_postgresql(engine)


def _prepare_postgresql(engine: Engine) -> None:
    """Let nothing write that does not say so, and look whether an old connection still lives.

    Only an old one, as each look is a round trip.
    """

    @event.listens_for(engine, "connect")
    def connected(dbapi: Any, record: ConnectionPoolEntry) -> None:
        dbapi.execute("SET default_transaction_read_only = on")
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkin")
    def given_back(_dbapi: object, record: ConnectionPoolEntry) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def taken(dbapi: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info["used"] < FRESH_S:
            return
        try:
            dbapi.execute("SELECT 1")
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # and the pool connects anew


@contextlib.contextmanager
def write() -> Iterator[Session]:
    """End the read snapshot and open the one writing transaction of a use-case.

    Commits at the end, rolls back on any error.  The guard's refusal comes
    out as ``GuardRefused``.
    """
    session = db.session()
    if session.info.get("writes"):
        raise RuntimeError("write() within write(): verbs do not call verbs")
    session.rollback()
    engine = db.engine
    with _turn(engine):
        session.info["writes"] = True
        try:
            session.connection(execution_options=WRITING[engine.dialect.name])
            yield session
            if last := session.info.get("last"):
                last(session)
            session.commit()
        except IntegrityError as error:
            session.rollback()
            if is_overlap(error):
                raise GuardRefused from error
            raise
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writes"] = False


@contextlib.contextmanager
def ending_with(last: Callable[[Session], None]) -> Iterator[None]:
    """Let every writing transaction in here call ``last`` before it commits.

    So that a piece of work and the note that it is done are one: what
    ``last`` raises rolls both back.
    """
    session = db.session()
    session.info["last"] = last
    try:
        yield
    finally:
        session.info.pop("last", None)


def is_writing(session: Session) -> bool:
    """Whether this is the writing transaction of a verb, in which rows can be locked."""
    return bool(session.info.get("writes"))


def transact(work: Callable[[Session], T]) -> T:
    """Run ``work`` in one writing transaction and return what it returns.

    Deadlocks and serialization failures are tried again, up to three times;
    a refusal of the guard never is.
    """
    for attempt in range(RETRIES + 1):
        try:
            with write() as session:
                return work(session)
        except DBAPIError as error:
            if attempt == RETRIES or sqlstate(error) not in (DEADLOCK, SERIALIZATION):
                raise
            time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))  # noqa: S311  jitter, no secret
    raise AssertionError("unreachable")


def sqlstate(error: DBAPIError) -> str | None:
    """Return PostgreSQL's five-letter code of a database error, None on SQLite."""
    return getattr(error.orig, "sqlstate", None)


def is_overlap(error: DBAPIError) -> bool:
    """Whether the error is the overlap guard's refusal."""
    if sqlstate(error) == EXCLUSION:
        return True
    return getattr(
        error.orig, "sqlite_errorname", ""
    ) == "SQLITE_CONSTRAINT_TRIGGER" and "hold_overlap" in str(error.orig)


@contextlib.contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Queue up before BEGIN IMMEDIATE, in order, on a lock file beside the SQLite file.

    With busy_timeout alone the slowest of eight writing processes waited
    4.9 s; with the file lock 0.32 s.
    """
    path = engine.url.database if engine.dialect.name == "sqlite" else None
    if sys.platform == "win32" or not path or path == ":memory:":
        yield
        return
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:  # the folder takes no new file: no more does the database
        raise OperationalError(f"open {path}.lock", None, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
