"""From leases and bookings to rows: what is drawn where, and the same in words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Protocol, TypeVar

from flask import url_for
from flask_babel import gettext as _

from booking.core.recurrence import to_local
from booking.core.timeline import PartFree, Scale, free_parts, gaps, side_by_side
from booking.core.values import LETTABLE, LeaseView, OccurrenceView, Site, Space, SpaceKind, State
from booking.queries.timeline import Use
from booking.web.bookings.words import listed_words, times_words, weekday_name
from booking.web.dates import dateformat
from booking.web.lease_words import part_words, time_words


class Placed(Protocol):
    """What is about one space."""

    @property
    def space_id(self) -> int: ...


P = TypeVar("P", bound=Placed)
LINE_PX, USE_PX, PAD_PX = 22, 20, 4
LETTER_PX = 6.6
HOUR_S = 3600
FULL_DAY_S = 8 * HOUR_S  # a day that is used so long is drawn in full


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a row: where, how wide, in which line; what is written in it and said of it."""

    x: int
    y: int
    width: int
    css: str
    text: str
    said: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Days on which a space, or a part of it, is let to nobody.

    ``first`` and ``last`` are for the form of a lease.
    """

    x: int
    y: int
    width: int
    first: date
    last: date
    said: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A space over time; ``paths`` are class and outline of its use, ``said`` is all in words."""

    space: Space
    height: int
    bars: tuple[Bar, ...]
    gaps: tuple[Gap, ...]
    paths: tuple[tuple[str, str], ...]
    said: str


@dataclass(frozen=True)
class Material:
    """What is known of a house in a time: by space its leases, its bookings one by one, its use."""

    site: Site
    scale: Scale
    step_days: int
    leases: Mapping[int, Sequence[LeaseView]]
    views: Mapping[int, Sequence[OccurrenceView]] = field(default_factory=dict)
    receiving: frozenset[int] = frozenset()
    use: Mapping[int, Sequence[Use]] = field(default_factory=dict)
    may_let: bool = False

    # To build hundreds of addresses takes a third of the page, so they are built but for the id.
    @cached_property
    def lease_at(self) -> str:
        """The address of a lease without its id."""
        return url_for("admin.lease", lease_id=0).removesuffix("0")

    @cached_property
    def booking_at(self) -> str:
        """The address of a booking without its id."""
        return url_for("bookings.show", booking_id=0).removesuffix("0")

    @cached_property
    def new_lease_at(self) -> str:
        """The address of the form of a lease in this house, with a query."""
        return url_for("admin.new_lease", site=self.site.slug)


def by_space(things: Iterable[P]) -> dict[int, list[P]]:
    """Return space id -> things, in their order."""
    found: defaultdict[int, list[P]] = defaultdict(list)
    for each in things:
        found[each.space_id].append(each)
    return found


def row_of(space: Space, known: Material) -> Row:
    """Return the row of one space."""
    leases = known.leases.get(space.id, ())
    lines = side_by_side(leases)
    can_be_let = _is_for_let(space) or bool(leases)
    parts = free_parts(leases, known.scale.first, known.scale.last)
    let_lines = max(len(lines) + bool(parts), 1) if can_be_let or lines else 0
    free = [_gap(space, *each, known) for each in _gaps(leases, known)] if can_be_let else []
    free += [_part_gap(space, each, PAD_PX + len(lines) * LINE_PX, known) for each in parts]
    bars = [_lease_bar(each, nth, known) for nth, line in enumerate(lines) for each in line]
    below = PAD_PX + let_lines * LINE_PX
    used = space.bookable or space.id in known.use or space.id in known.views
    views = _in_lines(known.views.get(space.id, ()))
    booked = [
        _booking_bar(each, below + nth * LINE_PX, known)
        for nth, line in enumerate(views)
        for each in line
    ]
    paths = _paths(known.use.get(space.id, ()), below, known)
    return Row(
        space,
        below + (max(len(views), 1) * LINE_PX if used else 0) + PAD_PX,
        tuple(bars + booked),
        tuple(free),
        paths,
        _said(bars, free, _use_words(space, known)),
    )


def _is_for_let(space: Space) -> bool:
    """Whether a free stretch of it stands out: a desk that is booked is no gap."""
    return space.kind is SpaceKind.OFFICE or (space.kind in LETTABLE and not space.bookable)


def _in_lines(views: Sequence[OccurrenceView]) -> list[list[OccurrenceView]]:
    """Return bookings, by start, in as few lines as can be: a store has several at a time."""
    lines: list[list[OccurrenceView]] = []
    for each in views:
        for line in lines:
            if line[-1].interval.end <= each.interval.start:
                line.append(each)
                break
        else:
            lines.append([each])
    return lines


def _gaps(leases: Sequence[LeaseView], known: Material) -> Iterable[tuple[date, date]]:
    return gaps(leases, known.scale.first, known.scale.last)


def _lease_bar(lease: LeaseView, nth: int, known: Material) -> Bar:
    scale = known.scale
    x = scale.of_day(lease.starts)
    end = scale.width if lease.ends is None else scale.of_day(lease.ends) + round(scale.day_px)
    end = min(end, scale.width)
    ends = "" if lease.ends is None or lease.ends > scale.last else " is-ending"
    said = ", ".join(filter(None, (lease.organisation_name, time_words(lease), part_words(lease))))
    href = f"{known.lease_at}{lease.id}" if known.may_let else ""
    hue = f"hue-{lease.organisation_id % 16}"
    text = _fitting(lease.organisation_name, end - x)
    return Bar(x, PAD_PX + nth * LINE_PX, max(end - x, 1), f"lease {hue}{ends}", text, said, href)


def _gap(space: Space, first: date, last: date, known: Material) -> Gap:
    said = _("free from %(first)s to %(last)s", first=_day(first), last=_day(last))
    return _gap_at(space, first, last, PAD_PX, said, known)


def _part_gap(space: Space, part: PartFree, y: int, known: Material) -> Gap:
    """Return what is free of a space of which others have a part."""
    share, days = part.share, sorted(part.weekdays)
    of = _("%(share)s of %(shares)s", share=share.numerator, shares=share.denominator)
    words = [of if share < 1 else "", listed_words(weekday_name(each) for each in days)]
    said = _(
        "%(part)s free from %(first)s to %(last)s",
        part=", ".join(filter(None, words)),
        first=_day(part.first),
        last=_day(part.last),
    )
    query = f"&share={share.numerator}&shares={share.denominator}"
    query += "".join(f"&weekdays={each}" for each in days)
    return _gap_at(space, part.first, part.last, y, said, known, query)


def _gap_at(
    space: Space, first: date, last: date, y: int, said: str, known: Material, query: str = ""
) -> Gap:
    scale = known.scale
    x, end = scale.of_day(first), scale.of_day(last) + round(scale.day_px)
    href = ""
    if known.may_let:
        # What reaches beyond what is shown has no end yet.
        ends = None if last >= scale.last else last
        href = f"{known.new_lease_at}&space={space.id}&starts={first}{query}"
        href += f"&ends={ends}" if ends else ""
    return Gap(x, y, min(end, scale.width) - x, first, last, said, href)


def _booking_bar(view: OccurrenceView, y: int, known: Material) -> Bar:
    start, end = (to_local(at, known.site.zone) for at in (view.interval.start, view.interval.end))
    x, stop = known.scale.at(start), known.scale.at(end)
    title = _("Busy") if view.redacted else view.title
    css = "booking"
    if view.booking_id in known.receiving:
        css = "permanence"
    elif view.redacted:
        css = "busy"
    if view.state is State.REQUESTED:
        css += " is-requested"
    who = "" if view.redacted else view.organisation_name or view.organiser_name
    said = ", ".join(filter(None, (_when(start, end), title, who)))
    href = "" if view.redacted else f"{known.booking_at}{view.booking_id}"
    width = max(stop - x, 3)
    return Bar(x, y, width, css, _fitting(title, width), said, href)


def _paths(use: Sequence[Use], below: int, known: Material) -> tuple[tuple[str, str], ...]:
    """Return the outline of permanences, and of bookings upon them: the longer, the higher."""
    width = max(round(known.step_days * known.scale.day_px) - 1, 2)
    full = FULL_DAY_S * (5 if known.step_days == 7 else known.step_days)
    receiving, booked = [], []
    for each in use:
        x = round(each.stretch * known.step_days * known.scale.day_px)
        whole = min(max(round(each.seconds / full * USE_PX), 2), USE_PX)
        part = 0
        if each.receiving:
            part = max(round(whole * each.receiving / each.seconds), 1)
            receiving.append(f"M{x} {below + USE_PX - part}h{width}v{part}h-{width}z")
        if whole > part:
            booked.append(f"M{x} {below + USE_PX - whole}h{width}v{whole - part}h-{width}z")
    paths = (("permanence", "".join(receiving)), ("booking", "".join(booked)))
    return tuple(each for each in paths if each[1])


def _said(bars: Iterable[Bar], free: Iterable[Gap], use: str) -> str:
    said = [*(each.said for each in bars), *(each.said for each in free), use]
    return "; ".join(filter(None, said))


def _use_words(space: Space, known: Material) -> str:
    seconds = sum(each.seconds for each in known.use.get(space.id, ()))
    seconds += sum(
        int(each.interval.length.total_seconds()) for each in known.views.get(space.id, ())
    )
    if seconds:
        return _("booked for %(hours)s h", hours=round(seconds / HOUR_S))
    return _("nothing booked") if space.bookable else ""


def _fitting(text: str, width: int) -> str:
    """Return as much of a text as can be read in so many pixels, "" for less than a word."""
    most = int((width - 10) / LETTER_PX)
    if len(text) <= most:
        return text
    return f"{text[: most - 1]}…" if most >= 4 else ""


def _when(start: datetime, end: datetime) -> str:
    return f"{_day(start.date())}, {times_words(start, end)}"


def _day(day: date) -> str:
    return dateformat(day, "d MMM y")
