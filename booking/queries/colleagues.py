"""The people of organisations: for whom somebody may book."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from booking.models import Membership, Organisation, Person

_ALL = (
    select(Person.id, Person.name, Organisation.id, Organisation.name)
    .join(Membership, Membership.person_id == Person.id)
    .join(Organisation, Organisation.id == Membership.organisation_id)
    .where(Person.archived_at.is_(None), Organisation.archived_at.is_(None))
    .order_by(Organisation.name, func.lower(Person.name), Person.id)
)
_EVERYBODY = (
    select(Person.id, Person.name, Organisation.id, func.coalesce(Organisation.name, ""))
    .outerjoin(Membership, Membership.person_id == Person.id)
    .outerjoin(
        Organisation,
        (Organisation.id == Membership.organisation_id) & Organisation.archived_at.is_(None),
    )
    .where(Person.archived_at.is_(None))
    .order_by(Organisation.name.is_(None), Organisation.name, func.lower(Person.name), Person.id)
)
_OF = _ALL.where(Organisation.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person in one organisation (None: in none); whoever belongs to two is there twice."""

    person_id: int
    name: str
    organisation_id: int | None
    organisation_name: str


def colleagues(
    session: Session, organisation_ids: Collection[int] | None = None
) -> list[Colleague]:
    """Return the people of organisations (None: of all), by organisation, then by name.

    Archived people and organisations are left out.
    """
    if organisation_ids is None:
        rows = session.connection().execute(_ALL)
    else:
        rows = session.connection().execute(_OF, {"ids": [*organisation_ids]})
    return [Colleague(*row) for row in rows]


def everybody(session: Session) -> list[Colleague]:
    """Return all people who are not archived, those of no organisation last."""
    return [Colleague(*row) for row in session.connection().execute(_EVERYBODY)]
