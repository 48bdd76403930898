"""The spaces of a floor as what a page writes, prepared so that it only has to write it.

A floor may have a thousand: words are looked up once for each state and end, times are
reckoned from the day's midnight, and what depends on a shape alone is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import get_template_attribute, url_for
from markupsafe import Markup

from booking.core.intervals import Interval
from booking.core.plan import Guest, Spot, SpotState
from booking.core.recurrence import to_local
from booking.core.values import Site, State
from booking.web.bookings.words import times_words
from booking.web.plan.asked import Moment
from booking.web.plan.drawing import Figure, Label
from booking.web.plan.words import SPOT_STATES, detail_words, state_until, until_words

MINUTE = timedelta(minutes=1)
BAR = 8  # the height of the bar of a day


class ListLine(NamedTuple):
    """A space in words; ``taken`` and ``asked`` are paths of the bar of its day, "" for none."""

    name: str
    link: Markup
    css: str
    state: str
    words: str
    detail: str
    has_bar: bool
    taken: str
    asked: str


class Drawn(NamedTuple):
    """A space on the drawing; ``inner`` is what is in it, ``end`` until when its state lasts."""

    css: str
    link: Markup
    said: str
    inner: Markup
    end: str
    x: int
    y: int
    size: int


class Stay(NamedTuple):
    """A place of a guest of the house; ``times`` is "" for all day."""

    name: str
    link: Markup
    times: str


@dataclass(slots=True)
class Writer:
    """Puts the spaces of a house at an instant into words."""

    site: Site
    moment: Moment
    card: str = field(init=False)
    query: str = field(init=False)
    _ends: dict[datetime | None, str] = field(default_factory=dict)
    _states: dict[tuple[SpotState, datetime | None], str] = field(default_factory=dict)
    _times: dict[Interval, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.card = url_for("plan.card", space_id=0)[:-1]
        self.query = f"?{urlencode(self.moment.query)}" if self.moment.query else ""

    def link(self, space_id: int) -> Markup:
        """Return the address of a space's card: made of a path, a number and a time."""
        return Markup(f"{self.card}{space_id}{self.query}")  # noqa: S704

    def until(self, spot: Spot) -> str:
        """Return when the state of a space ends, "" for the end of the day."""
        found = self._ends.get(spot.until)
        if found is None:
            found = until_words(spot.until, self.site.zone, self.moment.day)
            self._ends[spot.until] = found
        return found

    def state(self, spot: Spot) -> str:
        """Return state and end: "in use until 12:00"."""
        key = (spot.state, spot.until)
        found = self._states.get(key)
        if found is None:
            found = self._states[key] = state_until(SPOT_STATES[spot.state], self.until(spot))
        return found

    def times(self, interval: Interval) -> str:
        """Return from when until when, days named where they are others."""
        found = self._times.get(interval)
        if found is None:
            zone = self.site.zone
            start, end = to_local(interval.start, zone), to_local(interval.end, zone)
            found = self._times[interval] = times_words(start, end, self.moment.day)
        return found

    def line(self, spot: Spot) -> ListLine:
        """Return a space in words."""
        space, taken, asked = spot.space, "", ""
        if space.bookable:
            for view in spot.today:
                if view.state is State.CONFIRMED:
                    taken += self._stretch(view.interval)
                else:
                    asked += self._stretch(view.interval)
        state = spot.state.value
        return ListLine(
            space.name,
            self.link(space.id),
            CSS[spot.state],
            state,
            self.state(spot),
            detail_words(spot),
            space.bookable,
            taken,
            asked,
        )

    def drawn(self, figure: Figure) -> Drawn:
        """Return a space on the drawing."""
        spot, label = figure.spot, figure.label
        below = label.below
        return Drawn(
            CSS[spot.state],
            self.link(spot.space.id),
            f"{spot.space.name}: {self.state(spot)}",
            _inner(figure.points, label, spot.state.value),
            self.until(spot) if below else "",
            below.x if below else 0,
            below.y if below else 0,
            round(label.size * 0.85),
        )

    def stays(self, guest: Guest, names: Mapping[int, str]) -> list[Stay]:
        """Return where a guest of the house is, by time."""
        return [
            Stay(
                names[each.space_id],
                self.link(each.space_id),
                self.times(each.interval) if each.interval else "",
            )
            for each in guest.places
        ]

    def _stretch(self, interval: Interval) -> str:
        """Return what of the shown hours an interval takes, as a piece of a path."""
        first, last = self.moment.first_min, self.moment.last_min
        start = max(self._minute(interval.start), first)
        end = min(self._minute(interval.end), last)
        return f"M{start - first} 0h{end - start}v{BAR}h{start - end}z" if end > start else ""

    def _minute(self, instant: datetime) -> int:
        """Return the minute of the day that the clocks show, below 0 or beyond it for others."""
        began, is_even = _midnight(self.moment.day, self.site.zone)
        if is_even:
            return (instant - began) // MINUTE
        local = to_local(instant, self.site.zone)
        return (local - datetime.combine(self.moment.day, time())) // MINUTE


CSS = {state: f"is-{state.value.replace('_', '-')}" for state in SpotState}


@lru_cache(maxsize=16)
def _midnight(day: date, zone: str) -> tuple[datetime, bool]:
    """Return when a local day begins, and whether the clocks stay as they are on it."""
    began = datetime.combine(day, time(), ZoneInfo(zone))
    after = began + timedelta(days=1)
    return began.astimezone(UTC), began.utcoffset() == after.utcoffset()


@lru_cache(maxsize=8_000)  # the same shapes come again and again
def _inner(points: str, label: Label, state: str) -> Markup:
    """Return outline, symbol and name of a space, as ``plan/parts.html`` draws them."""
    draw = get_template_attribute("plan/parts.html", "inner")
    return Markup(draw(points, label, state))  # noqa: S704  a template has escaped it
