"""``booking demo``: the demo house, made or made anew."""

from pathlib import Path

import click
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from booking import demo as house
from booking.cli.house import Refusal, now, settings, to_json
from booking.cli.prepare import Prepared, announce, migrate, ready, refuse_public
from booking.cli.public import is_public


@click.command()
@click.option("--reset", is_flag=True, help="Remove everything, then build the demo house anew.")
@click.option("--yes-delete-everything", is_flag=True, help="With --reset: real people, too.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def demo(reset: bool, yes_delete_everything: bool, config_file: Path | None, as_json: bool) -> None:
    """Build the demo house in an empty database, and print who can sign in.

    All its people, organisations and bookings are invented.
    """
    config = settings(config_file)
    with ready(config) as session:
        migrate(repair=False)
        if is_public(config):
            raise Refusal(refuse_public(config))
        if not (house.is_empty(session) or house.is_unfinished(session)):
            _check(session, reset=reset, delete_everything=yes_delete_everything)
        house.rebuild(session, now=now())
        made = house.sign_ins(session)
        if as_json:
            click.echo(
                to_json(
                    [
                        {"email": each.email, "password": each.password, "role": each.role.value}
                        for each in made
                    ]
                )
            )
        else:
            announce(Prepared(sign_ins=tuple(made)))


def _check(session: Session, *, reset: bool, delete_everything: bool) -> None:
    """Refuse to remove what somebody may need."""
    if not reset:
        raise Refusal(
            gettext("There is a house already. `booking demo --reset` removes it and builds anew.")
        )
    real = house.strangers(session)
    if real and not delete_everything:
        raise Refusal(
            ngettext(
                "%(num)s real person has an account here. To remove everything, add"
                " --yes-delete-everything.",
                "%(num)s real people have accounts here. To remove everything, add"
                " --yes-delete-everything.",
                real,
            )
        )
    if not (real or house.has_demo_accounts(session) or delete_everything):
        raise Refusal(
            gettext("This is no demo house. To remove everything, add --yes-delete-everything.")
        )
