"""The wall clock of dates that have a time of their own: UTC alone would not survive new rules."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_DATES = """
SELECT occurrence.id, recurrence_id, start_s, end_s, booking.starts_local, booking.ends_local, zone
FROM occurrence JOIN booking ON booking.id = occurrence.booking_id
WHERE booking.rule IS NOT NULL
"""
_FILL = "UPDATE occurrence SET starts_local = :starts, ends_local = :ends WHERE id = :id"


def upgrade() -> None:
    for name in ("starts_local", "ends_local"):
        op.add_column("occurrence", sa.Column(name, sa.String(length=16), nullable=True))
    connection = op.get_bind()
    found = [_own(row) for row in connection.execute(sa.text(_DATES))]
    rows = [each for each in found if each]
    if rows:
        connection.execute(sa.text(_FILL), rows)


def _own(row: sa.Row) -> dict[str, object] | None:
    """Return the local times of a date that is not when its series says, else None."""
    zone = ZoneInfo(row.zone)
    start, end = (
        datetime.fromtimestamp(each, UTC).astimezone(zone).replace(tzinfo=None)
        for each in (row.start_s, row.end_s)
    )
    usual = datetime.fromisoformat(row.recurrence_id)
    length: timedelta = datetime.fromisoformat(row.ends_local) - datetime.fromisoformat(
        row.starts_local
    )
    if (start, end) == (usual, usual + length):
        return None
    starts, ends = (each.isoformat(timespec="minutes") for each in (start, end))
    return {"id": row.id, "starts": starts, "ends": ends}
