"""The checks of the doctor and of `GET /health`."""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from booking.app import create_app
from booking.config import Config, Paths, Security
from booking.config import Database as DatabaseConfig
from booking.core.values import State
from booking.db import install_overlap_guard
from booking.health import Check, quick, thorough
from tests.conftest import dispose
from tests.support.databases import writing
from tests.support.factories import NOW

BOTH = pytest.mark.engines("sqlite", "postgresql")
NOWHERE = "postgresql+psycopg://booking:hidden-word@127.0.0.1:1/booking"
WELL = {"status": "ok", "database": "ok", "guard": "ok", "migrations": "ok"}


Damage = Callable[..., None]


@pytest.fixture
def damage(engine: Engine) -> Iterator[Damage]:
    """Return what runs statements on the database; mends all at the end."""
    with engine.connect() as connection:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()

    def run(*statements: str) -> None:
        with writing(engine) as connection:
            for statement in statements:
                connection.execute(text(statement))

    yield run
    run(
        "DELETE FROM hold",
        "UPDATE allocation SET state = 'cancelled'",
        "DELETE FROM alembic_version",
        f"INSERT INTO alembic_version VALUES ('{revision}')",
    )
    with writing(engine) as connection:
        install_overlap_guard(connection)


def drop_guard(engine: Engine, damage: Damage) -> None:
    if engine.dialect.name == "sqlite":
        damage("DROP TRIGGER hold_no_overlap_insert")
    else:
        damage("ALTER TABLE hold DROP CONSTRAINT ex_hold_no_overlap")


def problems(url: str, *, now: datetime = NOW) -> dict[str, Check]:
    return {check.name: check for check in thorough(url, now=now) if not check.is_ok}


@BOTH
def test_house_in_order_has_no_problem(engine_url, house):
    house.add_booking(house.atlas, house.cedar, days=(0, 1))
    house.add_booking(house.delta, state=State.REQUESTED)  # whose requests do not hold
    house.add_booking(house.birch, state=State.REFUSED)

    assert problems(engine_url) == {}


@BOTH
def test_missing_guard_is_found(engine, engine_url, house, damage):
    drop_guard(engine, damage)

    assert [check.status for check in quick(engine_url, now=NOW)] == ["ok", "failing", "ok"]
    assert str(problems(engine_url)["guard"].params["problem"]).endswith("is missing")


@BOTH
def test_overlap_is_found(engine, engine_url, house, damage):
    house.add_booking(house.atlas)
    drop_guard(engine, damage)
    damage(
        "INSERT INTO hold (part_id, layer, lane, start_s, end_s, allocation_id)"
        " SELECT part_id, layer, lane, start_s + 60, end_s + 60, allocation_id FROM hold"
    )

    assert problems(engine_url)["overlaps"].params == {"number": 1}


@BOTH
def test_confirmed_allocation_without_hold_is_found(engine_url, house, damage):
    house.add_booking(house.atlas, days=(0, 1))
    damage("DELETE FROM hold")

    found = problems(engine_url)

    assert list(found) == ["holds_missing"]
    assert found["holds_missing"].params == {"number": 2}


@BOTH
def test_hold_that_is_too_short_for_the_buffers_is_found(engine_url, house, damage):
    house.add_booking(house.atlas)
    damage("UPDATE allocation SET setup_s = 900")

    assert problems(engine_url)["holds_missing"].params == {"number": 1}


@BOTH
@pytest.mark.parametrize("state", ["cancelled", "refused", "expired", "skipped", "conflict"])
def test_hold_without_open_allocation_is_found(engine_url, house, damage, state):
    house.add_booking(house.atlas)
    damage(f"UPDATE allocation SET state = '{state}'")

    found = problems(engine_url)

    assert list(found) == ["holds_stray"]
    assert found["holds_stray"].params == {"number": 1}


@BOTH
@pytest.mark.parametrize(
    ("statement", "code"),
    [
        pytest.param(
            "UPDATE alembic_version SET version_num = '9999'", "migrations_unknown", id="newer"
        ),
        pytest.param("DELETE FROM alembic_version", "migrations_pending", id="none"),
    ],
)
def test_other_revision_is_found(engine_url, damage, statement, code):
    damage(statement)

    assert problems(engine_url)["migrations"].code == code


@BOTH
def test_change_from_the_future_tells_of_a_wrong_clock(engine_url, house, damage):
    damage(
        "INSERT INTO audit (at_s, door, verb, entity, entity_id)"
        f" VALUES ({int(NOW.timestamp())}, 'web', 'book', 'booking', 1)"
    )

    assert problems(engine_url) == {}
    assert problems(engine_url, now=NOW - timedelta(hours=1))["clock"].code == "clock_behind"


@BOTH
def test_unknown_zone_is_found(engine_url, house, damage):
    damage("UPDATE site SET zone = 'Europe/Atlantis'")

    assert problems(engine_url)["zones"].params == {"zone": "Europe/Atlantis"}


def test_missing_file_is_told_and_not_made(tmp_path):
    url = f"sqlite:///{tmp_path / 'none.db'}"

    checks = quick(url, now=NOW)

    assert [check.status for check in checks] == ["failing", "unknown", "unknown"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "é#1.db"])
def test_file_with_an_odd_name_is_found(tmp_path, name):
    (tmp_path / name).touch()

    checks = quick(f"sqlite:///{tmp_path / name}", now=NOW)

    assert [check.status for check in checks] == ["ok", "failing", "failing"]


def test_file_that_is_no_database_is_told(tmp_path):
    file = tmp_path / "booking.db"
    file.write_bytes(b"not a database, but long enough for the header" * 100)

    checks = quick(f"sqlite:///{file}", now=NOW)

    assert checks[0].code == "database_unreachable"


def test_server_that_does_not_answer_is_told_quickly_without_its_password():
    begin = time.monotonic()

    checks = quick(NOWHERE, now=NOW)

    assert time.monotonic() - begin < 5
    assert [check.status for check in checks] == ["failing", "unknown", "unknown"]
    assert "hidden-word" not in repr(checks)


@BOTH
def test_route_is_well(client):
    answer = client.get("/health")

    assert (answer.status_code, answer.json) == (200, WELL)
    assert answer.headers["Cache-Control"] == "no-store"


@BOTH
def test_route_is_red_without_guard(client, engine, damage, caplog):
    drop_guard(engine, damage)

    with caplog.at_level(logging.ERROR, "booking.health"):
        answer = client.get("/health")

    assert answer.status_code == 503
    assert answer.json == {**WELL, "status": "failing", "guard": "failing"}
    assert [record.check for record in caplog.records] == ["guard"]


@pytest.fixture
def lost_app(tmp_path: Path) -> Flask:
    """Return an app whose database is not there."""
    config = Config(
        database=DatabaseConfig(url=NOWHERE),
        paths=Paths(var=tmp_path),
        security=Security(development=True),
    )
    return create_app(config, lambda: datetime.now(UTC))


def test_route_is_red_when_the_server_is_gone(lost_app):
    answer = lost_app.test_client().get("/health")

    assert answer.status_code == 503
    assert answer.json == {
        "status": "failing",
        "database": "failing",
        "guard": "unknown",
        "migrations": "unknown",
    }


def test_route_is_red_when_the_file_is_gone(app, client, database):
    file = Path(database.url.removeprefix("sqlite:///"))
    assert client.get("/health").status_code == 200
    kept = file.rename(file.with_name("kept.db"))

    answer = client.get("/health")

    assert (answer.status_code, answer.json["database"]) == (503, "failing")
    dispose(app)
    kept.rename(file)


@BOTH
def test_what_is_over_keeps_the_holds_it_had(house, engine_url, damage):
    both = house.add_space("Both", parts=(house.atlas, house.birch))
    house.add_booking(both, days=(0, 7))
    damage(f"DELETE FROM space_part WHERE space_id = {both.id} AND part_id = {house.birch.id}")
    between = house.now + timedelta(days=4)

    found = {each.name: each for each in thorough(engine_url, now=between) if not each.is_ok}

    assert list(found) == ["holds_stray"]
    assert found["holds_stray"].params == {"number": 1}
    damage(f"DELETE FROM hold WHERE part_id = {house.birch.id} AND start_s > {between.timestamp()}")
    assert all(each.is_ok for each in thorough(engine_url, now=between))
