"""Counting SQL statements."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

HOUSEKEEPING = ("PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE")


@contextmanager
def count_statements(engine: Engine) -> Iterator[list[str]]:
    """Give a list that fills with the statements run in the block, in order.

    Left out is what opens a transaction, so both engines count alike.
    """
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest):  # type: ignore[no-untyped-def]
        if not statement.startswith(HOUSEKEEPING):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
