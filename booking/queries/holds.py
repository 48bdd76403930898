"""Holds of parts within windows: what the clash function is given."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from booking.core.intervals import Interval, merge
from booking.core.values import Hold
from booking.db import Plain, as_json, listed

_WINDOW = {"part_id": int, "lane": int, "s": int, "e": int}
_NAMES = ("id", "part_id", "lane", "start_s", "end_s", "allocation_id", "closure_id", "want_id")
_COLUMNS = ", ".join(f"hold.{name}" for name in _NAMES)
_IN_WINDOW = """hold.part_id = asked.part_id AND hold.layer = 'use' AND hold.lane = asked.lane
  AND hold.start_s >= asked.s AND hold.start_s < asked.e"""
# Both engines are to go from the windows to the holds, by the index: SQLite does so for a
# CROSS JOIN; PostgreSQL would join all holds there are, but for the OFFSET.
_STARTING = {
    "sqlite": f"SELECT {_COLUMNS} FROM asked CROSS JOIN hold WHERE {_IN_WINDOW}",
    "postgresql": f"""
SELECT {_COLUMNS} FROM asked
CROSS JOIN LATERAL (SELECT * FROM hold WHERE {_IN_WINDOW} OFFSET 0) AS hold""",
}
_BEFORE = """
FROM hold AS before
WHERE before.part_id = asked.part_id AND before.layer = 'use' AND before.lane = asked.lane
  AND before.start_s < asked.s
ORDER BY before.start_s DESC LIMIT 1
"""
_REACHING_IN = {
    "sqlite": f"""
SELECT {_COLUMNS} FROM asked CROSS JOIN hold
WHERE hold.id = (SELECT before.id {_BEFORE}) AND hold.end_s > asked.s""",
    # Without LATERAL it would compare every window with every hold.
    "postgresql": f"""
SELECT {_COLUMNS} FROM asked CROSS JOIN LATERAL (SELECT before.* {_BEFORE}) AS hold
WHERE hold.end_s > asked.s""",
}
_WITHIN = Plain(
    {
        dialect: f"WITH asked AS ({listed(dialect, _WINDOW)})"
        f" {_STARTING[dialect]} UNION ALL {_REACHING_IN[dialect]}"
        for dialect in _STARTING
    }
)

_COMING = text(
    f"SELECT {_COLUMNS} FROM hold"
    " WHERE hold.part_id IN :parts AND hold.layer = 'use' AND hold.end_s > :now"
).bindparams(bindparam("parts", expanding=True))


def holds_within(
    session: Session, lanes: Mapping[int, int], windows: Iterable[Interval]
) -> list[Hold]:
    """Return the ``use`` holds of parts that overlap any window, by part, lane and start.

    ``lanes`` maps part id to its number of lanes.  Each window is read as the
    holds that start in it plus the predecessor of its start, so holds may
    last for years and the cost does not grow with what is stored.
    """
    return holds_near(session, [(lanes, windows)])


def holds_near(
    session: Session, places: Iterable[tuple[Mapping[int, int], Iterable[Interval]]]
) -> list[Hold]:
    """Return the same for several groups of parts, each with its lanes and windows."""
    asked = [
        (part_id, lane, start, end)
        for lanes, windows in places
        for start, end in _bounds(windows)
        for part_id, count in lanes.items()
        for lane in range(count)
    ]
    if not asked:
        return []
    # A hold may start in one window and reach into the next.
    found = {hold.id: hold for hold in _read(session, asked)}
    return sorted(found.values(), key=lambda hold: (hold.part_id, hold.lane, hold.interval.start))


def coming_holds(session: Session, part_ids: Iterable[int], *, now: datetime) -> list[Hold]:
    """Return the ``use`` holds of parts that are not over yet, by part, lane and start."""
    rows = session.connection().execute(
        _COMING, {"parts": [*set(part_ids)], "now": int(now.timestamp())}
    )
    found = [_hold(row) for row in rows]
    return sorted(found, key=lambda hold: (hold.part_id, hold.lane, hold.interval.start))


def _bounds(windows: Iterable[Interval]) -> list[tuple[int, int]]:
    return [(int(each.start.timestamp()), int(each.end.timestamp())) for each in merge(windows)]


def _read(session: Session, asked: Sequence[tuple[int, int, int, int]]) -> list[Hold]:
    rows = _WITHIN.run(session.connection(), {"rows": as_json(asked)})
    return [_hold(row) for row in rows]


def _hold(row: Iterable[Any]) -> Hold:
    hold_id, part_id, lane, start_s, end_s, allocation_id, closure_id, want_id = row
    return Hold(
        part_id=part_id,
        interval=Interval(_instant(start_s), _instant(end_s)),
        lane=lane,
        allocation_id=allocation_id,
        closure_id=closure_id,
        want_id=want_id,
        id=hold_id,
    )


def _instant(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)
