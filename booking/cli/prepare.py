"""Before the service starts: tables, guard, and a house in an empty database.

Several processes may start at once: one prepares, the others wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click
from flask import current_app
from flask_babel import gettext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from booking import demo
from booking.actions.accounts import first_admin_link
from booking.cli.house import Refusal, opened
from booking.cli.public import is_public
from booking.config import Config
from booking.core.values import OPERATOR
from booking.db import db, guard_problem, is_overlap
from booking.demo import SignIn
from booking.health import newest_revision, revision
from booking.i18n import ROLES
from booking.queries.people import nobody_yet, open_invitations
from booking.resources import resource_dir

try:
    import fcntl
except ImportError:  # Windows: start one process first there
    fcntl = None  # type: ignore[assignment]

START_LOCK = 0x626F6F6B  # "book"; any number that nobody else locks in our database


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the operator is told: demo sign-ins, or the link of the first admin.

    ``is_awaited``: such a link was printed before, and nobody has used it yet.
    """

    sign_ins: tuple[SignIn, ...] = ()
    link: str = ""
    is_awaited: bool = False


def prepare(config: Config, *, with_demo: bool, now: datetime) -> Prepared:
    """Bring the tables up to date, check the guard, fill an empty house.

    Raises:
        Refusal: If the guard is missing, or demo accounts would be public.
    """
    with ready(config) as session:
        migrate(repair=False)
        if demo.is_unfinished(session) or (
            with_demo and not is_public(config) and demo.is_empty(session)
        ):
            demo.rebuild(session, now=now)
        if demo.has_demo_accounts(session):
            if is_public(config):
                raise Refusal(refuse_public(config))
            return Prepared(sign_ins=tuple(demo.sign_ins(session)))
        if not nobody_yet(session):
            return Prepared()
        if open_invitations(session, now=now):
            return Prepared(is_awaited=True)
        return Prepared(link=admin_link(config, now=now))


@contextmanager
def ready(config: Config) -> Iterator[Session]:
    """Give a session on a database that may have no file yet, to one process at a time."""
    file = config.sqlite_file
    try:
        # For its owner alone: the database holds passwords' hashes and private bookings.
        config.paths.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        folder = error.filename or config.paths.var
        raise Refusal(f"The folder {folder} cannot be made: {error.strerror}.") from error
    with opened(config) as session, alone(file):
        yield session


def migrate(*, repair: bool) -> None:
    """Run the migrations that are pending.

    A guard that got lost is put back only where ``repair`` asks for it: holds
    may overlap since, and somebody should look.

    Raises:
        Refusal: If the guard is missing, or the tables are of a newer program.
    """
    with db.engine.connect() as connection:
        stored = revision(connection)
        problem = guard_problem(connection) if stored else None
    if problem is not None and not repair:
        raise Refusal(
            gettext(
                "The service does not start without its overlap guard: %(problem)s."
                " Run `booking doctor`, then `booking init`, which puts it back in place.",
                problem=problem,
            )
        )
    if stored == newest_revision() and problem is None:
        return
    _upgrade()


def _upgrade() -> None:
    # Here: most starts find the tables as they should be, and need none of it.
    from alembic import command  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415
    from flask_migrate import Migrate  # noqa: PLC0415

    Migrate(current_app, db, directory=str(resource_dir() / "migrations"))
    settings = current_app.extensions["migrate"].migrate.get_config()
    try:
        # Not flask_migrate.upgrade: it turns every error into an exit.
        command.upgrade(settings, "head")
    except CommandError as error:
        raise Refusal(
            gettext("The tables are of a newer program: install that. (%(reason)s)", reason=error)
        ) from error
    except (RuntimeError, DBAPIError) as error:
        if isinstance(error, DBAPIError) and not is_overlap(error):
            raise
        raise Refusal(
            gettext(
                "The tables cannot be brought up to date: %(reason)s.", reason=_first_line(error)
            )
        ) from error


def _first_line(error: Exception) -> str:
    told = error.orig if isinstance(error, DBAPIError) else error
    return (str(told).strip().splitlines() or [""])[0]


def admin_link(config: Config, *, now: datetime) -> str:
    """Return a new one-time link for the first admin of a house without accounts."""
    lifetime = timedelta(days=config.security.invitation_days)
    secret = first_admin_link(OPERATOR, now=now, lifetime=lifetime)
    return f"{config.public_url}/invitations/{secret}"


def refuse_public(config: Config) -> str:
    """Return why a house with demo accounts is not served to others."""
    told = gettext(
        "This house has demo accounts, whose passwords everybody knows: it is not served to"
        " others (host %(host)s). Listen on 127.0.0.1 without a proxy, or begin with an empty"
        " house: another database and --no-demo.",
        host=config.server.host,
    )
    return str(told)


@contextmanager
def alone(file: Path | None) -> Iterator[None]:
    """Let one process prepare a database at a time."""
    if file is None:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": START_LOCK})
            connection.commit()
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": START_LOCK})
    elif fcntl is None:
        yield
    else:
        with Path(f"{file}.start").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def announce(prepared: Prepared) -> None:
    """Print the demo sign-ins or the link of the first admin."""
    if prepared.sign_ins:
        click.echo("\n" + gettext("Demo house: people, organisations and bookings are invented."))
        width = max(len(each.email) for each in prepared.sign_ins)
        for each in prepared.sign_ins:
            click.echo(f"  {each.email.ljust(width)}  {each.password}  {ROLES[each.role.value]}")
    if prepared.link:
        click.echo("\n" + gettext("The first administrator comes in here, once:"))
        click.echo(f"  {prepared.link}")
    if prepared.is_awaited:
        click.echo("\n" + gettext("Nobody has an account yet. `booking init` makes a link."))
