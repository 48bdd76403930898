"""Is the service well?  Asked by ``GET /health`` and, in depth, by ``booking doctor``.

Every question has a connection of its own, so that neither a full pool nor
the open file of a database that was deleted can give a wrong answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfoNotFoundError

from sqlalchemy import Connection, Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from booking.core.messages import Parameter
from booking.core.recurrence import zone_info
from booking.db import count_overlaps, guard_problem
from booking.resources import resource_dir

Status = Literal["ok", "failing", "unknown"]
CONNECT_S = 3
QUICK_S, THOROUGH_S = 3, 600
CLOCK_TOLERANCE = timedelta(minutes=2)
_NOTHING: Mapping[str, Parameter] = MappingProxyType({})

# A part that two spaces of one booking share is held once, by either allocation.
# What had passed when nobody came stays held (``released_s``).
# What is over keeps the holds it had, also where its space has other parts by now.
UNHELD = """
SELECT count(*) FROM allocation
JOIN space_part ON space_part.space_id = allocation.space_id
WHERE allocation.state = 'confirmed' AND allocation.end_s > :now
  AND NOT EXISTS (
    SELECT 1 FROM hold JOIN allocation AS sibling ON sibling.id = hold.allocation_id
    WHERE hold.part_id = space_part.part_id
      AND sibling.occurrence_id = allocation.occurrence_id
      AND hold.start_s <= allocation.start_s - allocation.setup_s
      AND hold.end_s >= allocation.end_s + allocation.cleanup_s)
"""
UNFOUNDED = """
SELECT count(*) FROM hold
LEFT JOIN allocation ON allocation.id = hold.allocation_id
LEFT JOIN closure ON closure.id = hold.closure_id
LEFT JOIN want ON want.id = hold.want_id AND want.state IN ('waiting', 'offered')
LEFT JOIN lease ON lease.id = hold.lease_id AND hold.layer = 'let'
LEFT JOIN space_part
  ON space_part.space_id = allocation.space_id AND space_part.part_id = hold.part_id
WHERE closure.id IS NULL AND want.id IS NULL AND lease.id IS NULL
  AND (allocation.id IS NULL
       OR allocation.state NOT IN ('confirmed', 'requested')
       AND (allocation.released_s IS NULL OR hold.end_s > allocation.released_s)
       OR space_part.part_id IS NULL AND hold.end_s > :now)
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One answer.  ``code`` and ``params`` tell the operator more than visitors may know."""

    name: str
    status: Status
    code: str = "fine"
    params: Mapping[str, Parameter] = field(default_factory=lambda: _NOTHING)

    @property
    def is_ok(self) -> bool:
        """Whether nothing has to be done."""
        return self.status == "ok"


Question = Callable[[Connection, datetime], Check]


def failing(name: str, code: str, /, **params: Parameter) -> Check:
    """Return the check of something that needs the operator."""
    return Check(name, "failing", code, params)


def quick(url: str, *, now: datetime) -> tuple[Check, ...]:
    """Return the checks ``database``, ``guard`` and ``migrations``, within a few seconds."""
    return _asked(url, QUICK, now=now, patience_s=QUICK_S)


def thorough(url: str, *, now: datetime) -> tuple[Check, ...]:
    """Return the quick checks, then overlaps, holds, clock, time zones and failed work.

    Reads all holds: some seconds for a million of them.
    """
    return _asked(url, THOROUGH, now=now, patience_s=THOROUGH_S)


def _asked(
    url: str, questions: Mapping[str, Question], *, now: datetime, patience_s: int
) -> tuple[Check, ...]:
    database = make_url(url)
    file = database.database if database.get_backend_name() == "sqlite" else None
    if file is not None and not Path(file).exists():
        return _unreachable(questions, "database_missing", file=file)
    try:
        with _engine(url, patience_s).connect() as connection:
            return tuple(
                _answer(connection, name, question, now=now) for name, question in questions.items()
            )
    except DBAPIError as error:
        return _unreachable(questions, "database_unreachable", reason=reason_of(error))


def _unreachable(
    questions: Mapping[str, Question], code: str, **params: Parameter
) -> tuple[Check, ...]:
    others = [Check(name, "unknown", "not_asked") for name in questions if name != "database"]
    return failing("database", code, **params), *others


def _answer(connection: Connection, name: str, question: Question, *, now: datetime) -> Check:
    """Ask; a table that is missing makes one answer unknown, not all of them."""
    try:
        return question(connection, now)
    except DBAPIError as error:
        if name == "database" or error.connection_invalidated:
            raise
        return Check(name, "unknown", "cannot_tell", {"reason": reason_of(error)})
    finally:
        connection.rollback()


@cache
def _engine(url: str, patience_s: int) -> Engine:
    """Return an engine without a pool that neither waits long nor makes a file."""
    database = make_url(url)
    if database.get_backend_name() == "sqlite" and database.database:
        # mode=rw: a file that went away since we looked is not made anew.
        path = Path(database.database).absolute().as_uri()
        database = database.set(database=path, query={"mode": "rw", "uri": "true"})
        return create_engine(database, poolclass=NullPool, connect_args={"timeout": CONNECT_S})
    options = f"-c statement_timeout={patience_s}s"
    arguments = {"connect_timeout": CONNECT_S, "options": options}
    return create_engine(database, poolclass=NullPool, connect_args=arguments)


def reason_of(error: DBAPIError) -> str:
    """Return the first line of what the driver says; it names no password."""
    return (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]


def _reachable(connection: Connection, _now: datetime) -> Check:
    # SQLite opens any file; only a read shows that it is a database.
    in_sqlite = connection.dialect.name == "sqlite"
    connection.execute(text("SELECT count(*) FROM sqlite_master" if in_sqlite else "SELECT 1"))
    return Check("database", "ok")


def _writable(connection: Connection, _now: datetime) -> Check:
    if connection.dialect.name != "sqlite":
        read_only = connection.execute(text("SHOW transaction_read_only")).scalar_one()
        is_ok = read_only == "off"
        return Check("database", "ok") if is_ok else failing("database", "database_read_only")
    _reachable(connection, _now)
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - it was just used
    connection.rollback()
    try:
        driver.execute("BEGIN IMMEDIATE")
        driver.execute("ROLLBACK")
    except driver.OperationalError as error:
        return failing("database", "database_not_writable", reason=str(error))
    return Check("database", "ok")


def _guard(connection: Connection, _now: datetime) -> Check:
    problem = guard_problem(connection)
    return Check("guard", "ok") if problem is None else failing("guard", "guard", problem=problem)


def _migrations(connection: Connection, _now: datetime) -> Check:
    stored, wanted = revision(connection), newest_revision()
    if stored == wanted:
        return Check("migrations", "ok")
    code = "migrations_pending" if stored in (None, *_known_revisions()) else "migrations_unknown"
    return failing("migrations", code, stored=stored or "-", wanted=wanted)


def revision(connection: Connection) -> str | None:
    """Return the revision of the database, None where no migration ran yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def newest_revision() -> str:
    """Return the revision that this version of the program works with."""
    return _known_revisions()[0]


@cache
def _known_revisions() -> tuple[str, ...]:
    # By their files' names: loading Alembic takes as long as the rest of a request.
    files = (resource_dir() / "migrations" / "versions").glob("[0-9]*.py")
    return tuple(sorted((each.stem.partition("_")[0] for each in files), reverse=True))


def _overlaps(connection: Connection, _now: datetime) -> Check:
    return _none("overlaps", count_overlaps(connection))


def _unheld(connection: Connection, now: datetime) -> Check:
    return _none("holds_missing", _count(connection, UNHELD, now))


def _unfounded(connection: Connection, now: datetime) -> Check:
    return _none("holds_stray", _count(connection, UNFOUNDED, now))


def _count(connection: Connection, query: str, now: datetime) -> int:
    return int(connection.execute(text(query), {"now": int(now.timestamp())}).scalar_one())


def _none(name: str, number: int) -> Check:
    return failing(name, name, number=number) if number else Check(name, "ok")


def _clock(connection: Connection, now: datetime) -> Check:
    """The database's clock and ours agree, and nothing was written in the future."""
    if connection.dialect.name != "sqlite":  # which has no clock of its own
        theirs = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())"))
        apart = abs(float(theirs.scalar_one()) - datetime.now(UTC).timestamp())
        if apart > CLOCK_TOLERANCE.total_seconds():
            return failing("clock", "clock_apart", seconds=round(apart))
    last = connection.execute(text("SELECT at_s FROM audit ORDER BY id DESC LIMIT 1")).scalar()
    if last is not None and last > (now + CLOCK_TOLERANCE).timestamp():
        return failing("clock", "clock_behind", last=datetime.fromtimestamp(last, UTC))
    return Check("clock", "ok")


def _zones(connection: Connection, _now: datetime) -> Check:
    for zone in connection.execute(text("SELECT DISTINCT zone FROM site ORDER BY zone")).scalars():
        try:
            zone_info(zone)
        except (ZoneInfoNotFoundError, ValueError):
            return failing("zones", "zone_unknown", zone=zone)
    return Check("zones", "ok")


def _work(connection: Connection, _now: datetime) -> Check:
    query = text("SELECT count(*) FROM job WHERE dead_s IS NOT NULL")
    number = int(connection.execute(query).scalar_one())
    return failing("work", "work_dead", number=number) if number else Check("work", "ok")


QUICK: Mapping[str, Question] = {
    "database": _reachable,
    "guard": _guard,
    "migrations": _migrations,
}
THOROUGH: Mapping[str, Question] = {
    **QUICK,
    "database": _writable,
    "overlaps": _overlaps,
    "holds_missing": _unheld,
    "holds_stray": _unfounded,
    "clock": _clock,
    "zones": _zones,
    "work": _work,
}
