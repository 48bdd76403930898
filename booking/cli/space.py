"""``booking space``: what can be booked or let."""

import json
from typing import IO

import click
from flask_babel import gettext

from booking.actions.spaces import SpaceRequest, create_space, set_policy
from booking.cli.house import House, house_command, table
from booking.cli.named import site_id
from booking.core.errors import InvalidRequest, NotFound
from booking.core.values import OPERATOR, Policy, SpaceKind
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


@space.command()
@click.argument("space_id", type=int)
@click.option("--from", "file", type=click.File(), help="JSON in place of the rules; - is stdin.")
@house_command
def rules(house: House, space_id: int, file: IO[str] | None) -> None:
    """Show the rules of a space as JSON, or put others in their place."""
    found = houses.spaces_by_id(house.session, [space_id]).get(space_id)
    if found is None:
        raise NotFound("space", space_id)
    policy, version = found.policy, found.version
    if file is not None:
        policy = Policy.from_json(_parsed(file))
        version = set_policy(space_id, policy, OPERATOR, version=version, now=house.now)
    shown = policy.to_json() or {}
    house.tell(
        {"id": space_id, "version": version, "rules": shown},
        json.dumps(shown, indent=2, ensure_ascii=False).splitlines(),
    )


def _parsed(file: IO[str]) -> object:
    try:
        return json.load(file)
    except (ValueError, RecursionError):
        raise InvalidRequest.because("policy_invalid") from None
