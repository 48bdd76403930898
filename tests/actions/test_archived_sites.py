"""A house that is no longer used: offered to nobody, its past still to be read."""

import pytest
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import book
from booking.actions.spaces import (
    SiteRequest,
    SpaceRequest,
    archive_site,
    create_site,
    create_space,
    restore_site,
)
from booking.core.errors import InvalidRequest, NotAllowed, Stale
from booking.core.values import SpaceKind
from booking.queries import agenda, houses
from tests.support.factories import House

Db = scoped_session[Session]


def offered(session: Db, site_id: int) -> list[str]:
    found = [each.name for each in houses.spaces(session(), site_id)]
    session.rollback()
    return found


def test_archived_house_offers_nothing_and_comes_back(session: Db, house: House) -> None:
    site = create_site(SiteRequest("Valence"), house.admin, now=house.now)
    wish = SpaceRequest(site, SpaceKind.MEETING_ROOM, "Rhône")
    room = create_space(wish, house.admin, now=house.now)
    space = houses.spaces_by_id(session(), [room])[room]
    session.rollback()
    booked = book(house.request(space), house.admin, now=house.now)
    with pytest.raises(InvalidRequest, match="site_in_use"):
        archive_site(site, house.admin, version=1, now=house.now)

    later = house.now.replace(year=2028)
    assert archive_site(site, house.admin, version=1, now=later) == 2
    assert offered(session, site) == []
    assert agenda.booking(session(), booked.booking_id).site_id == site
    session.rollback()
    with pytest.raises(Stale):
        restore_site(site, house.admin, version=1, now=later)
    restore_site(site, house.admin, version=2, now=later)
    assert offered(session, site) == ["Rhône"]


def test_nothing_is_booked_in_an_archived_house(session: Db, house: House) -> None:
    create_site(SiteRequest("Valence"), house.admin, now=house.now)
    archive_site(house.site.id, house.admin, version=1, now=house.now)
    with pytest.raises((InvalidRequest, NotAllowed)):
        book(house.request(house.atlas), house.member, now=house.now)


def test_last_house_stays_in_use(session: Db, house: House) -> None:
    with pytest.raises(InvalidRequest, match="last_site"):
        archive_site(house.site.id, house.admin, version=1, now=house.now)
    with pytest.raises(NotAllowed):
        archive_site(house.site.id, house.member, version=1, now=house.now)
