"""Alembic as the service runs it, without the rest of the service."""

from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Migrate
from sqlalchemy.pool import NullPool

from booking.db import db, prepare_engine
from booking.resources import resource_dir

MIGRATIONS = resource_dir() / "migrations"


def upgrade(url: str, to: str = "head", *, migrations: Path = MIGRATIONS) -> None:
    """Bring a database to a revision.  An error comes out as it is."""
    app = Flask("migrating")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": NullPool}
    db.init_app(app)
    migrate = Migrate(directory=str(migrations))
    migrate.init_app(app, db)
    with app.app_context():
        prepare_engine(db.engine)
        # Not flask_migrate.upgrade: it turns every error into an exit.
        command.upgrade(migrate.get_config(), to)


def revisions(migrations: Path = MIGRATIONS) -> list[str]:
    """Return all revisions, the oldest first."""
    script = ScriptDirectory(str(migrations))
    return [each.revision for each in script.walk_revisions()][::-1]


def bare_app(config, clock):
    app = Flask("bare")
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    from booking.db import engine_options

    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url, threads=8)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    return app
