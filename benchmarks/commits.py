"""The raw durable commit: what the machine gives, to set our figures beside it."""

import fcntl
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from sqlalchemy import Engine, make_url

from tests.support.databases import make_engine, writing

CREATE = "CREATE TABLE IF NOT EXISTS bench_commit (n INTEGER)"
INSERT = "INSERT INTO bench_commit (n) VALUES (1)"
BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN READ WRITE"}


class RawCommits:
    """Durable commits of one row through the driver alone, on the same database."""

    def __init__(self, engine: Engine) -> None:
        with writing(engine) as connection:
            connection.exec_driver_sql(CREATE)
        self._begin = BEGIN[engine.dialect.name]
        self._pooled = engine.raw_connection()
        self._cursor = self._pooled.cursor()
        if engine.dialect.name == "sqlite":
            self._cursor.execute("PRAGMA query_only=0")

    def one(self) -> float:
        """Commit one row and return how long it took, in seconds."""
        start = time.perf_counter()
        self._cursor.execute(self._begin)
        self._cursor.execute(INSERT)
        self._cursor.execute("COMMIT")
        return time.perf_counter() - start

    def close(self) -> None:
        """Give the connection back for good."""
        self._pooled.invalidate()


def commit_many(url: str, count: int, *, ready: Callable[[], object]) -> None:
    """Commit so many rows, in turn with other processes that do the same, when all are ready."""
    engine = make_engine(url, threads=1)
    commits = RawCommits(engine)
    file = make_url(url).database if engine.dialect.name == "sqlite" else None
    ready()
    with Path(f"{file}.lock").open("ab") if file else nullcontext() as lock:
        for _ in range(count):
            if lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
            commits.one()
            if lock:
                fcntl.flock(lock, fcntl.LOCK_UN)
    commits.close()
    engine.dispose()
