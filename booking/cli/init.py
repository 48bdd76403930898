"""``booking init``: the tables, and the way in for the first administrator."""

from pathlib import Path

import click
from flask_babel import gettext

from booking.cli.house import now, settings, to_json
from booking.cli.prepare import Prepared, admin_link, announce, migrate, ready
from booking.health import newest_revision
from booking.queries.people import nobody_yet


@click.command()
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def init(config_file: Path | None, as_json: bool) -> None:
    """Make the tables, or bring them up to date, and put the overlap guard in place.

    In a house without accounts it prints a one-time link for the first
    administrator; an earlier one is void then.
    """
    config = settings(config_file)
    with ready(config) as session:
        migrate(repair=True)
        link = admin_link(config, now=now()) if nobody_yet(session) else ""
        if as_json:
            click.echo(to_json({"revision": newest_revision(), "link": link or None}))
        else:
            click.echo(gettext("The tables are up to date."))
            announce(Prepared(link=link))
