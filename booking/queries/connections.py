"""Connections with members' calendars: for their owners, for administrators, for the worker."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from booking.core.calendars import Scope
from booking.core.connections import (
    Account,
    ConnectionView,
    Deletes,
    Edits,
    EventView,
    Question,
    RemoteView,
    Settings,
    Standing,
)
from booking.core.errors import NotFound
from booking.core.messages import Message
from booking.models import Booking, Organisation, Person, Space
from booking.models.connections import Connection, ConnectionEvent, RemoteObject

LAST_EVENTS = 20
MOST_QUESTIONS = 50

_ALL: Any = (  # more columns than a type can name
    select(
        Connection.id,
        Connection.person_id,
        Person.name.label("owner_name"),
        Connection.name,
        Connection.home,
        Connection.username,
        Connection.scheme,
        Connection.secret,
        Connection.provider,
        Connection.url,
        Connection.found,
        Connection.mine,
        Connection.space_id,
        Connection.organisation_id,
        Connection.edits,
        Connection.deletes,
        Connection.books,
        Connection.shares_busy,
        Connection.state,
        Connection.reason,
        Connection.params,
        Connection.tries,
        Connection.created_at,
        Connection.succeeded_at,
        Connection.moved_at,
        Connection.due_at,
        Connection.leased_until,
        Connection.version,
        func.coalesce(Space.name, Organisation.name, "").label("place"),
        Connection.sync_token,
        Connection.ctag,
        Connection.seen,
        Connection.known,
    )
    .join(Person, Person.id == Connection.person_id)
    .outerjoin(Space, Space.id == Connection.space_id)
    .outerjoin(Organisation, Organisation.id == Connection.organisation_id)
)
_OBJECT = (
    RemoteObject.id,
    RemoteObject.uid,
    RemoteObject.booking_id,
    RemoteObject.href,
    RemoteObject.etag,
    RemoteObject.theirs,
    RemoteObject.pushed,
    RemoteObject.version,
    RemoteObject.state,
    RemoteObject.reason,
    RemoteObject.flips,
    RemoteObject.flips_since,
)


_ONE: Any = _ALL.where(Connection.id == bindparam("id"))  # read by each run: built once


def connections(
    session: Session, person_id: int | None = None, *, now: datetime
) -> list[ConnectionView]:
    """Return the connections of a person (None: of all but drafts), the oldest first."""
    query = _ALL
    if person_id is not None:
        query = query.where(Connection.person_id == person_id)
    else:
        query = query.where(Connection.state != Standing.DRAFT.value)
    return [_view(row, now) for row in session.execute(query.order_by(Connection.id))]


def connection(
    session: Session, connection_id: int, *, now: datetime, person_id: int | None = None
) -> ConnectionView:
    """Return a connection, of this person if one is named.

    Raises:
        NotFound: If there is none.
    """
    row = session.execute(_ONE, {"id": connection_id}).first()
    if row is None or person_id not in (None, row.person_id):
        raise NotFound("connection", connection_id)
    return _view(row, now)


def secret_of(session: Session, connection_id: int) -> str:
    """Return the sealed secret of a connection as it is now.

    Raises:
        NotFound: If there is none.
    """
    found = session.execute(select(Connection.secret).where(Connection.id == connection_id))
    secret = found.scalar()
    if secret is None:
        raise NotFound("connection", connection_id)
    return secret


def is_signed_in_at(session: Session, person_id: int, provider: str) -> bool:
    """Whether a person has a connection, or the draft of one, at a provider."""
    query = select(Connection.id).where(
        Connection.person_id == person_id, Connection.provider == provider
    )
    return session.execute(query).first() is not None


def remote_objects(session: Session, connection_id: int) -> list[RemoteView]:
    """Return what we know of the objects on the other server, without their texts."""
    query = select(*_OBJECT).where(RemoteObject.connection_id == connection_id)
    return [RemoteView(*row) for row in session.execute(query.order_by(RemoteObject.id))]


def booked_as(session: Session, uid: str) -> int | None:
    """Return the booking that has this UID, None if there is none."""
    return session.execute(select(Booking.id).where(Booking.uid == uid)).scalar()


def remote_object(session: Session, connection_id: int, object_id: int) -> RemoteView:
    """Return what we know of one object.

    Raises:
        NotFound: If there is none.
    """
    query = select(*_OBJECT).where(
        RemoteObject.connection_id == connection_id, RemoteObject.id == object_id
    )
    row = session.execute(query).first()
    if row is None:
        raise NotFound("remote_object", object_id)
    return RemoteView(*row)


def questions(session: Session, connection_id: int) -> list[Question]:
    """Return what waits for the owner's word, the oldest first."""
    query = (
        select(RemoteObject.id, RemoteObject.booking_id, RemoteObject.reason, Booking.title)
        .join(Booking, Booking.id == RemoteObject.booking_id)
        .where(RemoteObject.connection_id == connection_id, RemoteObject.state == "ask")
        .order_by(RemoteObject.id)
        .limit(MOST_QUESTIONS)
    )
    return [Question(row[0], row[1] or 0, row[2], row[3]) for row in session.execute(query)]


def bases(session: Session, object_ids: list[int]) -> Mapping[int, bytes]:
    """Return the squeezed texts of objects, as the other server has them, by their ids."""
    query = select(RemoteObject.id, RemoteObject.base).where(
        RemoteObject.id.in_(object_ids), RemoteObject.base.is_not(None)
    )
    return {row.id: row.base for row in session.execute(query)}


def states(session: Session, connection_id: int) -> Mapping[str, int]:
    """Return how many objects there are in each state."""
    query = (
        select(RemoteObject.state, func.count())
        .where(RemoteObject.connection_id == connection_id)
        .group_by(RemoteObject.state)
    )
    return MappingProxyType({row[0]: row[1] for row in session.execute(query)})


def events(session: Session, connection_id: int) -> list[EventView]:
    """Return the last lines of a connection's diary, the newest first."""
    query = (
        select(ConnectionEvent)
        .where(ConnectionEvent.connection_id == connection_id)
        .order_by(ConnectionEvent.id.desc())
        .limit(LAST_EVENTS)
    )
    return [
        EventView(row.at, Message(row.code, dict(row.params)), row.booking_id)  # type: ignore[arg-type]
        for row in session.execute(query).scalars()
    ]


def _view(row: Row[Any], now: datetime) -> ConnectionView:
    return ConnectionView(
        id=row.id,
        person_id=row.person_id,
        owner_name=row.owner_name,
        name=row.name,
        account=Account(row.home, row.username, row.scheme, row.secret, row.provider),
        url=row.url,
        found=tuple((each[0], each[1]) for each in row.found),
        settings=Settings(
            Scope(mine=row.mine, space_id=row.space_id, organisation_id=row.organisation_id),
            Edits(row.edits),
            Deletes(row.deletes),
            row.books,
        ),
        state=Standing(row.state),
        reason=Message(row.reason, row.params) if row.reason else None,
        tries=row.tries,
        created_at=row.created_at,
        succeeded_at=row.succeeded_at,
        moved_at=row.moved_at,
        due_at=row.due_at,
        is_running=row.leased_until is not None and row.leased_until > now,
        version=row.version,
        place=row.place,
        sync_token=row.sync_token,
        ctag=row.ctag,
        seen=row.seen,
        known=row.known,
        shares_busy=row.shares_busy,
    )
