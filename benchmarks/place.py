"""Where a benchmark works: a migrated database with a small house, and the app on it."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine

from booking.app import create_app
from booking.config import Config, Paths, Security
from booking.config import Database as DatabaseConfig
from booking.db import db
from tests.support import testrun
from tests.support.databases import Database, make_engine
from tests.support.factories import Clock, House, make_house

_numbers = count()  # there may be several places in a process


@dataclass(frozen=True, slots=True)
class Place:
    """A database with a house in it; ``engine`` is outside of any app."""

    kind: str
    url: str
    engine: Engine
    house: House

    @contextmanager
    def app(self) -> Iterator[Flask]:
        """Give the app on the database, at the clock of the tests, set up as the server does."""
        config = Config(
            database=DatabaseConfig(url=self.url),
            paths=Paths(var=testrun.folder()),
            security=Security(development=True),
        )
        app = create_app(config, Clock())
        gc.collect()
        gc.freeze()
        yield app
        gc.unfreeze()
        with app.app_context():
            db.engine.dispose()


@contextmanager
def place(kind: str) -> Iterator[Place]:
    """Give a new place on ``sqlite`` or ``postgresql``, and remove it."""
    database = Database(kind, f"bench_{os.getpid()}_{next(_numbers)}")
    database.create()
    engine = make_engine(database.url)
    try:
        yield Place(kind, database.url, engine, make_house(engine))
    finally:
        engine.dispose()
        database.drop()


def folder() -> Path:
    """Return a folder for the files of this run."""
    return testrun.folder()
