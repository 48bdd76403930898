"""``booking feed``: secret links to calendars."""

import click
from flask_babel import gettext

from booking.actions.subscriptions import (
    SubscriptionRequest,
    create_subscription,
    revoke_subscription,
)
from booking.cli.house import House, Refusal, house_command, table
from booking.core.calendars import Scope
from booking.core.errors import NotFound
from booking.core.permissions import may_administer
from booking.core.values import OPERATOR, Door, Role
from booking.queries import houses, people
from booking.queries.subscriptions import subscriptions


@click.group()
def feed() -> None:
    """Calendar links, which are secrets."""


@feed.command()
@click.option("--member", help="Address of the person whose calendar it is, or who reads it.")
@click.option("--space", "space_id", type=int, help="Id of the space whose calendar it is.")
@click.option(
    "--organisation", "organisation_id", type=int, help="Id of the organisation whose it is."
)
@click.option("--category", help="Code of the category that it is limited to.")
@click.option("--busy", is_flag=True, help="Say only when it is busy, not with what.")
@click.option("--name", default="", help="Name of the link in the list of its owner.")
@house_command
def create(
    house: House,
    member: str | None,
    space_id: int | None,
    organisation_id: int | None,
    category: str | None,
    busy: bool,
    name: str,
) -> None:
    """Make a link to the calendar of a person, a space or an organisation, and print it.

    The link of a space shows what its owner may see: the person of --member,
    else an administrator of the house.
    """
    if member is None and space_id is None:
        raise click.UsageError("Say whose calendar: --member EMAIL or --space ID.")
    is_own = space_id is organisation_id is None
    if member is None:
        owner = _administrator(house, space_id)
    else:
        owner = people.person_id_of(house.session, member)
    request = SubscriptionRequest(
        name=name or gettext("Made at the command line"),
        scope=Scope(is_own, space_id, organisation_id=organisation_id, category=category),
        detail="busy" if busy else "full",
        person_id=owner,
    )
    made = create_subscription(request, OPERATOR, now=house.now)
    url = f"{house.config.public_url}{made.path}"
    house.tell({"id": made.id, "url": url}, [url])


@feed.command("list")
@click.option("--member", help="Address of the person whose links to list.")
@house_command
def list_feeds(house: House, member: str | None) -> None:
    """List the links that work, without their secrets."""
    owner = None if member is None else people.person_id_of(house.session, member)
    found = [
        {
            "id": link.id,
            "name": link.name,
            "member": link.owner_email,
            "space": link.place or None,
            "organisation": link.organisation_name or None,
            "category": link.scope.category,
            "detail": link.detail,
            "created_at": link.created_at.isoformat(),
            "last_used_at": link.last_used_at.isoformat() if link.last_used_at else None,
        }
        for link in subscriptions(house.session, owner)
    ]
    rows = [(str(each["id"]), each["member"], each["space"] or "-", each["name"]) for each in found]
    house.tell(found, table([tuple(map(str, row)) for row in rows]))


@feed.command()
@click.argument("feed_id", type=int)
@house_command
def revoke(house: House, feed_id: int) -> None:
    """End a link: its address answers 404 from now on."""
    revoke_subscription(feed_id, OPERATOR, now=house.now)
    house.tell({"id": feed_id, "revoked": True}, [gettext("The link is revoked.")])


def _administrator(house: House, space_id: int | None) -> int:
    """Return the person who owns the house's own links: its longest serving administrator."""
    space = houses.spaces_by_id(house.session, [space_id or 0]).get(space_id or 0)
    if space is None:
        raise NotFound("space", space_id)
    for person in sorted(people.people(house.session), key=lambda each: each.id):
        if person.role is Role.ADMIN:
            actor = people.actor_of(house.session, person.id, Door.CLI)
            if may_administer(actor, space.site_id):
                return person.id
    raise Refusal(
        gettext("The house has no administrator yet: say whose link it is with --member.")
    )
