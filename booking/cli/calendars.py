"""``booking calendars``: calendars of members on other servers, and what opens them."""

import click
from flask_babel import gettext, ngettext

from booking import vault
from booking.actions.connections import reseal_secrets
from booking.actions.sources import reseal_addresses
from booking.cli.house import House, house_command, table
from booking.i18n import sentence
from booking.queries.connections import connections


@click.group()
def calendars() -> None:
    """Calendars of members on other servers."""


@calendars.command("list")
@house_command
def list_calendars(house: House) -> None:
    """List the connected calendars, and how it is with each."""
    found = connections(house.session, now=house.now)
    data = [
        {
            "id": each.id,
            "person": each.owner_name,
            "host": each.account.host,
            "state": each.state.value,
            "reason": each.reason.code if each.reason else None,
            "succeeded": each.succeeded_at.isoformat() if each.succeeded_at else None,
        }
        for each in found
    ]
    rows = [
        (
            str(each.id),
            each.owner_name,
            each.account.host,
            each.state.value,
            sentence(each.reason) if each.reason else "",
        )
        for each in found
    ]
    house.tell(data, table(rows) if rows else [gettext("Nobody has connected a calendar.")])


@calendars.command("rotate-key")
@house_command
def rotate_key(house: House) -> None:
    """Seal passwords of members' calendars and addresses of others' with a new key, drop the old.

    With security.credentials_keys, put a new key before the others there
    first, start the service again, then call this.  The service may run.
    """
    if not house.config.security.credentials_keys:
        vault.add_key(house.config)
    box = vault.Vault(house.config)
    # Twice: what was being stored with the old key while we read is there the second time.
    for _round in range(2):
        passwords = reseal_secrets(box.reseal, vault.Unopenable)
        addresses = reseal_addresses(box.reseal, vault.Unopenable)
    done, lost = passwords[0] + addresses[0], passwords[1] + addresses[1]
    vault.keep_first_key(house.config)
    lines = [
        ngettext(
            "%(num)s password or address sealed anew.",
            "%(num)s passwords and addresses sealed anew.",
            done,
        )
    ]
    if lost:
        lines.append(gettext("Cannot be opened any more, type them again: %(number)s", number=lost))
    house.tell({"sealed": done, "lost": lost}, lines)
