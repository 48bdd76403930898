"""SQLite: its online backup one way, a file put in another's place the other way."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from booking.backups.errors import BackupError
from booking.config import Config
from booking.db import guard_problem

PATIENCE_S = 15


def dump(config: Config, target: Path) -> str:
    """Copy the database as of this instant; return the revision of its tables.

    The copy is one read transaction: writers go on meanwhile.
    """
    file = _file(config)
    target.touch(mode=0o600)
    with _told(file):
        source_uri = f"{file.absolute().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(source_uri, uri=True, timeout=PATIENCE_S)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            # Without WAL the copy is one file, wherever it goes.
            copy.execute("PRAGMA journal_mode=DELETE")
        return _checked(target)


def load(config: Config, source: Path, *, overwrite: bool, now: datetime) -> None:
    """Put the file in place of the present one, which is kept under another name."""
    file = _file(config)
    with _told(source):
        _checked(source)
    if file.exists():
        if not overwrite:
            raise BackupError("restore_overwrites", place=str(file))
        _alone(file)
        file.replace(file.with_name(f"{file.name}.before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"))
    with source.open("rb+") as written:
        os.fsync(written.fileno())
    source.replace(file)


def _alone(file: Path) -> None:
    """Bring everything into the one file; refuse while somebody else has it open.

    SQLite gives up write-ahead logging only for the last one who has the file.
    """
    try:
        with closing(sqlite3.connect(file, timeout=1)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise BackupError("restore_in_use") from error
    except sqlite3.DatabaseError:
        return  # not a database any more: all the more reason to restore


def _checked(file: Path) -> str:
    """Return the revision of a database that is sound, with its guard."""
    with closing(sqlite3.connect(file)) as connection:
        told = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if told != "ok":
            raise BackupError("backup_unsound", file=str(file), reason=told)
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    with engine.connect() as alchemy:
        problem = guard_problem(alchemy)
    if problem is not None:
        raise BackupError("backup_unsound", file=str(file), reason=problem)
    return str(revision)


def _file(config: Config) -> Path:
    file = config.sqlite_file
    assert file is not None  # noqa: S101 - asked only where the engine is SQLite
    return file


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise BackupError("backup_unsound", file=str(file), reason=str(error)) from error
