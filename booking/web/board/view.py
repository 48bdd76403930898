"""From occurrences and closures to the board.

Pure: it sees values only, so that it is tested without a page.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from booking.core.values import ClosureView, OccurrenceView, Space, Want
from booking.core.visibility import closure_seen_by, seen_by
from booking.web.board.days import local_bounds, pieces
from booking.web.board.layout import Content, House, LaneLayout
from booking.web.board.quarters import DAY, HOUR, Span
from booking.web.board.values import Board, Column, Lane

Contents = defaultdict[tuple[int, date], Content]


def related_spaces(spaces: Iterable[Space], among: Iterable[Space]) -> dict[int, list[Space]]:
    """Return for each space the ones that share a part with it, itself included.

    What is booked there is busy here: a combined room and its halves.
    """
    users: defaultdict[int, list[Space]] = defaultdict(list)
    for space in among:
        for part in space.part_ids or (space.id,):
            users[part].append(space)
    return {
        space.id: list(
            {
                user.id: user for part in space.part_ids or (space.id,) for user in users[part]
            }.values()
        )
        for space in spaces
    }


def build_board(
    house: House,
    spaces: Sequence[Space],
    days: Sequence[date],
    occurrences: Iterable[OccurrenceView],
    closures: Iterable[ClosureView],
    held: Iterable[Want] = (),
) -> Board:
    """Return the board of these spaces on these days, each view as the actor may see it.

    ``held`` is what the waiting list has for the time being.
    """
    contents = _sorted_in(house, spaces, days, occurrences, closures)
    _add_held(house, days, held, contents)
    first, last = _visible_hours(house, spaces, days, contents.values())
    shape = "day" if len(days) == 1 else "room" if len(spaces) == 1 else "week"
    step = {"day": 2, "room": HOUR, "week": DAY}[shape]
    today = house.local_now.date()

    def lane(space: Space, day: date) -> Lane:
        content = contents.get((space.id, day)) or Content()
        return LaneLayout(house, space, day, content, first * HOUR, last * HOUR).lane(step)

    columns = (
        [Column(days[0], (lane(space, days[0]),), days[0] == today) for space in spaces]
        if shape == "day"
        else [
            Column(day, tuple(lane(space, day) for space in spaces), day == today) for day in days
        ]
    )
    return Board(shape, first, last, tuple(columns), tuple(range(first, last)))


def _sorted_in(
    house: House,
    spaces: Sequence[Space],
    days: Sequence[date],
    occurrences: Iterable[OccurrenceView],
    closures: Iterable[ClosureView],
) -> Contents:
    contents: Contents = defaultdict(Content)
    shown_in: defaultdict[int, list[int]] = defaultdict(list)
    for space_id, users in house.related.items():
        for user in users:
            shown_in[user.id].append(space_id)
    for view in occurrences:
        start, end = local_bounds(view.interval, house.zone)
        seen = seen_by(view, house.actor)
        for day, piece in pieces(start, end, first=days[0], last=days[-1]):
            for space_id in shown_in.get(view.space_id, ()):
                contents[space_id, day].bookings.append((piece, seen, start, end))
    for closure in closures:
        told = closure_seen_by(closure, house.actor)
        start, end = local_bounds(closure.interval, house.zone)
        closed = [closure.space_id] if closure.space_id else [space.id for space in spaces]
        for day, piece in pieces(start, end, first=days[0], last=days[-1]):
            for closed_id in closed:
                for space_id in shown_in.get(closed_id, ()):
                    contents[space_id, day].closures.append((piece, told))
    return contents


def _add_held(house: House, days: Sequence[date], held: Iterable[Want], contents: Contents) -> None:
    """Show what is held for the waiting list, buffers included, wherever it is busy."""
    for space_id, users in house.related.items():
        asked = {user.id: user for user in users}
        for want in held:
            for user in (asked[each] for each in want.space_ids if each in asked):
                start, end = local_bounds(user.blocked(want.interval), house.zone)
                for day, piece in pieces(start, end, first=days[0], last=days[-1]):
                    contents[space_id, day].held.append(piece)


def _visible_hours(
    house: House, spaces: Iterable[Space], days: Sequence[date], contents: Iterable[Content]
) -> Span:
    """Return the hours shown: those of the site and its spaces, and what lies outside them."""
    first, last = house.site_hours
    for space in spaces:
        if space.policy.hours is not None:
            for opens, closes in (house.hours(space, day) for day in days):
                if closes:
                    first, last = min(first, opens), max(last, closes)
    for content in contents:
        for piece, *_ in content.bookings:
            start, end = piece.must_show
            first, last = min(first, start), max(last, end)
    return first // 60, -(-last // 60)
