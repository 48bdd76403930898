"""Who looks, who asks, and who decides: what every page and every verb needs of a person."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    Integer,
    String,
    bindparam,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.core.values import Actor, Door, Grant, Role, State
from booking.models import (
    Allocation,
    Membership,
    Notice,
    Occurrence,
    Person,
    RoleGrant,
    Space,
)
from booking.queries.people.names import initials

# What every page asks: built once, as building a statement costs more than running it.
_UNREAD = (
    select(func.count())
    .where(Notice.person_id == bindparam("id"), Notice.read_at.is_(None))
    .scalar_subquery()
)
_NO_ID, _NO_TEXT = cast(null(), Integer), cast(null(), String)
_PERSON = select(
    literal("person").label("what"),
    _NO_ID.label("organisation_id"),
    Person.is_demo.label("flag"),
    _NO_ID.label("site_id"),
    _NO_ID.label("space_id"),
    Person.name,
    Person.email,
    Person.locale,
    Person.theme,
    Person.sign_in_epoch,
    _UNREAD.label("unread"),
).where(Person.id == bindparam("id"), Person.archived_at.is_(None))
_NOBODY = (_NO_TEXT, _NO_TEXT, _NO_TEXT, _NO_TEXT, _NO_ID, _NO_ID)
_MEMBERSHIPS = select(
    literal("organisation"),
    Membership.organisation_id,
    Membership.is_manager,
    _NO_ID,
    _NO_ID,
    *_NOBODY,
).where(Membership.person_id == bindparam("id"))
_GRANTS = select(
    RoleGrant.role, _NO_ID, false(), RoleGrant.site_id, RoleGrant.space_id, *_NOBODY
).where(RoleGrant.person_id == bindparam("id"))
_VIEWER: Any = union_all(_PERSON, _MEMBERSHIPS, _GRANTS)  # a row of any, so no type of its own
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


def viewer_of(session: Session, person_id: int, *, now: datetime | None = None) -> Viewer | None:
    """Return what pages show of a person; None if there is none, or an archived one.

    One statement, two for approvers.  With ``now``, requests for a time that
    is over are not counted as pending.
    """
    found = _read(session, person_id, Door.WEB)
    if found is None:
        return None
    row, actor = found
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
        is_demo=row.flag,
    )


def actor_of(session: Session, person_id: int, door: Door) -> Actor:
    """Return the person as the one who asks through this door; one statement.

    Raises:
        NotFound: If there is no such person, or an archived one.
    """
    found = _read(session, person_id, door)
    if found is None:
        raise NotFound("person", person_id)
    return found[1]


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


def admins(session: Session, site_id: int) -> set[int]:
    """Return who runs a site, or the whole installation; one statement."""
    query = (
        select(RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.role == Role.ADMIN.value,
            RoleGrant.site_id.is_(None) | (RoleGrant.site_id == site_id),
            Person.archived_at.is_(None),
        )
    )
    return {row.person_id for row in session.execute(query)}


def managers(session: Session, organisation_id: int) -> set[int]:
    """Return who manages an organisation; one statement."""
    query = (
        select(Membership.person_id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.is_manager,
            Person.archived_at.is_(None),
        )
    )
    return {row.person_id for row in session.execute(query)}


def mail_choice(session: Session, person_id: int) -> tuple[frozenset[str], int]:
    """Return the codes that a person does not get by mail, and the hours of its reminders."""
    stored: Any = session.execute(select(Person.mail_choice).where(Person.id == person_id)).scalar()
    chosen = stored or {}
    return frozenset(chosen.get("off", ())), int(chosen.get("remind_hours", 0))


def _read(session: Session, person_id: int, door: Door) -> tuple[Any, Actor] | None:
    """Return the row of a person and the actor; memberships and grants come in one statement."""
    rows = session.connection().execute(_VIEWER, {"id": person_id}).all()
    person = next((row for row in rows if row.what == "person"), None)
    if person is None:
        return None
    places = [(row.organisation_id, row.flag) for row in rows if row.what == "organisation"]
    grants = [
        (row.what, row.site_id, row.space_id)
        for row in rows
        if row.what not in ("person", "organisation")
    ]
    return person, actor_with(person_id, person.name, person.locale, door, places, grants)


def actor_with(
    person_id: int,
    name: str,
    locale: str | None,
    door: Door,
    places: Collection[tuple[int, Any]],
    grants: Collection[tuple[str, int | None, int | None]],
) -> Actor:
    """Return the person as an actor.

    ``places`` has the ids of its organisations, each with whether it manages it, ``grants``
    its roles with their site and space.
    """
    return Actor(
        person_id=person_id,
        name=name,
        door=door,
        grants=frozenset(Grant(Role(role), site, space) for role, site, space in grants),
        organisations=frozenset(organisation_id for organisation_id, _manages in places),
        manages=frozenset(organisation_id for organisation_id, manages in places if manages),
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
