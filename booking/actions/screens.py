"""Links of screens at the entrance and at doors: made, revoked, marked as used."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from booking import secrets
from booking.actions import record
from booking.actions.spaces.checks import admins_only, name_of
from booking.actions.spaces.floors import check_floor
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.values import Actor
from booking.db import transact
from booking.models import Screen, Space
from booking.queries import houses

MOST_SCREENS = 200  # of one house
USE_NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ScreenRequest:
    """A screen to set up: at the door of a space, or (``space_id`` None) at the entrance.

    ``floor_id`` is where it hangs.
    """

    site_id: int
    name: str
    space_id: int | None = None
    floor_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewScreen:
    """A screen that was just made: its id, and the secret that is never shown again."""

    id: int
    token: str

    @property
    def path(self) -> str:
        """The path of its page, from the root of the service."""
        return f"/screens/{self.token}"


def create_screen(request: ScreenRequest, actor: Actor, *, now: datetime) -> NewScreen:
    """Make the link of a screen.

    Raises:
        NotAllowed: If the actor does not run the house, or it has enough screens.
        NotFound: If there is no such house.
        InvalidRequest: If the name, the space or the floor will not do.
    """
    admins_only(actor, request.site_id)
    name = name_of(request.name)
    token = secrets.new_token()

    def store(session: Session) -> int:
        houses.site(session, request.site_id)
        check_floor(session, request.floor_id, request.site_id)
        _check_space(session, request)
        _check_number(session, request.site_id)
        values = {
            "site_id": request.site_id,
            "space_id": request.space_id,
            "floor_id": request.floor_id,
            "name": name,
        }
        row = {"token_hash": secrets.hash_token(token), "created_at": now, **values}
        screen_id: int = session.execute(
            insert(Screen).values(row).returning(Screen.id)
        ).scalar_one()
        record.audit(session, actor, "create", ("screen", screen_id), now=now, new=values)
        return screen_id

    return NewScreen(transact(store), token)


def revoke_screen(screen_id: int, actor: Actor, *, now: datetime) -> None:
    """End a link: its address answers 404 from now on.  A revoked one stays revoked.

    Raises:
        NotFound: If there is no such screen.
        NotAllowed: If the actor does not run its house.
    """

    def store(session: Session) -> None:
        site_id = session.scalar(select(Screen.site_id).where(Screen.id == screen_id))
        if site_id is None:
            raise NotFound("screen", screen_id)
        admins_only(actor, site_id)
        ended = session.execute(
            update(Screen)
            .where(Screen.id == screen_id, Screen.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(Screen.id)
        ).scalar()
        if ended is not None:
            record.audit(session, actor, "revoke", ("screen", screen_id), now=now)

    transact(store)


def touch_screen(screen_id: int, *, now: datetime) -> None:
    """Write down that a screen is alive; does nothing within an hour of the last time."""
    stale = or_(Screen.last_used_at.is_(None), Screen.last_used_at <= now - USE_NOTED_EVERY)
    note = (
        update(Screen)
        .where(Screen.id == screen_id, stale)
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )
    transact(lambda session: session.execute(note))


def _check_space(session: Session, request: ScreenRequest) -> None:
    if request.space_id is None:
        return
    found = session.scalar(
        select(Space.site_id).where(Space.id == request.space_id, Space.archived_at.is_(None))
    )
    if found != request.site_id:
        raise InvalidRequest.because("space_unknown", "space")


def _check_number(session: Session, site_id: int) -> None:
    alive = select(func.count()).where(Screen.site_id == site_id, Screen.revoked_at.is_(None))
    if session.execute(alive).scalar_one() >= MOST_SCREENS:
        raise NotAllowed.because("too_many_screens", limit=MOST_SCREENS)
