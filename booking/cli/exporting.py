"""``booking export``: everything that is booked, as calendar files."""

from pathlib import Path

import click
from flask_babel import gettext, ngettext

from booking import exports
from booking.cli.house import House, Refusal, house_command
from booking.cli.named import site_id
from booking.core.values import OPERATOR, Space
from booking.queries import houses


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--site", "site", help="Only the spaces of this house.")
@house_command
def export(house: House, target: Path, site: str | None) -> None:
    """Write a calendar file for each space into a folder, or (TARGET ends in .zip) a ZIP.

    They hold all that is booked, private titles too: keep them as safe as the database.
    """
    session = house.session
    spaces = houses.spaces(session, None if site is None else site_id(session, site))
    base = house.config.public_url
    try:
        if target.suffix.lower() == ".zip":
            if target.exists():
                raise Refusal(
                    gettext("There is a file %(file)s already: take another name.", file=target)
                )
            with target.open("xb") as file:
                number = exports.write_zip(file, session, spaces, OPERATOR, base=base)
        else:
            number = _into_folder(house, target, spaces, base)
    except OSError as error:
        raise Refusal(
            gettext("%(file)s cannot be used: %(reason)s.", file=target, reason=error.strerror)
        ) from error
    line = ngettext("%(num)s calendar written", "%(num)s calendars written", number)
    house.tell({"target": str(target), "files": number}, [f"{target}: {line}"])


def _into_folder(house: House, folder: Path, spaces: list[Space], base: str) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    for name, octets in exports.files(house.session, spaces, OPERATOR, base=base):
        (folder / name).write_bytes(octets)
        number += 1
    return number
