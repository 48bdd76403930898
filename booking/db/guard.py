"""The overlap guard: the database itself refuses two overlapping holds.

One part, one layer, one lane: at most one hold at any instant.  PostgreSQL
has an exclusion constraint for it; SQLite has triggers that probe the hold
before.  The probe is exact: stored holds of one lane never overlap, so the
one with the largest start below the new end also has the largest end.
``docs/locking.md`` tells the whole story.
"""

import re

from sqlalchemy import Connection, text

CONSTRAINT = "ex_hold_no_overlap"

_PROBE = """
CREATE TRIGGER {name} BEFORE {event} ON hold
WHEN (SELECT end_s FROM hold
      WHERE part_id = NEW.part_id AND layer = NEW.layer AND lane = NEW.lane
        AND start_s < NEW.end_s{but_itself}
      ORDER BY start_s DESC LIMIT 1) > NEW.start_s
BEGIN SELECT RAISE(ABORT, 'hold_overlap'); END
"""

SQLITE_TRIGGERS = {
    "hold_no_overlap_insert": _PROBE.format(
        name="hold_no_overlap_insert", event="INSERT", but_itself=""
    ).strip(),
    "hold_no_overlap_update": _PROBE.format(
        name="hold_no_overlap_update", event="UPDATE", but_itself=" AND id <> OLD.id"
    ).strip(),
}

POSTGRESQL_CONSTRAINT = (
    "EXCLUDE USING gist (part_id WITH =, layer WITH =, lane WITH =, "
    "int8range(start_s, end_s) WITH &&)"
)

OVERLAPS = text(
    """
    SELECT count(*) FROM (
      SELECT start_s, lag(end_s) OVER (PARTITION BY part_id, layer, lane
                                       ORDER BY start_s, end_s) AS before_s
      FROM hold) AS lined_up
    WHERE before_s > start_s
    """
)


def install_overlap_guard(connection: Connection) -> None:
    """Put the guard in place, or back in place.  Does nothing where it is.

    Alembic's batch mode re-creates a table on SQLite and drops its triggers
    without a word, so this runs after every upgrade.

    Raises:
        RuntimeError: If stored holds overlap already.  On PostgreSQL the
            constraint itself refuses them, as an IntegrityError.
    """
    if guard_problem(connection) is None:
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS btree_gist")
        connection.exec_driver_sql(f"ALTER TABLE hold DROP CONSTRAINT IF EXISTS {CONSTRAINT}")
        connection.exec_driver_sql(
            f"ALTER TABLE hold ADD CONSTRAINT {CONSTRAINT} {POSTGRESQL_CONSTRAINT}"
        )
        return
    for name, sql in SQLITE_TRIGGERS.items():
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        connection.exec_driver_sql(sql)
    if overlaps := count_overlaps(connection):  # triggers look at new rows only
        raise RuntimeError(f"the overlap guard cannot stand: {overlaps} stored holds overlap")


def guard_problem(connection: Connection) -> str | None:
    """Return what is wrong with the guard in plain words, None when it stands."""
    if connection.dialect.name == "postgresql":
        return _postgresql_problem(connection)
    triggers = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'hold'")
    )
    found = {row.name: row.sql for row in triggers}
    for name, expected in SQLITE_TRIGGERS.items():
        if name not in found:
            return f"trigger {name} is missing"
        if _plain(found[name]) != _plain(expected):
            return f"trigger {name} is not the expected one"
    return None


def _postgresql_problem(connection: Connection) -> str | None:
    definition = connection.execute(
        text(
            "SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c "
            "WHERE c.conname = :name AND c.conrelid = to_regclass('hold') "
            "AND c.contype = 'x' AND c.convalidated AND NOT c.condeferrable"
        ),
        {"name": CONSTRAINT},
    ).scalar()
    if definition is None:
        return f"constraint {CONSTRAINT} is missing"
    if _plain(definition) != _plain(POSTGRESQL_CONSTRAINT):
        return f"constraint {CONSTRAINT} is not the expected one"
    return None


def count_overlaps(connection: Connection) -> int:
    """Return how many stored holds begin before the one before them ends: must be 0."""
    return int(connection.execute(OVERLAPS).scalar_one())


def _plain(sql: str) -> str:
    return re.sub(r"[\s\"']+", "", sql).lower()
