"""Sites, spaces and organisations."""

import json
from collections.abc import Iterable, Mapping
from datetime import time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session, aliased

from booking.core.errors import NotFound
from booking.core.values import Policy, Site, SitePolicy, Space, SpaceKind
from booking.db import Plain, Stored, as_json, listed
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
    SiteRow.country,
    SiteRow.region,
    SiteRow.school_zone,
    cast(SiteRow.policy, Text),
    SiteRow.archived_at.is_not(None).label("is_archived"),
)
_SPACE = (
    SpaceRow.id,
    SpaceRow.site_id,
    SpaceRow.kind,
    SpaceRow.name,
    SpaceRow.capacity,
    cast(SpaceRow.features, Text),
    SpaceRow.colour,
    SpaceRow.lanes,
    SpaceRow.needs_approval,
    SpaceRow.requests_hold,
    SpaceRow.setup_s,
    SpaceRow.cleanup_s,
    (SpaceRow.bookable & SpaceRow.archived_at.is_(None) & SiteRow.archived_at.is_(None)).label(
        "bookable"
    ),
    SpaceRow.description,
    SpaceRow.version,
    cast(SpaceRow.policy, Text),
    SpaceRow.weight,
    SpacePart.part_id,
)


_ALL_SPACES = (
    select(*_SPACE)
    .join(SpacePart, SpacePart.space_id == SpaceRow.id)
    .join(SiteRow, SiteRow.id == SpaceRow.site_id)
    .order_by(SpaceRow.position, SpaceRow.id, SpacePart.part_id)
)
_IN_USE = _ALL_SPACES.where(SpaceRow.archived_at.is_(None), SiteRow.archived_at.is_(None))
_part, _other = aliased(SpacePart), aliased(SpaceRow)


def _with_parts(dialect: str) -> ColumnElement[bool]:
    ids = _ids(dialect)
    parts = select(_part.part_id).where(_part.space_id.in_(ids))
    return or_(SpaceRow.id.in_(ids), SpaceRow.id.in_(parts))


def _ids(dialect: str) -> Select[Any]:
    return select(text(listed(dialect, {"id": int})).columns(SpaceRow.id).subquery().c.id)


# Every page and every verb asks one of these.
_SITES = Plain(lambda _dialect: select(*_SITE).order_by(SiteRow.position, SiteRow.id))
_SITE_BY_SLUG = Plain(lambda _dialect: select(*_SITE).where(SiteRow.slug == bindparam("slug")))
_SITE_BY_ID = Plain(lambda _dialect: select(*_SITE).where(SiteRow.id == bindparam("site_id")))
_SPACES = Plain(lambda _dialect: _IN_USE)
_SPACES_OF_SITE = Plain(lambda _dialect: _IN_USE.where(SpaceRow.site_id == bindparam("site_id")))
_SPACES_BY_ID = Plain(lambda dialect: _ALL_SPACES.where(SpaceRow.id.in_(_ids(dialect))))
_SPACES_WITH_PARTS = Plain(lambda dialect: _ALL_SPACES.where(_with_parts(dialect)))
_SPACES_AROUND = Plain(
    lambda dialect: _ALL_SPACES.where(
        or_(
            _with_parts(dialect),
            SpaceRow.site_id.in_(select(_other.site_id).where(_other.id.in_(_ids(dialect)))),
        )
    )
)
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_ORGANISATIONS = (
    select(Organisation.id, Organisation.name)
    .where(Organisation.archived_at.is_(None))
    .order_by(Organisation.name)
)
_ORGANISATIONS_BY_ID = _ORGANISATIONS.where(Organisation.id.in_(_IDS))


def sites(session: Session) -> list[Site]:
    """Return all sites in their display order, archived ones as well."""
    return [site_of_row(row) for row in _SITES.run(session.connection(), {})]


def site_with(*more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Return the statement that reads the site ``:site_id`` for ``site_of_row``, and more."""
    return select(*_SITE, *more).where(SiteRow.id == bindparam("site_id"))


def site_by_slug(session: Session, slug: str) -> Site:
    """Return one site.

    Raises:
        NotFound: If no site has this slug.
    """
    # PostgreSQL takes no NUL, and slugs come in with addresses.
    known = "\0" not in slug
    rows = _SITE_BY_SLUG.run(session.connection(), {"slug": slug}) if known else []
    if not rows:
        raise NotFound("site", slug)
    return site_of_row(rows[0])


def site(session: Session, site_id: int) -> Site:
    """Return one site.

    Raises:
        NotFound: If there is none with this id.
    """
    rows = _SITE_BY_ID.run(session.connection(), {"site_id": site_id})
    if not rows:
        raise NotFound("site", site_id)
    return site_of_row(rows[0])


def spaces(session: Session, site_id: int | None = None) -> list[Space]:
    """Return the spaces of a site (None: of all) that are not archived, in display order."""
    if site_id is None:
        return _spaces(session, _SPACES, {})
    return _spaces(session, _SPACES_OF_SITE, {"site_id": site_id})


def spaces_by_id(session: Session, ids: Iterable[int]) -> dict[int, Space]:
    """Return the spaces with these ids; unknown ids are left out.

    Archived ones are among them, and cannot be booked.
    """
    return {space.id: space for space in _spaces(session, _SPACES_BY_ID, _rows(ids))}


def spaces_with_parts(session: Session, ids: Iterable[int]) -> dict[int, Space]:
    """Return the same with all parts of these spaces."""
    return {space.id: space for space in _spaces(session, _SPACES_WITH_PARTS, _rows(ids))}


def spaces_around(session: Session, ids: Iterable[int]) -> dict[int, Space]:
    """Return the same with all other spaces of their sites, in display order, archived ones too."""
    return {space.id: space for space in _spaces(session, _SPACES_AROUND, _rows(ids))}


def organisation_names(session: Session, ids: Iterable[int] | None = None) -> dict[int, str]:
    """Return id -> name of organisations that are not archived, ordered by name."""
    if ids is None:
        rows = session.connection().execute(_ORGANISATIONS)
    else:
        rows = session.connection().execute(_ORGANISATIONS_BY_ID, {"ids": [*set(ids)]})
    return {row.id: row.name for row in rows}


def setting(session: Session, key: str) -> object | None:
    """Return a setting's value, None where it was never set."""
    return session.execute(select(Setting.value).where(Setting.key == key)).scalar()


@lru_cache(maxsize=200)  # what a row says, it always says
def site_of_row(row: tuple[Any, ...]) -> Site:
    """Return the site of a row of ``site_with``, without what that has more."""
    (
        site_id,
        slug,
        name,
        zone,
        opens_min,
        closes_min,
        address,
        bookable_days,
        version,
        country,
        region,
        school_zone,
        policy,
        is_archived,
    ) = row
    return Site(
        id=site_id,
        slug=slug,
        name=name,
        zone=zone,
        opens=_clock(opens_min),
        closes=_clock(closes_min),
        address=address,
        bookable_days=bookable_days,
        version=version,
        country=country,
        region=region,
        school_zone=school_zone,
        policy=SitePolicy.from_json(policy and json.loads(policy)),
        is_archived=bool(is_archived),
    )


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _rows(ids: Iterable[int]) -> dict[str, Stored]:
    return {"rows": as_json([each] for each in set(ids))}


def _spaces(session: Session, statement: Plain, params: Mapping[str, Stored]) -> list[Space]:
    parts: dict[tuple[Any, ...], list[int]] = {}
    for row in statement.run(session.connection(), params):
        parts.setdefault(row[:-1], []).append(row[-1])
    return [_space(row, tuple(part_ids)) for row, part_ids in parts.items()]


@lru_cache(maxsize=4_000)  # what a row says, it always says
def _space(row: tuple[Any, ...], part_ids: tuple[int, ...]) -> Space:
    """Return the value of a row of ``_SPACE``; features and policy come as the text of JSON."""
    (
        space_id,
        site_id,
        kind,
        name,
        capacity,
        features,
        colour,
        lanes,
        needs_approval,
        requests_hold,
        setup_s,
        cleanup_s,
        bookable,
        description,
        version,
        policy,
        weight,
    ) = row
    return Space(
        id=space_id,
        site_id=site_id,
        kind=SpaceKind(kind),
        name=name,
        capacity=capacity,
        features=tuple(json.loads(features)),
        colour=colour,
        lanes=lanes,
        part_ids=part_ids,
        needs_approval=bool(needs_approval),
        requests_hold=bool(requests_hold),
        setup=timedelta(seconds=setup_s),
        cleanup=timedelta(seconds=cleanup_s),
        bookable=bool(bookable),
        description=description,
        version=version,
        policy=Policy.from_json(policy and json.loads(policy)),
        weight=weight,
    )
