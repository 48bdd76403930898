"""Things that an argument names by id, by name or, a site, by slug."""

from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.queries import houses


def organisation_id(session: Session, named: str) -> int:
    """Return the id of an organisation.

    Raises:
        NotFound: If there is none of this id or name.
    """
    for found_id, name in houses.organisation_names(session).items():
        if named == str(found_id) or named.casefold() == name.casefold():
            return found_id
    raise NotFound("organisation", named)


def site_id(session: Session, named: str) -> int:
    """Return the id of a site.

    Raises:
        NotFound: If there is none of this slug or name.
    """
    for site in houses.sites(session):
        if named.casefold() in (site.slug, site.name.casefold()):
            return site.id
    raise NotFound("site", named)


def space_id(session: Session, named: str, *, site: int | None = None) -> int:
    """Return the id of a space, of one site or of all.

    Raises:
        NotFound: If there is none of this id or name.
    """
    for space in houses.spaces(session, site):
        if named == str(space.id) or named.casefold() == space.name.casefold():
            return space.id
    raise NotFound("space", named)
