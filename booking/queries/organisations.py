"""Organisations as those who run the installation see them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.models import Membership, Organisation, Person

_PEOPLE = (
    select(func.count())
    .select_from(Membership)
    .join(Person, Person.id == Membership.person_id)
    .where(Membership.organisation_id == Organisation.id, Person.archived_at.is_(None))
    .scalar_subquery()
)
_ENTRY = select(
    Organisation.id,
    Organisation.name,
    Organisation.kind,
    Organisation.archived_at,
    Organisation.version,
    _PEOPLE.label("people"),
)
_ALL = _ENTRY.order_by(Organisation.archived_at.isnot(None), func.lower(Organisation.name))


@dataclass(frozen=True, slots=True)
class OrganisationEntry:
    """An organisation to administer; ``people`` counts those who have an account."""

    id: int
    name: str
    kind: str
    archived_at: datetime | None
    version: int
    people: int


def entries(session: Session) -> list[OrganisationEntry]:
    """Return all organisations by name, archived ones last; one statement."""
    return [OrganisationEntry(*row) for row in session.connection().execute(_ALL)]
