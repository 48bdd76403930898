"""`booking backup` and `booking restore`: whole or not at all, on both engines."""

import json
import os
import sqlite3
import stat
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from booking.backups import default_file, keep_newest
from booking.config import Config
from tests.conftest import Services
from tests.support.databases import Database, writing
from tests.support.factories import NOW
from tests.support.postgres import binaries

BOTH = pytest.mark.engines("sqlite", "postgresql")
TITLES = text("SELECT title FROM booking ORDER BY title")


@pytest.fixture(autouse=True)
def programs(
    engine_name: str, services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Find the programs that belong to the tests' server, on which nobody else works."""
    services.leave(engine_name)
    if engine_name == "postgresql" and "TEST_PG_URL" not in os.environ:
        monkeypatch.setenv("PATH", f"{binaries()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def backup(shell, house, tmp_path) -> Path:
    """Return a backup of a house with one booking, "Choir"."""
    house.add_booking(house.atlas, title="Choir")
    shell.run("backup", tmp_path / "kept.zip")
    return tmp_path / "kept.zip"


def titles(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return [*connection.execute(TITLES).scalars()]


def leave(engine: Engine) -> None:
    """Close all connections of this process, as a stopped service has none."""
    engine.dispose()


@BOTH
def test_backup_comes_back_whole(shell, house, engine, backup, clock):
    house.add_booking(house.birch, title="Later")
    assert titles(engine) == ["Choir", "Later"]
    leave(engine)

    told = shell.json("restore", backup, "--overwrite")

    assert told["made_at"] == clock().isoformat()
    assert titles(engine) == ["Choir"]
    leave(engine)
    assert {each["status"] for each in shell.json("doctor")["checks"]} == {"ok"}
    # The guard came back with its table, and what is booked is refused.
    again = ["--title", "Again", "--as", house.email(house.member), "--space", house.atlas.id]
    with engine.connect() as connection:
        start, end = connection.execute(text("SELECT start_s, end_s FROM hold")).one()
    instants = [f"--{name}={at}" for name, at in (("start", _iso(start)), ("end", _iso(end)))]
    leave(engine)
    shell.run("book", *again, *instants, code=3)


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@BOTH
def test_nothing_is_replaced_without_being_told(shell, house, engine, backup):
    house.add_booking(house.birch, title="Later")
    leave(engine)

    assert "--overwrite" in shell.refusal("restore", backup)
    assert titles(engine) == ["Choir", "Later"]


@BOTH
def test_running_service_is_left_alone(shell, house, engine, backup):
    house.add_booking(house.birch, title="Later")
    leave(engine)
    with engine.connect() as connection:
        connection.execute(TITLES)

        assert "in use" in shell.refusal("restore", backup, "--overwrite")

    assert titles(engine) == ["Choir", "Later"]


@BOTH
def test_backup_while_somebody_writes_is_of_one_instant(shell, house, engine, tmp_path):
    house.add_booking(house.atlas, title="Choir")
    with writing(engine) as connection:
        connection.execute(text("UPDATE booking SET title = 'half done'"))
        shell.run("backup", tmp_path / "kept.zip")
    leave(engine)

    shell.run("restore", tmp_path / "kept.zip", "--overwrite")

    assert titles(engine) == ["Choir"]


def test_replaced_file_is_kept_beside(shell, house, engine, backup, database):
    house.add_booking(house.birch, title="Later")
    leave(engine)

    shell.run("restore", backup, "--overwrite")

    file = Path(engine.url.database)
    (old,) = file.parent.glob(f"{file.name}.before-*")
    with closing(sqlite3.connect(old)) as connection:
        assert [title for (title,) in connection.execute(TITLES.text)] == ["Choir", "Later"]
    old.unlink()


def test_secret_comes_back_and_the_archive_is_for_its_owner_alone(shell, house, tmp_path, engine):
    secret = tmp_path / "secret.key"
    secret.write_text("s" * 40)
    secret.chmod(0o600)
    shell.run("backup", tmp_path / "kept.zip")
    secret.unlink()
    leave(engine)

    shell.run("restore", tmp_path / "kept.zip", "--overwrite")

    assert secret.read_text() == "s" * 40
    for file in (secret, tmp_path / "kept.zip", Path(engine.url.database)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_backup_goes_to_its_own_folder_and_old_ones_go(shell, house, tmp_path, clock):
    made = []
    for _ in range(3):
        made.append(shell.json("backup", "--keep", 2))
        clock.now += timedelta(minutes=1)

    assert [len(each["removed"]) for each in made] == [0, 0, 1]
    assert made[2]["removed"] == [made[0]["file"]]
    stranger = tmp_path / "backups" / "holiday.zip"
    stranger.touch()
    assert sorted(each.name for each in (tmp_path / "backups").iterdir()) == sorted(
        [Path(made[1]["file"]).name, Path(made[2]["file"]).name, "holiday.zip"]
    )
    keep_newest(tmp_path / "backups", 1)
    assert stranger.exists()


def _manifest(folder: Path, backup: Path, **changes: object) -> Path:
    """Return a copy of the backup whose manifest says something else."""
    target = folder / "changed.zip"
    with zipfile.ZipFile(backup) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            content = source.read(name)
            if name == "manifest.json":
                content = json.dumps(json.loads(content) | changes).encode()
            copy.writestr(name, content)
    return target


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"engine": "postgresql"}, "is of postgresql"),
        ({"format": 2}, "newer program"),
        ({"colour": "blue"}, "not a backup of this program"),
    ],
)
def test_other_archives_are_refused(shell, engine, backup, tmp_path, changes, told):
    leave(engine)

    assert told in shell.refusal("restore", _manifest(tmp_path, backup, **changes), "--overwrite")
    assert titles(engine) == ["Choir"]


@pytest.mark.parametrize("part", [0, 0.5, 0.9])
def test_part_of_an_archive_is_refused(shell, engine, backup, tmp_path, part):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(backup.read_bytes()[: int(backup.stat().st_size * part)])
    leave(engine)

    assert "damaged" in shell.refusal("restore", broken, "--overwrite")
    assert titles(engine) == ["Choir"]


def test_flipped_byte_is_refused(shell, engine, backup, tmp_path):
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 0xFF
    broken = tmp_path / "broken.zip"
    broken.write_bytes(content)
    leave(engine)

    assert "damaged" in shell.refusal("restore", broken, "--overwrite")
    assert titles(engine) == ["Choir"]


def test_archive_of_a_database_without_its_guard_is_refused(shell, house, engine, tmp_path, backup):
    unguarded = tmp_path / "unguarded.zip"
    with zipfile.ZipFile(backup) as source, zipfile.ZipFile(unguarded, "w") as copy:
        file = Path(source.extract("database", tmp_path))
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("DROP TRIGGER hold_no_overlap_update")
            connection.commit()
        copy.writestr("manifest.json", source.read("manifest.json"))
        copy.write(file, "database")
    leave(engine)

    assert "not sound" in shell.refusal("restore", unguarded, "--overwrite")
    assert titles(engine) == ["Choir"]


def test_existing_file_is_not_overwritten(shell, house, tmp_path):
    (tmp_path / "kept.zip").write_text("mine")

    assert "another name" in shell.refusal("backup", tmp_path / "kept.zip")
    assert (tmp_path / "kept.zip").read_text() == "mine"


def test_backup_into_nowhere_is_told(shell, house, tmp_path):
    (tmp_path / "file").touch()

    assert "cannot be used" in shell.refusal("backup", tmp_path / "file" / "kept.zip")


def test_restore_into_an_empty_folder(shell, house, engine, backup, bare_shell, tmp_path):
    bare_shell.run("restore", backup)

    with closing(sqlite3.connect(tmp_path / "booking.db")) as connection:
        assert [title for (title,) in connection.execute(TITLES.text)] == ["Choir"]


def test_default_name_sorts_by_time():
    assert default_file(Config(), now=NOW).name == f"booking-{NOW:%Y%m%dT%H%M%SZ}.zip"
