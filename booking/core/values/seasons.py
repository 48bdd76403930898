"""When the seasons of a house end, and when people are asked whether they keep their place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from booking.core.errors import InvalidRequest
from booking.core.frozen import frozen
from booking.core.values.kinds import RenewalState
from booking.core.values.stored import read, written

DAY = timedelta(days=1)
LONGEST = timedelta(days=300)  # a season has ended before anybody is asked about the next


@dataclass(frozen=True, slots=True)
class Seasons:
    """A season ends once a year, with the day ``month``/``day``.

    Whose series has no end is asked ``ask`` before that day whether it goes on,
    has time until ``due`` before it, and is warned ``warn`` before the time is over.
    """

    month: int = 8
    day: int = 31
    ask: timedelta = 90 * DAY
    due: timedelta = 30 * DAY
    warn: timedelta = 14 * DAY

    @classmethod
    def from_json(cls, data: object) -> Self | None:
        """Return the seasons that are stored as ``data``, None where there are none.

        Raises:
            InvalidRequest: For anything that is none.
        """
        return None if data is None else read(cls, data, _READERS)

    def to_json(self) -> dict[str, object]:
        """Return what is stored: numbers of days; only what differs from the default."""
        found = written(self, Seasons()) or {}
        return {
            name: getattr(self, name) // DAY if name in ("ask", "due", "warn") else value
            for name, value in found.items()
        }


@frozen()
class Renewal:
    """The question whether a series goes on after the ``season`` that ends with that day.

    ``warned_at`` is when its people were reminded, as long as nobody has answered.
    """

    booking_id: int
    season: date
    state: RenewalState
    warned_at: date | None = None


def check_seasons(seasons: Seasons) -> None:
    """Refuse a day that is none, and times that are not in their order.

    Raises:
        InvalidRequest: With the field of the rule that cannot be kept.
    """
    try:
        date(2027, seasons.month, seasons.day)  # no leap year: the day is there every year
    except ValueError:
        raise InvalidRequest.because("season_day", "season_day") from None
    if seasons.warn < DAY:
        raise InvalidRequest.because("season_warning", "season_warn")
    if not seasons.due + seasons.warn < seasons.ask <= LONGEST:
        raise InvalidRequest.because("season_order", "season_ask", most=LONGEST // DAY)


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value <= 366:
        raise ValueError(value)
    return value


def _days(value: object) -> timedelta:
    return _number(value) * DAY


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "month": _number,
    "day": _number,
    "ask": _days,
    "due": _days,
    "warn": _days,
}
