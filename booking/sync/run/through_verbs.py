"""What was changed there becomes a booking's change: through the same verbs, as the member.

A refusal changes nothing here; our version goes back, and the member is told why.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.actions.objects import delete_object, put_object
from booking.core.connections import RemoteView
from booking.core.errors import BookingError, Stale
from booking.core.values import Actor, Door
from booking.db import db
from booking.ical.objects import with_texts_of
from booking.sync.diff import Do, Step

MOST_FLIPS = 5  # within an hour: two programs correct each other
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of a change there.

    ``refused`` is why it was not taken over; ``again`` where our side changed
    meanwhile, and the next run decides.
    """

    refused: BookingError | None = None
    again: bool = False


def take_over(step: Step, ours: bytes, base: bytes, reader: Actor, *, now: datetime) -> Pulled:
    """Do one step that changes a booking.

    ``ours`` is the booking as the calendar should have it, ``base`` the object
    as it was last agreed on.
    """
    assert step.ours is not None  # noqa: S101  the plan makes no such step without
    booking_id, version = step.ours.booking_id, step.ours.version
    try:
        if step.do is Do.CANCEL:
            delete_object(reader, door=Door.SYNC, booking_id=booking_id, expected=version, now=now)
            return Pulled()
        assert step.theirs is not None  # noqa: S101
        data = step.theirs.raw
        if step.do is Do.MERGE:  # time, place and rule are ours; texts are whoever changed them
            data = with_texts_of(ours, data, base)
        put_object(
            data,
            reader,
            door=Door.SYNC,
            space_id=None,
            booking_id=booking_id,
            expected=version,
            now=now,
        )
    except Stale:
        return Pulled(again=True)
    except BookingError as error:
        return Pulled(refused=error)
    finally:
        db.session.rollback()
    return Pulled()


def book_new(raw: bytes, reader: Actor, *, now: datetime) -> int | BookingError:
    """Book what somebody wrote into the own calendar with a room as its place.

    Returns the booking's id, or why it was refused.
    """
    try:
        made = put_object(
            raw,
            reader,
            door=Door.SYNC,
            space_id=None,
            booking_id=None,
            expected=None,
            now=now,
        )
    except BookingError as error:
        return error
    finally:
        db.session.rollback()
    return made.booking_id


def flips_of(known: RemoteView, now: datetime) -> tuple[int, datetime]:
    """Return how often an object went to and fro within the hour, this time counted."""
    since = known.flips_since
    if since is None or now - since > AN_HOUR:
        return 1, now
    return known.flips + 1, since
