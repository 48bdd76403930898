"""Sites: the buildings, made by who runs the installation."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfoNotFoundError

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only, name_of
from booking.core.checks import one_line
from booking.core.errors import InvalidRequest
from booking.core.recurrence import zone_info
from booking.core.values import Actor
from booking.db import transact
from booking.models import Site


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


def create_site(request: SiteRequest, actor: Actor, *, now: datetime) -> int:
    """Store a site and return its id; its slug is made from the name.

    Raises:
        NotAllowed: If the actor does not run the installation.
        InvalidRequest: If name, zone or hours make no sense.
    """
    admins_only(actor)
    name = name_of(request.name)
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


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _free_slug(session: Session, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:50] or "site"
    taken = set(session.execute(select(Site.slug).where(Site.slug.like(f"{base}%"))).scalars())
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(each for each in numbered if each not in taken)
