"""The secret links to feeds: who has which."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from booking.core.calendars import Filter, Scope
from booking.core.errors import NotFound
from booking.models import Floor, Organisation, Person, Space, Subscription

Detail = Literal["full", "busy"]


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A link as its owner sees it in the list: everything but the secret.

    ``place`` names the space or the floor it is of, ``site_id`` is where that is, or all
    that it is of.  ``last_used_at`` is right to the hour, None where the link was never used.
    """

    id: int
    name: str
    detail: Detail
    person_id: int
    owner_name: str
    owner_email: str
    place: str
    site_id: int | None
    organisation_name: str
    created_at: datetime
    last_used_at: datetime | None
    token_hash: str
    scope: Scope


_SCOPE: tuple[Any, ...] = (  # in the order of Scope
    Subscription.mine,
    Subscription.space_id,
    Subscription.floor_id,
    Subscription.site_id,
    Subscription.organisation_id,
    Subscription.category,
    Subscription.only,
)
_COLUMNS: tuple[Any, ...] = (  # of SubscriptionView, in its order
    Subscription.id,
    Subscription.name,
    Subscription.detail,
    Subscription.person_id,
    Person.name.label("owner_name"),
    Person.email,
    func.coalesce(Space.name, Floor.name, ""),
    func.coalesce(Space.site_id, Floor.site_id, Subscription.site_id),
    func.coalesce(Organisation.name, ""),
    Subscription.created_at,
    Subscription.last_used_at,
    Subscription.token_hash,
)
_LINKS = (
    select(*_COLUMNS, *_SCOPE)
    .join(Person, Person.id == Subscription.person_id)
    .outerjoin(Space, Space.id == Subscription.space_id)
    .outerjoin(Floor, Floor.id == Subscription.floor_id)
    .outerjoin(Organisation, Organisation.id == Subscription.organisation_id)
    .where(Subscription.revoked_at.is_(None))
)
# Every calendar program asks for this every few minutes: built once.
_OF_TOKEN = _LINKS.where(Subscription.token_hash == bindparam("token_hash"))


def subscriptions(session: Session, person_id: int | None = None) -> list[SubscriptionView]:
    """Return the links of a person (None: of all) that are not revoked, the latest first."""
    query = _LINKS
    if person_id is not None:
        query = query.where(Subscription.person_id == person_id)
    rows = session.execute(query.order_by(Subscription.created_at.desc(), Subscription.id.desc()))
    return [_view(row) for row in rows]


def subscription(session: Session, subscription_id: int) -> SubscriptionView:
    """Return one link that is not revoked.

    Raises:
        NotFound: If there is none with this id.
    """
    return _one(session, _LINKS.where(Subscription.id == subscription_id))


def subscription_of_token(session: Session, token_hash: str) -> SubscriptionView:
    """Return the link with this stored token.

    Raises:
        NotFound: If there is none, or it is revoked; which of the two is not told.
    """
    return _one(session, _OF_TOKEN, token_hash=token_hash)


def _one(session: Session, query: Select[Any], **values: str) -> SubscriptionView:
    row = session.connection().execute(query, values).first()
    if row is None:
        raise NotFound("subscription")
    return _view(row)


def _view(row: Row[Any]) -> SubscriptionView:
    known = len(_COLUMNS)
    scope, only = Scope(*row[known:-1]), row[-1]
    if only is not None:
        scope = replace(scope, only=Filter.from_json(only))
    values: tuple[Any, ...] = (*row[:known], scope)
    return SubscriptionView(*values)
