"""What stands below the planning: dates of calendars of others that the house follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking.core.sources import SourceMode
from booking.core.values import Actor, Site
from booking.core.visibility import source_event_seen_by
from booking.queries.sources import source_events
from booking.web.board.days import local_bounds, pieces, window

SHOWN = (SourceMode.SHOW, SourceMode.PUBLIC)
MOST_A_DAY = 20


@dataclass(frozen=True, slots=True)
class Other:
    """A date of a day in words; times are "" for one that lasts all of it."""

    title: str
    source: str
    place: str
    start: str
    end: str


def others(
    session: Session, site: Site, days: Sequence[date], viewer: Actor
) -> list[tuple[date, list[Other]]]:
    """Return the days that have some, each with its dates by start; one statement."""
    zone = ZoneInfo(site.zone)
    found: dict[date, list[Other]] = {}
    for event in source_events(session, site.id, window(days[0], days[-1], zone), SHOWN):
        seen = source_event_seen_by(event, viewer)
        start, end = local_bounds(event.interval, zone)
        for day, piece in pieces(start, end, first=days[0], last=days[-1]):
            some = found.setdefault(day, [])
            if len(some) < MOST_A_DAY:
                clocks = _clock(start, piece.begins), _clock(end, piece.ends)
                times = ("", "") if event.all_day else clocks
                some.append(Other(seen.title, seen.source, seen.place, *times))
    return sorted(found.items())


def _clock(at: datetime, is_this_day: bool) -> str:
    return f"{at:%H:%M}" if is_this_day else ""
