"""Screens of a house: which there are, and which one an address is of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.models import Floor, Screen, Space


@dataclass(frozen=True, slots=True)
class ScreenView:
    """A screen without its secret; ``space_id`` None is one at the entrance.

    ``last_used_at`` is right to the hour, None where it was never switched on.
    """

    id: int
    site_id: int
    name: str
    space_id: int | None
    space_name: str
    floor_id: int | None
    floor_name: str
    created_at: datetime
    last_used_at: datetime | None


_COLUMNS: tuple[Any, ...] = (  # of ScreenView, in its order
    Screen.id,
    Screen.site_id,
    Screen.name,
    Screen.space_id,
    Space.name.label("space_name"),
    Screen.floor_id,
    Floor.name.label("floor_name"),
    Screen.created_at,
    Screen.last_used_at,
)
_ALIVE = (
    select(*_COLUMNS)
    .outerjoin(Space, Space.id == Screen.space_id)
    .outerjoin(Floor, Floor.id == Screen.floor_id)
    .where(Screen.revoked_at.is_(None))
)
_OF_SITE = _ALIVE.where(Screen.site_id == bindparam("site_id")).order_by(Screen.name, Screen.id)
# Every screen asks for this twice a minute: built once.
_OF_TOKEN = _ALIVE.where(Screen.token_hash == bindparam("token_hash"))


def screens(session: Session, site_id: int) -> list[ScreenView]:
    """Return the screens of a house whose links are not revoked, by name; one statement."""
    rows = session.connection().execute(_OF_SITE, {"site_id": site_id})
    return [_view(row) for row in rows]


def screen_of_token(session: Session, token_hash: str) -> ScreenView:
    """Return the screen with this stored token.

    Raises:
        NotFound: If there is none, or it is revoked; which of the two is not told.
    """
    row = session.connection().execute(_OF_TOKEN, {"token_hash": token_hash}).first()
    if row is None:
        raise NotFound("screen")
    return _view(row)


def _view(row: Any) -> ScreenView:  # Any: a row
    screen_id, site_id, name, space_id, space, floor_id, floor, made, used = row
    return ScreenView(
        screen_id, site_id, name, space_id, space or "", floor_id, floor or "", made, used
    )
