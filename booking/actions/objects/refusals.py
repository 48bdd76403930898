"""A refusal that a calendar program may swallow is told to its person: once, with what is free."""

import hashlib
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

from sqlalchemy import bindparam, delete, text
from sqlalchemy.orm import Session

from booking.actions import record
from booking.core.errors import BookingError, Conflicted, InvalidRequest
from booking.core.imports.stored import message_to_json
from booking.core.messages import Parameter
from booking.core.recurrence import to_local
from booking.core.values import Actor, Door
from booking.db import Base, UTCDateTime, db, transact
from booking.ical.reading import read
from booking.queries import houses

MOST_OFFERED = 3
KEPT = timedelta(days=30)  # after that it is told again
_REFUSAL = Base.metadata.tables["refusal"]
# Programs write these anew with each try.
_VOLATILE = re.compile(
    rb"^(?:DTSTAMP|LAST-MODIFIED|SEQUENCE|X-MOZ-GENERATION)[;:].*$", re.MULTILINE
)
_NOTE = text(
    "INSERT INTO refusal (person_id, digest, at_s) VALUES (:person, :digest, :now)"
    " ON CONFLICT (person_id, digest) DO NOTHING RETURNING person_id"
)
_FORGET = delete(_REFUSAL).where(
    _REFUSAL.c.person_id == bindparam("person"),
    _REFUSAL.c.at_s < bindparam("since", type_=UTCDateTime),
)


def notify_refusal(
    data: bytes,
    error: BookingError,
    actor: Actor,
    *,
    door: Door,
    booking_id: int | None = None,
    version: str = "",
    now: datetime,
) -> bool:
    """Tell a person by mail and in the inbox that an object was refused, and what is free instead.

    A transaction of its own, after that of ``put_object`` was rolled back with
    ``error``.  Of the same object for the same reason it is told once, however often the
    program tries; return whether it is told now.  ``version`` names a try that is told
    even if it says the same as one before.
    """
    person_id = replace(actor, door=door).person_id
    if person_id is None:
        return False
    session = db.session()
    session.rollback()
    code, params = _told(session, data, error)

    def work(session: Session) -> bool:
        asked = {"person": person_id, "since": now - KEPT}
        session.connection().execute(_FORGET, asked)
        row = {
            "person": person_id,
            "digest": _digest(data + version.encode(), error),
            "now": int(now.timestamp()),
        }
        if session.connection().execute(_NOTE, row).first() is None:
            return False
        record.notify(session, [person_id], code, params, booking_id=booking_id, now=now)
        return True

    return transact(work)


def free_instead(error: BookingError) -> str:
    """Return rooms and local starts that are free instead, as JSON of a message; "" for none."""
    if not isinstance(error, Conflicted) or not error.alternatives or error.site is None:
        return ""
    free = [
        [
            ", ".join(error.spaces[space_id].name for space_id in each.space_ids),
            to_local(each.interval.start, error.site.zone).isoformat(timespec="minutes"),
        ]
        for each in error.alternatives[:MOST_OFFERED]
    ]
    return json.dumps(free)


def _digest(data: bytes, error: BookingError) -> str:
    codes = ",".join(each.code for each in error.messages)
    return hashlib.sha256(_VOLATILE.sub(b"", data) + codes.encode()).hexdigest()


def _told(session: Session, data: bytes, error: BookingError) -> tuple[str, dict[str, Parameter]]:
    """Return what is told: the event, why, and what is free; all put into words by the reader's."""
    event = json.dumps(_event(session, data))
    if free := free_instead(error):
        return "notice_object_taken", {"event": event, "free": free}
    why = json.dumps([message_to_json(each) for each in error.messages])
    return "notice_object_refused", {"event": event, "why": why}


def _event(session: Session, data: bytes) -> list[str]:
    """Return title and local start of an object, as far as they can be read."""
    zone = next((each.zone for each in houses.sites(session)), "UTC")
    try:
        found = next(read(BytesIO(data), zone=zone).events(), None)
    except InvalidRequest:
        found = None
    if found is None:
        return ["", ""]
    return [found.title, found.start.isoformat(timespec="minutes") if found.start else ""]
