"""``booking site``: the buildings, as the operator begins an empty house."""

from datetime import time

import click
from flask_babel import gettext

from booking.actions.spaces import SiteRequest, create_site
from booking.cli.house import House, house_command, table
from booking.core.values import OPERATOR, Site
from booking.queries import houses


class ClockTime(click.ParamType):
    """``HH:MM``; ``24:00`` is midnight at the end of the day."""

    name = "HH:MM"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> time:
        """Return the time of day."""
        if isinstance(value, time):
            return value
        try:
            return time.fromisoformat("00:00" if value == "24:00" else str(value))
        except ValueError:
            self.fail(f"{value!r} is no time like 08:00.", param, ctx)


@click.group()
def site() -> None:
    """Sites: each a building with its hours and time zone."""


@site.command("list")
@house_command
def list_sites(house: House) -> None:
    """List all sites."""
    found = houses.sites(house.session)
    rows = [(str(each.id), each.slug, each.name) for each in found]
    house.tell([as_data(each) for each in found], table(rows))


@site.command()
@click.argument("name")
@click.option("--zone", default="Europe/Paris", show_default=True, help="IANA name.")
@click.option("--opens", type=ClockTime(), default="08:00", show_default=True)
@click.option("--closes", type=ClockTime(), default="20:00", show_default=True)
@click.option("--address", default="", help="As it stands in calendars.")
@house_command
def add(house: House, name: str, zone: str, opens: time, closes: time, address: str) -> None:
    """Add a site."""
    wish = SiteRequest(name, zone=zone, opens=opens, closes=closes, address=address)
    site_id = create_site(wish, OPERATOR, now=house.now)
    made = houses.site(house.session, site_id)
    house.tell(as_data(made), [gettext("Added: %(name)s.", name=made.name)])


def as_data(found: Site) -> dict[str, object]:
    """Return a site as scripts see one."""
    return {
        "id": found.id,
        "slug": found.slug,
        "name": found.name,
        "zone": found.zone,
        "archived": found.is_archived,
    }
