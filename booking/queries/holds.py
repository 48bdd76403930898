"""Holds of parts within windows: what the clash function is given."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.core.intervals import Interval, merge
from booking.core.values import Hold

# All windows are one JSON parameter: the statement's text never changes, so it is
# compiled once, and there is no limit to the number of windows.
_ASKED = {
    "sqlite": """
        SELECT json_extract(value, '$[0]') AS part_id, json_extract(value, '$[1]') AS lane,
               json_extract(value, '$[2]') AS s, json_extract(value, '$[3]') AS e
        FROM json_each(:asked)""",
    "postgresql": """
        SELECT CAST(value->>0 AS integer) AS part_id, CAST(value->>1 AS integer) AS lane,
               CAST(value->>2 AS bigint) AS s, CAST(value->>3 AS bigint) AS e
        FROM jsonb_array_elements(CAST(:asked AS jsonb))""",
}
# CROSS JOIN: SQLite then goes from the windows to the holds, by the index.
_WITHIN = """
WITH asked AS ({asked})
SELECT hold.id, hold.part_id, hold.lane, hold.start_s, hold.end_s,
       hold.allocation_id, hold.closure_id
FROM asked CROSS JOIN hold
WHERE hold.part_id = asked.part_id AND hold.layer = 'use' AND hold.lane = asked.lane
  AND hold.start_s >= asked.s AND hold.start_s < asked.e
UNION ALL
SELECT hold.id, hold.part_id, hold.lane, hold.start_s, hold.end_s,
       hold.allocation_id, hold.closure_id
FROM asked CROSS JOIN hold
WHERE hold.id = (SELECT id FROM hold AS before
                 WHERE before.part_id = asked.part_id AND before.layer = 'use'
                   AND before.lane = asked.lane AND before.start_s < asked.s
                 ORDER BY before.start_s DESC LIMIT 1)
  AND hold.end_s > asked.s
"""
_STATEMENTS = {
    dialect: text(_WITHIN.format(asked=asked.strip())) for dialect, asked in _ASKED.items()
}


def holds_within(
    session: Session, lanes: Mapping[int, int], windows: Iterable[Interval]
) -> list[Hold]:
    """Return the ``use`` holds of parts that overlap any window, by part, lane and start.

    ``lanes`` maps part id to its number of lanes.  Each window is read as the
    holds that start in it plus the predecessor of its start, so holds may
    last for years and the cost does not grow with what is stored.
    """
    bounds = [(int(each.start.timestamp()), int(each.end.timestamp())) for each in merge(windows)]
    asked = [
        (part_id, lane, start, end)
        for part_id, count in sorted(lanes.items())
        for lane in range(count)
        for start, end in bounds
    ]
    if not asked:
        return []
    # A hold may start in one window and reach into the next.
    found = {hold.id: hold for hold in _read(session, asked)}
    return sorted(found.values(), key=lambda hold: (hold.part_id, hold.lane, hold.interval.start))


def _read(session: Session, asked: Sequence[tuple[int, int, int, int]]) -> list[Hold]:
    statement = _STATEMENTS[session.get_bind().dialect.name]
    rows = session.connection().execute(statement, {"asked": json.dumps(asked)})
    return [
        Hold(
            part_id=part_id,
            interval=Interval(_instant(start_s), _instant(end_s)),
            lane=lane,
            allocation_id=allocation_id,
            closure_id=closure_id,
            id=hold_id,
        )
        for hold_id, part_id, lane, start_s, end_s, allocation_id, closure_id in rows
    ]


def _instant(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)
