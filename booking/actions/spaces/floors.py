"""Floors: their names and their order; what is on a floor says so itself."""

from datetime import datetime

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only, name_of
from booking.core.errors import InvalidRequest, NotFound, Stale
from booking.core.values import Actor
from booking.db import UTCDateTime, transact
from booking.models import Floor, Screen, Subscription, Underlay
from booking.models import Space as SpaceRow
from booking.queries import houses

LOWEST, HIGHEST = -20, 200
MOST_NAME = 80


def create_floor(site_id: int, level: int, name: str, actor: Actor, *, now: datetime) -> int:
    """Store a floor and return its id; ``level`` 0 is the ground floor.

    Raises:
        NotFound: If there is no such site.
        NotAllowed: If the actor does not run it.
        InvalidRequest: If level or name make no sense.
    """
    admins_only(actor, site_id)
    values = _checked(level, name)

    def store(session: Session) -> int:
        houses.site(session, site_id)
        statement = insert(Floor).values(site_id=site_id, **values).returning(Floor.id)
        floor_id: int = session.execute(statement).scalar_one()
        record.audit(session, actor, "create", ("floor", floor_id), now=now, new=values)
        return floor_id

    return transact(store)


def edit_floor(
    floor_id: int, level: int, name: str, actor: Actor, *, version: int, now: datetime
) -> int:
    """Change a floor and return its new version.

    Raises:
        NotFound: If there is no such floor.
        NotAllowed: If the actor does not run its site.
        Stale: If somebody changed it since.
        InvalidRequest: If level or name make no sense.
    """
    values = _checked(level, name)

    def store(session: Session) -> int:
        before = _found(session, floor_id, actor, version)
        record.next_version(session, Floor, floor_id, version, values)
        old = {"level": before.level, "name": before.name}
        record.audit(session, actor, "edit", ("floor", floor_id), now=now, old=old, new=values)
        return version + 1

    return transact(store)


def remove_floor(floor_id: int, actor: Actor, *, version: int, now: datetime) -> None:
    """Take a floor away that nothing is on.

    Raises:
        NotFound, NotAllowed, Stale: As ``edit_floor``.
        InvalidRequest: If a space is on it, an archived one too.
    """

    def store(session: Session) -> None:
        before = _found(session, floor_id, actor, version)
        number = session.scalar(select(func.count()).where(SpaceRow.floor_id == floor_id))
        if number:
            raise InvalidRequest.because("floor_in_use", number=number)
        # Links to its calendar have shown nothing since its last space went.
        of_it = update(Subscription).where(Subscription.floor_id == floor_id)
        revoked = func.coalesce(Subscription.revoked_at, literal(now, UTCDateTime))
        session.execute(of_it.values(floor_id=None, revoked_at=revoked))
        session.execute(delete(Underlay).where(Underlay.floor_id == floor_id))
        hanging = update(Screen).where(Screen.floor_id == floor_id)
        session.execute(hanging.values(floor_id=None))
        session.execute(delete(Floor).where(Floor.id == floor_id))
        old = {"level": before.level, "name": before.name}
        record.audit(session, actor, "remove", ("floor", floor_id), now=now, old=old, new={})

    transact(store)


def check_floor(session: Session, floor_id: int | None, site_id: int) -> None:
    """Refuse a floor that is not one of this site.

    Raises:
        InvalidRequest: With the field it is about.
    """
    if floor_id is None:
        return
    found = session.scalar(select(Floor.site_id).where(Floor.id == floor_id))
    if found != site_id:
        raise InvalidRequest.because("choice_invalid", "floor")


def _checked(level: int, name: str) -> dict[str, object]:
    clean = name_of(name)
    if len(clean) > MOST_NAME:
        raise InvalidRequest.because("name_too_long", "name", limit=MOST_NAME)
    if not LOWEST <= level <= HIGHEST:
        raise InvalidRequest.because("number_out_of_range", "level", least=LOWEST, most=HIGHEST)
    return {"level": level, "name": clean}


def _found(session: Session, floor_id: int, actor: Actor, version: int) -> Floor:
    found = session.get(Floor, floor_id, populate_existing=True)
    if found is None:
        raise NotFound("floor", floor_id)
    admins_only(actor, found.site_id)
    if found.version != version:
        raise Stale(found.version)
    return found
