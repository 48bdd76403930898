"""What was found for people, as the page shows it: a board of one day, and times to tap."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _

from booking.actions.finding_people import FoundForPeople, Proposal
from booking.core import hours
from booking.core.busy import Knowledge
from booking.core.intervals import Interval, merge, subtract
from booking.core.recurrence import to_local
from booking.core.requests import SearchRequest
from booking.core.values import BookingView, Space
from booking.web.bookings.typed import offer_value, time_fields
from booking.web.bookings.words import times_words
from booking.web.context import now
from booking.web.dates import dateformat
from booking.web.finding.lines import Tap, form_address, limits_said
from booking.web.finding.who import ME, Person

MOST_ROOMS = 5
MOST_LISTED = 6  # days
_HOUR = timedelta(hours=1)
_by_day = attrgetter("day")


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a row, in per cent of its width."""

    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A proposed time on the board; ``is_whole`` where everybody can."""

    bar: Bar
    tap: Tap
    said: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A person or a room on the board: when not free, in bars and in words, and what to know."""

    name: str
    bars: tuple[Bar, ...]
    said: str
    note: str = ""
    hue: int | None = None
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """One day: hours with where they begin, proposed times, people and rooms."""

    day: date
    hours: tuple[tuple[str, str], ...]
    slots: tuple[Slot, ...]
    people: tuple[Row, ...]
    rooms: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Pill:
    """A day to look at, with how many times everybody can."""

    day: date
    number: int


@dataclass(frozen=True, slots=True)
class InRooms:
    """Rooms with their times to tap, and of each who is missing."""

    spaces: tuple[Space, ...]
    taps: tuple[tuple[Tap, str], ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """What turns proposals into taps: who is asked, and the booking that is moved, if one is."""

    found: FoundForPeople
    people: Sequence[Person]
    booking: BookingView | None = None
    attendance: str = ""

    def tap(self, each: Proposal) -> Tap:
        """Return a proposal as a link to the filled form."""
        zone = self.found.site.zone
        begin, end = (
            to_local(at, zone) for at in (each.start.interval.start, each.start.interval.end)
        )
        times = time_fields(begin, end)
        if self.booking is not None:
            query = urlencode({"take": offer_value(times, each.space_ids)})
            address = f"{url_for('bookings.edit', booking_id=self.booking.id)}?{query}"
        else:
            address = form_address(times, each.space_ids, attendance=self.attendance)
            asked = [("guest", one.token) for one in self.people if one.token != ME]
            address += f"&{urlencode(asked)}" if asked else ""
        return Tap(
            times_words(begin, end), address, bool(each.start.asks), bool(each.start.refuses)
        )

    def without(self, each: Proposal) -> str:
        """Return who is missing, in words."""
        names = {person.id: person.name for person in self.people}
        missing = ", ".join(names[one] for one in each.missing if one in names)
        return _("without %(names)s", names=missing) if missing else ""


def board_of(pages: Pages, search: SearchRequest, day: date) -> Board | None:
    """Return the board of a day, None where the clocks leave nothing of its hours."""
    found = pages.found
    window = hours.between(found.site, day, search.earliest, search.latest)
    if window is None:
        return None
    ours = [each for each in found.proposals if each.day == day]
    return Board(
        day,
        tuple(_hours(window, found.site.zone)),
        tuple(_slot(each, pages, window) for each in ours),
        tuple(_person(each, pages, window) for each in pages.people),
        tuple(_rooms(day, ours, pages, window)),
    )


def pills_of(found: FoundForPeople) -> list[Pill]:
    """Return the days that were looked at."""
    return [Pill(each, found.numbers.get(each, 0)) for each in found.days]


def days_of(pages: Pages, since: date) -> list[tuple[date, list[InRooms]]]:
    """Return the proposals of some days from one on, by day and by rooms."""
    coming = [each for each in pages.found.proposals if each.day >= since]
    days = [(day, _in_rooms(pages, here)) for day, here in groupby(coming, _by_day)]
    return days[:MOST_LISTED]


def _in_rooms(pages: Pages, proposals: Iterable[Proposal]) -> list[InRooms]:
    by_rooms: dict[tuple[int, ...], list[tuple[Tap, str]]] = {}
    for each in proposals:
        by_rooms.setdefault(each.space_ids, []).append((pages.tap(each), pages.without(each)))
    known = pages.found.spaces
    return [
        InRooms(tuple(known[each] for each in ids), tuple(taps)) for ids, taps in by_rooms.items()
    ]


def limits_of(found: FoundForPeople) -> list[str]:
    """Return what is more than the reader may have, of all that was found, each limit once."""
    return limits_said(each.start for each in found.proposals)


def _slot(each: Proposal, pages: Pages, window: Interval) -> Slot:
    tap, without = pages.tap(each), pages.without(each)
    rooms = ", ".join(pages.found.spaces[one].name for one in each.space_ids)
    said = ", ".join(filter(None, (tap.words, rooms, without)))
    return Slot(_bar(each.start.interval, window), tap, said, not each.missing)


def _person(person: Person, pages: Pages, window: Interval) -> Row:
    times, zone = pages.found.times, pages.found.site.zone
    taken = [each.common(window) for each in times.of(person.id) if each.overlaps(window)]
    note, warns = _known(person, pages, zone)
    name = _("You") if person.token == ME else person.name
    bars = tuple(_bar(each, window) for each in taken)
    return Row(name, bars, _said(taken, zone), note, warns=warns)


def _known(person: Person, pages: Pages, zone: str) -> tuple[str, bool]:
    """Return what there is to say on how much is known, and whether it is a warning."""
    times = pages.found.times
    known = times.known(person.id, now())
    if known is Knowledge.NONE:
        return _("no calendar connected"), False
    if known is Knowledge.WAITING:
        return _("calendar not read yet"), True
    at = times.read.get(person.id)
    if known is Knowledge.STALE and at is not None:
        return _("as of %(day)s", day=dateformat(to_local(at, zone), "d MMM")), True
    return "", False


def _rooms(day: date, ours: Iterable[Proposal], pages: Pages, window: Interval) -> Iterable[Row]:
    found = pages.found
    free: dict[tuple[int, ...], list[Interval]] = {each.space_ids: [] for each in ours}
    for each in found.rooms.get(day, ()):
        free.setdefault(each.space_ids, []).append(each.free)
    for space_ids, times in [*free.items()][:MOST_ROOMS]:
        taken = subtract(window, merge(times))
        spaces = [found.spaces[each] for each in space_ids]
        yield Row(
            ", ".join(each.name for each in spaces),
            tuple(_bar(each, window) for each in taken),
            _said(taken, found.site.zone),
            hue=spaces[0].colour,
        )


def _said(taken: Sequence[Interval], zone: str) -> str:
    if not taken:
        return _("free all the time")
    times = (times_words(to_local(each.start, zone), to_local(each.end, zone)) for each in taken)
    return _("busy %(times)s", times=", ".join(times))


def _hours(window: Interval, zone: str) -> Iterable[tuple[str, str]]:
    at = window.start.replace(minute=0)
    while at < window.end:
        if at >= window.start:
            yield f"{to_local(at, zone).hour}", _percent(at, window)
        at += _HOUR


def _bar(interval: Interval, window: Interval) -> Bar:
    cut = interval.common(window)
    share = cut.length / window.length * 100
    return Bar(_percent(cut.start, window), f"{share:.3f}%")


def _percent(at: datetime, window: Interval) -> str:
    return f"{(at - window.start) / window.length * 100:.3f}%"
