"""``booking user``: accounts, as the operator makes them."""

import sys

import click
from flask_babel import gettext

from booking.actions import accounts
from booking.cli.house import House, house_command, table
from booking.cli.named import organisation_id, site_id
from booking.core.values import OPERATOR, Grant, Role
from booking.i18n import ROLES
from booking.queries import people
from booking.queries.people import HeldRole, PersonView


@click.group()
def user() -> None:
    """Accounts of people."""


@user.command("list")
@house_command
def list_users(house: House) -> None:
    """List all people with their roles."""
    found = people.people(house.session)
    rows = [(each.email, str(ROLES[each.role.value]), each.name) for each in found]
    house.tell([as_data(each) for each in found], table(rows))


@user.command()
@click.argument("email")
@click.option("--name", default="", help="Name; the address's first part where it is left out.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="member")
@click.option("--organisation", help="Name or id; a manager needs one.")
@click.option("--site", help="Slug or name of the site that an admin or approver is for.")
@click.option("--space", "space_id", type=int, help="Id of the space that an approver is for.")
@click.option("--link", is_flag=True, help="Print a one-time link in place of asking a password.")
@house_command
def add(
    house: House,
    email: str,
    name: str,
    role: str,
    organisation: str | None,
    site: str | None,
    space_id: int | None,
    link: bool,
) -> None:
    """Make an account.  The password is asked for, or read from standard input."""
    place = None if organisation is None else organisation_id(house.session, organisation)
    if role == Role.MANAGER and place is None:
        raise click.UsageError("A manager needs an organisation: --organisation NAME.")
    scope = None if site is None else site_id(house.session, site)
    grants = (Grant(Role(role), scope, space_id),) if role in (Role.ADMIN, Role.APPROVER) else ()
    wanted = accounts.NewPerson(
        email=email,
        name=name or email.partition("@")[0].replace(".", " ").title(),
        password=None if link else read_password(),
        organisations=() if place is None else (place,),
        managed=(place,) if place is not None and role == Role.MANAGER else (),
        grants=grants,
    )
    person_id = accounts.create_person(wanted, OPERATOR, now=house.now)
    made = as_data(people.person(house.session, person_id))
    lines = [gettext("The account of %(email)s is made.", email=made["email"])]
    if link:
        secret = accounts.reset_link(person_id, OPERATOR, now=house.now)
        made["link"] = f"{house.config.public_url}/invitations/{secret}"
        lines.append(str(made["link"]))
    house.tell(made, lines)


@user.command()
@click.argument("email")
@house_command
def password(house: House, email: str) -> None:
    """Give somebody a new password.  It is asked for, or read from standard input."""
    person_id = people.person_id_of(house.session, email)
    accounts.set_password(person_id, read_password(), actor=OPERATOR, now=house.now)
    house.tell({"email": email, "changed": True}, [gettext("The password is changed.")])


def read_password() -> str:
    """Return what is typed, hidden and twice, or the first line of standard input.

    Never an argument: those are seen by everybody on the machine.
    """
    if sys.stdin.isatty():
        typed: str = click.prompt(gettext("Password"), hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def as_data(person: PersonView) -> dict[str, object]:
    """Return a person as scripts see one."""
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "role": person.role.value,
        "roles": [_role(held) for held in person.roles],
    }


def _role(held: HeldRole) -> dict[str, object]:
    return {
        "role": held.role.value,
        "scope": held.scope,
        "id": held.scope_id,
        "name": held.scope_name,
    }
