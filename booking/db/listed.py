"""Any number of rows as one JSON parameter: a statement's text never changes.

A list of values in the text (``VALUES``, many placeholders) makes every
length a new statement, to be built, compiled and parsed again; that took
longer than the database.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, TypeDecorator
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from booking.db.plain import Plain

_SQL_TYPES = {int: "bigint", str: "text", bool: "boolean"}


def listed(dialect: str, columns: Mapping[str, type]) -> str:
    """Return a SELECT that reads the parameter ``:rows``, a JSON list of lists, as these columns.

    Types are ``int``, ``str`` and ``bool``.
    """
    if dialect == "sqlite":
        cells = (f"json_extract(value, '$[{n}]') AS {name}" for n, name in enumerate(columns))
        return f"SELECT {', '.join(cells)} FROM json_each(:rows)"
    cells = (
        f"CAST(value->>{n} AS {_SQL_TYPES[kind]}) AS {name}"
        for n, (name, kind) in enumerate(columns.items())
    )
    return f"SELECT {', '.join(cells)} FROM jsonb_array_elements(CAST(:rows AS jsonb))"


def as_json(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as the value of ``:rows``."""
    return json.dumps(list(rows), separators=(",", ":"))


def insert_listed(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    returning: tuple[str, ...] = (),
) -> list[tuple[Any, ...]]:
    """Insert rows, by column name, one after the other; all of them have the same columns.

    Columns that are left out have their usual values; those of JSON are for a single row.
    Returns the ``returning`` columns of each, as stored, in no order.
    """
    if not rows:
        return []
    is_one = len(rows) == 1
    usual = _usual(table, tuple(rows[0]))
    names = (*rows[0], *usual)
    statement, processors = _insert(connection.dialect, table, names, returning, is_one)
    cells = [{**row, **usual} for row in rows]
    for each in cells:
        for name, processed in processors:
            each[name] = processed(each[name])
    if is_one:
        return statement.run(connection, cells[0])
    return statement.run(connection, {"rows": as_json([*each.values()] for each in cells)})


@lru_cache(maxsize=128)
def _usual(table: Table, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the values of the columns that have one by their model, and are not among these."""
    return {
        column.name: column.default.arg
        for column in table.c
        if column.name not in names and isinstance(column.default, ScalarElementColumnDefault)
    }


@lru_cache(maxsize=128)
def _insert(
    dialect: Dialect,
    table: Table,
    names: tuple[str, ...],
    returning: tuple[str, ...],
    is_one: bool,
) -> tuple[Plain, list[tuple[str, Any]]]:
    given = (
        f"VALUES ({', '.join(f':{name}' for name in names)})"
        if is_one
        else listed(dialect.name, {name: _kind(table, name) for name in names})
    )
    back = f" RETURNING {', '.join(returning)}" if returning else ""
    statement = Plain(f"INSERT INTO {table.name} ({', '.join(names)}) {given}{back}")
    kinds = {name: table.c[name].type.dialect_impl(dialect) for name in names}
    found = [(name, kind.bind_processor(dialect)) for name, kind in kinds.items()]
    return statement, [(name, processed) for name, processed in found if processed is not None]


def _kind(table: Table, name: str) -> type:
    """Return the Python type that a column is stored as."""
    kind = table.c[name].type
    return (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type
