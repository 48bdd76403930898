"""People, what they may do and who invited them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    BindParameter,
    Boolean,
    Select,
    bindparam,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from booking.core.errors import NotFound
from booking.core.values import Actor, Door, Grant, Role, State
from booking.models import (
    Allocation,
    Invitation,
    Membership,
    Notice,
    Occurrence,
    Organisation,
    Person,
    RoleGrant,
    Site,
    Space,
)

Scope = Literal["all", "site", "space", "organisation"]

# What every page asks: built once, as building a statement costs more than running it.
_UNREAD = (
    select(func.count())
    .where(Notice.person_id == bindparam("id"), Notice.read_at.is_(None))
    .scalar_subquery()
)
_VIEWER = select(
    Person.id,
    Person.name,
    Person.email,
    Person.locale,
    Person.theme,
    Person.sign_in_epoch,
    Person.is_demo,
    _UNREAD.label("unread"),
).where(Person.id == bindparam("id"), Person.archived_at.is_(None))
_MEMBERSHIPS = select(
    literal("organisation").label("role"),
    Membership.organisation_id,
    Membership.is_manager,
    null().label("site_id"),
    null().label("space_id"),
).where(Membership.person_id == bindparam("id"))
_GRANTS = select(RoleGrant.role, null(), false(), RoleGrant.site_id, RoleGrant.space_id).where(
    RoleGrant.person_id == bindparam("id")
)
_HELD: Any = union_all(_MEMBERSHIPS, _GRANTS)  # a row of either, so no type of its own
_SPACES: BindParameter[int] = bindparam("spaces", expanding=True)
_SITES: BindParameter[int] = bindparam("sites", expanding=True)
# By the index that holds only requests.
_PENDING = (
    select(func.count(Occurrence.booking_id.distinct()))
    .select_from(Allocation)
    .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
    .join(Space, Space.id == Allocation.space_id)
    .where(
        Allocation.state == literal(State.REQUESTED.value, literal_execute=True),
        Allocation.end > bindparam("since"),
        or_(
            bindparam("all", type_=Boolean),
            Allocation.space_id.in_(_SPACES),
            Space.site_id.in_(_SITES),
        ),
    )
)
_DECIDERS = (
    select(RoleGrant.person_id, RoleGrant.role, RoleGrant.site_id, RoleGrant.space_id)
    .join(Person, Person.id == RoleGrant.person_id)
    .where(
        Person.archived_at.is_(None),
        or_(RoleGrant.site_id.is_(None), RoleGrant.site_id == bindparam("site_id")),
        or_(RoleGrant.space_id.is_(None), RoleGrant.space_id.in_(_SPACES)),
    )
)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at the page: the actor, and what every page shows of that person.

    ``unread`` notices wait in the inbox; ``pending`` bookings wait for a
    decision that this person may make (0 for whoever decides nothing).
    """

    actor: Actor
    name: str
    email: str
    initials: str
    locale: str | None
    theme: str
    epoch: int
    unread: int
    pending: int
    is_demo: bool

    @property
    def person_id(self) -> int:
        """The id of the person; a viewer always has one."""
        return self.actor.person_id or 0


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


@dataclass(frozen=True, slots=True)
class InvitationView:
    """A one-time link as its reader, or the list of people, shows it.

    ``person_id`` set means "choose a new password" for that person.
    """

    id: int
    email: str
    name: str
    person_id: int | None
    organisation_id: int | None
    organisation_name: str
    is_manager: bool
    invited_by: str
    created_at: datetime
    expires_at: datetime


def viewer_of(session: Session, person_id: int, *, now: datetime | None = None) -> Viewer | None:
    """Return what pages show of a person; None if there is none, or an archived one.

    Two statements, three for approvers.  With ``now``, requests for a time
    that is over are not counted as pending.
    """
    row = session.connection().execute(_VIEWER, {"id": person_id}).first()
    if row is None:
        return None
    actor = _actor(session, row.id, row.name, locale=row.locale, door=Door.WEB)
    return Viewer(
        actor=actor,
        name=row.name,
        email=row.email,
        initials=initials(row.name),
        locale=row.locale,
        theme=row.theme,
        epoch=row.sign_in_epoch,
        unread=row.unread,
        pending=_pending(session, actor.grants, now),
        is_demo=row.is_demo,
    )


def actor_of(session: Session, person_id: int, door: Door) -> Actor:
    """Return the person as the one who asks through this door; two statements.

    Raises:
        NotFound: If there is no such person, or an archived one.
    """
    row = session.connection().execute(_VIEWER, {"id": person_id}).first()
    if row is None:
        raise NotFound("person", person_id)
    return _actor(session, row.id, row.name, locale=row.locale, door=door)


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


def deciders(session: Session, space_ids: Collection[int], *, site_id: int) -> set[int]:
    """Return who is to be told of a request for these spaces of a site; one statement.

    Those are the approvers of each space; where a space has none, the admins.
    """
    asked = {"site_id": site_id, "spaces": [*space_ids]}
    rows = session.connection().execute(_DECIDERS, asked).all()
    found: set[int] = set()
    for space_id in space_ids:
        here = [row for row in rows if row.space_id in (None, space_id)]
        approvers = {row.person_id for row in here if row.role == Role.APPROVER.value}
        found |= approvers or {row.person_id for row in here if row.role == Role.ADMIN.value}
    return found


def nobody_yet(session: Session) -> bool:
    """Whether the house has no account at all, so that the first admin is missing."""
    return session.execute(select(Person.id).limit(1)).first() is None


def open_invitation(session: Session, token_hash: str, *, now: datetime) -> InvitationView:
    """Return the invitation behind a link that can still be used.

    Raises:
        NotFound: If the link is unknown, used or expired; which of them is not told.
    """
    row = session.execute(_invitations(now).where(Invitation.token_hash == token_hash)).first()
    if row is None:
        raise NotFound("invitation")
    return _invitation_view(row)


def open_invitations(
    session: Session, *, now: datetime, organisation_ids: Collection[int] | None = None
) -> list[InvitationView]:
    """Return invitations of new people that can still be used, the latest first.

    With ``organisation_ids`` only those into these organisations.
    """
    query = _invitations(now).where(Invitation.person_id.is_(None))
    if organisation_ids is not None:
        query = query.where(Invitation.organisation_id.in_(organisation_ids))
    rows = session.execute(query.order_by(Invitation.created_at.desc(), Invitation.id.desc()))
    return [_invitation_view(row) for row in rows]


def mail_choice(session: Session, person_id: int) -> tuple[frozenset[str], int]:
    """Return the codes that a person does not get by mail, and the hours of its reminders."""
    stored: Any = session.execute(select(Person.mail_choice).where(Person.id == person_id)).scalar()
    chosen = stored or {}
    return frozenset(chosen.get("off", ())), int(chosen.get("remind_hours", 0))


@dataclass(frozen=True, slots=True)
class LinkView:
    """A one-time link as its mail needs it; ``locale`` is the reader's or the inviter's."""

    id: int
    email: str
    name: str
    person_id: int | None
    invited_by: str
    locale: str | None
    expires_at: datetime


def link(session: Session, invitation_id: int) -> LinkView:
    """Return a one-time link, used or not.

    Raises:
        NotFound: If there is no such link.
    """
    reader, maker = aliased(Person), aliased(Person)
    row = session.execute(
        select(Invitation, reader.name, reader.locale, maker.name, maker.locale)
        .outerjoin(reader, reader.id == Invitation.person_id)
        .outerjoin(maker, maker.id == Invitation.created_by_id)
        .where(Invitation.id == invitation_id)
    ).first()
    if row is None:
        raise NotFound("invitation", invitation_id)
    found, name, locale, inviter, inviters_locale = row
    return LinkView(
        found.id,
        found.email,
        name or found.name,
        found.person_id,
        inviter or "",
        locale if found.person_id else inviters_locale,
        found.expires_at,
    )


def initials(name: str) -> str:
    """Return one or two capitals for a name's badge: of its first and its last word."""
    letters = [
        letter
        for word in name.split()
        if (letter := next((each for each in word if each.isalnum()), ""))
    ]
    if not letters:
        return name[:1] or "?"
    return "".join(letters[:1] + letters[1:][-1:]).upper()


def _actor(session: Session, person_id: int, name: str, *, locale: str | None, door: Door) -> Actor:
    """Read memberships and grants in one statement."""
    rows = session.connection().execute(_HELD, {"id": person_id}).all()
    places = [row for row in rows if row.role == "organisation"]
    return Actor(
        person_id=person_id,
        name=name,
        door=door,
        grants=frozenset(
            Grant(Role(row.role), row.site_id, row.space_id)
            for row in rows
            if row.role != "organisation"
        ),
        organisations=frozenset(row.organisation_id for row in places),
        manages=frozenset(row.organisation_id for row in places if row.is_manager),
        locale=locale,
    )


def _pending(session: Session, grants: Iterable[Grant], now: datetime | None) -> int:
    """Count open requests, a series as one, by the index that holds only requests."""
    scopes = {(grant.site_id, grant.space_id) for grant in grants}
    if not scopes:
        return 0
    asked = {
        "all": any(site_id is None and space_id is None for site_id, space_id in scopes),
        "spaces": [space_id for _, space_id in scopes if space_id is not None],
        "sites": [site_id for site_id, space_id in scopes if site_id is not None and not space_id],
        "since": now or _EVER,
    }
    return session.connection().execute(_PENDING, asked).scalar_one()


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


def _invitations(now: datetime) -> Select[Any]:
    host = aliased(Person)
    columns: tuple[Any, ...] = (
        Invitation.id,
        Invitation.email,
        Invitation.name,
        Invitation.person_id,
        Invitation.organisation_id,
        func.coalesce(Organisation.name, "").label("organisation_name"),
        Invitation.is_manager,
        func.coalesce(host.name, "").label("invited_by"),
        Invitation.created_at,
        Invitation.expires_at,
    )
    return (
        select(*columns)
        .outerjoin(Organisation, Organisation.id == Invitation.organisation_id)
        .outerjoin(host, host.id == Invitation.created_by_id)
        .where(Invitation.used_at.is_(None), Invitation.expires_at > now)
    )


def _invitation_view(row: Any) -> InvitationView:
    """``row`` is of ``_invitations``, whose columns are in the order of the value's fields."""
    return InvitationView(*row)
