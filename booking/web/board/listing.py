"""The month and the list: days with what is booked on them, in the order of the clock."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import ClassVar

from booking.core.permissions import is_own
from booking.core.values import ClosureView, OccurrenceView, Space, State, Want
from booking.core.visibility import closure_seen_by, seen_by
from booking.web.board.days import local_bounds, pieces
from booking.web.board.layout import House


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking, or the part of it on one day; ``room`` is what was booked.

    ``start`` and ``end`` are clocks, "" where it began before or goes on after the day.
    """

    view: OccurrenceView
    room: Space
    begins: datetime
    start: str
    end: str
    mine: bool
    is_held: ClassVar[bool] = False

    @property
    def css(self) -> str:
        """The classes of its look."""
        marks = (
            (self.view.state is State.REQUESTED, "to-decide"),
            (self.view.redacted, "hidden-from-me"),
            (self.mine, "of-mine"),
        )
        return " ".join([f"hue-{self.room.colour}", *(name for is_so, name in marks if is_so)])

    @property
    def who(self) -> str:
        """The organisation, else the person, as far as the reader may know."""
        return self.view.organisation_name or self.view.organiser_name


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """Time of a room that the waiting list has, for whom it does not say."""

    room: Space
    begins: datetime
    start: str
    end: str
    is_held: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """A day: what is booked, or held, and the reasons why something is closed."""

    day: date
    entries: tuple[Entry | HeldEntry, ...]
    closed: tuple[str, ...]

    @property
    def bookings(self) -> int:
        """The number of bookings on it."""
        return sum(not each.is_held for each in self.entries)


def build_agenda(
    house: House,
    rooms: Mapping[int, Space],
    days: Sequence[date],
    occurrences: Iterable[OccurrenceView],
    closures: Iterable[ClosureView],
    held: Iterable[Want] = (),
) -> list[AgendaDay]:
    """Return the days with what is on them, each view as the actor may see it.

    ``rooms`` are all spaces that a booking may be of, ``held`` is what the
    waiting list has for the time being.
    """
    entries: defaultdict[date, list[Entry | HeldEntry]] = defaultdict(list)
    closed: defaultdict[date, dict[str, None]] = defaultdict(dict)
    for view in occurrences:
        start, end = local_bounds(view.interval, house.zone)
        seen, mine = seen_by(view, house.actor), is_own(house.actor, view)
        for day, piece in pieces(start, end, first=days[0], last=days[-1]):
            entries[day].append(
                Entry(
                    seen,
                    rooms[view.space_id],
                    start,
                    _clock(start) if piece.begins else "",
                    _clock(end) if piece.ends else "",
                    mine,
                )
            )
    for want in held:
        start, end = local_bounds(want.interval, house.zone)
        for day, piece in pieces(start, end, first=days[0], last=days[-1]):
            clocks = _clock(start) if piece.begins else "", _clock(end) if piece.ends else ""
            entries[day] += [
                HeldEntry(rooms[each], start, *clocks) for each in want.space_ids if each in rooms
            ]
    for day in days:
        shut = [each for each in rooms.values() if house.holiday(each, day)]
        if shut:
            name = house.holidays[day]
            whole = len(shut) == len(rooms)
            closed[day] |= dict.fromkeys(
                [name] if whole else [f"{each.name}: {name}" for each in shut]
            )
    for closure in closures:
        start, end = local_bounds(closure.interval, house.zone)
        for day, _piece in pieces(start, end, first=days[0], last=days[-1]):
            room = rooms.get(closure.space_id or 0)
            where = room.name if room else ""
            reason = closure_seen_by(closure, house.actor).reason
            closed[day][f"{where}: {reason}" if where else reason] = None
    order = attrgetter("begins", "room.id")
    return [
        AgendaDay(day, tuple(sorted(entries[day], key=order)), tuple(closed[day])) for day in days
    ]


def _clock(at: datetime) -> str:
    return f"{at.hour:02d}:{at.minute:02d}"
