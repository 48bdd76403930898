"""Organisations of the house: made, renamed, archived by who runs the installation."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only, name_of
from booking.core.errors import InvalidRequest, NotFound
from booking.core.values import Actor, OrganisationKind
from booking.db import transact
from booking.models import Organisation
from booking.queries.leases import open_leases_of_organisation


def create_organisation(name: str, kind: OrganisationKind, actor: Actor, *, now: datetime) -> int:
    """Store an organisation and return its id.

    Raises:
        NotAllowed: If the actor does not run the installation.
        InvalidRequest: If the name is missing or taken.
    """
    admins_only(actor)
    clean = name_of(name)

    def store(session: Session) -> int:
        _refuse_taken(session, clean)
        made = insert(Organisation).values(name=clean, kind=kind.value).returning(Organisation.id)
        organisation_id = int(session.execute(made).scalar_one())
        entity, new = ("organisation", organisation_id), {"name": clean, "kind": kind.value}
        record.audit(session, actor, "create", entity, now=now, new=new)
        return organisation_id

    return transact(store)


def edit_organisation(
    organisation_id: int,
    name: str,
    kind: OrganisationKind,
    actor: Actor,
    *,
    version: int,
    now: datetime,
) -> int:
    """Give an organisation another name or kind and return its new version.

    Raises:
        NotAllowed, InvalidRequest: As ``create_organisation``.
        NotFound: If there is no such organisation.
        Stale: If somebody changed it since.
    """
    admins_only(actor)
    clean = name_of(name)

    def store(session: Session) -> int:
        before = _found(session, organisation_id)
        _refuse_taken(session, clean, but=organisation_id)
        old, new = {"name": before.name, "kind": before.kind}, {"name": clean, "kind": kind.value}
        record.next_version(session, Organisation, organisation_id, version, new)
        entity = ("organisation", organisation_id)
        record.audit(session, actor, "edit", entity, now=now, old=old, new=new)
        return version + 1

    return transact(store)


def archive_organisation(
    organisation_id: int, actor: Actor, *, version: int, now: datetime, back: bool = False
) -> int:
    """Offer an organisation no more, or (``back``) again; its bookings keep its name.

    Raises:
        InvalidRequest: If it has a lease that is current or coming.
        NotAllowed, NotFound, Stale: As ``edit_organisation``.
    """
    admins_only(actor)

    def store(session: Session) -> int:
        _found(session, organisation_id)
        # Updating its row locks it: a lease that is being made waits, or was stored before.
        record.next_version(
            session, Organisation, organisation_id, version, {"archived_at": None if back else now}
        )
        if not back and (number := open_leases_of_organisation(session, organisation_id, now=now)):
            raise InvalidRequest.because("organisation_has_leases", number=number)
        entity = ("organisation", organisation_id)
        record.audit(session, actor, "restore" if back else "archive", entity, now=now)
        return version + 1

    return transact(store)


def _found(session: Session, organisation_id: int) -> Any:
    row = session.execute(
        select(Organisation.name, Organisation.kind).where(Organisation.id == organisation_id)
    ).first()
    if row is None:
        raise NotFound("organisation", organisation_id)
    return row


def _refuse_taken(session: Session, name: str, *, but: int | None = None) -> None:
    found = session.execute(select(Organisation.id).where(Organisation.name == name)).scalar()
    if found not in (None, but):
        raise InvalidRequest.because("name_taken", "name", name=name)
