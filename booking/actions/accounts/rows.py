"""Steps that several account verbs share; each runs inside the verb's transaction."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.permissions import may_administer
from booking.core.values import Actor, Grant, Role
from booking.models import Invitation, Membership, Organisation, Person, RoleGrant, Site, Space


def active_person(session: Session, person_id: int) -> Person:
    """Return a person's row, locked for the change.

    Raises:
        NotFound: If there is no such person, or an archived one.
    """
    found = session.execute(
        select(Person)
        .where(Person.id == person_id, Person.archived_at.is_(None))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar()
    if found is None:
        raise NotFound("person", person_id)
    return found


def require_organisation(session: Session, organisation_id: int) -> None:
    """Raise ``NotFound`` where there is no such organisation, or an archived one."""
    found = session.execute(
        select(Organisation.id).where(
            Organisation.id == organisation_id, Organisation.archived_at.is_(None)
        )
    ).first()
    if found is None:
        raise NotFound("organisation", organisation_id)


def require_free_email(session: Session, email: str) -> None:
    """Raise ``InvalidRequest`` where somebody has this address already."""
    taken = select(Person.id).where(Person.email == email, Person.archived_at.is_(None))
    if session.execute(taken).first() is not None:
        raise InvalidRequest.because("email_taken", "email")


def require_admin(actor: Actor) -> None:
    """Raise ``NotAllowed`` for everybody but admins of the whole installation."""
    if not may_administer(actor):
        raise NotAllowed.because("admins_only")


def require_may_grant(session: Session, grants: Iterable[Grant], actor: Actor) -> None:
    """Check that each grant makes sense and that the actor runs all that it covers.

    Raises:
        InvalidRequest: A role that follows from an organisation, or two scopes at once.
        NotFound: The site or space is unknown.
        NotAllowed: The actor is no admin there.
    """
    for grant in grants:
        wrong_role = grant.role not in (Role.APPROVER, Role.ADMIN)
        two_scopes = grant.site_id is not None and grant.space_id is not None
        if wrong_role or two_scopes or (grant.role is Role.ADMIN and grant.space_id is not None):
            raise InvalidRequest.because("role_invalid", "role")
        if not may_administer(actor, _site_of(session, grant)):
            raise NotAllowed.because("admins_only")


def add_grant(session: Session, person_id: int, grant: Grant) -> bool:
    """Insert a grant unless it is there; say whether it was inserted."""
    there = (
        RoleGrant.person_id == person_id,
        RoleGrant.role == grant.role.value,
        RoleGrant.site_id.is_not_distinct_from(grant.site_id),
        RoleGrant.space_id.is_not_distinct_from(grant.space_id),
    )
    if session.execute(select(RoleGrant.id).where(*there)).first() is not None:
        return False
    session.execute(insert(RoleGrant).values(person_id=person_id, **grant_values(grant)))
    return True


def put_membership(
    session: Session, person_id: int, organisation_id: int, *, is_manager: bool
) -> None:
    """Make the person a member or a manager, whatever it was before."""
    key = (Membership.person_id == person_id, Membership.organisation_id == organisation_id)
    session.execute(delete(Membership).where(*key))
    session.execute(
        insert(Membership).values(
            person_id=person_id, organisation_id=organisation_id, is_manager=is_manager
        )
    )


def choose_password(session: Session, person: Person, password_hash: str, now: datetime) -> None:
    """Store a new password, end all sessions and make open reset links void."""
    person.password_hash = password_hash
    person.sign_in_epoch += 1
    person.version += 1
    session.execute(
        update(Invitation)
        .where(Invitation.person_id == person.id, Invitation.used_at.is_(None))
        .values(used_at=now)
    )


def keep_an_admin(session: Session, *, without_person: int) -> None:
    """Refuse to lose the last admin of the whole installation.

    Call it before the change: the rows are locked, so that two admins cannot
    remove each other at the same moment.

    Raises:
        NotAllowed: ``last_admin``, if nobody but this person is one.
    """
    admins = session.execute(
        select(RoleGrant.person_id)
        .where(
            RoleGrant.role == Role.ADMIN.value,
            RoleGrant.site_id.is_(None),
            RoleGrant.space_id.is_(None),
        )
        .order_by(RoleGrant.id)
        .with_for_update()
    ).scalars()
    if set(admins) == {without_person}:
        raise NotAllowed.because("last_admin")


def grant_values(grant: Grant) -> dict[str, object]:
    """Return a grant as the columns and the JSON of invitations have it."""
    return {"role": grant.role.value, "site_id": grant.site_id, "space_id": grant.space_id}


def _site_of(session: Session, grant: Grant) -> int | None:
    if grant.space_id is not None:
        site_id = session.execute(select(Space.site_id).where(Space.id == grant.space_id)).scalar()
        if site_id is None:
            raise NotFound("space", grant.space_id)
        return site_id
    if grant.site_id is not None and session.get(Site, grant.site_id) is None:
        raise NotFound("site", grant.site_id)
    return grant.site_id
