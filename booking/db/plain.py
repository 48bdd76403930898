"""Statements that the driver is given as they are, for what is run with every booking.

SQLAlchemy takes some 80 µs to run what SQLite answers in 4: for what every request and every
verb runs a dozen times that is most of their time.  In return nothing is converted:
values go in and come out as the columns store them.
"""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_PARAMETER = re.compile(r"(?<![:\w]):([a-z]\w*)")
Stored = str | int | bytes | float | None


class Plain:
    """A statement with parameters such as ``:uid``, the same for both engines or one for each.

    A colon before a letter is a parameter, within quotes as well.
    """

    __slots__ = ("_by_dialect",)

    def __init__(self, statement: str | Mapping[str, str]) -> None:
        by_dialect = (
            {"sqlite": statement, "postgresql": statement}
            if isinstance(statement, str)
            else {**statement}
        )
        if written := by_dialect.get("postgresql"):  # psycopg has its own way to write them
            by_dialect["postgresql"] = _PARAMETER.sub(r"%(\1)s", written.replace("%", "%%"))
        self._by_dialect = by_dialect

    def run(self, connection: Connection, params: Mapping[str, Stored]) -> list[tuple[Any, ...]]:
        """Run it in the transaction of a connection; return the rows that come back, if any.

        Raises:
            sqlalchemy.exc.DBAPIError: What the database refuses, as for any statement.
        """
        dialect = connection.dialect
        statement = self._by_dialect[dialect.name]
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
