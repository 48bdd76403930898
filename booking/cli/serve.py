"""``booking serve``: the service itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from flask_babel import gettext

from booking import logs, server
from booking.app import create_app
from booking.cli.house import Refusal, now, settings, small_app
from booking.cli.prepare import Prepared, announce, prepare
from booking.config import Config, ConfigError
from booking.jobs import Ticker
from booking.secrets import SecretFileError
from booking.web.warming import warm_up


@click.command()
@click.option("--host", help="Address to listen on, in place of the settings'.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
@click.option("--no-demo", is_flag=True, help="Leave an empty database empty.")
def serve(host: str | None, port: int | None, config_file: Path | None, no_demo: bool) -> None:
    """Start the service: bring the tables up to date, then answer requests.

    An empty database gets the demo house, unless others can reach the service.
    """
    config = settings(config_file).listening(host=host, port=port)
    logs.set_up(config.log)
    moment = now()
    done = Prepared()

    def make_app(config: Config) -> Flask:
        nonlocal done
        done = prepare(config, with_demo=not no_demo, now=moment)
        app = create_app(config)
        warm_up(app)
        return app

    def tell(config: Config) -> None:
        with small_app(config).app_context():
            click.echo(gettext("Room booking: %(url)s", url=config.public_url))
            announce(done)
            click.echo("\n" + gettext("Ctrl-C ends it."))

    try:
        server.serve(make_app, config, announce=tell, at_work=ticking)
    except (server.CannotListen, server.WorkerFailed, SecretFileError, ConfigError) as error:
        raise Refusal(str(error)) from error


@contextmanager
def ticking(app: Flask) -> Iterator[None]:
    """Let this process look after the work in the background, to the end of the block."""
    ticker = Ticker(app)
    ticker.start()
    try:
        yield
    finally:
        ticker.stop()
