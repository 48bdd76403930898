"""``booking organisation``: who belongs to the house."""

import click
from flask_babel import gettext

from booking.actions.spaces import create_organisation
from booking.cli.house import House, house_command, table
from booking.core.values import OPERATOR, OrganisationKind
from booking.queries import houses


@click.group()
def organisation() -> None:
    """Organisations of the house."""


@organisation.command("list")
@house_command
def list_organisations(house: House) -> None:
    """List all organisations with their ids."""
    names = houses.organisation_names(house.session)
    found = [{"id": found_id, "name": name} for found_id, name in names.items()]
    house.tell(found, table([(str(found_id), name) for found_id, name in names.items()]))


@organisation.command()
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in OrganisationKind]),
    default=OrganisationKind.RESIDENT.value,
    show_default=True,
)
@house_command
def add(house: House, name: str, kind: str) -> None:
    """Add an organisation."""
    made = create_organisation(name, OrganisationKind(kind), OPERATOR, now=house.now)
    house.tell({"id": made, "name": name}, [gettext("Added: %(name)s.", name=name)])
