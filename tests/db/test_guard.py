"""The overlap guard refuses every way to store two overlapping holds, on both engines."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from booking.db import count_overlaps, guard_problem, install_overlap_guard, is_overlap
from booking.models import Hold
from tests.support.databases import Database, make_engine, writing
from tests.support.factories import NOW, House, make_house

T = int(NOW.timestamp())
HOUR = 3600
NUMBERS = ("part_id", "start_s", "end_s", "closure_id")


@pytest.fixture
def closures(house: House) -> tuple[int, int]:
    """Two sources of holds."""
    return house.add_closure(0, 24), house.add_closure(24, 48)


@pytest.fixture
def row(house: House, closures: tuple[int, int]) -> dict[str, Any]:
    """The columns of a hold of Atlas from ``T`` on for an hour, as plain numbers."""
    return {
        "part_id": house.atlas.id,
        "layer": "use",
        "lane": 0,
        "start_s": T,
        "end_s": T + HOUR,
        "closure_id": closures[0],
    }


def store(engine: Engine, *rows: dict[str, Any], verb: str = "INSERT") -> None:
    """Insert rows past all our own types, one statement each, in one transaction."""
    with writing(engine) as connection:
        for row in rows:
            marks = ", ".join(f":{name}" for name in row)
            sql = f"{verb} INTO hold ({', '.join(row)}) VALUES ({marks})"
            connection.execute(text(sql), row)


def count(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(Hold)).scalar_one()


OVERLAPPING = {
    "the same": (0, HOUR),
    "inside": (600, 1200),
    "around": (-600, HOUR + 600),
    "at the start": (-600, 1),
    "at the end": (HOUR - 1, HOUR + 600),
    "from the start": (0, 600),
    "to the end": (HOUR - 600, HOUR),
}


@pytest.mark.parametrize("offsets", OVERLAPPING.values(), ids=OVERLAPPING)
def test_guard_refuses_inserts_that_overlap(
    engine: Engine, row: dict[str, Any], offsets: tuple[int, int]
) -> None:
    store(engine, row)
    with pytest.raises(IntegrityError) as refused:
        store(engine, row | {"start_s": T + offsets[0], "end_s": T + offsets[1]})
    assert is_overlap(refused.value)
    assert count(engine) == 1


def test_guard_sees_a_hold_of_many_years(engine: Engine, row: dict[str, Any]) -> None:
    years = 10 * 366 * 24 * HOUR
    store(engine, row | {"start_s": T - years, "end_s": T + years})
    with pytest.raises(IntegrityError) as refused:
        store(engine, row)
    assert is_overlap(refused.value)


APART = {
    "just before": {"start_s": T - HOUR, "end_s": T},
    "just after": {"start_s": T + HOUR, "end_s": T + 2 * HOUR},
    "on another layer": {"layer": "let"},
    "on another lane": {"lane": 1},
}


@pytest.mark.parametrize("change", APART.values(), ids=APART)
def test_guard_admits_what_does_not_overlap(
    engine: Engine, row: dict[str, Any], change: dict[str, Any]
) -> None:
    store(engine, row, row | change)
    assert count(engine) == 2


def test_guard_admits_the_same_time_in_another_room(
    engine: Engine, row: dict[str, Any], house: House
) -> None:
    store(engine, row, row | {"part_id": house.birch.id})
    assert count(engine) == 2


def test_guard_refuses_updates_that_overlap(engine: Engine, row: dict[str, Any]) -> None:
    store(engine, row, row | {"start_s": T + HOUR, "end_s": T + 2 * HOUR})
    later = update(Hold).where(Hold.start == NOW).values(end=NOW + timedelta(hours=1, seconds=1))
    with pytest.raises(IntegrityError) as refused, writing(engine) as connection:
        connection.execute(later)
    assert is_overlap(refused.value)


def test_guard_admits_an_update_within_its_own_time(engine: Engine, row: dict[str, Any]) -> None:
    store(engine, row)
    with writing(engine) as connection:
        connection.execute(update(Hold).values(end=NOW + timedelta(minutes=30)))
    assert count(engine) == 1


def test_guard_refuses_overlaps_within_one_statement(engine: Engine, row: dict[str, Any]) -> None:
    rows = [row, row | {"start_s": T + 60, "end_s": T + 2 * HOUR}]
    values = ", ".join(
        f"('use', 0, {', '.join(str(each[name]) for name in NUMBERS)})" for each in rows
    )
    with pytest.raises(IntegrityError) as refused, writing(engine) as connection:
        connection.exec_driver_sql(
            f"INSERT INTO hold (layer, lane, {', '.join(NUMBERS)}) VALUES {values}"
        )
    assert is_overlap(refused.value)
    assert count(engine) == 0


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "INSERT OR IGNORE", "REPLACE"])
def test_guard_holds_against_conflict_clauses_of_sqlite(
    engine: Engine, row: dict[str, Any], verb: str
) -> None:
    store(engine, row)
    with pytest.raises(IntegrityError) as refused:
        store(engine, row, verb=verb)
    assert is_overlap(refused.value)
    assert count(engine) == 1


@pytest.mark.engines("sqlite")
def test_guard_sees_a_replaced_row_itself(engine: Engine, row: dict[str, Any]) -> None:
    """A replacing insert with the id of the hold it overlaps is refused too, not swapped."""
    store(engine, row | {"id": 7})
    with pytest.raises(IntegrityError):
        store(engine, row | {"id": 7}, verb="REPLACE")
    assert count(engine) == 1


@pytest.mark.engines("postgresql")
def test_guard_leaves_nothing_behind_on_conflict_do_nothing(
    engine: Engine, row: dict[str, Any]
) -> None:
    store(engine, row)
    columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    with writing(engine) as connection:
        statement = f"INSERT INTO hold ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"
        assert connection.execute(text(statement), row).rowcount == 0
    assert count(engine) == 1


ROUND_ABOUT = {
    "no part": {"part_id": None},
    "no layer": {"layer": None},
    "no lane": {"lane": None},
    "no start": {"start_s": None},
    "no end": {"end_s": None},
    "end before start": {"start_s": T + HOUR, "end_s": T},
    "empty": {"end_s": T},
    "unknown layer": {"layer": "own"},
    "negative lane": {"lane": -1},
    "no source": {"closure_id": None},
    "unknown part": {"part_id": 999_999},
    "unknown source": {"closure_id": 999_999},
}


@pytest.mark.parametrize("change", ROUND_ABOUT.values(), ids=ROUND_ABOUT)
def test_hold_refuses_what_would_get_round_the_guard(
    engine: Engine, row: dict[str, Any], change: dict[str, Any]
) -> None:
    with pytest.raises((IntegrityError, DataError)) as refused:
        store(engine, row | change)
    assert not is_overlap(refused.value)
    assert count(engine) == 0


ODD_VALUES = {
    "text": {"start_s": "soon"},
    "text end": {"end_s": "tomorrow"},
    "broken number": {"start_s": T + 0.5},
    "blob": {"start_s": b"1234"},
    "infinite end": {"end_s": float("inf")},
    "lane as text": {"lane": "first"},
    "part as text": {"part_id": "Atlas"},
    "fraction of a lane": {"lane": 0.5},
}


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("change", ODD_VALUES.values(), ids=ODD_VALUES)
def test_hold_refuses_other_types_in_integer_columns_of_sqlite(
    engine: Engine, row: dict[str, Any], change: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError):
        store(engine, row | change)
    assert count(engine) == 0


def test_hold_refuses_two_sources(engine: Engine, house: House, row: dict[str, Any]) -> None:
    house.add_booking(house.birch)
    with engine.connect() as connection:
        allocation_id = connection.execute(select(Hold.allocation_id)).scalar_one()
    with pytest.raises(IntegrityError):
        store(engine, row | {"allocation_id": allocation_id})


def test_count_overlaps_finds_none_behind_the_guard(engine: Engine, row: dict[str, Any]) -> None:
    store(engine, row, row | {"start_s": T + HOUR, "end_s": T + 2 * HOUR}, row | {"lane": 1})
    with engine.connect() as connection:
        assert count_overlaps(connection) == 0


@pytest.fixture
def loose(services: Any, engine_name: str) -> Iterator[Engine]:
    """An engine on a database whose guard may be broken: nobody looks after it."""
    database = Database(engine_name, f"{services.worker}_loose")
    database.create()
    engine = make_engine(database.url)
    yield engine
    engine.dispose()
    database.drop()


def break_guard(engine: Engine) -> None:
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE hold DROP CONSTRAINT ex_hold_no_overlap")
        else:
            connection.exec_driver_sql("DROP TRIGGER hold_no_overlap_insert")
            connection.exec_driver_sql("DROP TRIGGER hold_no_overlap_update")


def problem(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return guard_problem(connection)


def test_guard_problem_is_none_after_the_migrations(engine: Engine) -> None:
    assert problem(engine) is None


def test_guard_problem_names_a_missing_guard(loose: Engine) -> None:
    break_guard(loose)
    assert "is missing" in (problem(loose) or "")


ADD = "ALTER TABLE hold ADD CONSTRAINT ex_hold_no_overlap"
LANE = "part_id WITH =, layer WITH =, lane WITH ="
TIMES = "int8range(start_s, end_s) WITH &&"
ALTERED = {
    "sqlite": {
        "only warns": [
            "DROP TRIGGER hold_no_overlap_insert",
            "CREATE TRIGGER hold_no_overlap_insert BEFORE INSERT ON hold BEGIN SELECT 1; END",
        ],
        "update is missing": ["DROP TRIGGER hold_no_overlap_update"],
        "insert is missing": ["DROP TRIGGER hold_no_overlap_insert"],
        "on another table": [
            "DROP TRIGGER hold_no_overlap_update",
            "CREATE TRIGGER hold_no_overlap_update BEFORE UPDATE ON space BEGIN SELECT 1; END",
        ],
    },
    "postgresql": {
        name: ["ALTER TABLE hold DROP CONSTRAINT ex_hold_no_overlap", f"{ADD} {definition}"]
        for name, definition in {
            "without lane": f"EXCLUDE USING gist (part_id WITH =, layer WITH =, {TIMES})",
            "only sometimes": f"EXCLUDE USING gist ({LANE}, {TIMES}) WHERE (lane > 0)",
            "deferrable": f"EXCLUDE USING gist ({LANE}, {TIMES}) DEFERRABLE INITIALLY DEFERRED",
            "a check of the same name": "CHECK (end_s > start_s)",
        }.items()
    },
}


@pytest.mark.parametrize(
    ("engine_name", "statements"),
    [(engine, way) for engine, ways in ALTERED.items() for way in ways.values()],
    ids=[f"{engine}-{name}" for engine, ways in ALTERED.items() for name in ways],
)
def test_guard_problem_names_an_altered_guard(loose: Engine, statements: list[str]) -> None:
    with writing(loose) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    assert "hold_no_overlap" in (problem(loose) or "")
    with writing(loose) as connection:
        install_overlap_guard(connection)
    assert problem(loose) is None


def test_install_overlap_guard_twice_changes_nothing(loose: Engine) -> None:
    for _ in range(2):
        with writing(loose) as connection:
            install_overlap_guard(connection)
    assert problem(loose) is None


def test_count_overlaps_counts_what_came_in_without_the_guard(loose: Engine) -> None:
    house = make_house(loose)
    closure_id = house.add_closure(0, 24)
    break_guard(loose)
    hold = {
        "part_id": house.atlas.id,
        "layer": "use",
        "lane": 0,
        "start_s": T,
        "end_s": T + HOUR,
        "closure_id": closure_id,
    }
    store(loose, hold, hold | {"start_s": T + 60}, hold | {"lane": 1}, hold | {"layer": "let"})
    with loose.connect() as connection:
        assert count_overlaps(connection) == 1
