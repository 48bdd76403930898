"""Which connection a worker takes next: what was changed here, and what has waited the longest.

The rows of the connections are the queue.  A look is a read, one statement
for each of the two orders, however many connections there are; whoever takes
one asks again while it writes (``booking.actions.connections.claim``).
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select, text, union_all
from sqlalchemy.orm import Session, aliased

from booking.core.connections import Standing
from booking.models import Collection, SpacePart
from booking.models.connections import Connection

AT_WORK = (Standing.ACTIVE.value, Standing.ENDING.value)
MOST_PER_HOST = 2

_NOW: Any = bindparam("now")
_OTHER = aliased(Connection)
_BUSY_HOSTS = (
    select(_OTHER.host)
    .where(_OTHER.leased_until > _NOW)
    .group_by(_OTHER.host)
    .having(func.count() >= MOST_PER_HOST)
)
_SINCE: Any = func.coalesce(Connection.succeeded_at, Connection.created_at).label("since")
_IS_FREE = and_(
    text("connection.state IN ('active', 'ending')"),  # word for word as in the index
    or_(Connection.leased_until.is_(None), Connection.leased_until <= _NOW),
    Connection.host.not_in(_BUSY_HOSTS),
)


def _changed(kind: str, owner: Any) -> Any:
    """Select the connections with bookings of an owner that changed since their last run."""
    return (
        select(Connection.id, Connection.due_at, _SINCE)
        .join(Collection, and_(Collection.kind == kind, Collection.owner_id == owner))
        .where(_IS_FREE, Connection.tries == 0, Collection.revision != Connection.seen)
    )


def _changed_space() -> Any:
    """Select the same of spaces: what belongs to one is a sum over all that share a part."""
    own, shared = aliased(SpacePart), aliased(SpacePart)
    spaces = (
        select(shared.space_id)
        .join(own, own.part_id == shared.part_id)
        .where(own.space_id == Connection.space_id)
        .correlate(Connection)
    )
    revision = (
        select(func.coalesce(func.sum(Collection.revision), 0))
        .where(Collection.kind == "space", Collection.owner_id.in_(spaces))
        .correlate(Connection)
        .scalar_subquery()
    )
    of_space = (Connection.space_id.is_not(None), _IS_FREE, Connection.tries == 0)
    return select(Connection.id, Connection.due_at, _SINCE).where(
        *of_space, revision != Connection.seen
    )


_OVERDUE: Any = (
    select(Connection.id, Connection.due_at)
    .where(Connection.due_at <= _NOW, _IS_FREE)
    .order_by(Connection.due_at, Connection.id)
    .limit(1)
)
_CHANGED: Any = (
    union_all(
        _changed("person", Connection.person_id).where(Connection.mine),
        _changed("organisation", Connection.organisation_id),
        _changed_space(),
    )
    .order_by("since", "id")
    .limit(1)
)


class Due(NamedTuple):
    """A connection to work on, and since or until when it waits: that changes with each run."""

    id: int
    due_at: datetime


def next_due(session: Session, *, now: datetime, oldest_first: bool = False) -> Due | None:
    """Return the connection to work on next, None where none is due.

    What was changed here goes first, so that it is there within seconds;
    with ``oldest_first`` what has been due for the longest time, so that no
    look at the other side waits for ever.
    """
    orders = (_OVERDUE, _CHANGED) if oldest_first else (_CHANGED, _OVERDUE)
    connection = session.connection()
    for each in orders:
        if (found := connection.execute(each, {"now": now}).first()) is not None:
            return Due(found[0], found[1])
    return None
