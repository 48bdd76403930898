"""One-time links: a new account with its place in the house, or a new password."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions.accounts.attempts import Limits, begin_try, of_account, of_address
from booking.actions.accounts.passwords import check_password, hash_password
from booking.actions.accounts.rows import (
    active_person,
    add_grant,
    choose_password,
    grant_values,
    put_membership,
    require_admin,
    require_free_email,
    require_may_grant,
    require_organisation,
)
from booking.actions.accounts.texts import clean_email, clean_name
from booking.actions.record import audit
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.permissions import may_administer, may_invite
from booking.core.values import Actor, Door, Grant, Role
from booking.db import db, transact
from booking.models import Invitation, Person
from booking.queries.people import actor_of, nobody_yet, open_invitation
from booking.secrets import hash_token, new_token

LIFETIME = timedelta(days=14)
RESET_LIFETIME = timedelta(hours=4)
FORGOTTEN = Limits(attempts=3, window=timedelta(hours=1))
LINK_JOB = "link"


@dataclass(frozen=True, slots=True)
class InvitationRequest:
    """Whom to invite, and into what; ``name`` is only proposed to the person."""

    email: str
    name: str = ""
    organisation_id: int | None = None
    is_manager: bool = False
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a person with a one-time link chose.

    ``name`` is not used for a new password, ``email`` only by the first
    admin, whose link belongs to no address.
    """

    password: str
    name: str = ""
    email: str = ""


def invite(
    wanted: InvitationRequest,
    actor: Actor,
    *,
    now: datetime,
    lifetime: timedelta = LIFETIME,
    by_mail: bool = False,
) -> str:
    """Return the secret of a one-time link; only its hash is kept.

    An earlier link for the same address and organisation is void.  With
    ``by_mail`` the person gets a mail, whose link takes this one's place.

    Raises:
        NotAllowed: Managers invite only into organisations that they manage,
            and give no roles beyond them.
        InvalidRequest: The address or name is refused, or has an account.
        NotFound: The organisation, site or space is unknown.
    """
    if not may_invite(actor, wanted.organisation_id):
        raise NotAllowed.because("not_your_organisation")
    email = clean_email(wanted.email)
    name = clean_name(wanted.name) if wanted.name.strip() else ""
    token = new_token()

    def work(session: Session) -> str:
        if wanted.organisation_id is not None:
            require_organisation(session, wanted.organisation_id)
        require_may_grant(session, wanted.grants, actor)
        require_free_email(session, email)
        _make_void(
            session,
            Invitation.email == email,
            Invitation.person_id.is_(None),
            Invitation.organisation_id.is_not_distinct_from(wanted.organisation_id),
            now=now,
        )
        invitation_id = _add(
            session,
            token,
            now=now,
            lifetime=lifetime,
            email=email,
            name=name,
            organisation_id=wanted.organisation_id,
            is_manager=wanted.is_manager and wanted.organisation_id is not None,
            grants=[grant_values(grant) for grant in wanted.grants],
            created_by_id=actor.person_id,
        )
        new = {"organisation_id": wanted.organisation_id, "is_manager": wanted.is_manager}
        audit(session, actor, "invite", ("invitation", invitation_id), now=now, new=new)
        if by_mail:
            outbox.put(session, LINK_JOB, {"invitation": invitation_id}, now=now)
        return token

    return transact(work)


def first_admin_link(actor: Actor, *, now: datetime, lifetime: timedelta = LIFETIME) -> str:
    """Return the secret of a link by which the first admin of an empty house comes in.

    Earlier ones are void.

    Raises:
        NotAllowed: If the actor is not the operator, or somebody has an account already.
    """
    if not actor.operator:
        raise NotAllowed.because("admins_only")
    token = new_token()

    def work(session: Session) -> str:
        if not nobody_yet(session):
            raise NotAllowed.because("house_has_people")
        _make_void(session, Invitation.email == "", now=now)
        grants = [grant_values(Grant(Role.ADMIN))]
        made = _add(session, token, now=now, lifetime=lifetime, email="", grants=grants)
        audit(session, actor, "invite", ("invitation", made), now=now, new={"role": "admin"})
        return token

    return transact(work)


def reset_link(
    person_id: int, actor: Actor, *, now: datetime, lifetime: timedelta = LIFETIME
) -> str:
    """Return the secret of a link by which a person chooses a new password.

    The old password works until then.  Earlier links of the person are void.

    Raises:
        NotAllowed: The actor is no admin.
        NotFound: There is no such person.
    """
    require_admin(actor)
    token = new_token()

    def work(session: Session) -> str:
        person = active_person(session, person_id)
        _make_void(session, Invitation.person_id == person_id, now=now)
        _add(
            session,
            token,
            now=now,
            lifetime=lifetime,
            email=person.email,
            person_id=person_id,
            created_by_id=actor.person_id,
        )
        audit(session, actor, "reset_link", ("person", person_id), now=now)
        return token

    return transact(work)


def forgotten_password(
    email: str, *, address: str, now: datetime, limits: Limits = FORGOTTEN
) -> None:
    """Mail a link for a new password to whoever has this address, if anybody has.

    Nothing tells whether somebody has it.  Earlier links of the person are void.

    Raises:
        InvalidRequest: The address cannot be one.
        TooManyAttempts: It was asked for too often, for this account or from this network.
    """
    email = clean_email(email)
    counters = (
        of_account("forgotten", email, limits),
        of_address("forgotten", address, limits),
    )

    def work(session: Session) -> None:
        begin_try(session, counters, now=now, window=limits.window)
        person = session.execute(
            select(Person.id, Person.name).where(
                Person.email == email, Person.archived_at.is_(None), Person.is_demo.is_(False)
            )
        ).first()
        if person is None:
            return
        _make_void(session, Invitation.person_id == person.id, now=now)
        made = _add(
            session, new_token(), now=now, lifetime=RESET_LIFETIME, email=email, person_id=person.id
        )
        outbox.put(session, LINK_JOB, {"invitation": made}, now=now)
        nobody = Actor(None, "", Door.WEB)  # whoever asked has not shown who it is
        audit(session, nobody, "forgotten", ("person", person.id), now=now)

    transact(work)


def renew_secret(invitation_id: int, *, now: datetime) -> str | None:
    """Give a link that nobody has used yet a new secret, for the mail that is about to leave.

    The stored hash cannot be mailed; so a mail that goes out twice leaves the
    later link working.  None where the link is used, void or expired.
    """
    token = new_token()

    def work(session: Session) -> str | None:
        renewed = session.execute(
            update(Invitation)
            .where(
                Invitation.id == invitation_id,
                Invitation.used_at.is_(None),
                Invitation.expires_at > now,
            )
            .values(token_hash=hash_token(token))
            .returning(Invitation.id)
        ).scalar()
        return None if renewed is None else token

    return transact(work)


def accept_invitation(
    token: str, chosen: Acceptance, *, now: datetime, door: Door = Door.WEB
) -> int:
    """Make the account, or set the new password, and return the person's id.

    Of several that use the same link at the same time exactly one succeeds.
    A link gives what its maker may still give: whoever lost a role takes the
    links made with it along.

    Raises:
        NotFound: The link is unknown, used or expired, or its maker may not do this any more.
        InvalidRequest: Name, password or address is refused.
    """
    hashed = hash_token(token)
    invitation = open_invitation(db.session(), hashed, now=now)
    email = invitation.email or clean_email(chosen.email)
    is_new = invitation.person_id is None
    name = clean_name(chosen.name) if is_new else ""
    check_password(chosen.password, email=email, name=name)
    password_hash = hash_password(chosen.password)

    def work(session: Session) -> int:
        row = _claimed(session, hashed, now)
        _check_maker(session, row)
        if row.person_id is not None:
            person = active_person(session, row.person_id)
            choose_password(session, person, password_hash, now)
        else:
            person = _come_in(
                session, row, email=email, name=name, password_hash=password_hash, now=now
            )
        actor = Actor(person.id, person.name, door)
        verb = "accept" if is_new else "password"
        audit(session, actor, verb, ("person", person.id), now=now, new={"invitation": row.id})
        return person.id

    return transact(work)


def withdraw_invitation(invitation_id: int, actor: Actor, *, now: datetime) -> None:
    """Make a link void that nobody has used; does nothing where it is void already.

    Raises:
        NotFound: There is no such invitation, or it is not the actor's to withdraw.
    """

    def work(session: Session) -> None:
        row = session.get(Invitation, invitation_id)
        if row is None or not may_invite(actor, row.organisation_id):
            raise NotFound("invitation", invitation_id)
        _make_void(session, Invitation.id == invitation_id, now=now)
        audit(session, actor, "withdraw", ("invitation", invitation_id), now=now)

    transact(work)


def _add(session: Session, token: str, *, now: datetime, lifetime: timedelta, **values: Any) -> int:
    row = {"token_hash": hash_token(token), "created_at": now, "expires_at": now + lifetime}
    made = session.execute(insert(Invitation).values(**row, **values).returning(Invitation.id))
    return made.scalar_one()


def _make_void(session: Session, *which: Any, now: datetime) -> None:
    session.execute(
        update(Invitation).where(Invitation.used_at.is_(None), *which).values(used_at=now)
    )


def _claimed(session: Session, token_hash: str, now: datetime) -> Invitation:
    """Use the link up: the one update that changes a row wins, all others find nothing."""
    claimed = session.execute(
        update(Invitation)
        .where(
            Invitation.token_hash == token_hash,
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(used_at=now)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if claimed is None:
        raise NotFound("invitation")
    return session.get_one(Invitation, claimed, populate_existing=True)


def _check_maker(session: Session, invitation: Invitation) -> None:
    if invitation.created_by_id is None:
        return  # the operator at the command line
    try:
        maker = actor_of(session, invitation.created_by_id, Door.WEB)
        require_may_grant(session, map(_grant, invitation.grants), maker)
    except (NotFound, NotAllowed):
        raise NotFound("invitation") from None
    is_reset = invitation.person_id is not None
    if not (may_administer(maker) if is_reset else may_invite(maker, invitation.organisation_id)):
        raise NotFound("invitation")


def _come_in(
    session: Session,
    invitation: Invitation,
    *,
    email: str,
    name: str,
    password_hash: str,
    now: datetime,
) -> Person:
    if not invitation.email and not nobody_yet(session):
        raise NotFound("invitation")  # somebody else became the first admin
    person = new_or_returning(session, email, name, now=now)
    choose_password(session, person, password_hash, now)
    if invitation.organisation_id is not None:
        put_membership(
            session, person.id, invitation.organisation_id, is_manager=invitation.is_manager
        )
    for each in invitation.grants:
        add_grant(session, person.id, _grant(each))
    return person


def new_or_returning(session: Session, email: str, name: str, *, now: datetime) -> Person:
    """Return a new row for this address, or the archived one, brought back without any role.

    Raises:
        InvalidRequest: ``email_taken``.
    """
    # One statement for "is it taken" and "is it there": between two somebody may come in.
    person = session.execute(
        select(Person)
        .where(Person.email == email)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar()
    if person is not None and person.archived_at is None:
        raise InvalidRequest.because("email_taken", "email")
    if person is None:
        person = Person(email=email, created_at=now, sign_in_epoch=1, version=1)
        session.add(person)
    person.name, person.archived_at = name, None
    try:
        session.flush()
    except IntegrityError as error:  # somebody took the address in this moment
        raise InvalidRequest.because("email_taken", "email") from error
    return person


def _grant(stored: dict[str, Any]) -> Grant:
    return Grant(Role(stored["role"]), stored["site_id"], stored["space_id"])
