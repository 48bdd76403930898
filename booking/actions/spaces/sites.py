"""Sites: the buildings, made by who runs the installation, changed by who runs them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfoNotFoundError

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only, checked_length, name_of
from booking.core.checks import one_line
from booking.core.days_off import are_codes, school
from booking.core.errors import InvalidRequest, Stale
from booking.core.messages import message
from booking.core.recurrence import zone_info
from booking.core.values import Actor, SitePolicy
from booking.core.values.policy import check_site_policy
from booking.db import transact
from booking.models import Site
from booking.queries import agenda, houses
from booking.queries.spaces import entries

MOST_BOOKABLE_DAYS = 3_660
_CODE = re.compile(r"[A-Z]{2}")
_REGION = re.compile(r"[A-Z0-9-]{0,10}")


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
class SiteEdit:
    """The settings of a site that can be changed at any time, its rules among them."""

    name: str
    address: str
    country: str
    region: str
    opens: time
    closes: time
    bookable_days: int
    policy: SitePolicy
    school_zone: str = ""


def create_site(request: SiteRequest, actor: Actor, *, now: datetime) -> int:
    """Store a site and return its id; its slug is made from the name.

    Raises:
        NotAllowed: If the actor does not run the installation.
        InvalidRequest: If name, place, zone or hours make no sense.
    """
    admins_only(actor)
    name = name_of(request.name)
    address = _checked_place(request)
    try:
        zone_info(request.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidRequest.because("zone_unknown", "zone", zone=request.zone) from None
    opens, closes = _hours(request.opens, request.closes)

    def store(session: Session) -> int:
        site_id = session.execute(
            insert(Site)
            .values(
                slug=_free_slug(session, name),
                name=name,
                zone=request.zone,
                address=address,
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


def edit_site(site_id: int, edit: SiteEdit, actor: Actor, *, version: int, now: datetime) -> int:
    """Change the settings of a site and return its new version.

    The zone stays: what is booked is booked by it.

    Raises:
        NotFound: If there is no such site.
        NotAllowed: If the actor does not run it.
        Stale: If somebody changed it since.
        InvalidRequest: If a value is out of range, or rules contradict each other.
    """
    admins_only(actor, site_id)
    name = name_of(edit.name)
    address = _checked_place(edit)
    opens, closes = _hours(edit.opens, edit.closes)
    check_site_policy(edit.policy)
    if edit.school_zone and not are_codes([school(edit.school_zone)]):
        raise InvalidRequest.because("choice_invalid", "school_zone")
    values = {
        "name": name,
        "address": address,
        "country": edit.country,
        "region": edit.region,
        "opens_min": opens,
        "closes_min": closes,
        "bookable_days": edit.bookable_days,
        "policy": edit.policy.to_json(),
        "school_zone": edit.school_zone,
    }

    def store(session: Session) -> int:
        before = houses.site(session, site_id)
        if before.version != version:
            raise Stale(before.version)
        record.next_version(session, Site, site_id, version, values)
        old = {
            "name": before.name,
            "address": before.address,
            "country": before.country,
            "region": before.region,
            "opens_min": _minutes(before.opens),
            "closes_min": _minutes(before.closes) or 1440,
            "bookable_days": before.bookable_days,
            "policy": before.policy.to_json(),
            "school_zone": before.school_zone,
        }
        record.audit(session, actor, "edit", ("site", site_id), now=now, old=old, new=values)
        return version + 1

    return transact(store)


def archive_site(site_id: int, actor: Actor, *, version: int, now: datetime) -> int:
    """Take a site, and so all its spaces, from everything that is offered; return its new version.

    Raises:
        NotFound: If there is no such site.
        NotAllowed: If the actor does not run the installation.
        Stale: If somebody changed it since.
        InvalidRequest: If it is the last one, or somebody has booked there from now on.
    """
    admins_only(actor)

    def store(session: Session) -> int:
        _seen(session, site_id, version)
        if not any(each.id != site_id and not each.is_archived for each in houses.sites(session)):
            raise InvalidRequest.because("last_site")
        known = [each.space.id for each in entries(session, [site_id])]
        record.lock_spaces(session, known)  # nobody books here meanwhile
        if agenda.has_coming(session, known, now=now):
            raise InvalidRequest.because("site_in_use")
        record.next_version(session, Site, site_id, version, {"archived_at": now})
        record.audit(session, actor, "archive", ("site", site_id), now=now)
        return version + 1

    return transact(store)


def restore_site(site_id: int, actor: Actor, *, version: int, now: datetime) -> int:
    """Bring an archived site back; spaces archived by themselves stay so.

    Raises:
        NotFound, NotAllowed, Stale: As ``archive_site``.
    """
    admins_only(actor)

    def store(session: Session) -> int:
        _seen(session, site_id, version)
        record.next_version(session, Site, site_id, version, {"archived_at": None})
        record.audit(session, actor, "restore", ("site", site_id), now=now)
        return version + 1

    return transact(store)


def _seen(session: Session, site_id: int, version: int) -> None:
    before = houses.site(session, site_id)
    if before.version != version:
        raise Stale(before.version)


def _checked_place(site: SiteRequest | SiteEdit) -> str:
    """Return the address on one line.

    Raises:
        InvalidRequest: If it is too long, or country or days make no sense.
    """
    address = one_line(site.address)
    wrong = checked_length(address, 300, "address")
    if not 1 <= site.bookable_days <= MOST_BOOKABLE_DAYS:
        most = MOST_BOOKABLE_DAYS
        wrong.append(message("number_out_of_range", "bookable_days", least=1, most=most))
    if not _CODE.fullmatch(site.country) or not _REGION.fullmatch(site.region):
        wrong.append(message("country_invalid", "country"))
    if wrong:
        raise InvalidRequest(*wrong)
    return address


def _hours(opens: time, closes: time) -> tuple[int, int]:
    first, last = _minutes(opens), _minutes(closes) or 1440
    if last <= first:
        raise InvalidRequest.because("hours_invalid", "closes")
    return first, last


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _free_slug(session: Session, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:50] or "site"
    taken = set(session.execute(select(Site.slug).where(Site.slug.like(f"{base}%"))).scalars())
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(each for each in numbered if each not in taken)
