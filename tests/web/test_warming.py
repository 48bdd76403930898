"""What is drawn before the service parts into processes, and what is not loaded for it."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from flask import Flask

from booking.app import create_app
from booking.db import db
from booking.web.warming import warm_up
from tests.conftest import config_for
from tests.support.factories import House

# Each process has what was loaded before it began, whether it needs it or not.
LOADED_WHEN_NEEDED = {
    "PIL",
    "alembic",
    "apscheduler",
    "booking.backups",
    "booking.cli",
    "booking.demo",
    "booking.jobs",
    "flask_migrate",
    "openpyxl",
    "psycopg",
    "segno",
    "sqlalchemy.ext.asyncio",
    "vacances_scolaires_france",
}
PROGRAM = """
import json, sys
from pathlib import Path
from booking.app import create_app
from booking.config import Config, Database, Paths, Security
from booking.web.warming import warm_up
url, folder = sys.argv[1:]
paths, security = Paths(var=Path(folder)), Security(development=True)
warm_up(create_app(Config(database=Database(url=url), paths=paths, security=security)))
print(json.dumps(sorted(sys.modules)))
"""


def test_board_is_drawn_and_no_connection_stays(
    app: Flask,
    house: House,
    count: Callable[[], AbstractContextManager[list[str]]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO), count() as statements:
        warm_up(app)

    assert any("FROM closure" in each for each in statements), "a board was drawn"
    assert caplog.records == [], "nobody asked"
    with app.app_context():
        assert db.engine.pool.checkedin() == 0
        assert db.engine.pool.checkedout() == 0


def test_house_without_anybody_is_ready_as_well(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    warm_up(app)
    assert caplog.records == []


def test_page_that_cannot_be_drawn_does_not_stop_the_start(
    caplog: pytest.LogCaptureFixture,
) -> None:
    warm_up(create_app(config_for("sqlite:////nowhere/at/all.db")))
    assert [each.getMessage() for each in caplog.records if each.name == "booking.web"] == [
        "a page could not be drawn before the start"
    ]
    assert not logging.getLogger("booking.access").disabled


def test_what_few_requests_need_is_not_loaded(
    engine_url: str, house: House, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", PROGRAM, engine_url, str(tmp_path)]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    assert set(json.loads(out.stdout)) & LOADED_WHEN_NEEDED == set()
