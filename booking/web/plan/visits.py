"""What visitors come for on a day: public events and permanences, by start, with where."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from booking.core.recurrence import to_local
from booking.core.values import OccurrenceView, Site, Space
from booking.core.visibility import seen_by
from booking.db import db
from booking.queries.permanences import Days, public_dates
from booking.queries.programme import public_occurrences
from booking.web.board.days import window
from booking.web.bookings.words import times_words
from booking.web.context import now
from booking.web.permanences.lines import Line, lines_of
from booking.web.plan.asked import Moment


@dataclass(frozen=True, slots=True)
class Visit:
    """An event or a permanence; times are naive local ones.

    ``said`` is what is not as usual ("Late: from 09:30"), ``is_off`` where nobody is there.
    """

    title: str
    organisation: str
    start: datetime
    end: datetime
    times: str
    space_ids: tuple[int, ...]
    said: str = ""
    is_off: bool = False

    def runs(self, local: datetime) -> bool:
        """Whether it is on at a local time."""
        return not self.is_off and self.start <= local < self.end


def visits(site: Site, spaces: Mapping[int, Space], shown: Moment) -> list[Visit]:
    """Return what is public in a house on a day, by start; two statements.

    Anybody may read it: nothing of it depends on who looks.
    """
    session = db.session()
    day = shown.day
    of_day = window(day, day, ZoneInfo(site.zone))
    asked = Days.of(site, spaces, day, day + timedelta(days=1), now=now())
    dates = [
        each
        for each in public_dates(session, asked, now=now())
        if all(space_id in spaces for space_id in each.space_ids)
    ]
    lines = [line for line in lines_of(dates, {site.id: site}, spaces, now=now()) if line.on == day]
    told = {each.occurrence_id for each in dates}
    views = public_occurrences(session, spaces, of_day)
    events = (each for each in views if each.occurrence_id not in told)
    found = [*map(_permanence, lines), *_events(events, site, shown)]
    return sorted(found, key=lambda each: (each.start, each.end, each.title))


def _permanence(line: Line) -> Visit:
    return Visit(
        line.entry.title,
        line.entry.organisation_name,
        line.start,
        line.end,
        line.times,
        line.entry.usual_space_ids if line.is_elsewhere else line.entry.space_ids,
        said=line.change if line.is_elsewhere else line.said if line.mark != "here" else "",
        is_off=line.is_elsewhere or line.mark == "away",
    )


def _events(views: Iterable[OccurrenceView], site: Site, shown: Moment) -> Iterator[Visit]:
    """Yield each date once, with all of its spaces, as anybody may see it."""
    for _id, some in groupby(views, lambda each: each.occurrence_id):
        rooms = [*some]
        view = seen_by(rooms[0], None)
        start, end = (to_local(at, site.zone) for at in (view.interval.start, view.interval.end))
        times = "" if view.all_day else times_words(start, end, shown.day)
        ids = tuple(each.space_id for each in rooms)
        yield Visit(view.title, view.organisation_name, start, end, times, ids)
