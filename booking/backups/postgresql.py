"""PostgreSQL: its own ``pg_dump`` one way, ``psql`` in one transaction the other way."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from booking.backups.errors import BackupError
from booking.config import Config

SERVICE = "booking"  # the name of the connection in the file that libpq reads
CONNECT_S = 5
LEAVE_S = 3.0  # a server goes on listing a connection for a moment after it was closed
_INSTALLED = Path("/usr/lib/postgresql")  # Debian keeps each version's programs there

# The dump brings its own; "alembic_version" tells whether there is a house.
_DROP = """
DO $$
DECLARE found record;
BEGIN
  FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE format('DROP TABLE %I CASCADE', found.tablename);
  END LOOP;
END $$;
"""
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def dump(config: Config, target: Path) -> str:
    """Copy the database as of one instant; return the revision of its tables."""
    with _connected(config) as connection:
        revision = _revision(connection)
    if revision is None:
        raise BackupError("backup_nothing")
    target.touch(mode=0o600)
    _run(config, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    return revision


def load(config: Config, source: Path, *, overwrite: bool, now: datetime) -> None:  # noqa: ARG001
    """Put the tables of a dump in place of the present ones, in one transaction."""
    with _connected(config) as connection:
        if _revision(connection) is not None and not overwrite:
            raise BackupError("restore_overwrites", place=str(connection.info.dbname))
        if not _left_alone(connection):
            raise BackupError("restore_in_use")
    drop, script = source.with_name("drop.sql"), source.with_name("script.sql")
    drop.write_text(_DROP)
    script.touch(mode=0o600)
    plain = ["--no-owner", "--no-privileges", "--no-comments", f"--file={script}", str(source)]
    _run(config, "pg_restore", *plain)
    _run(
        config,
        "psql",
        *("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
        *(f"--file={drop}", f"--file={script}", "--output=" + os.devnull),
    )


def _left_alone(connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
    """Tell whether nobody else is connected, or leaves within `LEAVE_S`."""
    until = time.monotonic() + LEAVE_S
    while True:
        row = connection.execute(_OTHERS).fetchone()
        if row is None or not row[0]:
            return True
        # What is known of the others is kept for a transaction: ask in a new one.
        connection.rollback()
        if time.monotonic() >= until:
            return False
        time.sleep(0.05)


def _revision(connection: "psycopg.Connection[tuple[object, ...]]") -> str | None:
    has_tables = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
    if has_tables is None or not has_tables[0]:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


@contextmanager
def _connected(config: Config) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    try:
        with psycopg.connect(_url(config), connect_timeout=CONNECT_S) as connection:
            yield connection
    except psycopg.Error as error:
        reason = (str(error).strip().splitlines() or [""])[0]
        raise BackupError("backup_database", reason=reason) from error


def _url(config: Config) -> str:
    url = make_url(config.database_url).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def _run(config: Config, name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the database; its complaint becomes a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pg_service.conf"
        # Not as arguments: other users of the machine see those, and the password with them.
        file.touch(mode=0o600)
        found = psycopg.conninfo.conninfo_to_dict(_url(config))
        lines = [f"{key}={value}" for key, value in found.items()]
        file.write_text("\n".join([f"[{SERVICE}]", *lines]) + "\n")
        environment = {**os.environ, "PGSERVICEFILE": str(file), "PGSERVICE": SERVICE}
        done = subprocess.run(  # noqa: S603  our own words, no shell
            [_program(name), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [name])[0]
        raise BackupError("backup_database", reason=reason)


def _program(name: str) -> str:
    """Return where a program is; Debian has the newest server's beside its server."""
    if found := shutil.which(name):
        return found
    versions = sorted(_INSTALLED.glob(f"*/bin/{name}"), key=lambda each: each.parts[-3].zfill(4))
    if not versions:
        raise BackupError("backup_program_missing", program=name)
    return str(versions[-1])
