"""Dates that a change of an endless series left without a room; the next ones met their key."""

from alembic import op

revision = "0042"
down_revision = "0041"
LOST = """
(SELECT id FROM occurrence WHERE NOT EXISTS
 (SELECT 1 FROM allocation WHERE allocation.occurrence_id = occurrence.id))
"""
# By hand: while SQLite's tables change, nothing cascades.
NAMED = (
    ("offer", "occurrence_id"),
    ("swap", "given_occurrence_id"),
    ("swap", "wanted_occurrence_id"),
    ("occurrence", "id"),
)


def upgrade() -> None:
    for table, column in NAMED:
        op.execute(f"DELETE FROM {table} WHERE {column} IN {LOST}")
