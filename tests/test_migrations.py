"""Every earlier database becomes today's, on both engines, and the guard never lapses."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from booking.config import Config, Paths
from booking.db import Base, guard_problem, install_overlap_guard, is_overlap
from booking.db.guard import CONSTRAINT
from booking.vault import Vault
from tests.conftest import Services
from tests.support.checks import assert_house_in_order
from tests.support.databases import Database, make_engine, writing
from tests.support.migrating import MIGRATIONS, revisions, upgrade

pytestmark = pytest.mark.engines("sqlite", "postgresql")
HOUSE = Path(__file__).parent / "data" / "house_0001.sql"


@pytest.fixture
def empty(services: Services, engine_name: str) -> Iterator[Database]:
    """A database without any table."""
    database = Database(engine_name, f"{services.worker}_migrating")
    database.create_empty()
    yield database
    database.drop()


@pytest.fixture
def engine(empty: Database) -> Iterator[Engine]:
    """An engine on that database."""
    engine = make_engine(empty.url)
    yield engine
    engine.dispose()


def fill(engine: Engine) -> None:
    """Store the house as the first revision knows it."""
    sql = re.sub(r"^--.*$", "", HOUSE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    with writing(engine) as connection:
        for statement in filter(None, map(str.strip, sql.split(";\n"))):
            connection.exec_driver_sql(statement)
        if engine.dialect.name == "postgresql":
            for name in inspect(connection).get_table_names():
                _count_on(connection, name)


def _count_on(connection: Connection, table: str) -> None:
    """Let PostgreSQL's numbers go on after the ids that were given by hand."""
    if any(each["name"] == "id" for each in inspect(connection).get_columns(table)):
        serial = f"pg_get_serial_sequence('{table}', 'id')"
        connection.exec_driver_sql(f"SELECT setval({serial}, max(id)) FROM {table}")


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in inspect(engine).get_table_names()
        }


def assert_overlap_is_refused(engine: Engine) -> None:
    """Store the first hold a second time; the columns are those of the moment."""
    names = [each["name"] for each in inspect(engine).get_columns("hold") if each["name"] != "id"]
    columns = ", ".join(names)
    again = f"INSERT INTO hold ({columns}) SELECT {columns} FROM hold WHERE id = 1"
    with pytest.raises(IntegrityError) as refused, writing(engine) as connection:
        connection.exec_driver_sql(again)
    assert is_overlap(refused.value)


def schema(engine: Engine) -> dict[str, Any]:
    """Return what the database says about its tables, in an order of its own."""
    found = inspect(engine)
    return {
        name: {
            "columns": {
                each["name"]: (str(each["type"]), each["nullable"], each["default"])
                for each in found.get_columns(name)
            },
            "primary key": found.get_pk_constraint(name),
            "foreign keys": _by_name(found.get_foreign_keys(name)),
            "unique": _by_name(found.get_unique_constraints(name)),
            "checks": _by_name(found.get_check_constraints(name)),
            "indexes": _by_name(found.get_indexes(name)),
            "never re-uses ids": _autoincrement(engine, name),
        }
        for name in found.get_table_names()
        if name not in ("alembic_version", "sqlite_sequence")
    }


def _by_name(found: list[Any]) -> dict[str, Any]:
    for each in found:  # conditions of partial indexes are objects without equality
        options = each.get("dialect_options", {})
        each["dialect_options"] = {name: str(value) for name, value in options.items()}
    return {each["name"]: each for each in found}


def _autoincrement(engine: Engine, table: str) -> bool:
    if engine.dialect.name != "sqlite":
        return False
    with engine.connect() as connection:
        query = text("SELECT sql FROM sqlite_master WHERE name = :name")
        return "AUTOINCREMENT" in connection.execute(query, {"name": table}).scalar_one()


# --- from every revision


def test_empty_database_becomes_what_the_models_say(
    empty: Database, engine: Engine, services: Services
) -> None:
    upgrade(empty.url)
    modelled = Database(empty.engine, f"{services.worker}_modelled")
    modelled.create_empty()
    by_models = make_engine(modelled.url)
    with writing(by_models) as connection:
        Base.metadata.create_all(connection)
        install_overlap_guard(connection)
    expected = schema(by_models)
    by_models.dispose()
    modelled.drop()
    assert schema(engine) == expected


def test_autogenerate_finds_nothing_to_change(empty: Database, engine: Engine) -> None:
    upgrade(empty.url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            # The guard is not in the models: PostgreSQL's shows up as an index.
            opts={"include_object": lambda _each, name, *_rest: name != CONSTRAINT},
        )
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("revision", revisions())
def test_filled_database_of_any_revision_keeps_every_row(
    empty: Database, engine: Engine, revision: str
) -> None:
    upgrade(empty.url, revisions()[0])
    fill(engine)
    upgrade(empty.url, revision)
    before = counts(engine)
    engine.dispose()
    upgrade(empty.url)
    after = counts(engine)
    assert after["booking_word"] > 0  # made from the titles, whatever was there
    kept = before.keys() - {"booking_word"}
    assert {name: after.get(name) for name in kept} == {name: before[name] for name in kept}
    assert_house_in_order(engine)


def test_first_revision_is_filled_in_every_table(empty: Database, engine: Engine) -> None:
    upgrade(empty.url, revisions()[0])
    fill(engine)
    assert [name for name, rows in counts(engine).items() if rows == 0] == []


def test_overlaps_are_refused_after_each_revision(empty: Database, engine: Engine) -> None:
    upgrade(empty.url, revisions()[0])
    fill(engine)
    for revision in revisions():
        upgrade(empty.url, revision)
        assert_overlap_is_refused(engine)


def test_addresses_of_calendars_are_sealed(empty: Database, engine: Engine, tmp_path: Path) -> None:
    address = "https://cloud.example.org/private-wren/basic.ics"
    no = "0" if engine.dialect.name == "sqlite" else "false"
    upgrade(empty.url, "0036")
    fill(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO calendar_source (site_id, name, address, mode, visibility, every_min,"
            " state, may_lose, etag, modified, failures, counts, warnings, created_s, version)"
            f" VALUES (1, 'Town', '{address}', 'show', 'members', 60, 'active',"
            f" {no}, '', '', 0, '{{}}', '[]', 0, 1)"
        )
    config = Config(paths=Paths(var=tmp_path / "var"))
    upgrade(empty.url, config=config)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT address, host FROM calendar_source")).one()
    assert (Vault(config).open(row.address), row.host) == (address, "cloud.example.org")
    if engine.dialect.name == "sqlite":
        with writing(engine) as connection:
            connection.exec_driver_sql("UPDATE calendar_source SET version = 2")
        engine.dispose()  # nobody has it open: its log is written back
        file = Path(str(engine.url.database))
        assert b"wren" not in file.read_bytes()


def test_dates_without_a_room_go_with_what_was_offered_for_them(
    empty: Database, engine: Engine
) -> None:
    upgrade(empty.url, revisions()[0])
    fill(engine)
    upgrade(empty.url, "0041")
    before = counts(engine)
    with writing(engine) as connection:
        for statement in (
            (
                "INSERT INTO occurrence (id, booking_id, recurrence_id, start_s, end_s)"
                " VALUES (99, 1, '2028-03-11T10:00', 1836291600, 1836295200)"
            ),
            (
                "INSERT INTO offer (booking_id, occurrence_id, starts_local, ends_local, space_ids,"
                " words, state, created_s, expires_s)"
                " VALUES (1, 99, '2028-03-11T10:00', '2028-03-11T11:00', '[1]', '', 'open', 0, 0)"
            ),
            (
                "INSERT INTO swap (given_booking_id, given_occurrence_id, given_version,"
                " wanted_booking_id, wanted_occurrence_id, wanted_version, words, state, created_s,"
                " expires_s) VALUES (1, 99, 1, 2, 2, 1, '', 'open', 0, 0)"
            ),
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    upgrade(empty.url)
    after = counts(engine)
    names = ("occurrence", "allocation", "offer", "swap")
    assert {name: after[name] for name in names} == {name: before[name] for name in names}


def test_upgrade_twice_changes_nothing(empty: Database, engine: Engine) -> None:
    upgrade(empty.url)
    before = schema(engine)
    engine.dispose()
    upgrade(empty.url)
    assert schema(engine) == before


# --- what a later migration might do


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """A copy of the migrations that a test may add to."""
    copy = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def add_revision(migrations: Path, *lines: str) -> None:
    """Add a last revision whose upgrade runs these lines."""
    body = "\n    ".join(lines)
    (migrations / "versions" / "9999_throw_away.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        "from booking.db import guard_problem\n"
        f"revision, down_revision = '9999', '{revisions()[-1]}'\n"
        f"def upgrade():\n    {body}\n"
    )


def test_guard_comes_back_after_a_batch_operation(
    empty: Database, engine: Engine, migrations: Path
) -> None:
    upgrade(empty.url, revisions()[0])
    fill(engine)
    upgrade(empty.url)
    engine.dispose()
    add_revision(
        migrations,
        "with op.batch_alter_table('hold') as batch:",
        "    batch.add_column(sa.Column('released_s', sa.BigInteger()))",
        "    batch.alter_column('lane', type_=sa.SmallInteger())",
        # The trap is real: if batch mode ever kept the triggers, we would like to know.
        "connection = op.get_bind()",
        "if connection.dialect.name == 'sqlite':",
        "    assert guard_problem(connection) == 'trigger hold_no_overlap_insert is missing'",
    )
    upgrade(empty.url, migrations=migrations)
    with engine.connect() as connection:
        assert guard_problem(connection) is None
    assert_overlap_is_refused(engine)
    assert counts(engine)["hold"] == 3


def test_failing_migration_leaves_nothing_behind(
    empty: Database, engine: Engine, migrations: Path
) -> None:
    upgrade(empty.url)
    before = schema(engine)
    engine.dispose()
    add_revision(
        migrations,
        "op.create_table('stray', sa.Column('id', sa.Integer()))",
        "op.execute('DROP TABLE notice')",
        "raise ZeroDivisionError",
    )
    with pytest.raises(ZeroDivisionError):
        upgrade(empty.url, migrations=migrations)
    assert schema(engine) == before
    with engine.connect() as connection:
        assert guard_problem(connection) is None
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    assert version == revisions()[-1]


def test_migration_that_breaks_references_is_undone(
    empty: Database, engine: Engine, migrations: Path
) -> None:
    upgrade(empty.url, revisions()[0])
    fill(engine)
    upgrade(empty.url)
    engine.dispose()
    add_revision(migrations, "op.execute('DELETE FROM organisation WHERE id = 1')")
    with pytest.raises((RuntimeError, IntegrityError)):
        upgrade(empty.url, migrations=migrations)
    assert counts(engine)["organisation"] == 2


def test_migration_over_overlapping_holds_is_refused(
    empty: Database, engine: Engine, migrations: Path
) -> None:
    """Holds that a migration makes overlap while the guard is away must not stay."""
    upgrade(empty.url, revisions()[0])
    fill(engine)
    upgrade(empty.url)
    engine.dispose()
    add_revision(
        migrations,
        "if op.get_bind().dialect.name == 'sqlite':",
        "    with op.batch_alter_table('hold', recreate='always') as batch:",
        "        batch.alter_column('lane', type_=sa.SmallInteger())",
        "else:",
        f"    op.execute('ALTER TABLE hold DROP CONSTRAINT {CONSTRAINT}')",
        "op.execute('UPDATE hold SET part_id = 2, start_s = 1804856400, end_s = 1810086400')",
    )
    with pytest.raises((RuntimeError, IntegrityError)):
        upgrade(empty.url, migrations=migrations)
    assert_house_in_order(engine)


# --- the folder


@pytest.mark.engines("sqlite")
def test_revisions_are_numbered_in_one_line() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1
    assert revisions() == [f"{number:04}" for number in range(1, len(revisions()) + 1)]
    names = [Path(each.path).name for each in script.walk_revisions()]
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name) for name in names)


@pytest.mark.engines("sqlite")
def test_revisions_offer_no_way_back() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert [
        each.path for each in script.walk_revisions() if hasattr(each.module, "downgrade")
    ] == []
