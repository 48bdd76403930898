"""Sites, spaces and organisations: made by an administrator."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfoNotFoundError

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.actions import record
from booking.core import permissions
from booking.core.checks import one_line
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.recurrence import zone_info
from booking.core.values import Actor, OrganisationKind, SpaceKind
from booking.db import transact
from booking.models import Organisation, Site, Space, SpacePart
from booking.queries import houses


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """A building; opening hours are wall clock, midnight as closing time ends the day."""

    name: str
    zone: str = "Europe/Paris"
    address: str = ""
    country: str = "FR"
    region: str = ""
    opens: time = time(8)
    closes: time = time(20)
    bookable_days: int = 400


@dataclass(frozen=True, slots=True)
class SpaceRequest:
    """A space of a site; buffers in minutes.  ``part_ids`` empty: it is its own part."""

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
    position: int = 0
    floor_id: int | None = None
    part_ids: tuple[int, ...] = ()


def create_site(request: SiteRequest, actor: Actor, *, now: datetime) -> int:
    """Store a site and return its id; its slug is made from the name.

    Raises:
        NotAllowed: If the actor does not run the installation.
        InvalidRequest: If name, zone or hours make no sense.
    """
    admins_only(actor)
    name = _name(request.name)
    try:
        zone_info(request.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidRequest.because("zone_unknown", "zone", zone=request.zone) from None
    opens, closes = _minutes(request.opens), _minutes(request.closes) or 1440
    if closes <= opens:
        raise InvalidRequest.because("hours_invalid", "closes")

    def store(session: Session) -> int:
        site_id = session.execute(
            insert(Site)
            .values(
                slug=_free_slug(session, name),
                name=name,
                zone=request.zone,
                address=one_line(request.address),
                country=request.country,
                region=request.region,
                opens_min=opens,
                closes_min=closes,
                bookable_days=request.bookable_days,
            )
            .returning(Site.id)
        ).scalar_one()
        record.audit(session, actor, "create", ("site", site_id), now=now, new={"name": name})
        return int(site_id)

    return transact(store)


def create_space(request: SpaceRequest, actor: Actor, *, now: datetime) -> int:
    """Store a space with its parts and return its id.

    Raises:
        NotAllowed: If the actor does not run the site.
        InvalidRequest: If a value is out of range.
    """
    admins_only(actor, request.site_id)
    name = _name(request.name)
    if not (0 <= request.colour < 16 and request.lanes >= 1):
        raise InvalidRequest.because("space_invalid", "lanes")
    if request.part_ids and request.lanes != 1:
        raise InvalidRequest.because("space_invalid", "lanes")

    def store(session: Session) -> int:
        houses.site(session, request.site_id)
        space_id = int(
            session.execute(
                insert(Space)
                .values(
                    site_id=request.site_id,
                    floor_id=request.floor_id,
                    kind=request.kind.value,
                    name=name,
                    description=one_line(request.description),
                    capacity=request.capacity,
                    features=list(request.features),
                    colour=request.colour,
                    area_m2=request.area_m2,
                    lanes=request.lanes,
                    bookable=request.bookable,
                    needs_approval=request.needs_approval,
                    requests_hold=request.requests_hold,
                    setup_s=request.setup_min * 60,
                    cleanup_s=request.cleanup_min * 60,
                    position=request.position,
                )
                .returning(Space.id)
            ).scalar_one()
        )
        parts = _simple_parts(session, request) or (space_id,)
        session.execute(
            insert(SpacePart), [{"space_id": space_id, "part_id": each} for each in parts]
        )
        record.audit(session, actor, "create", ("space", space_id), now=now, new={"name": name})
        return space_id

    return transact(store)


def create_organisation(name: str, kind: OrganisationKind, actor: Actor, *, now: datetime) -> int:
    """Store an organisation and return its id.

    Raises:
        NotAllowed: If the actor does not run the installation.
        InvalidRequest: If the name is missing or taken.
    """
    admins_only(actor)
    clean = _name(name)

    def store(session: Session) -> int:
        if session.execute(select(Organisation.id).where(Organisation.name == clean)).first():
            raise InvalidRequest.because("name_taken", "name", name=clean)
        organisation_id = session.execute(
            insert(Organisation).values(name=clean, kind=kind.value).returning(Organisation.id)
        ).scalar_one()
        record.audit(
            session,
            actor,
            "create",
            ("organisation", organisation_id),
            now=now,
            new={"name": clean},
        )
        return int(organisation_id)

    return transact(store)


def admins_only(actor: Actor, site_id: int | None = None) -> None:
    """Refuse whoever does not run the site (None: the installation).

    Raises:
        NotAllowed: Always with the same reason.
    """
    if not permissions.may_administer(actor, site_id):
        raise NotAllowed.because("admins_only")


def _simple_parts(session: Session, request: SpaceRequest) -> tuple[int, ...]:
    """Return the physical parts: a part that is itself combined stands for its own parts."""
    found = houses.spaces_by_id(session, request.part_ids)
    if any(found.get(each) is None for each in request.part_ids):
        raise InvalidRequest.because("space_unknown", "part_ids")
    if any(each.site_id != request.site_id for each in found.values()):
        raise InvalidRequest.because("spaces_of_several_sites", "part_ids")
    return tuple(sorted({part for each in found.values() for part in each.part_ids}))


def _name(name: str) -> str:
    clean = one_line(name)
    if not clean:
        raise InvalidRequest.because("name_missing", "name")
    if len(clean) > 120:
        raise InvalidRequest.because("name_too_long", "name", limit=120)
    return clean


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _free_slug(session: Session, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:50] or "site"
    taken = set(session.execute(select(Site.slug).where(Site.slug.like(f"{base}%"))).scalars())
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(each for each in numbered if each not in taken)
