"""What stands beside the series of a permanence: the words for visitors."""

from dataclasses import asdict

from sqlalchemy import Integer, bindparam, insert, select, update
from sqlalchemy.orm import Session

from booking.core.permanences import Details
from booking.db import Base

_PERMANENCE = Base.metadata.tables["permanence"]
_COLUMNS = [each for each in _PERMANENCE.c if each.name != "booking_id"]
_COPY = insert(_PERMANENCE).from_select(
    ["booking_id", *(each.name for each in _COLUMNS)],
    select(bindparam("to_id", type_=Integer), *_COLUMNS).where(
        _PERMANENCE.c.booking_id == bindparam("from_id")
    ),
)


def insert_permanence(session: Session, booking_id: int, details: Details) -> None:
    """Make a booking a permanence."""
    row = {"booking_id": booking_id, **asdict(details)}
    session.connection().execute(insert(_PERMANENCE), row)


def update_permanence(session: Session, booking_id: int, details: Details) -> None:
    """Store other words of a permanence."""
    session.connection().execute(
        update(_PERMANENCE).where(_PERMANENCE.c.booking_id == booking_id), asdict(details)
    )


def copy_permanence(session: Session, from_id: int, to_id: int) -> None:
    """Let the series that goes on with a permanence be one, too."""
    session.connection().execute(_COPY, {"from_id": from_id, "to_id": to_id})
