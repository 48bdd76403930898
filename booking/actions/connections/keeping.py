"""What the owner of a connection does: connect, choose, pause, go on, disconnect."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.accounts.attempts import Limits, begin_try, of_account
from booking.actions.accounts.texts import clean_name
from booking.actions.connections.tokens import give_back
from booking.core.calendars import may_follow
from booking.core.connections import (
    LOSS,
    LOSS_ACCEPTED,
    Account,
    Edits,
    Settings,
    Standing,
)
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.permissions import may_administer
from booking.core.values import Actor
from booking.db import transact
from booking.models import Organisation, Person, Space
from booking.models.busy import BusyCalendar
from booking.models.connections import Connection, ConnectionEvent, RemoteObject

MOST_CONNECTIONS = 10  # of one person
DRAFT_KEPT = timedelta(days=1)
RATE = Limits(attempts=20, window=timedelta(hours=1))


def count_try(actor: Actor, *, now: datetime) -> None:
    """Count that a person tries an account of another server, before it is asked.

    Raises:
        TooManyAttempts: If the person does so again and again.
    """
    person = of_account("connect", str(actor.person_id), RATE)
    transact(lambda session: begin_try(session, [person], now=now, window=RATE.window))


def begin_connection(
    account: Account, found: Sequence[tuple[str, str]], actor: Actor, *, now: datetime
) -> int:
    """Keep an account that was just tried, with its calendars, and return the connection's id.

    Nothing is written anywhere before ``choose_calendar``.

    Raises:
        NotAllowed: ``sign_in_first``, or ``too_many_connections``.
    """
    if actor.person_id is None:
        raise NotAllowed.because("sign_in_first")

    def store(session: Session) -> int:
        _lock_person(session, actor.person_id)
        number = session.execute(
            select(func.count()).where(
                Connection.person_id == actor.person_id, Connection.state != Standing.DRAFT.value
            )
        ).scalar_one()
        if number >= MOST_CONNECTIONS:
            raise NotAllowed.because("too_many_connections", limit=MOST_CONNECTIONS)
        drafts = (
            Connection.person_id == actor.person_id,
            Connection.state == Standing.DRAFT.value,
        )
        give_back(session, *drafts, now=now)
        session.execute(delete(Connection).where(*drafts))
        row = {
            "person_id": actor.person_id,
            "name": account.host[:120],
            "home": account.home,
            "host": account.host,
            "username": account.username,
            "scheme": account.scheme,
            "secret": account.secret,
            "provider": account.provider,
            "found": [list(each) for each in found],
            "created_at": now,
            "due_at": now,
        }
        made = session.execute(insert(Connection).returning(Connection.id), [row]).scalar_one()
        new = {"host": account.host}
        record.audit(session, actor, "begin_connection", ("connection", made), now=now, new=new)
        return made

    return transact(store)


def choose_calendar(
    connection_id: int, url: str, name: str, settings: Settings, actor: Actor, *, now: datetime
) -> None:
    """Say which calendar it is and what to do; ``resume`` begins.

    The calendar of a connection stays the same; of one that is at work the
    settings may change.

    Raises:
        NotFound: If it is not the actor's.
        InvalidRequest: ``choice_invalid`` or ``space_unknown``, each of its field.
        NotAllowed: ``follow_own_organisations``, or ``calendar_connected`` where the person
            has a connection with it already.
    """
    name = clean_name(name)

    def store(session: Session) -> None:
        _lock_person(session, actor.person_id)
        row = own_connection(session, connection_id, actor)
        _check_scope(session, settings, actor)
        if row.url and row.url != url:
            raise InvalidRequest.because("choice_invalid", "calendar")
        if not row.url:
            _check_new(session, row, url, actor)
        old = _chosen(row)
        _set(row, settings)
        row.url, row.name = url, name
        if row.state == Standing.DRAFT.value:
            row.state = Standing.PAUSED.value
        row.seen, row.due_at, row.version = -1, now, row.version + 1
        entity = ("connection", connection_id)
        record.audit(session, actor, "choose_calendar", entity, now=now, old=old, new=_chosen(row))

    transact(store)


def offer_calendar(connection_id: int, url: str, name: str, actor: Actor) -> None:
    """Add a calendar that was just made to those of which one can be chosen.

    Raises:
        NotFound: If it is not the actor's.
    """

    def store(session: Session) -> None:
        row = own_connection(session, connection_id, actor)
        row.found = [*row.found, [url, name]]

    transact(store)


def set_secret(connection_id: int, account: Account, actor: Actor, *, now: datetime) -> None:
    """Keep a new password that was just tried, and go on.

    Raises:
        NotFound: If it is not the actor's.
    """

    def store(session: Session) -> None:
        row = own_connection(session, connection_id, actor)
        row.username, row.secret, row.scheme = account.username, account.secret, account.scheme
        row.provider, row.renewing_until = account.provider, None
        _go_on(row, now)
        entity = ("connection", connection_id)
        record.audit(session, actor, "set_connection_secret", entity, now=now)

    transact(store)


def pause(connection_id: int, actor: Actor, *, now: datetime) -> None:
    """Leave the other calendar alone until further notice.

    Raises:
        NotFound: If it is not the actor's; administrators may pause all.
    """
    _turn(connection_id, actor, "pause_connection", now=now)


def resume(connection_id: int, actor: Actor, *, now: datetime) -> None:
    """Begin, or go on, at once, whatever the reason of the stop was.

    Where the connection stopped because much was gone in the other calendar,
    that was meant: it is treated like anything else that is deleted there.

    Raises:
        NotFound: If it is not the actor's.
    """
    _turn(connection_id, actor, "resume_connection", now=now)


def sync_now(connection_id: int, actor: Actor, *, now: datetime) -> None:
    """Put a connection that is at work at the head of the queue.

    Raises:
        NotFound: If it is not the actor's.
    """

    def store(session: Session) -> None:
        row = own_connection(session, connection_id, actor)
        row.due_at, row.seen = now, -1
        counted = update(BusyCalendar).where(BusyCalendar.connection_id == connection_id)
        session.execute(counted.values(due_at=now))

    transact(store)


def settle_object(
    connection_id: int, object_id: int, what: str, actor: Actor, *, now: datetime
) -> None:
    """Answer a question about an object.

    ``restore``: ours goes back there; ``taken``: theirs was taken over here;
    ``left``: it stays away there, and the booking stays.

    Raises:
        NotFound: If it is not the actor's, or nobody asks.
        InvalidRequest: ``choice_invalid``.
    """
    answers: dict[str, dict[str, object]] = {
        "restore": {"state": "push", "version": -1},
        "taken": {"state": "synced", "version": -1},
        "left": {"state": "left"},
    }
    if what not in answers:
        raise InvalidRequest.because("choice_invalid")

    def store(session: Session) -> None:
        row = own_connection(session, connection_id, actor)
        asked = update(RemoteObject).where(
            RemoteObject.connection_id == connection_id,
            RemoteObject.id == object_id,
            RemoteObject.state == "ask",
        )
        done = session.execute(
            asked.values(reason="", flips=0, **answers[what]).returning(RemoteObject.id)
        )
        if done.scalar() is None:
            raise NotFound("remote_object", object_id)
        row.due_at, row.seen = now, -1

    transact(store)


def disconnect(connection_id: int, actor: Actor, *, remove: bool, now: datetime) -> None:
    """End a connection; with ``remove`` our events are taken away there first.

    Raises:
        NotFound: If it is not the actor's; administrators may end all, and nothing is removed.
    """

    def store(session: Session) -> None:
        row = own_connection(session, connection_id, actor, or_admin=True)
        entity = ("connection", connection_id)
        old = {"host": row.host, "name": row.name, "person_id": row.person_id}
        record.audit(session, actor, "disconnect", entity, now=now, old=old)
        session.execute(delete(BusyCalendar).where(BusyCalendar.connection_id == connection_id))
        row.shares_busy = False
        if remove and row.url and row.person_id == actor.person_id:
            row.state, row.due_at, row.tries, row.reason = Standing.ENDING.value, now, 0, ""
            row.version += 1
            return
        give_back(session, Connection.id == connection_id, now=now)
        for table in (RemoteObject, ConnectionEvent):
            session.execute(delete(table).where(table.connection_id == connection_id))
        session.execute(delete(Connection).where(Connection.id == connection_id))

    transact(store)


def reseal_secrets(reseal: Callable[[str], str], lost: type[Exception]) -> tuple[int, int]:
    """Seal every password anew, each in its own transaction; return how many, and how many not.

    ``reseal`` raises ``lost`` where the key of a password is gone.
    """
    ids = transact(lambda session: session.execute(select(Connection.id)).scalars().all())

    def store(session: Session, id_: int) -> bool:
        query = select(Connection).where(Connection.id == id_).with_for_update()
        row = session.execute(query).scalar()
        if row is None:
            return True
        try:
            row.secret = reseal(row.secret)
        except lost:
            return False
        return True

    done = [transact(lambda session, id_=each: store(session, id_)) for each in ids]  # type: ignore[misc]
    return sum(done), len(done) - sum(done)


def forget_drafts(*, now: datetime) -> None:
    """Delete accounts of which nobody chose a calendar within a day."""
    old = (Connection.state == Standing.DRAFT.value, Connection.created_at <= now - DRAFT_KEPT)

    def forget(session: Session) -> None:
        give_back(session, *old, now=now)
        session.execute(delete(Connection).where(*old))

    transact(forget)


def _turn(connection_id: int, actor: Actor, verb: str, *, now: datetime) -> None:
    def store(session: Session) -> None:
        row = own_connection(session, connection_id, actor, or_admin=verb == "pause_connection")
        if row.state in (Standing.DRAFT.value, Standing.ENDING.value):
            return
        if verb == "pause_connection":
            row.state, row.reason, row.params = Standing.PAUSED.value, "", {}
            row.token = row.leased_until = None
            row.version += 1
        else:
            _go_on(row, now)
        record.audit(session, actor, verb, ("connection", connection_id), now=now)

    transact(store)


def _go_on(row: Connection, now: datetime) -> None:
    was_loss = row.reason in (LOSS, LOSS_ACCEPTED)
    row.reason, row.params = LOSS_ACCEPTED if was_loss else "", {}
    row.state = Standing.ACTIVE.value
    row.tries, row.due_at, row.told_at, row.seen = 0, now, None, -1
    row.token = row.leased_until = None
    row.version += 1


def own_connection(
    session: Session, connection_id: int, actor: Actor, *, or_admin: bool = False
) -> Connection:
    """Return the row, locked.

    Raises:
        NotFound: If there is none, or not for this actor.
    """
    query = select(Connection).where(Connection.id == connection_id).with_for_update()
    row = session.execute(query).scalar()
    if row is None:
        raise NotFound("connection", connection_id)
    if row.person_id != actor.person_id and not (or_admin and may_administer(actor)):
        raise NotFound("connection", connection_id)
    return row


def _lock_person(session: Session, person_id: int | None) -> None:
    # So that two forms sent at once cannot both make the last connection, or the same.
    lock = select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)
    session.execute(lock)


def _check_new(session: Session, row: Connection, url: str, actor: Actor) -> None:
    if url not in [each[0] for each in row.found if isinstance(each, list)]:
        raise InvalidRequest.because("choice_invalid", "calendar")
    twin = select(Connection.id).where(
        Connection.person_id == actor.person_id, Connection.url == url, Connection.id != row.id
    )
    if session.execute(twin).first() is not None:
        raise NotAllowed.because("calendar_connected", "calendar")


def _check_scope(session: Session, settings: Settings, actor: Actor) -> None:
    scope = settings.scope
    if not may_follow(actor, scope):
        raise NotAllowed.because("follow_own_organisations", "scope")
    for table, id_ in ((Space, scope.space_id), (Organisation, scope.organisation_id)):
        if id_ is not None and session.get(table, id_) is None:
            raise InvalidRequest.because("space_unknown", "scope")


def _set(row: Connection, settings: Settings) -> None:
    scope = settings.scope
    row.mine, row.space_id = scope.mine, scope.space_id
    row.organisation_id = scope.organisation_id
    row.edits, row.deletes = settings.edits.value, settings.deletes.value
    row.books = settings.books and settings.edits is not Edits.RESTORE


def _chosen(row: Connection) -> dict[str, object]:
    keys = ("name", "url", "mine", "space_id", "organisation_id", "edits", "deletes")
    return {key: getattr(row, key) for key in (*keys, "books")}
