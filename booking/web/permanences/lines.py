"""Dates of permanences in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking.core.intervals import Interval
from booking.core.permanences import PermanenceDate, Standing
from booking.core.recurrence import to_local
from booking.core.values import Site, Space
from booking.web.bookings.words import times_words
from booking.web.dates import clock, day_short

MOVED = "moved"
WORDS: Mapping[str, LazyString] = {
    Standing.HERE.value: _l("Here now"),
    Standing.LATE.value: _l("Late"),
    Standing.AWAY.value: _l("Not today"),
    Standing.OVER.value: _l("Over"),
    MOVED: _l("Moved"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One date, on the day that it is read on; times are naive local ones.

    ``mark`` is its standing, "" where there is nothing to say, ``said`` the same
    in words; ``change`` tells what is not as usual.  Of what has moved to
    another day a second line stays where it would have been (``is_elsewhere``).
    """

    entry: PermanenceDate
    on: date
    start: datetime
    end: datetime
    times: str
    place: str
    hue: int
    mark: str
    said: str
    change: str
    is_elsewhere: bool = False


def lines_of(
    dates: Iterable[PermanenceDate],
    sites: Mapping[int, Site],
    spaces: Mapping[int, Space],
    *,
    now: datetime,
) -> list[Line]:
    """Return the lines of dates, by day and start."""
    found = []
    for each in dates:
        line = _line(each, sites[each.site_id].zone, spaces, now)
        left = _left(line, sites[each.site_id].zone, spaces)
        found += [line] if left is None else [line, left]
    return sorted(found, key=lambda each: (each.start, each.end, each.entry.title))


def _line(entry: PermanenceDate, zone: str, spaces: Mapping[int, Space], now: datetime) -> Line:
    """Return the line of a date where and when it takes place."""
    start, end = _local(entry.interval, zone)
    standing = entry.standing(now)
    mark = "" if standing is Standing.COMING else standing.value
    said = str(WORDS[mark]) if mark else ""
    if standing is Standing.AWAY and start.date() != to_local(now, zone).date():
        said = _("Not that day")
    if standing is Standing.LATE and entry.late_until is not None:
        said = _("Late: from %(time)s", time=clock(to_local(entry.late_until, zone)))
    return Line(
        entry,
        start.date(),
        start,
        end,
        times=times_words(start, end),
        place=_names(entry.space_ids, spaces),
        hue=spaces[entry.space_ids[0]].colour,
        mark=mark,
        said=said,
        change=_change(entry, zone, spaces),
    )


def _left(line: Line, zone: str, spaces: Mapping[int, Space]) -> Line | None:
    """Return the line that stays where a date would have been that moved to another day."""
    entry = line.entry
    start, end = _local(entry.usual, zone)
    if start.date() == line.on or not entry.state.is_open:
        return None
    there = {"day": day_short(line.start), "times": line.times, "place": line.place}
    return replace(
        line,
        on=start.date(),
        start=start,
        end=end,
        times=times_words(start, end),
        place=_names(entry.usual_space_ids, spaces),
        mark=MOVED,
        said=str(WORDS[MOVED]),
        change=_("Moved to %(day)s, %(times)s, %(place)s", **there),
        is_elsewhere=True,
    )


def _change(entry: PermanenceDate, zone: str, spaces: Mapping[int, Space]) -> str:
    """Return what is not as usual, "" where all is."""
    parts = []
    if entry.is_elsewhere:
        parts.append(_("here instead of %(place)s", place=_names(entry.usual_space_ids, spaces)))
    if entry.is_at_other_time:
        start, end = _local(entry.usual, zone)
        usual = f"{day_short(start)} {times_words(start, end)}"
        parts.append(_("instead of %(time)s", time=usual))
    return ", ".join(parts)


def _local(interval: Interval, zone: str) -> tuple[datetime, datetime]:
    return to_local(interval.start, zone), to_local(interval.end, zone)


def _names(ids: Sequence[int], spaces: Mapping[int, Space]) -> str:
    return ", ".join(spaces[each].name for each in ids if each in spaces)
