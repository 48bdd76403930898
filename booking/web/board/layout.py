"""One lane of the board: its bookings side by side, what is closed, what is free."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from booking.core.permissions import is_own, may_change
from booking.core.values import (
    Actor,
    ClosureView,
    Hours,
    OccurrenceView,
    Site,
    Space,
    Stance,
    State,
)
from booking.web.board.days import DAY_MIN, Piece
from booking.web.board.quarters import DAY, HOUR, Span, clock, crowded, mask, runs, side_by_side
from booking.web.board.values import Block, Lane, Slot, Status, Strip

MOST_SIDE_BY_SIDE = 6


@dataclass(frozen=True)
class House:
    """What is known when a board is drawn: the site, who looks, and at what time.

    ``holidays`` are the days off by name, where a rule of the house asks for them.
    """

    site: Site
    zone: ZoneInfo
    actor: Actor
    now: datetime
    related: dict[int, list[Space]] = field(default_factory=dict)
    holidays: Mapping[date, str] = field(default_factory=dict)

    @cached_property
    def local_now(self) -> datetime:
        """The wall clock of the site, naive."""
        return self.now.astimezone(self.zone).replace(tzinfo=None)

    def hours(self, space: Space, day: date) -> Span:
        """Return when a space is open, in minutes; midnight closes at 1440, (0, 0) is never."""
        week = space.policy.hours
        if week is None:
            return self.site_hours
        own = week[day.weekday()]
        return (0, 0) if own is None else _minutes(own)

    @cached_property
    def site_hours(self) -> Span:
        """The opening hours of the site in minutes."""
        return _minutes(Hours(self.site.opens, self.site.closes))

    def holiday(self, space: Space, day: date) -> str:
        """Return the name of the public holiday on which the rules close a space, else ""."""
        stance = space.policy.holidays or self.site.policy.holidays
        return self.holidays.get(day, "") if stance is Stance.REFUSE else ""

    def past(self, day: date) -> int:
        """Return the quarters of a day that are over; the present one is not."""
        now = self.local_now
        if day != now.date():
            return mask(0, DAY) if day < now.date() else 0
        return mask(0, (now.hour * 60 + now.minute) // 15)


@dataclass(slots=True)
class Content:
    """What a lane holds before it is laid out."""

    bookings: list[tuple[Piece, OccurrenceView, datetime, datetime]] = field(default_factory=list)
    closures: list[tuple[Piece, ClosureView]] = field(default_factory=list)
    held: list[Piece] = field(default_factory=list)


class LaneLayout:
    """One lane while it is laid out."""

    def __init__(
        self, house: House, space: Space, day: date, content: Content, first: int, last: int
    ) -> None:
        self.house, self.space, self.day, self.content = house, space, day, content
        self.first, self.last = first, last
        self.hours = house.hours(space, day)
        self.holiday = house.holiday(space, day)
        self.names = {user.id: user for user in house.related.get(space.id, [space])}

    def lane(self, step: int) -> Lane:
        """Return the lane; ``step`` is the length of a free slot in quarters."""
        self.content.bookings.sort(key=lambda each: (each[0].quarters, each[1].allocation_id))
        spans = [piece.quarters for piece, *_ in self.content.bookings]
        seats = self._seats(spans)
        closed = self._closed()
        blocked = [self._blocked(piece, view) for piece, view, *_ in self.content.bookings]
        held = [piece.quarters for piece in self.content.held]
        taken = crowded([*filter(None, blocked), *held], self.space.lanes) | closed
        covered = taken if self.space.lanes > 1 else taken | _covered(spans)
        free = self._opened() & ~covered & ~self.house.past(self.day)
        today = self.house.local_now.date() == self.day
        return Lane(
            space=self.space,
            day=self.day,
            blocks=tuple(self._blocks(spans, seats)),
            strips=tuple(self._strips(spans, blocked, seats)),
            slots=tuple(self._slots(free, step)),
            now_css=self._now_css() if today else "",
            status=self._status(taken, closed) if today else None,
        )

    def _place(self, span: Span, seat: Span = (0, 1)) -> str:
        """Return the classes of a span, "" where none of it is shown."""
        start, end = max(span[0], self.first), min(span[1], self.last)
        if end <= start:
            return ""
        nth, of = seat
        beside = f" of-{of} nth-{nth}" if of > 1 else ""
        return f"at-{start - self.first} for-{end - start}{beside}"

    def _seats(self, spans: Sequence[Span]) -> list[Span]:
        return [
            (min(nth, MOST_SIDE_BY_SIDE - 1), min(max(of, self.space.lanes), MOST_SIDE_BY_SIDE))
            for nth, of in side_by_side(spans)
        ]

    def _blocks(self, spans: Sequence[Span], seats: Sequence[Span]) -> Iterable[Block]:
        bookings = zip(self.content.bookings, spans, seats, strict=True)
        for (piece, view, start, end), span, seat in bookings:
            place = self._place(span, seat)
            if not place:
                continue
            mine = is_own(self.house.actor, view)
            moves = self._moves(piece, view)
            marks = (
                " pending" if view.state is State.REQUESTED else "",
                " mine" if mine else "",
                " busy" if view.redacted else "",
                " own" if moves else "",
                "" if piece.begins else " since",
                "" if piece.ends else " until",
            )
            yield Block(
                css="bk " + place + "".join(marks),
                view=view,
                start=_clock(start),
                end="24:00" if piece.ends and piece.end == DAY_MIN else _clock(end),
                mine=mine,
                moves=moves,
                since=None if piece.begins else start,
                until=None if piece.ends else end,
                inside="" if view.space_id == self.space.id else self.names[view.space_id].name,
            )

    def _moves(self, piece: Piece, view: OccurrenceView) -> bool:
        return (
            piece.begins
            and piece.ends
            and not view.all_day
            and view.space_id == self.space.id
            and view.interval.end > self.house.now
            and may_change(self.house.actor, view)
        )

    def _holds(self, view: OccurrenceView) -> bool:
        return view.state is State.CONFIRMED or self.names[view.space_id].requests_hold

    def _blocked(self, piece: Piece, view: OccurrenceView) -> Span | None:
        """Return the quarters that a booking takes, buffers included; None where it takes none."""
        if not self._holds(view):
            return None
        start, end = piece.start, piece.end
        if piece.begins and view.setup:
            start = max(start - int(view.setup.total_seconds()) // 60, 0)
        if piece.ends and view.cleanup:
            end = min(end + int(view.cleanup.total_seconds()) // 60, DAY_MIN)
        return Piece(start, end).quarters

    def _strips(
        self, spans: Sequence[Span], blocked: Sequence[Span | None], seats: Sequence[Span]
    ) -> Iterable[Strip]:
        opens, closes = (minutes // 15 for minutes in self.hours)
        if self.holiday:
            yield Strip(f"closed {self._place((0, DAY))}", "closed", self.holiday)
        else:
            for span in ((self.first, opens), (closes, self.last)) if closes else ((0, DAY),):
                if place := self._place(span):
                    yield Strip(f"shut {place}", "shut")
        yield from self._taken_strips()
        for used, whole, seat in zip(spans, blocked, seats, strict=True):
            if whole is None or whole == used:
                continue
            if place := self._place((whole[0], used[0]), seat):
                yield Strip(f"buffer {place}", "setup")
            if place := self._place((used[1], whole[1]), seat):
                yield Strip(f"buffer {place}", "cleanup")

    def _taken_strips(self) -> Iterable[Strip]:
        """Yield what is closed, and what the waiting list has."""
        for piece, closure in self.content.closures:
            if place := self._place(piece.quarters):
                yield Strip(f"closed {place}", "closed", closure.reason)
        for held in self.content.held:
            if place := self._place(held.quarters):
                yield Strip(f"closed held {place}", "held")

    def _slots(self, free: int, step: int) -> Iterable[Slot]:
        for start, end in runs(free):
            at = start
            while at < end:
                until = min((at // step + 1) * step, end)
                if until - at == 1 and until < end:  # no target that a finger misses
                    until = min(until + step, end)
                short = clock(end) if end - at < HOUR else ""
                yield Slot(self._place((at, until)), clock(at), short)
                at = until

    def _opened(self) -> int:
        """Return the quarters within the hours of the space."""
        opens, closes = self.hours
        return mask(-(-opens // 15), closes // 15)

    def _closed(self) -> int:
        closed = mask(0, DAY) if self.holiday else 0
        for piece, _closure in self.content.closures:
            closed |= mask(*piece.quarters)
        return closed

    def _now_css(self) -> str:
        now = self.house.local_now
        quarter, minute = divmod(now.hour * 60 + now.minute, 15)
        if not self.first <= quarter < self.last:
            return ""
        return f"now at-{quarter - self.first}" + (f" plus-{minute}" if minute else "")

    def _status(self, taken: int, closed: int) -> Status:
        now = self.house.local_now
        quarter = (now.hour * 60 + now.minute) // 15
        here = 1 << quarter
        opened = self._opened()
        if closed & here or not (opened | taken) & here:
            return Status("closed")
        busy, kind = (taken, "busy") if taken & here else (opened & ~taken, "free")
        until = next(end for start, end in runs(busy) if start <= quarter < end)
        return Status(kind, clock(until) if until < DAY else "")


def _covered(spans: Iterable[Span]) -> int:
    covered = 0
    for span in spans:
        covered |= mask(*span)
    return covered


def _minutes(hours: Hours) -> Span:
    opens, closes = hours.opens, hours.closes
    return opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute or DAY_MIN


def _clock(at: datetime) -> str:
    return f"{at.hour:02d}:{at.minute:02d}"  # strftime costs ten times as much
