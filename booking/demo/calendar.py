"""The demo's days: weekends, French public holidays, the weeks in which the house is closed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from dateutil.easter import easter

DAY = timedelta(days=1)
BACK, AHEAD = timedelta(days=183), timedelta(days=182)
_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)  # Monday, Ascension, Whit Monday


@cache
def public_holidays(year: int) -> frozenset[date]:
    """Return the French public holidays of a year."""
    fixed = {date(year, month, day) for month, day in _FIXED}
    return frozenset(fixed | {easter(year) + days * DAY for days in _AFTER_EASTER})


@dataclass(frozen=True, slots=True)
class Pause:
    """The house is closed from one day to before another."""

    start: date
    end: date
    reason: str

    def covers(self, day: date) -> bool:
        """Whether the house is closed on this day."""
        return self.start <= day < self.end


@dataclass(frozen=True, slots=True)
class Days:
    """The year around today.  The present week is always open: a demo shows life."""

    today: date

    @property
    def first(self) -> date:
        """The first day of the year."""
        return self.today - BACK

    @property
    def last(self) -> date:
        """The last day of the year."""
        return self.today + AHEAD

    @property
    def monday(self) -> date:
        """The first day of the present week."""
        return self.today - self.today.weekday() * DAY

    @property
    def week(self) -> list[date]:
        """The present week, Monday first."""
        return [self.monday + number * DAY for number in range(7)]

    @property
    def pauses(self) -> list[Pause]:
        """Two weeks in August and those around New Year, without the present week."""
        years = range(self.first.year - 1, self.last.year + 1)
        wanted = [
            pause
            for year in years
            for pause in (_august(year), Pause(date(year, 12, 24), date(year + 1, 1, 2), _WINTER))
        ]
        cut = [piece for pause in wanted for piece in self._without_present_week(pause)]
        return [each for each in cut if each.end > self.first and each.start <= self.last]

    def is_open(self, day: date) -> bool:
        """Whether people come on this day."""
        if day in self.week:
            return True
        holiday = day in public_holidays(day.year)
        return not holiday and not any(pause.covers(day) for pause in self.pauses)

    def open_days(self) -> Iterator[date]:
        """Give the open days of the year in order."""
        pauses, week = self.pauses, self.week
        for number in range((self.last - self.first).days + 1):
            day = self.first + number * DAY
            closed = day in public_holidays(day.year) or any(each.covers(day) for each in pauses)
            if day in week or not closed:
                yield day

    def _without_present_week(self, pause: Pause) -> Iterator[Pause]:
        next_monday = self.monday + 7 * DAY
        before = Pause(pause.start, min(pause.end, self.monday), pause.reason)
        after = Pause(max(pause.start, next_monday), pause.end, pause.reason)
        if pause.end <= self.monday or pause.start >= next_monday:
            yield pause
            return
        yield from (each for each in (before, after) if each.start < each.end)


_WINTER = "Fermeture de fin d’année"


def _august(year: int) -> Pause:
    middle = date(year, 8, 15)
    monday = middle - middle.weekday() * DAY
    return Pause(monday - 7 * DAY, monday + 7 * DAY, "Fermeture d’été")


def at(day: date, hour: float) -> datetime:
    """Return the naive local time of a day at an hour, 9.5 for half past nine."""
    return datetime.combine(day, time()) + timedelta(hours=hour)
