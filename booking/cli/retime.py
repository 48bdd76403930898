"""``booking retime``: after new time zone data."""

import click
from flask_babel import gettext, ngettext

from booking.actions.bookings import retime as verbs
from booking.cli.house import House, house_command


@click.command()
@house_command
def retime(house: House) -> None:
    """Give what is to come the instants that today's time zone data has for it.

    The service does so by itself, within hours.  Prints what could not be
    placed again.
    """
    done = verbs.retime(now=house.now)
    lost = [
        {"booking": each.booking_id, "start": each.recurrence_id.isoformat(timespec="minutes")}
        for each in done.lost
    ]
    moved = ngettext("%(num)s booking moved.", "%(num)s bookings moved.", done.moved)
    lines = [f"- {each['booking']}  {each['start']}" for each in lost]
    if lost:
        lines.insert(0, gettext("Could not be placed again:"))
    if done.closures:
        closed = ngettext("%(num)s closure moved.", "%(num)s closures moved.", done.closures)
        lines.insert(0, closed)
    told = {"moved": done.moved, "closures": done.closures, "conflicts": lost}
    house.tell(told, [moved, *lines])
