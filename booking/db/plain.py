"""Statements that the driver is given as they are, for what is run with every booking.

SQLAlchemy takes some 80 µs to run what SQLite answers in 4: for what every request and every
verb runs a dozen times that is most of their time.  In return nothing is converted:
values go in and come out as the columns store them.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.exc import DBAPIError

_PARAMETER = re.compile(r"(?<![:\w]):([a-z]\w*)")
Stored = str | int | bytes | float | None
Written = str | Mapping[str, str] | Callable[[str], ClauseElement]


class Plain:
    """A statement with parameters such as ``:uid``.

    It is written once, or by dialect, or made by a function of the dialect's name: a text, in
    which a colon before a letter is a parameter, within quotes as well, or a statement of
    SQLAlchemy's without lists, which is compiled when it is run for the first time.
    """

    __slots__ = ("_constants", "_ready", "_written")

    def __init__(self, written: Written) -> None:
        self._written = written
        self._ready: dict[str, str] = {}
        self._constants: dict[str, Stored] = {}

    def _prepare(self, dialect: Dialect) -> str:
        """Return the statement as the driver takes it."""
        written = self._written
        if isinstance(written, Mapping):
            written = written[dialect.name]
        if isinstance(written, str):
            if dialect.name == "postgresql":  # psycopg has its own way to write parameters
                written = _PARAMETER.sub(r"%(\1)s", written.replace("%", "%%"))
        else:
            compiled = written(dialect.name).compile(dialect=_with_names(dialect))
            self._constants = {
                name: value for name, value in compiled.params.items() if value is not None
            }
            written = str(compiled)
        self._ready[dialect.name] = written
        return written

    def run(self, connection: Connection, params: Mapping[str, Stored]) -> list[tuple[Any, ...]]:
        """Run it in the transaction of a connection; return the rows that come back, if any.

        Raises:
            sqlalchemy.exc.DBAPIError: What the database refuses, as for any statement.
        """
        dialect = connection.dialect
        statement = self._ready.get(dialect.name) or self._prepare(dialect)
        if self._constants:
            params = {**self._constants, **params}
        driver = connection.connection
        cursor = driver.cursor()
        try:
            for listener in connection.dispatch.before_cursor_execute:
                listener(connection, cursor, statement, params, None, False)  # noqa: FBT003  its own
            cursor.execute(statement, params)
            return [*cursor.fetchall()] if cursor.description else []
        except dialect.loaded_dbapi.Error as error:
            lost = dialect.is_disconnect(error, driver.dbapi_connection, cursor)
            if lost:
                connection.invalidate(error)
            raise DBAPIError.instance(
                statement,
                params,
                error,
                dialect.loaded_dbapi.Error,
                connection_invalidated=lost,
                dialect=dialect,
            ) from error
        finally:
            cursor.close()


@lru_cache(maxsize=4)
def _with_names(dialect: Dialect) -> Dialect:
    """Return a dialect that calls parameters by their names."""
    if dialect.name != "sqlite":
        return dialect
    made: Any = type(dialect)
    return made(paramstyle="named")
