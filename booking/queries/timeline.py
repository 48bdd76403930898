"""How much of spaces was used, stretch by stretch: a year in one small answer."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from booking.core.intervals import Interval
from booking.core.values import State

_SUMS = (
    "SELECT allocation.space_id AS space_id,"
    " (allocation.start_s - :origin) / :step AS stretch,"
    " SUM(allocation.end_s - allocation.start_s) AS seconds FROM allocation"
)
_WITHIN = (
    " WHERE allocation.space_id IN :space_ids AND allocation.start_s >= :origin"
    f" AND allocation.start_s < :until AND allocation.state = '{State.CONFIRMED.value}'"
)
_GROUPED = " GROUP BY 1, 2 ORDER BY 1, 2"
# From the spaces, so that the index of each is used; permanences are few, and found again
# by themselves: asking each booking whether it is one takes longer than all the rest.
_USE = text(_SUMS + _WITHIN + _GROUPED).bindparams(bindparam("space_ids", expanding=True))
_RECEIVING = text(
    f"{_SUMS} JOIN occurrence ON occurrence.id = allocation.occurrence_id"
    " JOIN permanence ON permanence.booking_id = occurrence.booking_id"
    f"{_WITHIN}{_GROUPED}"
).bindparams(bindparam("space_ids", expanding=True))


@dataclass(frozen=True, slots=True)
class Use:
    """How long confirmed dates last that begin in one stretch: all, and those of permanences."""

    space_id: int
    stretch: int
    seconds: int
    receiving: int = 0


def use_by(
    session: Session, space_ids: Collection[int], window: Interval, step_s: int
) -> list[Use]:
    """Return the use of spaces by stretches of ``step_s`` from the window's start.

    Ordered by space and stretch; stretches without any are left out.  Two statements.
    """
    if not space_ids:
        return []
    origin, until = (int(at.timestamp()) for at in (window.start, window.end))
    asked = {"space_ids": [*space_ids], "origin": origin, "until": until, "step": step_s}
    connection = session.connection()
    receiving = {(row[0], row[1]): int(row[2]) for row in connection.execute(_RECEIVING, asked)}
    return [
        Use(space_id, int(stretch), int(seconds), receiving.get((space_id, stretch), 0))
        for space_id, stretch, seconds in connection.execute(_USE, asked)
    ]
