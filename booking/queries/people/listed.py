"""People as lists and pages show them, with everything they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    Select,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.core.values import Role
from booking.models import (
    Membership,
    Organisation,
    Person,
    RoleGrant,
    Site,
    Space,
)
from booking.queries.people.names import initials

Scope = Literal["all", "site", "space", "organisation"]


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role and where it counts; ``scope_id`` and ``scope_name`` are empty for all."""

    role: Role
    scope: Scope
    scope_id: int | None = None
    scope_name: str = ""


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person with everything held: grants first, then memberships by organisation."""

    id: int
    email: str
    name: str
    roles: tuple[HeldRole, ...]
    is_demo: bool
    has_password: bool
    archived: bool

    @property
    def initials(self) -> str:
        """One or two letters for the badge."""
        return initials(self.name)

    @property
    def role(self) -> Role:
        """The highest role, whatever its scope."""
        order = list(Role)
        return max((held.role for held in self.roles), key=order.index, default=Role.MEMBER)

    @property
    def organisations(self) -> tuple[HeldRole, ...]:
        """The memberships, by the organisation's name."""
        return tuple(held for held in self.roles if held.scope == "organisation")

    @property
    def grants(self) -> tuple[HeldRole, ...]:
        """The roles that are not about an organisation."""
        return tuple(held for held in self.roles if held.scope != "organisation")


def people(
    session: Session,
    *,
    organisation_ids: Collection[int] | None = None,
    search: str = "",
    limit: int | None = None,
    offset: int = 0,
) -> list[PersonView]:
    """Return people who are not archived, by name, in three statements.

    With ``organisation_ids`` only the people of those organisations, and only
    those of their memberships.  ``search`` looks into names and addresses.
    """
    query = _listed(organisation_ids, search).order_by(func.lower(Person.name), Person.id)
    rows = session.execute(query.limit(limit).offset(offset)).scalars().all()
    return _with_roles(session, rows, organisation_ids)


def person(session: Session, person_id: int) -> PersonView:
    """Return one person, archived or not, with all roles.

    Raises:
        NotFound: If there is no such person.
    """
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound("person", person_id)
    return _with_roles(session, [found], None)[0]


def member_ids(session: Session, organisation_ids: Collection[int]) -> set[int]:
    """Return the ids of all people of these organisations, archived ones too."""
    rows = session.execute(
        select(Membership.person_id).where(Membership.organisation_id.in_(organisation_ids))
    )
    return set(rows.scalars())


def person_id_of(session: Session, email: str) -> int:
    """Return the id of the person with this address, in any case of letters.

    Raises:
        NotFound: If nobody has it, or the person is archived.
    """
    found = session.execute(
        select(Person.id).where(Person.email == email.strip().lower(), Person.archived_at.is_(None))
    ).scalar()
    if found is None:
        raise NotFound("person", email)
    return found


def nobody_yet(session: Session) -> bool:
    """Whether the house has no account at all, so that the first admin is missing."""
    return session.execute(select(Person.id).limit(1)).first() is None


def _listed(organisation_ids: Collection[int] | None, search: str) -> Select[Any]:
    query = select(Person).where(Person.archived_at.is_(None))
    if organisation_ids is not None:
        of_these = select(Membership.person_id).where(
            Membership.organisation_id.in_(organisation_ids)
        )
        query = query.where(Person.id.in_(of_these))
    if search:
        query = query.where(
            or_(
                Person.name.icontains(search, autoescape=True),
                Person.email.icontains(search, autoescape=True),
            )
        )
    return query


def _with_roles(
    session: Session, rows: Iterable[Person], organisation_ids: Collection[int] | None
) -> list[PersonView]:
    listed = list(rows)
    ids = [row.id for row in listed]
    held: defaultdict[int, list[HeldRole]] = defaultdict(list)
    for person_id, role in _granted(session, ids):
        held[person_id].append(role)
    for person_id, role in _member_of(session, ids, organisation_ids):
        held[person_id].append(role)
    everybody = (HeldRole(Role.MEMBER, "all"),)
    return [
        PersonView(
            id=row.id,
            email=row.email,
            name=row.name,
            roles=tuple(held[row.id]) or everybody,
            is_demo=row.is_demo,
            has_password=row.password_hash is not None,
            archived=row.archived_at is not None,
        )
        for row in listed
    ]


def _granted(session: Session, ids: Collection[int]) -> list[tuple[int, HeldRole]]:
    rows = session.execute(
        select(
            RoleGrant.person_id,
            RoleGrant.role,
            RoleGrant.site_id,
            RoleGrant.space_id,
            Site.name.label("site_name"),
            Space.name.label("space_name"),
        )
        .outerjoin(Site, Site.id == RoleGrant.site_id)
        .outerjoin(Space, Space.id == RoleGrant.space_id)
        .where(RoleGrant.person_id.in_(ids))
        .order_by(RoleGrant.id)
    )
    found = []
    for row in rows:
        if row.space_id is not None:
            role = HeldRole(Role(row.role), "space", row.space_id, row.space_name)
        elif row.site_id is not None:
            role = HeldRole(Role(row.role), "site", row.site_id, row.site_name)
        else:
            role = HeldRole(Role(row.role), "all")
        found.append((row.person_id, role))
    return found


def _member_of(
    session: Session, ids: Collection[int], organisation_ids: Collection[int] | None
) -> list[tuple[int, HeldRole]]:
    query = (
        select(Membership, Organisation.name)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id.in_(ids))
        .order_by(Organisation.name)
    )
    if organisation_ids is not None:
        query = query.where(Membership.organisation_id.in_(organisation_ids))
    return [
        (
            member.person_id,
            HeldRole(
                Role.MANAGER if member.is_manager else Role.MEMBER,
                "organisation",
                member.organisation_id,
                name,
            ),
        )
        for member, name in session.execute(query)
    ]
