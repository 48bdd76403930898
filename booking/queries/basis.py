"""What a request rests on, asked under the lock of its spaces: in one statement."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, String, bindparam, exists, select
from sqlalchemy.orm import Session

from booking.core.categories import BUILT_IN
from booking.core.errors import NotFound
from booking.core.requests import BookingRequest
from booking.core.values import Site
from booking.db import Plain, Stored
from booking.models import Booking, CategoryRow, Membership, Organisation, Person
from booking.queries.houses import site_of_row, site_with


@dataclass(frozen=True, slots=True)
class Basis:
    """The site of a request, and whether all is there that it names.

    ``is_together``: whether its organiser is a member of its organisation.  ``twin_id`` is the
    booking that came of the same form when it was sent before, ``uid_id`` the one that has
    its UID already; None where there is none.
    """

    site: Site
    has_organisation: bool
    has_organiser: bool
    is_together: bool
    is_offered: bool
    twin_id: int | None
    uid_id: int | None


_ORGANISATION: Any = bindparam("organisation", type_=Integer)
_ORGANISER: Any = bindparam("organiser", type_=Integer)
_CODE: Any = bindparam("category", type_=String)
_OF_CODE = CategoryRow.code == _CODE
_MORE = (
    exists().where(Organisation.id == _ORGANISATION, Organisation.archived_at.is_(None)),
    exists().where(Person.id == _ORGANISER, Person.archived_at.is_(None)),
    exists().where(Membership.person_id == _ORGANISER, Membership.organisation_id == _ORGANISATION),
    # None for one of the product's own that nobody touched.
    select(CategoryRow.archived_at.is_(None)).where(_OF_CODE).scalar_subquery(),
    select(Booking.id)
    .where(
        Booking.created_by_id == bindparam("actor", type_=Integer),
        Booking.request_key == bindparam("key", type_=String),
    )
    .scalar_subquery(),
    select(Booking.id).where(Booking.uid == bindparam("uid", type_=String)).scalar_subquery(),
)
_BASIS = Plain(lambda _dialect: site_with(*_MORE))


def basis_of(
    session: Session,
    request: BookingRequest,
    *,
    site_id: int,
    actor_id: int | None,
    uid: str | None = None,
) -> Basis:
    """Return what a request for spaces of a site rests on, with the UID that it is to have.

    Raises:
        NotFound: If there is no such site.
    """
    asked: dict[str, Stored] = {
        "site_id": site_id,
        "organisation": request.organisation_id,
        "organiser": request.organiser_id,
        "category": request.category,
        "actor": actor_id,
        "key": request.request_key,
        "uid": uid,
    }
    rows = _BASIS.run(session.connection(), asked)
    if not rows:
        raise NotFound("site", site_id)
    *site, has_organisation, has_organiser, is_together, is_offered, twin_id, uid_id = rows[0]
    return Basis(
        site_of_row(tuple(site)),
        bool(has_organisation),
        bool(has_organiser),
        bool(is_together),
        request.category in BUILT_IN if is_offered is None else bool(is_offered),
        twin_id,
        uid_id,
    )
