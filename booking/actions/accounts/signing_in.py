"""Signing in, and choosing passwords."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.actions.accounts import attempts
from booking.actions.accounts.attempts import Counter, Limits
from booking.actions.accounts.passwords import (
    check_password,
    hash_password,
    is_outdated,
    verify_password,
)
from booking.actions.accounts.rows import active_person, choose_password, require_admin
from booking.actions.accounts.texts import EMAIL_LIMIT
from booking.actions.record import audit
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, SignInFailed
from booking.core.values import Actor
from booking.db import db, transact
from booking.models import Person


def sign_in(email: str, password: str, *, address: str, now: datetime, limits: Limits) -> int:
    """Return the id of the person whose address and password these are.

    ``address`` is the network address that the try comes from.  An unknown
    e-mail address takes as long as a wrong password.

    Raises:
        SignInFailed: Wrong address or password.
        TooManyAttempts: Too many failed for this account or from this address.
    """
    # A NUL or half a character would not reach the database.
    wanted = "".join(filter(str.isprintable, email.strip().lower()[:EMAIL_LIMIT]))
    account = attempts.of_account("sign_in", wanted, limits)
    origin = attempts.of_address("sign_in", address, limits)
    person = _tried(wanted, password, [account, origin], now=now, limits=limits)
    if person is None:
        raise SignInFailed
    person_id, stored = person
    # Made here: hashing takes longer than a transaction may.
    fresh = hash_password(password) if is_outdated(stored) else None

    def work(session: Session) -> None:
        attempts.end_try(session, account, [origin], now=now)
        attempts.forget_old_tries(session, before=now - limits.window)
        if fresh is not None:
            same = (Person.id == person_id, Person.password_hash == stored)
            session.execute(update(Person).where(*same).values(password_hash=fresh))

    transact(work)
    return person_id


def change_own_password(
    current: str, new: str, *, actor: Actor, now: datetime, limits: Limits
) -> None:
    """Give the actor a new password; all sessions end, the present one too.

    Raises:
        InvalidRequest: ``password_wrong`` on the field ``current``, or a new
            password that is refused, on the field ``password``.
        TooManyAttempts: The current password was wrong too often.
    """
    if actor.person_id is None:
        raise NotAllowed.because("sign_in_first")
    person_id = actor.person_id
    person = _person(person_id)
    # Before the present one is tried: a new one that is refused is no failed try.
    check_password(new, email=person.email, name=person.name)
    account = attempts.of_account("password", str(person_id), limits)
    if _tried(person.email, current, [account], now=now, limits=limits) is None:
        raise InvalidRequest.because("password_wrong", "current")
    fresh = hash_password(new)

    def work(session: Session) -> None:
        attempts.end_try(session, account, [], now=now)
        choose_password(session, active_person(session, person_id), fresh, now)
        audit(session, actor, "password", ("person", person_id), now=now)

    transact(work)


def set_password(person_id: int, password: str, *, actor: Actor, now: datetime) -> None:
    """Give somebody a new password, as an admin; all sessions of that person end.

    Raises:
        NotAllowed: The actor is no admin.
        NotFound: There is no such person.
        InvalidRequest: The password is refused.
    """
    require_admin(actor)
    person = _person(person_id)
    check_password(password, email=person.email, name=person.name)
    fresh = hash_password(password)

    def work(session: Session) -> None:
        choose_password(session, active_person(session, person_id), fresh, now)
        audit(session, actor, "password", ("person", person_id), now=now)

    transact(work)


def _tried(
    email: str, password: str, counters: list[Counter], *, now: datetime, limits: Limits
) -> tuple[int, str] | None:
    """Count the try, then return id and stored hash of whom the password belongs to."""

    def work(session: Session) -> tuple[int, str | None] | None:
        attempts.begin_try(session, counters, now=now, window=limits.window)
        found = session.execute(
            select(Person.id, Person.password_hash).where(
                Person.email == email, Person.archived_at.is_(None)
            )
        ).first()
        return None if found is None else (found.id, found.password_hash)

    found = transact(work)
    stored = None if found is None else found[1]
    if not verify_password(stored, password) or found is None or stored is None:
        return None
    return found[0], stored


def _person(person_id: int) -> Person:
    found = (
        db.session()
        .execute(select(Person).where(Person.id == person_id, Person.archived_at.is_(None)))
        .scalar()
    )
    if found is None:
        raise NotFound("person", person_id)
    return found
