"""Dates beyond the last stored one that a calendar program leaves out of an endless series."""

from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from booking.actions.bookings.written import as_texts
from booking.core.imports import ImportedEvent
from booking.core.recurrence import parse_rule, to_local, to_utc
from booking.core.values import BookingView
from booking.db import Base
from booking.queries import agenda

_BOOKING = Base.metadata.tables["booking"]
_LEAVE_OUT = update(_BOOKING).where(_BOOKING.c.id == bindparam("booking"))


def leave_out_of_new(session: Session, booking_id: int, event: ImportedEvent) -> None:
    """Do what ``leave_out`` does for a booking that was made of an event just now."""
    if event.rule is not None and event.rule.is_endless and _gone(event):
        leave_out(session, agenda.booking(session, booking_id), event)


def leave_out(session: Session, booking: BookingView, event: ImportedEvent) -> None:
    """Store which dates a series without an end shall leave out when it comes to them.

    They are what EXDATE and cancelled dates of its object say beyond what is stored.
    """
    if booking.rule is None or not parse_rule(booking.rule).is_endless:
        return
    gone = _gone(event)
    if not event.all_day and event.zone != booking.zone:
        gone = {to_local(to_utc(at, event.zone), booking.zone) for at in gone}
    last = max(each.recurrence_id for each in booking.occurrences)
    beyond = tuple(sorted(at.replace(fold=0) for at in gone if at > last))
    if beyond != booking.exdates_beyond:
        stored = _LEAVE_OUT.values(exdates_beyond=as_texts(beyond))
        session.connection().execute(stored, {"booking": booking.id})


def _gone(event: ImportedEvent) -> set[datetime]:
    return {*event.exdates, *(each.recurrence_id for each in event.dates if each.cancelled)}
