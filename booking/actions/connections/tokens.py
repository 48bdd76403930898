"""Members who sign in at a provider, and the tokens that they bring: each step used once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from booking import outbox
from booking.core.connections import SignIn
from booking.core.errors import NotAllowed, NotFound
from booking.core.messages import Parameter
from booking.core.values import Actor
from booking.db import transact
from booking.models.connections import CalendarSignIn, Connection
from booking.secrets import hash_token

GIVE_BACK = "give_tokens_back"
SIGN_IN_LASTS = timedelta(minutes=15)
_LEASE = timedelta(seconds=60)  # longer than a provider may take to answer


@dataclass(frozen=True, slots=True)
class Renewal:
    """The right to exchange the tokens of a connection, until a moment."""

    connection_id: int
    until: datetime


def begin_sign_in(asked: SignIn, state: str, actor: Actor, *, now: datetime) -> None:
    """Remember that a person goes to a provider and has to come back with this state.

    Raises:
        NotFound: If the connection for which it is asked is not the actor's.
    """
    mine = (Connection.id == asked.connection_id, Connection.person_id == actor.person_id)

    def store(session: Session) -> None:
        is_again = asked.connection_id is not None
        if is_again and session.execute(select(Connection.id).where(*mine)).first() is None:
            raise NotFound("connection", asked.connection_id or 0)
        row = {
            "person_id": actor.person_id,
            "connection_id": asked.connection_id,
            "provider": asked.provider,
            "username": asked.username,
            "state_hash": hash_token(state),
            "verifier": asked.verifier,
            "created_at": now,
        }
        session.execute(insert(CalendarSignIn), [row])

    transact(store)


def take_sign_in(provider: str, state: str, actor: Actor, *, now: datetime) -> SignIn:
    """Return what a state belongs to, once.

    Raises:
        NotAllowed: ``oauth_state``, if it is unknown, used, old, or somebody else's.
    """
    table = CalendarSignIn
    asked = (table.connection_id, table.provider, table.username, table.verifier)

    def take(session: Session) -> Any:  # a row, or None
        which = (
            table.state_hash == hash_token(state),
            table.person_id == actor.person_id,
            table.provider == provider,
            table.created_at > now - SIGN_IN_LASTS,
        )
        return session.execute(delete(table).where(*which).returning(*asked)).first()

    found = transact(take)
    if found is None:
        raise NotAllowed.because("oauth_state")
    return SignIn(found.provider, found.verifier, found.username, found.connection_id)


def forget_sign_ins(*, now: datetime) -> None:
    """Delete what nobody came back for."""
    old = CalendarSignIn.created_at <= now - SIGN_IN_LASTS
    transact(lambda session: session.execute(delete(CalendarSignIn).where(old)))


def begin_renewal(connection_id: int, *, now: datetime) -> Renewal | None:
    """Return the right to exchange a connection's tokens; None while somebody else has it.

    Raises:
        NotFound: If the connection is gone.
    """

    def take(session: Session) -> Renewal | None:
        query = select(Connection).where(Connection.id == connection_id).with_for_update()
        row = session.execute(query).scalar()
        if row is None:
            raise NotFound("connection", connection_id)
        if row.renewing_until is not None and row.renewing_until > now:
            return None
        row.renewing_until = now + _LEASE
        return Renewal(connection_id, row.renewing_until)

    return transact(take)


def end_renewal(renewal: Renewal, sealed: str | None) -> None:
    """Store new tokens, if there are any, and give the right back.

    Nothing is stored where the member signed in again meanwhile.
    """
    row: dict[str, object] = {"renewing_until": None}
    if sealed is not None:
        row["secret"] = sealed
    which = (
        Connection.id == renewal.connection_id,
        Connection.renewing_until == renewal.until,
    )
    transact(lambda session: session.execute(update(Connection).where(*which).values(row)))


def give_back(session: Session, *which: object, now: datetime) -> None:
    """Have the tokens of connections that are about to be deleted given back, within a verb."""
    query = select(Connection.person_id, Connection.provider, Connection.secret).where(
        Connection.scheme == "oauth",
        *which,  # type: ignore[arg-type]
    )
    payloads: list[dict[str, Parameter]] = [
        {"person": person_id, "provider": provider, "secret": secret}
        for person_id, provider, secret in session.execute(query)
    ]
    outbox.put_all(session, GIVE_BACK, payloads, now=now)


def give_back_unused(provider: str, sealed: str, actor: Actor, *, now: datetime) -> None:
    """Have tokens given back with which no connection could be made."""
    payload: dict[str, Parameter] = {"provider": provider, "secret": sealed}
    payload["person"] = actor.person_id
    transact(lambda session: outbox.put(session, GIVE_BACK, payload, now=now))
