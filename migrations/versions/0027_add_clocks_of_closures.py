"""The wall clock of closures, so that new rules for the clocks move them as well."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    for name in ("starts_local", "ends_local"):
        op.add_column("closure", sa.Column(name, sa.String(length=16), nullable=True))
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT closure.id, closure.start_s, closure.end_s, site.zone"
            " FROM closure JOIN site ON site.id = closure.site_id"
        )
    ).all()
    fill = sa.text(
        "UPDATE closure SET starts_local = :starts, ends_local = :ends WHERE id = :closure_id"
    )
    for closure_id, start_s, end_s, zone in rows:
        starts, ends = (_clock(each, zone) for each in (start_s, end_s))
        connection.execute(fill, {"closure_id": closure_id, "starts": starts, "ends": ends})


def _clock(epoch_s: int, zone: str) -> str:
    local = datetime.fromtimestamp(epoch_s, UTC).astimezone(ZoneInfo(zone))
    return local.replace(tzinfo=None).isoformat(timespec="minutes")
