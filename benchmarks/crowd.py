"""A site with any number of rooms, and their holds: rows written past the verbs.

The database makes the holds itself, by one statement.  On SQLite the guard
looks at each of them.  PostgreSQL's would take minutes for a million (0.1 to
0.2 ms a row), so there it is taken off before, with the foreign keys, and the
database must be thrown away afterwards; ``guarded`` says whether it stands.
"""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, text

from booking.db.guard import CONSTRAINT, count_overlaps, guard_problem
from booking.models import Closure, Site, Space, SpacePart
from tests.support.databases import writing
from tests.support.factories import NOW, House

SIZES = (4, 6, 8, 12, 12, 20, 30)
FIRST_ID = 1_000_000  # above those of the small house
DAY_S, QUARTER_S = 86_400, 900
SLOTS = 3  # of four hours, from 8:00 UTC on; none lasts longer than its slot

# A row of the dice: random enough, and the same on both engines.
_HOLDS = text("""
INSERT INTO hold (part_id, layer, lane, start_s, end_s, closure_id)
WITH RECURSIVE days(day) AS (
  SELECT CAST(:first AS bigint) UNION ALL SELECT day + 1 FROM days WHERE day < :last
), slots(slot) AS (SELECT 0 UNION ALL SELECT slot + 1 FROM slots WHERE slot < 2
), dice AS (
  SELECT id, day, slot,
    (CAST(id AS bigint) * 48271 + day * 69621 + slot * 40692)
      % 2147483647 * 16807 % 2147483647 AS thrown
  FROM space CROSS JOIN days CROSS JOIN slots
  WHERE site_id = :site_id AND capacity < 40
), starts AS (
  SELECT id, thrown, day * 86400 + (8 + 4 * slot) * 3600 + thrown / 1000 % 10 * 900 AS start_s
  FROM dice WHERE thrown % 1000 < :share
)
SELECT id, 'use', 0, start_s, start_s + (2 + thrown / 10000 % 5) * 900, :closure_id
FROM starts ORDER BY id, start_s
""")


@dataclass(frozen=True, slots=True)
class Crowd:
    """What was made: the site, how many holds, and whether the guard stands."""

    site_id: int
    holds: int
    guarded: bool


def crowded(house: House, *, rooms: int, holds_a_day: float, days: int) -> Crowd:
    """Add a site with rooms of all sizes, and so many holds a room and day around ``NOW``.

    They reach ``days`` back and as far ahead.  Half of the rooms have video, a
    third keep 15 minutes before and after; of 20 rooms one more consists of two
    others.  At most three holds a day.
    """
    with writing(house.engine) as connection:
        site_id = _site(connection, house)
        _rooms(connection, site_id, rooms)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(f"ALTER TABLE hold DROP CONSTRAINT {CONSTRAINT}")
        today = int(NOW.timestamp()) // DAY_S
        asked = {
            "first": today - days,
            "last": today + days,
            "site_id": site_id,
            "share": round(holds_a_day / SLOTS * 1000),
            "closure_id": _closure(connection, site_id),
        }
        holds = connection.execute(_HOLDS, asked).rowcount
        connection.exec_driver_sql("ANALYZE")
        assert count_overlaps(connection) == 0, "the guard would not have let this pass"
        return Crowd(site_id, holds, guard_problem(connection) is None)


def _site(connection: Connection, house: House) -> int:
    own = select(Site.__table__).where(Site.id == house.site.id)
    values = dict(connection.execute(own).mappings().one()) | {"slug": "crowd", "name": "Crowd"}
    del values["id"]
    stored = connection.execute(insert(Site.__table__).returning(Site.id), values)
    return int(stored.scalar_one())


def _closure(connection: Connection, site_id: int) -> int:
    """Every hold has a source: here one closure, for all of them."""
    values = {
        "site_id": site_id,
        "start_s": NOW,
        "end_s": NOW + timedelta(days=1),
        "reason": "Crowd",
    }
    stored = connection.execute(insert(Closure.__table__).returning(Closure.id), values)
    return int(stored.scalar_one())


def _rooms(connection: Connection, site_id: int, rooms: int) -> None:
    dice = random.Random(7)
    rows = [_room(site_id, FIRST_ID + each, dice) for each in range(rooms)]
    parts = [{"space_id": row["id"], "part_id": row["id"]} for row in rows]
    for nth in range(rooms // 20):
        combined = FIRST_ID + rooms + nth
        rows.append(_room(site_id, combined, dice) | {"capacity": 40})
        parts += [
            {"space_id": combined, "part_id": FIRST_ID + nth * 20 + each} for each in range(2)
        ]
    connection.execute(insert(Space.__table__), rows)
    connection.execute(insert(SpacePart.__table__), parts)


def _room(site_id: int, space_id: int, dice: random.Random) -> dict[str, Any]:
    buffer_s = QUARTER_S if space_id % 3 == 0 else 0
    return {
        "id": space_id,
        "site_id": site_id,
        "kind": "meeting_room",
        "name": f"Room {space_id}",
        "capacity": dice.choice(SIZES),
        "features": ["screen", "video"] if dice.random() < 0.5 else ["screen"],
        "setup_s": buffer_s,
        "cleanup_s": buffer_s,
        "position": space_id,
    }
