"""The secret links to feeds: who has which."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.models import Person, Space, Subscription

Detail = Literal["full", "busy"]


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A link as its owner sees it in the list: everything but the secret.

    ``space_id`` (and ``site_id``) None is the owner's own calendar.  ``last_used_at`` is right
    to the hour, None where the link was never used.
    """

    id: int
    name: str
    detail: Detail
    person_id: int
    owner_name: str
    owner_email: str
    space_id: int | None
    space_name: str
    site_id: int | None
    created_at: datetime
    last_used_at: datetime | None
    token_hash: str


_COLUMNS: tuple[Any, ...] = (  # of SubscriptionView, in its order
    Subscription.id,
    Subscription.name,
    Subscription.detail,
    Subscription.person_id,
    Person.name.label("owner_name"),
    Person.email,
    Subscription.space_id,
    Space.name.label("space_name"),
    Space.site_id,
    Subscription.created_at,
    Subscription.last_used_at,
    Subscription.token_hash,
)
_LINKS = (
    select(*_COLUMNS)
    .join(Person, Person.id == Subscription.person_id)
    .outerjoin(Space, Space.id == Subscription.space_id)
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
    return [SubscriptionView(*row) for row in rows]


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
    return SubscriptionView(*row)
