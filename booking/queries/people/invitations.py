"""One-time links: invitations, and new passwords."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Select,
    func,
    select,
)
from sqlalchemy.orm import Session, aliased

from booking.core.errors import NotFound
from booking.models import (
    Invitation,
    Organisation,
    Person,
)


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
