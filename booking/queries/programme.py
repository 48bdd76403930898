"""The programme: what is confirmed and public, for anybody.

Unredacted all the same: pass each through ``booking.core.visibility.seen_by``.
"""

from collections.abc import Collection

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from booking.core.intervals import Interval
from booking.core.values import OccurrenceView, State, Visibility
from booking.models import Allocation, Booking
from booking.queries.agenda import VIEWS, around_window, found_views, ids_within

_PUBLIC = VIEWS.where(
    Allocation.state == State.CONFIRMED.value, Booking.visibility == Visibility.PUBLIC.value
).order_by(Allocation.start, Allocation.occurrence_id, Allocation.space_id)
_WITHIN = _PUBLIC.where(Allocation.id.in_(ids_within()))
_ONE = _PUBLIC.where(Allocation.occurrence_id == bindparam("occurrence_id"))


def public_occurrences(
    session: Session, space_ids: Collection[int], window: Interval
) -> list[OccurrenceView]:
    """Return what overlaps the window in these spaces, by start; a view for each space."""
    if not space_ids:
        return []
    return found_views(session, _WITHIN, around_window(space_ids, window))


def public_date(session: Session, occurrence_id: int) -> list[OccurrenceView]:
    """Return a view for each space of one date, none where it is not in the programme."""
    return found_views(session, _ONE, {"occurrence_id": occurrence_id})
