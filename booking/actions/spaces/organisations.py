"""Organisations of the house, made by who runs the installation."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only, name_of
from booking.core.errors import InvalidRequest
from booking.core.values import Actor, OrganisationKind
from booking.db import transact
from booking.models import Organisation


def create_organisation(name: str, kind: OrganisationKind, actor: Actor, *, now: datetime) -> int:
    """Store an organisation and return its id.

    Raises:
        NotAllowed: If the actor does not run the installation.
        InvalidRequest: If the name is missing or taken.
    """
    admins_only(actor)
    clean = name_of(name)

    def store(session: Session) -> int:
        if session.execute(select(Organisation.id).where(Organisation.name == clean)).first():
            raise InvalidRequest.because("name_taken", "name", name=clean)
        organisation_id = session.execute(
            insert(Organisation).values(name=clean, kind=kind.value).returning(Organisation.id)
        ).scalar_one()
        record.audit(
            session,
            actor,
            "create",
            ("organisation", organisation_id),
            now=now,
            new={"name": clean},
        )
        return int(organisation_id)

    return transact(store)
