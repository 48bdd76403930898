"""How many people came: said by the organiser once a date has begun."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.core import permissions
from booking.core.checks import MOST_ATTENDANCE
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.values import Actor
from booking.db import Base, transact
from booking.queries import agenda

_OCCURRENCE = Base.metadata.tables["occurrence"]
_SAID = (
    update(_OCCURRENCE)
    .where(_OCCURRENCE.c.id == bindparam("occurrence_id"))
    .values(attended=bindparam("number"))
)


def count_people(
    booking_id: int, came: Mapping[int, int | None], actor: Actor, *, now: datetime
) -> None:
    """Store how many people came to dates of a booking, None taking it back.

    ``came`` maps the ids of occurrences to numbers.  The time and the rooms stay
    as they are, and so does the version of the booking: nobody's form is spoiled.

    Raises:
        NotFound: If there is no such booking or date.
        NotAllowed: If the booking is somebody else's.
        InvalidRequest: If a number is out of range, or a date has not begun.
    """
    if any(each is not None and not 0 <= each <= MOST_ATTENDANCE for each in came.values()):
        raise InvalidRequest.because("number_out_of_range", "came", least=0, most=MOST_ATTENDANCE)

    def store(session: Session) -> None:
        stored = agenda.booking(session, booking_id)
        if not permissions.may_change(actor, stored):
            raise NotAllowed.because("not_your_booking")
        starts = {each.occurrence_id: each.interval.start for each in stored.occurrences}
        if unknown := came.keys() - starts.keys():
            raise NotFound("booking", min(unknown))
        if any(starts[each] > now for each in came):
            raise InvalidRequest.because("date_not_begun", "came")
        if not came:
            return
        rows = [{"occurrence_id": each, "number": number} for each, number in came.items()]
        session.connection().execute(_SAID, rows)
        new = {"came": sum(each or 0 for each in came.values())}
        record.audit(session, actor, "count_people", ("booking", booking_id), now=now, new=new)

    transact(store)
