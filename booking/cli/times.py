"""Times as scripts write and read them: ISO 8601."""

from datetime import datetime

import click

from booking.core.recurrence import to_local, zone_info


def iso_time(text: str) -> datetime:
    """Return the time that an option names; without an offset it is naive."""
    try:
        if len(text) < len("2027-03-12T10"):
            raise ValueError
        return datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time like 2027-03-12T10:00") from None


def site_time(moment: datetime, zone: str) -> datetime:
    """Return the naive time that the clocks of a zone show; a naive time is one already."""
    if moment.tzinfo is None:
        return moment.replace(second=0, microsecond=0)
    return to_local(moment, zone).replace(second=0, microsecond=0)


def local_iso(instant: datetime, zone: str) -> str:
    """Return an instant as ISO 8601 with the offset of its zone."""
    return instant.astimezone(zone_info(zone)).isoformat(timespec="minutes")
