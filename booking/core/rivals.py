"""Requests that want the same: which of them cannot be any more, once one is chosen."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from booking.core.intervals import Interval
from booking.core.values import OccurrenceView, Space


def rivals_of(
    chosen: Sequence[OccurrenceView],
    others: Iterable[OccurrenceView],
    spaces: Mapping[int, Space],
) -> list[OccurrenceView]:
    """Return those of other bookings that want a part at a time when a chosen one has it.

    Buffers count, and so do parts that combined spaces share.  ``spaces`` has
    the spaces of all of them; what is in no known space is nobody's rival.
    """
    wanted: defaultdict[int, list[Interval]] = defaultdict(list)
    for each in chosen:
        for part in _parts(each, spaces):
            wanted[part].append(blocked(each))
    own = {each.booking_id for each in chosen}
    return [
        other
        for other in others
        if other.booking_id not in own
        and any(
            blocked(other).overlaps(at)
            for part in _parts(other, spaces)
            for at in wanted.get(part, ())
        )
    ]


def blocked(view: OccurrenceView) -> Interval:
    """Return the time that a date takes, buffers included."""
    return view.interval.padded(view.setup, view.cleanup)


def _parts(view: OccurrenceView, spaces: Mapping[int, Space]) -> tuple[int, ...]:
    space = spaces.get(view.space_id)
    return () if space is None else space.part_ids
