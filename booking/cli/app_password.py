"""``booking app-password``: the passwords of calendar apps."""

import click
from flask_babel import gettext

from booking.actions.app_passwords import (
    AppPasswordRequest,
    create_app_password,
    revoke_app_password,
)
from booking.cli.house import House, house_command, table
from booking.core.devices import Access
from booking.core.values import OPERATOR
from booking.queries import people
from booking.queries.app_passwords import app_passwords


@click.group("app-password")
def app_password() -> None:
    """Passwords of calendar apps, which are secrets."""


@app_password.command()
@click.argument("email")
@click.option("--name", required=True, help="Name of the app or device in its owner's list.")
@click.option("--read", is_flag=True, help="The app may read, and nothing else.")
@house_command
def create(house: House, email: str, name: str, read: bool) -> None:
    """Make a password for a calendar app of a person, and print it, this once.

    The person is told by mail.
    """
    person = people.person(house.session, people.person_id_of(house.session, email))
    access = Access.READ if read else Access.WRITE
    wanted = AppPasswordRequest(name, access.value, person.id)
    made = create_app_password(wanted, OPERATOR, now=house.now)
    told = {
        "id": made.id,
        "server": f"{house.config.public_url}/dav/",
        "user": person.email,
        "password": made.secret,
    }
    house.tell(told, table([(key, str(told[key])) for key in ("server", "user", "password")]))


@app_password.command("list")
@click.option("--member", help="Address of the person whose passwords to list.")
@house_command
def list_app_passwords(house: House, member: str | None) -> None:
    """List the passwords that work, without their secrets."""
    owner = None if member is None else people.person_id_of(house.session, member)
    found = [
        {
            "id": each.id,
            "name": each.name,
            "member": each.owner_email,
            "access": each.access.value,
            "collections": None if each.collections is None else sorted(map(str, each.collections)),
            "created_at": each.created_at.isoformat(),
            "last_used_at": each.last_used_at.isoformat() if each.last_used_at else None,
        }
        for each in app_passwords(house.session, owner)
    ]
    rows = [tuple(str(each[key]) for key in ("id", "member", "access", "name")) for each in found]
    house.tell(found, table(rows))


@app_password.command()
@click.argument("password_id", type=int)
@house_command
def revoke(house: House, password_id: int) -> None:
    """End a password: its app gets nothing any more."""
    revoke_app_password(password_id, OPERATOR, now=house.now)
    house.tell({"id": password_id, "revoked": True}, [gettext("The app password is revoked.")])
