"""Alembic's environment: one folder of migrations for SQLite and PostgreSQL."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, inspect

import booking.models  # noqa: F401  the metadata knows every table only once it is imported
from booking.db import WRITING, db, install_overlap_guard


def upgrade_all(connection: Connection) -> None:
    """Run everything in one transaction, on SQLite too: all of it or nothing.

    The overlap guard is put back at the end, for batch mode re-creates tables
    and so drops SQLite's triggers without a word.
    """
    with connection.begin():
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        if inspect(connection).has_table("hold"):
            install_overlap_guard(connection)
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken:
                raise RuntimeError(
                    f"the migration breaks a reference, nothing is changed: {broken}"
                )


def run() -> None:
    """Open a writing connection and upgrade."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect().execution_options(**WRITING[engine.dialect.name]) as connection:
        if engine.dialect.name != "sqlite":
            upgrade_all(connection)
            return
        # Batch mode drops and re-creates tables: no cascades meanwhile.
        driver = connection.connection.driver_connection.writing
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            upgrade_all(connection)
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


run()
