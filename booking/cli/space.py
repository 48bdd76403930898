"""``booking space``: what can be booked or let."""

import click

from booking.cli.house import House, house_command, table
from booking.queries import houses


@click.group()
def space() -> None:
    """Spaces of the house."""


@space.command("list")
@house_command
def list_spaces(house: House) -> None:
    """List all spaces with their ids."""
    sites = {site.id: site.slug for site in houses.sites(house.session)}
    found = [
        {
            "id": each.id,
            "name": each.name,
            "kind": each.kind.value,
            "site": sites[each.site_id],
            "bookable": each.bookable,
            "capacity": each.capacity,
        }
        for each in houses.spaces(house.session)
    ]
    rows = [(str(each["id"]), str(each["kind"]), str(each["name"])) for each in found]
    house.tell(found, table(rows))
