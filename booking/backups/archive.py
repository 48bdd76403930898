"""The archive: a ZIP with a manifest, the database in its engine's own form, and the secret."""

import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from booking import __version__
from booking.backups import postgresql, sqlite
from booking.backups.errors import BackupError
from booking.config import Config

__all__ = ["BackupError", "Contents", "default_file", "keep_newest", "make", "read", "restore"]

FORMAT = 1
MANIFEST, DATABASE, SECRET = "manifest.json", "database", "secret.key"
_ENGINES = {"sqlite": sqlite, "postgresql": postgresql}
_OWN_NAME = re.compile(r"booking-\d{8}T\d{6}Z\.zip")


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive says of itself.

    ``revision`` is that of the tables; ``made_at`` is ISO 8601 in UTC.
    """

    engine: str
    revision: str
    program: str
    made_at: str
    format: int = FORMAT


def default_file(config: Config, *, now: datetime) -> Path:
    """Return where a backup goes when nobody says: a file of its own in ``var/backups``."""
    return config.paths.var / "backups" / f"booking-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"


def make(config: Config, file: Path, *, now: datetime) -> Contents:
    """Write a backup; the file appears whole or not at all, readable by its owner alone.

    Raises:
        BackupError: If the file exists, or cannot be written; if the database
            cannot be read, or what was read is not sound.
    """
    if file.exists():
        raise BackupError("backup_file_exists", file=str(file))
    with _files(file):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
            dump = Path(folder) / DATABASE
            engine = _engine(config)
            revision = _ENGINES[engine].dump(config, dump)
            contents = Contents(engine, revision, __version__, now.astimezone(UTC).isoformat())
            whole = Path(folder) / "whole.zip"
            _pack(whole, contents, dump, config.paths.var / SECRET)
            whole.replace(file)
    return contents


def keep_newest(folder: Path, number: int) -> list[Path]:
    """Remove all but the newest backups of a folder; return what was removed.

    Only files with the name that ``default_file`` gives are counted and removed.
    """
    own = sorted(
        (each for each in folder.iterdir() if _OWN_NAME.fullmatch(each.name)), reverse=True
    )
    for each in own[number:]:
        each.unlink()
    return own[number:]


def read(file: Path) -> Contents:
    """Return what an archive says of itself.

    Raises:
        BackupError: If it is none of ours, is damaged, or comes from a newer program.
    """
    with _files(file), _opened(file) as archive:
        return _contents(file, archive)


def restore(config: Config, file: Path, *, overwrite: bool, now: datetime) -> Contents:
    """Put the database and the secret of a backup in place of the present ones.

    On SQLite the present file is kept beside the new one, under another name.

    Raises:
        BackupError: If the archive cannot be used here, somebody uses the
            database, or there is something to lose and ``overwrite`` is not set.
    """
    with _files(file), _opened(file) as archive:
        contents = _contents(file, archive)
        if contents.engine != _engine(config):
            raise BackupError(
                "backup_other_engine", stored=contents.engine, present=_engine(config)
            )
        config.paths.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Beside the present file, so that the new one takes its place in one step.
        beside = config.sqlite_file.parent if config.sqlite_file else config.paths.var
        beside.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=beside, prefix=".restore-") as folder:
            dump = Path(folder) / DATABASE
            _unpack(file, archive, DATABASE, dump)
            _ENGINES[contents.engine].load(config, dump, overwrite=overwrite, now=now)
            if SECRET in archive.namelist() and not config.security.secret_key:
                secret = Path(folder) / SECRET
                _unpack(file, archive, SECRET, secret)
                shutil.move(secret, config.paths.var / SECRET)
    return contents


def _engine(config: Config) -> str:
    return make_url(config.database_url).get_backend_name()


def _pack(whole: Path, contents: Contents, dump: Path, secret: Path) -> None:
    whole.touch(mode=0o600)  # it holds passwords' hashes and private bookings
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr(MANIFEST, json.dumps(asdict(contents), indent=1))
        archive.write(dump, DATABASE)
        if secret.exists():
            archive.write(secret, SECRET)
    with whole.open("rb") as written:
        os.fsync(written.fileno())


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except zipfile.BadZipFile as error:
        raise BackupError("backup_damaged", file=str(file)) from error


def _contents(file: Path, archive: zipfile.ZipFile) -> Contents:
    try:
        found: dict[str, Any] = json.loads(archive.read(MANIFEST))
        contents = Contents(**found)
    except (KeyError, TypeError, ValueError) as error:
        raise BackupError("backup_foreign", file=str(file)) from error
    if contents.format != FORMAT or contents.engine not in _ENGINES:
        raise BackupError("backup_newer", file=str(file))
    return contents


def _unpack(file: Path, archive: zipfile.ZipFile, name: str, target: Path) -> None:
    """Copy a member to a file for its owner alone; its checksum is looked at on the way."""
    target.touch(mode=0o600)
    try:
        with archive.open(name) as stored, target.open("wb") as out:
            shutil.copyfileobj(stored, out)
    except (KeyError, EOFError) as error:
        raise BackupError("backup_damaged", file=str(file)) from error


@contextmanager
def _files(file: Path) -> Iterator[None]:
    """Tell trouble with files in a sentence."""
    try:
        yield
    except OSError as error:
        where = error.filename or file
        raise BackupError(
            "backup_file", file=str(where), reason=error.strerror or str(error)
        ) from error
