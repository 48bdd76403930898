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

    Buffers count, and so do parts that combined spaces share.  Two in a space
    that admits several at a time are no rivals.  ``spaces`` has the spaces of
    all of them; what is in no known space is nobody's rival.
    """
    wanted: defaultdict[int, list[tuple[Interval, bool]]] = defaultdict(list)
    for each in chosen:
        for part, alone in _parts(each, spaces):
            wanted[part].append((blocked(each), alone))
    own = {each.booking_id for each in chosen}
    return [
        other
        for other in others
        if other.booking_id not in own
        and any(
            (alone or is_alone) and blocked(other).overlaps(at)
            for part, alone in _parts(other, spaces)
            for at, is_alone in wanted.get(part, ())
        )
    ]


def blocked(view: OccurrenceView) -> Interval:
    """Return the time that a date takes, buffers included."""
    return view.interval.padded(view.setup, view.cleanup)


def _parts(view: OccurrenceView, spaces: Mapping[int, Space]) -> list[tuple[int, bool]]:
    """Return each part that a date takes, and whether it has it to itself."""
    space = spaces.get(view.space_id)
    if space is None:
        return []
    return [(part, part != space.id or space.lanes == 1) for part in space.part_ids]
