"""``booking space``: what can be booked or let."""

import click
from flask_babel import gettext

from booking.actions.spaces import SpaceRequest, create_space
from booking.cli.house import House, house_command, table
from booking.cli.named import site_id
from booking.core.values import OPERATOR, SpaceKind
from booking.i18n import FEATURES
from booking.queries import houses

COLOURS = 16


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


@space.command()
@click.argument("name")
@click.option("--site", help="Slug or name; not needed where there is one.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in SpaceKind]),
    default=SpaceKind.MEETING_ROOM.value,
    show_default=True,
)
@click.option("--capacity", type=click.IntRange(1, 10_000), help="People it holds.")
@click.option(
    "--feature", "features", type=click.Choice(list(FEATURES)), multiple=True, help="Repeatable."
)
@click.option("--approval", is_flag=True, help="An approver agrees to each booking.")
@click.option("--rivals", is_flag=True, help="A request does not hold the time until approved.")
@click.option("--setup", "setup_min", type=click.IntRange(0, 1_440), default=0, help="Minutes.")
@click.option("--cleanup", "cleanup_min", type=click.IntRange(0, 1_440), default=0, help="Minutes.")
@click.option("--lanes", type=click.IntRange(1, 100), default=1, help="Bookings at a time.")
@click.option("--part", "part_ids", type=int, multiple=True, help="Id of a part; repeatable.")
@house_command
def add(
    house: House,
    name: str,
    site: str | None,
    kind: str,
    capacity: int | None,
    features: tuple[str, ...],
    approval: bool,
    rivals: bool,
    setup_min: int,
    cleanup_min: int,
    lanes: int,
    part_ids: tuple[int, ...],
) -> None:
    """Add a space.  Its colour is the next one of the palette."""
    sites = houses.sites(house.session)
    if site is None and len(sites) != 1:
        raise click.UsageError("Say of which site it is: --site SLUG.")
    so_far = len(houses.spaces(house.session))
    wish = SpaceRequest(
        site_id=sites[0].id if site is None else site_id(house.session, site),
        kind=SpaceKind(kind),
        name=name,
        capacity=capacity,
        features=features,
        # Far apart on the wheel: neighbours shall not look alike.
        colour=so_far * 5 % COLOURS,
        lanes=lanes,
        needs_approval=approval,
        requests_hold=not rivals,
        setup_min=setup_min,
        cleanup_min=cleanup_min,
        position=so_far,
        part_ids=part_ids,
    )
    made = create_space(wish, OPERATOR, now=house.now)
    house.tell({"id": made, "name": name}, [gettext("Added: %(name)s.", name=name)])
