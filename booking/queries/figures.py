"""What took place in a house, for the figures of a month or a year."""

from collections import defaultdict
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.core.checks import MOST_DAYS
from booking.core.figures import Held
from booking.core.intervals import Interval
from booking.core.recurrence import to_local

_LONGEST_S = (MOST_DAYS + 1) * 86_400
# From the spaces, so that the index of each is used: the cost is that of the time asked for.
_DATES = text("""
SELECT o.id, o.start_s, b.id AS booking_id, b.category, b.attendance, o.attended,
       b.organisation_id, SUM(a.end_s - a.start_s) AS seconds
FROM space
JOIN allocation AS a ON a.space_id = space.id AND a.start_s >= :start AND a.start_s < :end
JOIN occurrence AS o ON o.id = a.occurrence_id
JOIN booking AS b ON b.id = o.booking_id
WHERE space.site_id = :site_id AND a.state = 'confirmed'
GROUP BY o.id, o.start_s, b.id, b.category, b.attendance, o.attended, b.organisation_id
ORDER BY o.start_s, o.id
""")
_TOGETHER = text("""
SELECT DISTINCT bo.booking_id, bo.organisation_id
FROM space
JOIN allocation AS a ON a.space_id = space.id AND a.start_s >= :start AND a.start_s < :end
JOIN occurrence AS o ON o.id = a.occurrence_id
JOIN booking_organisation AS bo ON bo.booking_id = o.booking_id
WHERE space.site_id = :site_id AND a.state = 'confirmed'
""")
_BY_SPACE = text("""
SELECT a.space_id,
       SUM(CASE WHEN a.end_s < :end THEN a.end_s ELSE :end END
           - CASE WHEN a.start_s > :start THEN a.start_s ELSE :start END) AS seconds
FROM space
JOIN allocation AS a ON a.space_id = space.id
  AND a.start_s > :start - :longest AND a.start_s < :end AND a.end_s > :start
WHERE space.site_id = :site_id AND a.state = 'confirmed'
GROUP BY a.space_id
""")


def dates_held(session: Session, site_id: int, zone: str, window: Interval) -> list[Held]:
    """Return the confirmed dates that begin in a time, by their start; two statements.

    ``zone`` is the site's: a date belongs to the day that its clocks show.
    """
    asked = {"site_id": site_id, **_bounds(window)}
    connection = session.connection()
    others: defaultdict[int, set[int]] = defaultdict(set)
    for booking_id, organisation_id in connection.execute(_TOGETHER, asked):
        others[booking_id].add(organisation_id)
    return [
        Held(
            day=to_local(datetime.fromtimestamp(row.start_s, UTC), zone).date(),
            category=row.category,
            organisations=frozenset(
                {row.organisation_id} - {None} | others.get(row.booking_id, set())
            ),
            expected=row.attendance,
            came=row.attended,
            minutes=int(row.seconds) // 60,
        )
        for row in connection.execute(_DATES, asked)
    ]


def minutes_by_space(session: Session, site_id: int, window: Interval) -> dict[int, int]:
    """Return space id -> the confirmed minutes within a time; one statement."""
    asked = {"site_id": site_id, "longest": _LONGEST_S, **_bounds(window)}
    rows = session.connection().execute(_BY_SPACE, asked)
    return {row.space_id: int(row.seconds) // 60 for row in rows}


def _bounds(window: Interval) -> dict[str, int]:
    return {"start": int(window.start.timestamp()), "end": int(window.end.timestamp())}
