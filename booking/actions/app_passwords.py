"""Passwords of calendar apps: made, used, revoked.

Each app of a person has its own, which opens the calendars and nothing else.
The secret is random, so nothing is gained by hashing it slowly, and a calendar
app sends it with each of its many requests.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from booking import secrets
from booking.actions import record
from booking.actions.accounts import attempts
from booking.actions.accounts.attempts import Limits
from booking.actions.accounts.rows import active_person
from booking.actions.accounts.texts import EMAIL_LIMIT, clean_name
from booking.core.devices import Access, Device, Listed, listed_of, may_list
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, SignInFailed
from booking.core.permissions import may_administer
from booking.core.values import Actor, Door
from booking.db import db, transact
from booking.models import AppPassword, Site, Space
from booking.queries.app_passwords import AppPasswordView, signed_in

log = logging.getLogger("booking.app_passwords")

MOST_PASSWORDS = 30  # of one person; whoever needs more has lost the others
USE_NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AppPasswordRequest:
    """A password to make for an app; ``person_id`` None means the actor's own."""

    name: str
    access: str = Access.WRITE.value
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewAppPassword:
    """A password that was just made: its id, and the secret that is never shown again."""

    id: int
    secret: str


def create_app_password(
    request: AppPasswordRequest, actor: Actor, *, now: datetime
) -> NewAppPassword:
    """Make a password for an app of the actor (the operator: of anybody), who is told by mail.

    Raises:
        InvalidRequest: ``name_missing``, ``name_too_long``, ``text_unprintable`` or
            ``access_unknown``, each of its field.
        NotAllowed: ``only_for_yourself``, or ``too_many_app_passwords``.
        NotFound: If there is no such person, or an archived one.
    """
    name = clean_name(request.name)
    if request.access not in set(Access):
        raise InvalidRequest.because("access_unknown", "access")
    person_id = actor.person_id if request.person_id is None else request.person_id
    # No administrator either: whoever has the secret acts as its person.
    if person_id is None or (person_id != actor.person_id and not actor.operator):
        raise NotAllowed.because("only_for_yourself")
    secret = secrets.new_app_secret()

    def work(session: Session) -> int:
        active_person(session, person_id)  # locked, so that two forms cannot both make the last
        _check_number(session, person_id)
        row = {
            "secret_hash": secrets.hash_app_secret(secret),
            "person_id": person_id,
            "name": name,
            "access": request.access,
            "created_at": now,
        }
        made = insert(AppPassword).values(row).returning(AppPassword.id)
        password_id = session.execute(made).scalar_one()
        new = {key: row[key] for key in ("person_id", "access", "name")}
        entity = ("app_password", password_id)
        record.audit(session, actor, "create_app_password", entity, now=now, new=new)
        record.notify(session, [person_id], "notice_app_password", {"device": name}, now=now)
        return password_id

    return NewAppPassword(transact(work), secret)


def revoke_app_password(password_id: int, actor: Actor, *, now: datetime) -> None:
    """End a password: its app gets nothing any more.  A revoked one stays revoked.

    Raises:
        NotFound: If there is none, or it is not the actor's; admins and the operator may
            revoke all.
    """

    def work(session: Session) -> None:
        owner_id = session.execute(
            select(AppPassword.person_id).where(AppPassword.id == password_id)
        ).scalar()
        if owner_id is None or (owner_id != actor.person_id and not may_administer(actor)):
            raise NotFound("app_password", password_id)
        ended = session.execute(
            update(AppPassword)
            .where(AppPassword.id == password_id, AppPassword.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(AppPassword.id)
        ).scalar()
        if ended is not None:
            entity = ("app_password", password_id)
            record.audit(session, actor, "revoke_app_password", entity, now=now)

    transact(work)


def choose_calendars(
    password_id: int, words: Collection[str] | None, actor: Actor, *, now: datetime
) -> None:
    """Let an app of the actor list these calendars alone, such as ``space-3``; None for all.

    Raises:
        NotFound: If there is no such password of the actor's.
        InvalidRequest: ``calendars_missing`` for none, ``choice_invalid`` for one that the
            actor cannot have, each of the field ``calendar``.
    """
    chosen = None if words is None else sorted({*words})
    calendars = [listed_of(each) for each in chosen or ()]
    if chosen is not None and not chosen:
        raise InvalidRequest.because("calendars_missing", "calendar")

    def work(session: Session) -> None:
        mine = (AppPassword.id == password_id, AppPassword.person_id == actor.person_id)
        stored = session.execute(
            select(AppPassword)
            .where(*mine, AppPassword.revoked_at.is_(None))
            .with_for_update(key_share=True)
        ).scalar()
        if stored is None:
            raise NotFound("app_password", password_id)
        _check_calendars(session, calendars, actor)
        if stored.collections == chosen:
            return
        old, new = {"collections": stored.collections}, {"collections": chosen}
        stored.collections = chosen
        entity = ("app_password", password_id)
        record.audit(session, actor, "choose_calendars", entity, now=now, old=old, new=new)

    transact(work)


def sign_in_device(
    login: str, secret: str, *, address: str, now: datetime, limits: Limits | None = None
) -> Device:
    """Return the app whose secret this is, and the person of this e-mail address as its actor.

    One statement that reads; the last use is written down once an hour.  ``address`` is the
    network address that the app calls from.  An unknown e-mail address, a wrong secret and the
    secret of somebody else take the same way.  Failures are counted; a right secret passes
    whatever was tried before it, as it cannot be guessed and nobody shall lock it out.

    Raises:
        SignInFailed: They do not belong together.
        TooManyAttempts: The same, and too many failed for this e-mail address or from there.
    """
    wanted = "".join(filter(str.isprintable, login.strip().lower()[:EMAIL_LIMIT]))
    known = signed_in(db.session(), secrets.hash_app_secret(secret), Door.DAV)
    if known is None or known[0].owner_email != wanted:
        _count_failure(wanted, address, now=now, limits=limits or Limits())
        raise SignInFailed
    found, actor = known
    _note_use(found, now=now)
    return Device(found.id, found.name, actor, found.access, found.collections)


def _check_calendars(session: Session, chosen: Sequence[Listed | None], actor: Actor) -> None:
    rooms = select(Space.id).where(Space.archived_at.is_(None))
    houses = select(Site.id).where(Site.archived_at.is_(None))
    known = {
        "space": set(session.execute(rooms).scalars()),
        "programme": set(session.execute(houses).scalars()),
    }
    for each in chosen:
        is_there = each is not None and each.owner_id in known.get(each.kind, {each.owner_id})
        if each is None or not is_there or not may_list(actor, each):
            raise InvalidRequest.because("choice_invalid", "calendar")


def _count_failure(login: str, address: str, *, now: datetime, limits: Limits) -> None:
    counters = [
        attempts.of_account("device", login, limits),
        attempts.of_address("device", address, limits),
    ]
    transact(lambda session: attempts.begin_try(session, counters, now=now, window=limits.window))


def _note_use(found: AppPasswordView, *, now: datetime) -> None:
    """Keep the time of the last use, once an hour; a calendar is worth more than that."""
    if found.last_used_at is not None and now - found.last_used_at < USE_NOTED_EVERY:
        return
    unnoted = or_(
        AppPassword.last_used_at.is_(None), AppPassword.last_used_at <= now - USE_NOTED_EVERY
    )
    note = (
        update(AppPassword)
        .where(AppPassword.id == found.id, unnoted)
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )
    try:
        transact(lambda session: session.execute(note))
    except SQLAlchemyError as error:
        db.session.rollback()
        log.warning("the last use of an app password was not stored", extra={"reason": str(error)})


def _check_number(session: Session, person_id: int) -> None:
    known = session.execute(
        select(func.count()).where(
            AppPassword.person_id == person_id, AppPassword.revoked_at.is_(None)
        )
    ).scalar_one()
    if known >= MOST_PASSWORDS:
        raise NotAllowed.because("too_many_app_passwords", limit=MOST_PASSWORDS)
