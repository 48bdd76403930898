"""Statements that the driver is given as they are: the same as any other, on both engines."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from booking.db import Plain
from tests.support.databases import writing
from tests.support.factories import House
from tests.support.statements import count_statements


def test_values_go_in_and_come_out(engine: Engine) -> None:
    asked = Plain("SELECT CAST(:n AS bigint), CAST(:word AS text), CAST(:none AS text), '%'")
    with engine.connect() as connection, count_statements(engine) as seen:
        rows = asked.run(connection, {"n": 2**40, "word": "50 % :n \\", "none": None})
    assert rows == [(2**40, "50 % :n \\", None, "%")]
    assert len(seen) == 1


def test_what_is_refused_is_told_as_of_any_statement(engine: Engine, house: House) -> None:
    twice = Plain("UPDATE space SET site_id = :site WHERE id = :id")
    with writing(engine) as connection, pytest.raises(IntegrityError) as refused:
        twice.run(connection, {"site": -1, "id": house.atlas.id})
        connection.commit()  # SQLite looks at once, PostgreSQL as well
    assert refused.value.orig is not None
    with engine.connect() as connection, pytest.raises((OperationalError, ProgrammingError)):
        Plain("SELECT nothing FROM nowhere").run(connection, {})
