"""The app passwords of people: who has which, and whose a secret is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.core.devices import Access, Listed, listed_of
from booking.core.errors import NotFound
from booking.models import AppPassword, Person


@dataclass(frozen=True, slots=True)
class AppPasswordView:
    """An app password as its owner sees it in the list: everything but the secret.

    ``last_used_at`` is right to the hour, None where it was never used; ``collections`` None
    stands for all calendars.
    """

    id: int
    name: str
    access: Access
    collections: frozenset[Listed] | None
    created_at: datetime
    last_used_at: datetime | None
    person_id: int
    owner_name: str
    owner_email: str


_OPEN = (
    select(
        AppPassword.id,
        AppPassword.name,
        AppPassword.access,
        AppPassword.collections,
        AppPassword.created_at.label("created_at"),
        AppPassword.last_used_at.label("last_used_at"),
        AppPassword.person_id,
        Person.name.label("owner_name"),
        Person.email.label("owner_email"),
    )
    .join(Person, Person.id == AppPassword.person_id)
    .where(AppPassword.revoked_at.is_(None), Person.archived_at.is_(None))
)
# Every request of every calendar app asks this: built once.
_OF_SECRET = _OPEN.where(AppPassword.secret_hash == bindparam("secret_hash"))


def app_passwords(session: Session, person_id: int | None = None) -> list[AppPasswordView]:
    """Return the app passwords of a person (None: of all) that work, the latest first."""
    query = _OPEN
    if person_id is not None:
        query = query.where(AppPassword.person_id == person_id)
    rows = session.execute(query.order_by(AppPassword.created_at.desc(), AppPassword.id.desc()))
    return [_view(row) for row in rows]


def app_password(session: Session, password_id: int) -> AppPasswordView:
    """Return one app password that works.

    Raises:
        NotFound: If there is none with this id.
    """
    row = session.execute(_OPEN.where(AppPassword.id == password_id)).first()
    if row is None:
        raise NotFound("app_password", password_id)
    return _view(row)


def app_password_of_secret(session: Session, secret_hash: str) -> AppPasswordView | None:
    """Return the app password with this stored secret, None where there is none that works."""
    row = session.connection().execute(_OF_SECRET, {"secret_hash": secret_hash}).first()
    return None if row is None else _view(row)


def _view(row: Any) -> AppPasswordView:  # a row of the statement above
    lists = row.collections
    return AppPasswordView(
        id=row.id,
        name=row.name,
        access=Access(row.access),
        collections=None if lists is None else frozenset(filter(None, map(listed_of, lists))),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        person_id=row.person_id,
        owner_name=row.owner_name,
        owner_email=row.owner_email,
    )
