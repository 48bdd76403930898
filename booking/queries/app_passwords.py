"""The app passwords of people: who has which, and whose a secret is."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.core.devices import Access, Listed, listed_of
from booking.core.errors import NotFound
from booking.core.values import Actor, Door
from booking.db import Plain
from booking.models import AppPassword, Person
from booking.queries.people import actor_with


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
_OF_SECRET = _OPEN.where(AppPassword.secret_hash == bindparam("secret_hash"))
# Every request of every calendar app asks this: the password with its person, and on further
# rows what that person may do.
_SIGNED_IN = Plain(
    """
WITH used AS (
  SELECT app_password.*, person.name AS owner, person.email, person.locale
  FROM app_password JOIN person ON person.id = app_password.person_id
  WHERE app_password.secret_hash = :secret_hash
    AND app_password.revoked_s IS NULL AND person.archived_s IS NULL
)
SELECT 'password' AS what, id, person_id, created_s, last_used_s,
  name, access, CAST(collections AS text), owner, email, locale FROM used
UNION ALL
SELECT 'organisation', organisation_id, CAST(is_manager AS integer), NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL
FROM membership WHERE person_id = (SELECT person_id FROM used)
UNION ALL
SELECT role, site_id, space_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM role_grant WHERE person_id = (SELECT person_id FROM used)
"""
)


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


def signed_in(
    session: Session, secret_hash: str, door: Door
) -> tuple[AppPasswordView, Actor] | None:
    """Return the same with its person as an actor; one statement, asked anew each time.

    So whoever revokes a password, or takes a role away, is obeyed by the next request.
    """
    rows = _SIGNED_IN.run(session.connection(), {"secret_hash": secret_hash})
    used = next((row for row in rows if row[0] == "password"), None)
    if used is None:
        return None
    _what, password_id, person_id, created, last, name, access, lists, owner, email, locale = used
    view = AppPasswordView(
        id=password_id,
        name=name,
        access=Access(access),
        collections=_listed(json.loads(lists) if lists else None),
        created_at=datetime.fromtimestamp(created, UTC),
        last_used_at=None if last is None else datetime.fromtimestamp(last, UTC),
        person_id=person_id,
        owner_name=owner,
        owner_email=email,
    )
    places = [(row[1], row[2]) for row in rows if row[0] == "organisation"]
    grants = [row[:3] for row in rows if row[0] not in ("password", "organisation")]
    return view, actor_with(person_id, owner, locale, door, places, grants)


def _listed(names: Sequence[str] | None) -> frozenset[Listed] | None:
    return None if names is None else frozenset(filter(None, map(listed_of, names)))


def _view(row: Any) -> AppPasswordView:  # a row of the statement above
    return AppPasswordView(
        id=row.id,
        name=row.name,
        access=Access(row.access),
        collections=_listed(row.collections),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        person_id=row.person_id,
        owner_name=row.owner_name,
        owner_email=row.owner_email,
    )
