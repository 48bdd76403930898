"""Alembic as the service runs it, without the rest of the service."""

from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Migrate

from booking.config import Config
from booking.db import db, engine_options, prepare_engine
from booking.resources import resource_dir

MIGRATIONS = resource_dir() / "migrations"


def app_without_pages(url: str, *, threads: int = 1) -> Flask:
    """Return an app with a database alone."""
    app = Flask("database")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url, threads=threads)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    return app


def upgrade(
    url: str,
    to: str = "head",
    *,
    migrations: Path = MIGRATIONS,
    config: Config | None = None,
) -> None:
    """Bring a database to a revision.  An error comes out as it is."""
    app = app_without_pages(url)
    app.extensions["booking"] = {"config": config}
    migrate = Migrate(directory=str(migrations))
    migrate.init_app(app, db)
    with app.app_context():
        # Not flask_migrate.upgrade: it turns every error into an exit.
        try:
            command.upgrade(migrate.get_config(), to)
        finally:
            db.engine.dispose()


def revisions(migrations: Path = MIGRATIONS) -> list[str]:
    """Return all revisions, the oldest first."""
    script = ScriptDirectory(str(migrations))
    return [each.revision for each in script.walk_revisions()][::-1]
