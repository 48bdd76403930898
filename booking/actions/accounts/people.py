"""Accounts, profiles, roles and memberships."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from booking.actions.accounts.invitations import new_or_returning
from booking.actions.accounts.passwords import check_password, hash_password
from booking.actions.accounts.rows import (
    active_person,
    add_grant,
    grant_values,
    keep_an_admin,
    put_membership,
    require_admin,
    require_may_grant,
    require_organisation,
)
from booking.actions.accounts.texts import clean_email, clean_name
from booking.actions.forgetting import forget_busy_of
from booking.actions.record import audit
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.permissions import may_administer, may_invite
from booking.core.values import Actor, Grant, Role
from booking.db import transact
from booking.i18n import LANGUAGES
from booking.models import AppPassword, Invitation, Membership, Person, RoleGrant, Subscription

THEMES = ("auto", "light", "dark")
REMINDERS = (0, 1, 3, 24, 48)  # hours before a booking


@dataclass(frozen=True, slots=True)
class NewPerson:
    """An account as an operator or an admin makes it.

    Without ``password`` nobody can sign in until a reset link is used.
    ``managed`` organisations are among ``organisations`` or added to them.
    """

    email: str
    name: str
    password: str | None = None
    organisations: tuple[int, ...] = ()
    managed: tuple[int, ...] = ()
    grants: tuple[Grant, ...] = ()
    locale: str | None = None
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What people choose for themselves; ``locale`` None follows the browser."""

    name: str
    locale: str | None
    theme: str


@dataclass(frozen=True, slots=True)
class MailChoice:
    """What a person gets by mail; the inbox gets everything.

    ``off`` are the codes of messages that are not mailed.  ``remind_hours``
    is how long before a booking it is recalled, 0 never.
    """

    off: frozenset[str] = frozenset()
    remind_hours: int = 0


def create_person(wanted: NewPerson, actor: Actor, *, now: datetime) -> int:
    """Make an account without an invitation and return the person's id.

    Raises:
        NotAllowed: The actor is no admin.
        InvalidRequest: Address, name, password or a role is refused, or the
            address has an account.
        NotFound: An organisation, site or space is unknown.
    """
    require_admin(actor)
    email, name = clean_email(wanted.email), clean_name(wanted.name)
    _check_locale(wanted.locale)
    password_hash = None
    if wanted.password is not None:
        check_password(wanted.password, email=email, name=name)
        password_hash = hash_password(wanted.password)

    def work(session: Session) -> int:
        require_may_grant(session, wanted.grants, actor)
        person = new_or_returning(session, email, name, now=now)
        person.password_hash = password_hash
        person.locale, person.is_demo = wanted.locale, wanted.is_demo
        for organisation_id in {*wanted.organisations, *wanted.managed}:
            require_organisation(session, organisation_id)
            is_manager = organisation_id in wanted.managed
            put_membership(session, person.id, organisation_id, is_manager=is_manager)
        for grant in wanted.grants:
            add_grant(session, person.id, grant)
        session.flush()
        audit(session, actor, "create", ("person", person.id), now=now)
        return person.id

    return transact(work)


def update_profile(wanted: Profile, actor: Actor, *, now: datetime) -> None:
    """Store the actor's own name, language and theme.

    Raises:
        InvalidRequest: One of them is refused.
    """
    if actor.person_id is None:
        raise NotAllowed.because("sign_in_first")
    person_id, name = actor.person_id, clean_name(wanted.name)
    _check_locale(wanted.locale)
    _check_theme(wanted.theme)

    def work(session: Session) -> None:
        person = active_person(session, person_id)
        renamed = person.name != name
        old = {"locale": person.locale, "theme": person.theme, "renamed": False}
        new = {"locale": wanted.locale, "theme": wanted.theme, "renamed": renamed}
        if old == new:
            return
        person.name, person.locale, person.theme = name, wanted.locale, wanted.theme
        person.version += 1
        # The names themselves stay out, so that a person can be erased.
        audit(session, actor, "profile", ("person", person_id), now=now, old=old, new=new)

    transact(work)


def choose_mails(wanted: MailChoice, actor: Actor, *, known: Collection[str]) -> None:
    """Store what the actor gets by mail; ``known`` are the codes that can be chosen.

    Raises:
        NotAllowed: Nobody is signed in.
        InvalidRequest: A code or a time is none of those offered.
    """
    if actor.person_id is None:
        raise NotAllowed.because("sign_in_first")
    if wanted.remind_hours not in REMINDERS or not wanted.off <= set(known):
        raise InvalidRequest.because("mail_choice_unknown", "remind")
    stored = {"off": sorted(wanted.off), "remind_hours": wanted.remind_hours}

    def work(session: Session) -> None:
        mine = Person.id == actor.person_id
        session.execute(update(Person).where(mine).values(mail_choice=stored))

    transact(work)


def choose_theme(theme: str, actor: Actor) -> None:
    """Store the actor's theme alone, as the switch in the header does.

    Raises:
        InvalidRequest: There is no such theme.
    """
    _check_theme(theme)

    def work(session: Session) -> None:
        mine = Person.id == actor.person_id
        session.execute(update(Person).where(mine).values(theme=theme))

    transact(work)


def archive_person(person_id: int, actor: Actor, *, now: datetime) -> None:
    """Close an account: sessions, feeds, app passwords, one-time links, roles and memberships end.

    Links that the person made for others are void too.  Bookings stay, with the person's name.

    Raises:
        NotAllowed: The actor is no admin, or archives itself or the last admin.
        NotFound: There is no such person, or it is archived already.
    """
    require_admin(actor)
    if person_id == actor.person_id:
        raise NotAllowed.because("not_yourself")

    def work(session: Session) -> None:
        keep_an_admin(session, without_person=person_id)
        person = active_person(session, person_id)
        person.archived_at = now
        person.sign_in_epoch += 1
        person.version += 1
        session.execute(delete(Membership).where(Membership.person_id == person_id))
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == person_id))
        for secret in (Subscription, AppPassword):
            open_ones = (secret.person_id == person_id, secret.revoked_at.is_(None))
            session.execute(update(secret).where(*open_ones).values(revoked_at=now))
        forget_busy_of(session, person_id)
        links = or_(Invitation.person_id == person_id, Invitation.created_by_id == person_id)
        unused = Invitation.used_at.is_(None)
        session.execute(update(Invitation).where(links, unused).values(used_at=now))
        audit(session, actor, "archive", ("person", person_id), now=now)

    transact(work)


def grant_role(person_id: int, grant: Grant, *, actor: Actor, now: datetime) -> None:
    """Make somebody approver or admin; does nothing where the person is it already.

    Raises:
        NotAllowed: The actor does not run what the grant covers.
        InvalidRequest: The role cannot be granted so.
        NotFound: The person, site or space is unknown.
    """

    def work(session: Session) -> None:
        require_may_grant(session, [grant], actor)
        active_person(session, person_id)
        if add_grant(session, person_id, grant):
            new = grant_values(grant)
            audit(session, actor, "grant", ("person", person_id), now=now, new=new)

    transact(work)


def revoke_role(person_id: int, grant: Grant, *, actor: Actor, now: datetime) -> None:
    """Take a role back; does nothing where the person has it not.

    Raises:
        NotAllowed: The actor does not run what the grant covers, or it would
            leave the installation without an admin.
        NotFound: The person, site or space is unknown.
    """

    def work(session: Session) -> None:
        require_may_grant(session, [grant], actor)
        if grant == Grant(Role.ADMIN):
            keep_an_admin(session, without_person=person_id)
        active_person(session, person_id)
        gone = session.execute(
            delete(RoleGrant)
            .where(
                RoleGrant.person_id == person_id,
                RoleGrant.role == grant.role.value,
                RoleGrant.site_id.is_not_distinct_from(grant.site_id),
                RoleGrant.space_id.is_not_distinct_from(grant.space_id),
            )
            .returning(RoleGrant.id)
        ).all()
        if gone:
            old = grant_values(grant)
            audit(session, actor, "revoke", ("person", person_id), now=now, old=old)

    transact(work)


def set_membership(
    person_id: int, organisation_id: int, *, is_manager: bool, actor: Actor, now: datetime
) -> None:
    """Put somebody into an organisation, or change whether the person manages it.

    Raises:
        NotAllowed: Admins may, and managers for the people of an organisation they manage.
        NotFound: The person or organisation is unknown.
    """

    def work(session: Session) -> None:
        active_person(session, person_id)
        require_organisation(session, organisation_id)
        before = _membership(session, person_id, organisation_id)
        _check_place(before, actor, organisation_id)
        if before is is_manager:
            return
        put_membership(session, person_id, organisation_id, is_manager=is_manager)
        old = {"organisation_id": organisation_id, "is_manager": before}
        new = {"organisation_id": organisation_id, "is_manager": is_manager}
        audit(session, actor, "membership", ("person", person_id), now=now, old=old, new=new)

    transact(work)


def end_membership(person_id: int, organisation_id: int, *, actor: Actor, now: datetime) -> None:
    """Take somebody out of an organisation; does nothing where the person is not in it.

    Raises:
        NotAllowed: Admins may, and managers for the people of an organisation they manage.
        NotFound: There is no such person.
    """

    def work(session: Session) -> None:
        active_person(session, person_id)
        before = _membership(session, person_id, organisation_id)
        _check_place(before, actor, organisation_id)
        if before is None:
            return
        key = (Membership.person_id == person_id, Membership.organisation_id == organisation_id)
        session.execute(delete(Membership).where(*key))
        old = {"organisation_id": organisation_id, "is_manager": before}
        audit(session, actor, "leave", ("person", person_id), now=now, old=old)

    transact(work)


def _membership(session: Session, person_id: int, organisation_id: int) -> bool | None:
    """Return whether the person manages the organisation, None where it is no member."""
    return session.execute(
        select(Membership.is_manager).where(
            Membership.person_id == person_id, Membership.organisation_id == organisation_id
        )
    ).scalar()


def _check_place(before: bool | None, actor: Actor, organisation_id: int) -> None:
    if not may_invite(actor, organisation_id):
        raise NotAllowed.because("not_your_organisation")
    if before is None and not may_administer(actor):
        # Managers bring people in by invitation; whom else they name is none of their business.
        raise NotFound("person")


def _check_locale(locale: str | None) -> None:
    if locale is not None and locale not in LANGUAGES:
        raise InvalidRequest.because("language_unknown", "locale")


def _check_theme(theme: str) -> None:
    if theme not in THEMES:
        raise InvalidRequest.because("theme_unknown", "theme")
