"""Rows as one JSON parameter: what goes in comes out, on both engines."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select, text

from booking.db import Base, as_json, insert_listed, listed
from tests.support.databases import writing
from tests.support.factories import House

TITLES = ("Café “Ω”", "'; DROP TABLE hold; --", ':rows %s {} \\ " \n', "", None, "\U0001f4c5")
START, END = datetime(2027, 3, 11, 9, tzinfo=UTC), datetime(2027, 3, 11, 10, tzinfo=UTC)


def rows_of(house: House) -> list[dict[str, object]]:
    booking_id = house.add_booking()
    return [
        {
            "booking_id": booking_id,
            "recurrence_id": house.at(9.5, day=1 + nth),
            "start_s": START,
            "end_s": END,
            "title": title,
        }
        for nth, title in enumerate(TITLES)
    ]


@pytest.mark.parametrize("at_once", [1, len(TITLES)])
def test_inserted_rows_are_stored_as_their_types_say(
    engine: Engine, house: House, at_once: int
) -> None:
    table = Base.metadata.tables["occurrence"]
    rows = rows_of(house)
    back = ("id", "title")
    with writing(engine) as connection:
        stored = [
            row
            for nth in range(0, len(rows), at_once)
            for row in insert_listed(connection, table, rows[nth : nth + at_once], returning=back)
        ]
        query = select(table).where(table.c.id.in_([row_id for row_id, _title in stored]))
        found = [dict(row) for row in connection.execute(query).mappings()]
        connection.rollback()
    assert {title for _row_id, title in stored} == set(TITLES)
    by_title = {row["title"]: row for row in found}
    for row in rows:
        assert row.items() <= by_title[row["title"]].items()


def test_no_rows_need_no_statement(engine: Engine, house: House) -> None:
    with writing(engine) as connection:
        assert insert_listed(connection, Base.metadata.tables["occurrence"], []) == []


def test_listed_gives_integers_texts_booleans_and_nothing(engine: Engine) -> None:
    rows = [(1, "a", True), (-(2**40), None, False), (None, "é'\"", True)]
    columns = {"n": int, "word": str, "yes": bool}
    with engine.connect() as connection:
        query = text(listed(connection.dialect.name, columns))
        found = connection.execute(query, {"rows": as_json(rows)}).all()
    assert [(n, word, bool(yes)) for n, word, yes in found] == rows
