"""Spaces of a site and the parts they consist of, made by who runs the site."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.freed import MOST_DAYS_AHEAD, claim_freed
from booking.actions.spaces.checks import admins_only
from booking.actions.spaces.editing import SpaceEdit, checked_edit, last_position
from booking.actions.spaces.floors import check_floor
from booking.core.errors import InvalidRequest
from booking.core.intervals import Interval
from booking.core.values import Actor, SpaceKind
from booking.db import transact
from booking.models import Space, SpacePart
from booking.queries import houses


@dataclass(frozen=True, slots=True)
class SpaceRequest:
    """A space of a site; buffers in minutes.  ``part_ids`` empty: it is its own part.

    ``position`` None puts it after all others.

    ``parts_bookable`` False takes its parts from what can be booked on their
    own: rooms that become one.
    """

    site_id: int
    kind: SpaceKind
    name: str
    description: str = ""
    capacity: int | None = None
    features: tuple[str, ...] = ()
    colour: int = 0
    area_m2: float | None = None
    lanes: int = 1
    bookable: bool = True
    needs_approval: bool = False
    requests_hold: bool = True
    setup_min: int = 0
    cleanup_min: int = 0
    position: int | None = None
    floor_id: int | None = None
    part_ids: tuple[int, ...] = ()
    parts_bookable: bool = True

    @property
    def details(self) -> SpaceEdit:
        """What can be changed later."""
        return SpaceEdit(
            self.kind,
            self.name,
            description=self.description,
            capacity=self.capacity,
            features=self.features,
            colour=self.colour,
            area_m2=self.area_m2,
            bookable=self.bookable,
            setup_min=self.setup_min,
            cleanup_min=self.cleanup_min,
        )


def create_space(request: SpaceRequest, actor: Actor, *, now: datetime) -> int:
    """Store a space with its parts and return its id.

    Raises:
        NotAllowed: If the actor does not run the site.
        InvalidRequest: If a value is out of range.
    """
    admins_only(actor, request.site_id)
    wish = checked_edit(request.details)
    if request.lanes < 1:
        raise InvalidRequest.because("space_invalid", "lanes")
    if request.part_ids and request.lanes != 1:
        raise InvalidRequest.because("space_invalid", "lanes")

    def store(session: Session) -> int:
        houses.site(session, request.site_id)
        parts = _simple_parts(session, request)
        check_floor(session, request.floor_id, request.site_id)
        space_id = int(
            session.execute(
                insert(Space)
                .values(
                    site_id=request.site_id,
                    floor_id=request.floor_id,
                    kind=wish.kind.value,
                    name=wish.name,
                    description=wish.description,
                    capacity=wish.capacity,
                    features=list(wish.features),
                    colour=wish.colour,
                    area_m2=wish.area_m2,
                    area_given=wish.area_m2 is not None,
                    lanes=request.lanes,
                    bookable=wish.bookable,
                    needs_approval=request.needs_approval,
                    requests_hold=request.requests_hold,
                    setup_s=wish.setup_min * 60,
                    cleanup_s=wish.cleanup_min * 60,
                    position=last_position(session, request.site_id)
                    if request.position is None
                    else request.position,
                )
                .returning(Space.id)
            ).scalar_one()
        )
        session.execute(
            insert(SpacePart),
            [{"space_id": space_id, "part_id": each} for each in parts or (space_id,)],
        )
        if not parts:
            # A house that is closed next week is so for its new rooms too.
            coming = Interval(now, now + timedelta(days=MOST_DAYS_AHEAD))
            lanes = range(request.lanes)
            claim_freed(session, [record.Claim(space_id, coming, lane) for lane in lanes], now=now)
        if not request.parts_bookable:
            _merge(session, request.part_ids, actor, now=now)
        record.audit(
            session, actor, "create", ("space", space_id), now=now, new={"name": wish.name}
        )
        return space_id

    return transact(store)


def _simple_parts(session: Session, request: SpaceRequest) -> tuple[int, ...]:
    """Return the physical parts: a part that is itself combined stands for its own parts."""
    found = record.lock_spaces(session, request.part_ids)  # nobody divides them meanwhile
    if any(found.get(each) is None for each in request.part_ids):
        raise InvalidRequest.because("space_unknown", "part_ids")
    chosen = [found[each] for each in request.part_ids]
    if any(each.site_id != request.site_id for each in chosen):
        raise InvalidRequest.because("spaces_of_several_sites", "part_ids")
    return tuple(sorted({part for each in chosen for part in each.part_ids}))


def _merge(session: Session, space_ids: Iterable[int], actor: Actor, *, now: datetime) -> None:
    """Take spaces from what can be booked; what is booked in them stays."""
    session.execute(
        update(Space)
        .where(Space.id.in_(space_ids))
        .values(bookable=False, version=Space.version + 1)
    )
    for each in space_ids:
        record.audit(session, actor, "edit", ("space", each), now=now, new={"bookable": False})
        record.bump(session, {("space", each): False}, uid=f"space-{each}", now=now)
