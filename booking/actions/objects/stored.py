"""What is stored of an object for its sender, beside the booking: ``calendar_object``."""

import hashlib
from collections.abc import Container
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from booking.actions.objects.values import Asked
from booking.core import permissions
from booking.core.errors import UidTaken
from booking.core.values import BookingView
from booking.db import Base, Plain, Stored
from booking.ical import kept_of
from booking.queries import agenda

_BOOKING, _OBJECT = (Base.metadata.tables[name] for name in ("booking", "calendar_object"))
_BY_UID = Plain("SELECT id FROM booking WHERE uid = :uid")
_HREF = select(_OBJECT.c.href).where(
    _OBJECT.c.booking_id == bindparam("booking"), _OBJECT.c.person_id == bindparam("person")
)
_BODY = select(_OBJECT.c.body).where(
    _OBJECT.c.booking_id == bindparam("booking"), _OBJECT.c.person_id == bindparam("person")
)
# A name that is not said stays what it was.
_STORE = Plain(
    """
INSERT INTO calendar_object
  (booking_id, person_id, href, kept, body, digest, version, changed_s)
VALUES (:booking, :person, :href, :kept, :body, :digest, :version, :now)
ON CONFLICT (booking_id, person_id) DO UPDATE SET
  href = CASE WHEN excluded.href <> '' THEN excluded.href ELSE calendar_object.href END,
  kept = excluded.kept, body = excluded.body, digest = excluded.digest, version = excluded.version,
  changed_s = excluded.changed_s
"""
)
_RENAME_OBJECT = Plain(
    """
INSERT INTO calendar_object (booking_id, person_id, href, kept, body, version, changed_s)
VALUES (:booking, :person, :href, '', '', 0, :now)
ON CONFLICT (booking_id, person_id) DO UPDATE SET
  href = excluded.href, changed_s = excluded.changed_s
"""
)
_RENAME = update(_BOOKING).where(_BOOKING.c.id == bindparam("booking"))
_FORGET_HREF = update(_OBJECT).where(_OBJECT.c.booking_id == bindparam("booking")).values(href="")


class KnownByNow(Exception):
    """Somebody has put the same object meanwhile, or put it again."""


def id_of(session: Session, uid: str) -> int | None:
    """Return the id of the booking with this UID, None where it is free."""
    rows = _BY_UID.run(session.connection(), {"uid": uid})
    return rows[0][0] if rows else None


def known_by(session: Session, uid: str, asked: Asked) -> BookingView | None:
    """Return the sender's booking with this UID, None where it is free.

    Raises:
        UidTaken: If it is somebody else's, or is known to the sender by another name.
    """
    booking_id = id_of(session, uid)
    if booking_id is None:
        return None
    found = agenda.booking(session, booking_id)
    if not permissions.may_change(asked.actor, found):
        raise UidTaken(None)
    is_open = any(each.state.is_open for each in found.occurrences)
    if is_open and asked.href:
        key = {"booking": booking_id, "person": asked.actor.person_id}
        if session.connection().execute(_HREF, key).scalar() != asked.href:
            raise UidTaken(booking_id)
    return found


def free_uid(session: Session, gone: BookingView) -> None:
    """Let another booking have the UID of one that takes place no more."""
    uid = f"{gone.uid[:230]}~{gone.id}"
    session.connection().execute(_RENAME.values(uid=uid), {"booking": gone.id})
    forget_href(session, gone.id)


def forget_href(session: Session, booking_id: int) -> None:
    """Let other bookings have the names that programs gave this one."""
    session.connection().execute(_FORGET_HREF, {"booking": booking_id})


def rename(
    session: Session, booking_id: int, person_id: int | None, href: str, *, now: datetime
) -> None:
    """Let a person's object have another name."""
    if person_id is not None:
        row: dict[str, Stored] = {"booking": booking_id, "person": person_id, "href": href}
        _RENAME_OBJECT.run(session.connection(), {**row, "now": int(now.timestamp())})


def is_known(session: Session, booking_id: int, asked: Asked) -> bool:
    """Whether the sender sent just this before."""
    key = {"booking": booking_id, "person": asked.actor.person_id}
    body = session.connection().execute(_BODY, key).scalar()
    return body in (asked.data, hashlib.sha256(asked.data).digest())


def store(
    session: Session,
    booking_id: int,
    asked: Asked,
    *,
    zone: str,
    version: int,
    kinds: Container[str],
    now: datetime,
) -> None:
    """Store what was sent, for its sender alone; ``version`` 0: it does not say all of it.

    ``zone`` is the booking's, ``kinds`` are names of the house's categories.  Of what is too
    long to be given back as it was there is a mark.
    """
    if asked.actor.person_id is None:
        return
    row: dict[str, Stored] = {
        "booking": booking_id,
        "person": asked.actor.person_id,
        "href": asked.href,
        "kept": kept_of(asked.data, zone, kinds=kinds),
        "body": asked.data if asked.is_short else hashlib.sha256(asked.data).digest(),
        "digest": hashlib.sha256(asked.data).hexdigest()[:24],
        "version": version,
        "now": int(now.timestamp()),
    }
    _STORE.run(session.connection(), row)
