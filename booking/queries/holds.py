"""Holds of parts within windows: what the clash function is given."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import BigInteger, Integer, column, select, union_all, values
from sqlalchemy.orm import Session, aliased

from booking.core.intervals import Interval, merge
from booking.core.values import Hold, Layer
from booking.models import Hold as HoldRow

# Four parameters a window; both engines take some 32,000 in a statement.
WINDOWS_A_STATEMENT = 5_000


def holds_within(
    session: Session, lanes: Mapping[int, int], windows: Iterable[Interval]
) -> list[Hold]:
    """Return the ``use`` holds of parts that overlap any window, by part, lane and start.

    ``lanes`` maps part id to its number of lanes.  Each window is read as the
    holds that start in it plus the predecessor of its start, so holds may
    last for years and the cost does not grow with what is stored.
    """
    asked = [
        (part_id, lane, int(window.start.timestamp()), int(window.end.timestamp()))
        for part_id, count in sorted(lanes.items())
        for lane in range(count)
        for window in merge(windows)
    ]
    found: dict[int, Hold] = {}
    for first in range(0, len(asked), WINDOWS_A_STATEMENT):
        for hold in _read(session, asked[first : first + WINDOWS_A_STATEMENT]):
            found[hold.id or 0] = hold
    return sorted(found.values(), key=lambda hold: (hold.part_id, hold.lane, hold.interval.start))


def _read(session: Session, asked: Sequence[tuple[int, int, int, int]]) -> list[Hold]:
    window = (
        values(
            column("part_id", Integer),
            column("lane", Integer),
            column("s", BigInteger),
            column("e", BigInteger),
            name="window_",
        )
        .data(list(asked))
        .cte("asked")
    )
    before = aliased(HoldRow)
    same_lane = (
        before.part_id == window.c.part_id,
        before.layer == Layer.USE.value,
        before.lane == window.c.lane,
    )
    predecessor = (
        select(before.id)
        .where(*same_lane, before.start < window.c.s)
        .order_by(before.start.desc())
        .limit(1)
        .scalar_subquery()
    )
    starting = select(HoldRow.id).join(
        window,
        (HoldRow.part_id == window.c.part_id)
        & (HoldRow.layer == Layer.USE.value)
        & (HoldRow.lane == window.c.lane)
        & (HoldRow.start >= window.c.s)
        & (HoldRow.start < window.c.e),
    )
    reaching_in = (
        select(HoldRow.id).join(window, HoldRow.id == predecessor).where(HoldRow.end > window.c.s)
    )
    ids = union_all(starting, reaching_in).subquery()
    rows = session.execute(
        select(
            HoldRow.id,
            HoldRow.part_id,
            HoldRow.lane,
            HoldRow.start,
            HoldRow.end,
            HoldRow.allocation_id,
            HoldRow.closure_id,
        ).join(ids, ids.c.id == HoldRow.id)
    )
    return [
        Hold(
            part_id=row.part_id,
            interval=Interval(row.start, row.end),
            lane=row.lane,
            allocation_id=row.allocation_id,
            closure_id=row.closure_id,
            id=row.id,
        )
        for row in rows
    ]


def holds_of(session: Session, part_ids: Iterable[int], window: Interval) -> list[Hold]:
    """Return the ``use`` holds of parts that overlap one window; for parts of one lane."""
    return holds_within(session, dict.fromkeys(part_ids, 1), [window])
