"""``booking agenda``: what a person has booked, or is booked for."""

from dataclasses import asdict, dataclass
from datetime import datetime

import click
from flask_babel import gettext

from booking.cli.house import House, house_command, table
from booking.cli.times import local_iso
from booking.core.values import OccurrenceView, combined_state
from booking.i18n import STATES
from booking.queries import agenda as reads
from booking.queries import houses, people

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Date:
    """A date of a booking as scripts read it: ISO times of the site, names of spaces."""

    start: str
    end: str
    title: str
    spaces: list[str]
    status: str
    booking: int


@click.command()
@click.argument("email")
@click.option("--past", is_flag=True, help="What is over, the latest first.")
@house_command
def agenda(house: House, email: str, past: bool) -> None:
    """List what the person with this address has booked, from now on."""
    person_id = people.person_id_of(house.session, email)
    views = reads.of_person(house.session, person_id, since=house.now, limit=MOST, past=past)
    found = occurrences(house, views)
    house.tell([asdict(each) for each in found], _lines(found))


def _lines(found: list[Date]) -> list[str]:
    if not found:
        return [str(gettext("Nothing is booked."))]
    return table(
        [
            (
                f"{datetime.fromisoformat(each.start):%Y-%m-%d %H:%M}",
                f"{datetime.fromisoformat(each.end):%H:%M}",
                each.title,
                ", ".join(each.spaces),
                str(STATES[each.status]),
            )
            for each in found
        ]
    )


def occurrences(house: House, views: list[OccurrenceView]) -> list[Date]:
    """Return one value for each date, in the order of the views; a view is of one space."""
    zones = {site.id: site.zone for site in houses.sites(house.session)}
    spaces = houses.spaces_by_id(house.session, {each.space_id for each in views})
    dates: dict[int, list[OccurrenceView]] = {}
    for view in views:
        dates.setdefault(view.occurrence_id, []).append(view)
    return [
        Date(
            start=local_iso(first.interval.start, zones[first.site_id]),
            end=local_iso(first.interval.end, zones[first.site_id]),
            title=first.title,
            spaces=[spaces[each.space_id].name for each in together],
            status=combined_state({each.state for each in together}).value,
            booking=first.booking_id,
        )
        for together in dates.values()
        for first in together[:1]
    ]
