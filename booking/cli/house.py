"""What every command needs: settings, the database, the language, and errors as one sentence."""

import functools
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, NoReturn, ParamSpec

import click
from flask import Flask
from flask_babel import Babel, gettext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from booking.config import Config, ConfigError, load_config
from booking.core.errors import BookingError, Conflicted, GuardRefused, Stale
from booking.db import db, engine_options, prepare_engine
from booking.i18n import LANGUAGES, sentence
from booking.school import use_file
from booking.secrets import SecretFileError

P = ParamSpec("P")
TRANSLATIONS = Path(__file__).parents[1] / "translations"
REFUSED, CONFLICT = 1, 3  # 2 is wrong usage: click itself


class Refusal(click.ClickException):
    """One sentence on standard error, and the exit code."""

    exit_code = REFUSED

    def show(self, file: Any = None) -> None:  # Any: as click has it
        """Write the sentence."""
        click.echo(f"booking: {self.message}", file=file, err=True)


class Conflict(Refusal):
    """The time is taken, or somebody else was faster."""

    exit_code = CONFLICT


@dataclass(frozen=True, slots=True)
class House:
    """An open house: its settings, a session, and the present."""

    config: Config
    session: Session
    now: datetime
    as_json: bool = False

    def tell(self, data: object, lines: Sequence[str]) -> None:
        """Print ``data`` as JSON where it was asked for, else the lines."""
        click.echo(
            to_json(data) if self.as_json else "\n".join(lines), nl=bool(lines or self.as_json)
        )


def house_command(
    command: Callable[Concatenate[House, P], None],
) -> Callable[P, None]:
    """Give a command ``--config`` and ``--json``, and call it with the open house."""

    @click.option("--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
    @functools.wraps(command)
    def wrapped(config_file: Path | None, as_json: bool, *args: P.args, **kwargs: P.kwargs) -> None:
        config = settings(config_file)
        require_database(config)
        with opened(config) as session:
            command(House(config, session, now(), as_json), *args, **kwargs)

    return wrapped  # type: ignore[return-value]  # click fills in the first two


def settings(file: Path | None) -> Config:
    """Return the settings, or refuse with the file, the key and what is expected there."""
    try:
        return load_config(file)
    except ConfigError as error:
        raise Refusal(str(error)) from error


def now() -> datetime:
    """Return the present: by the clock that a test hands to the command, else the real one."""
    clock = click.get_current_context().obj
    moment: datetime = clock() if clock is not None else datetime.now(UTC)
    return moment


def language() -> str:
    """Return the language of the terminal, as far as we speak it."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    wanted = next((value for name in names if (value := os.environ.get(name))), "")
    return wanted[:2] if wanted[:2] in LANGUAGES else "en"


def small_app(config: Config) -> Flask:
    """Return an app with the database and the languages alone: no page, a quick start."""
    use_file(config.school_file)
    app = Flask("booking", static_folder=None)
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url, threads=1)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    Babel(app, locale_selector=language, default_translation_directories=str(TRANSLATIONS))
    return app


def require_database(config: Config) -> None:
    """Refuse where there is no SQLite file: opening it would make an empty one."""
    file = config.sqlite_file
    if file is not None and not file.exists():
        raise Refusal(f"There is no database at {file}. `booking init` makes it.")


@contextmanager
def opened(config: Config) -> Iterator[Session]:
    """Give a session on the database; whatever is refused comes out as a ``Refusal``."""
    app = small_app(config)
    with app.app_context():
        try:
            yield db.session()
        except BookingError as error:
            refuse(error)
        except DBAPIError as error:
            raise Refusal(database_sentence(error)) from error
        except SecretFileError as error:
            raise Refusal(str(error)) from error
        finally:
            db.session.remove()
            db.engine.dispose()


def refuse(error: BookingError) -> NoReturn:
    """Raise the error as one line, with its exit code."""
    kind = Conflict if isinstance(error, Conflicted | GuardRefused | Stale) else Refusal
    raise kind(" ".join(sentence(each) for each in error.messages)) from error


def database_sentence(error: DBAPIError) -> str:
    """Return what is wrong with the database and what to do about it."""
    reason = (str(error.orig).strip().splitlines() or [""])[0]
    if "no such table" in reason or "does not exist" in reason:
        told = gettext("The database has no tables yet, or old ones: run `booking init`.")
    else:
        told = gettext(
            "The database cannot be used: %(reason)s. `booking doctor` tells more.", reason=reason
        )
    return str(told)


def to_json(data: object) -> str:
    """Return data as JSON text that people can read, too."""
    return json.dumps(data, ensure_ascii=False, indent=2)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines, with their columns under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
