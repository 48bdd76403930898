"""Sites, spaces and organisations."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import time, timedelta
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.core.values import Site, Space, SpaceKind
from booking.models import Organisation, Setting, SpacePart
from booking.models import Site as SiteRow
from booking.models import Space as SpaceRow

_SITE = (
    SiteRow.id,
    SiteRow.slug,
    SiteRow.name,
    SiteRow.zone,
    SiteRow.opens_min,
    SiteRow.closes_min,
    SiteRow.address,
    SiteRow.bookable_days,
    SiteRow.version,
)
_SPACE = (
    SpaceRow.id,
    SpaceRow.site_id,
    SpaceRow.kind,
    SpaceRow.name,
    SpaceRow.capacity,
    SpaceRow.features,
    SpaceRow.colour,
    SpaceRow.lanes,
    SpaceRow.needs_approval,
    SpaceRow.requests_hold,
    SpaceRow.setup_s,
    SpaceRow.cleanup_s,
    (SpaceRow.bookable & SpaceRow.archived_at.is_(None)).label("bookable"),
    SpaceRow.description,
    SpaceRow.version,
    SpacePart.part_id,
)


def sites(session: Session) -> list[Site]:
    """Return all sites in their display order."""
    rows = session.execute(select(*_SITE).order_by(SiteRow.position, SiteRow.id))
    return [_site(row) for row in rows]


def site_by_slug(session: Session, slug: str) -> Site:
    """Return one site.

    Raises:
        NotFound: If no site has this slug.
    """
    row = session.execute(select(*_SITE).where(SiteRow.slug == slug)).first()
    if row is None:
        raise NotFound("site", slug)
    return _site(row)


def site(session: Session, site_id: int) -> Site:
    """Return one site.

    Raises:
        NotFound: If there is none with this id.
    """
    row = session.execute(select(*_SITE).where(SiteRow.id == site_id)).first()
    if row is None:
        raise NotFound("site", site_id)
    return _site(row)


def spaces(session: Session, site_id: int | None = None) -> list[Space]:
    """Return the spaces of a site (None: of all) that are not archived, in display order."""
    query = select(*_SPACE).where(SpaceRow.archived_at.is_(None))
    if site_id is not None:
        query = query.where(SpaceRow.site_id == site_id)
    return _spaces(session, query)


def spaces_by_id(session: Session, ids: Iterable[int]) -> dict[int, Space]:
    """Return the spaces with these ids; unknown ids are left out.

    Archived ones are among them, and cannot be booked.
    """
    found = _spaces(session, select(*_SPACE).where(SpaceRow.id.in_(set(ids))))
    return {space.id: space for space in found}


def organisation_names(session: Session, ids: Iterable[int] | None = None) -> dict[int, str]:
    """Return id -> name of organisations that are not archived, ordered by name."""
    query = select(Organisation.id, Organisation.name).where(Organisation.archived_at.is_(None))
    if ids is not None:
        query = query.where(Organisation.id.in_(set(ids)))
    rows = session.execute(query.order_by(Organisation.name))
    return {row.id: row.name for row in rows}


def setting(session: Session, key: str) -> object | None:
    """Return a setting's value, None where it was never set."""
    return session.execute(select(Setting.value).where(Setting.key == key)).scalar()


def _site(row: Row[*tuple[Any, ...]]) -> Site:
    return Site(
        id=row.id,
        slug=row.slug,
        name=row.name,
        zone=row.zone,
        opens=_clock(row.opens_min),
        closes=_clock(row.closes_min),
        address=row.address,
        bookable_days=row.bookable_days,
        version=row.version,
    )


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _spaces(session: Session, query: Select[*tuple[Any, ...]]) -> list[Space]:
    joined = query.join(SpacePart, SpacePart.space_id == SpaceRow.id)
    rows = session.execute(joined.order_by(SpaceRow.position, SpaceRow.id, SpacePart.part_id)).all()
    parts: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        parts[row.id].append(row.part_id)
    first_rows = {row.id: row for row in reversed(rows)}
    return [
        Space(
            id=space_id,
            site_id=(row := first_rows[space_id]).site_id,
            kind=SpaceKind(row.kind),
            name=row.name,
            capacity=row.capacity,
            features=tuple(row.features),
            colour=row.colour,
            lanes=row.lanes,
            part_ids=tuple(part_ids),
            needs_approval=row.needs_approval,
            requests_hold=row.requests_hold,
            setup=timedelta(seconds=row.setup_s),
            cleanup=timedelta(seconds=row.cleanup_s),
            bookable=row.bookable,
            description=row.description,
            version=row.version,
        )
        for space_id, part_ids in parts.items()
    ]
