"""Sites, spaces, organisations, closures."""

from datetime import time

import pytest
from sqlalchemy.orm import Session, scoped_session

from booking.actions import bookings, closures, spaces
from booking.actions.spaces import SiteRequest, SpaceRequest
from booking.core.errors import Conflicted, InvalidRequest, NotAllowed
from booking.core.requests import ClosureRequest
from booking.core.values import OrganisationKind, SpaceKind
from booking.queries import houses
from tests.support.factories import NOW, House

Db = scoped_session[Session]


def test_create_site_makes_a_slug_of_its_own(session: Db, house: House) -> None:
    for expected in ("pole-sud", "pole-sud-2", "pole-sud-3"):
        site_id = spaces.create_site(SiteRequest("Pôle Sud"), house.admin, now=NOW)
        site = houses.site(session(), site_id)
        assert (site.slug, site.name, site.zone) == (expected, "Pôle Sud", "Europe/Paris")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": " \n "}, "name_missing"),
        ({"name": "x" * 121}, "name_too_long"),
        ({"zone": "Europe/Atlantis"}, "zone_unknown"),
        ({"zone": "../../etc/passwd"}, "zone_unknown"),
        ({"opens": time(20), "closes": time(8)}, "hours_invalid"),
    ],
)
def test_create_site_refuses(session: Db, house: House, wrong: dict, code: str) -> None:
    with pytest.raises(InvalidRequest, match=code):
        spaces.create_site(SiteRequest(**{"name": "House", **wrong}), house.admin, now=NOW)
    assert len(houses.sites(session())) == 1


def test_create_site_may_close_at_midnight(session: Db, house: House) -> None:
    wish = SiteRequest("Night house", opens=time(18), closes=time(0))
    site = houses.site(session(), spaces.create_site(wish, house.admin, now=NOW))
    assert (site.opens, site.closes) == (time(18), time(0))


def test_create_space_is_its_own_part_unless_combined(session: Db, house: House) -> None:
    simple = spaces.create_space(
        SpaceRequest(house.site.id, SpaceKind.WORKSHOP, "Wood", lanes=2), house.admin, now=NOW
    )
    both = spaces.create_space(
        SpaceRequest(
            house.site.id,
            SpaceKind.MEETING_ROOM,
            "Atlas and Birch",
            part_ids=(house.atlas.id, house.birch.id),
        ),
        house.admin,
        now=NOW,
    )
    found = houses.spaces_by_id(session(), [simple, both])
    assert found[simple].part_ids == (simple,)
    assert found[both].part_ids == (house.atlas.id, house.birch.id)


def test_combined_space_and_its_part_exclude_each_other(session: Db, house: House) -> None:
    both = house.add_space("Both", parts=(house.atlas, house.birch))
    bookings.book(house.request(both), house.member, now=NOW)
    for part in (house.atlas, house.birch):
        with pytest.raises(Conflicted):
            bookings.book(house.request(part, start=10.5, end=12), house.member, now=NOW)
    bookings.book(house.request(house.birch, start=14, end=15), house.member, now=NOW)
    with pytest.raises(Conflicted):
        bookings.book(house.request(both, start=14.5, end=16), house.member, now=NOW)


def test_lanes_admit_as_many_as_there_are(session: Db, house: House) -> None:
    store = house.add_space("Store", lanes=2)
    bookings.book(house.request(store), house.member, now=NOW)
    bookings.book(house.request(store), house.member, now=NOW)
    with pytest.raises(Conflicted) as raised:
        bookings.book(house.request(store), house.member, now=NOW)
    assert len(raised.value.clashes) == 2


@pytest.mark.parametrize("who", ["member", "manager", "approver"])
def test_house_verbs_are_for_admins(session: Db, house: House, who: str) -> None:
    actor = getattr(house, who)
    closing = ClosureRequest(house.site.id, house.at(8), house.at(20), "Works")
    for verb in (
        lambda: spaces.create_site(SiteRequest("Mine"), actor, now=NOW),
        lambda: spaces.create_space(
            SpaceRequest(house.site.id, SpaceKind.OFFICE, "Mine"), actor, now=NOW
        ),
        lambda: spaces.create_organisation("Mine", OrganisationKind.RESIDENT, actor, now=NOW),
        lambda: closures.close(closing, actor, now=NOW),
    ):
        with pytest.raises(NotAllowed, match="admins_only"):
            verb()


def test_organisation_names_are_taken_once(session: Db, house: House) -> None:
    with pytest.raises(InvalidRequest, match="name_taken"):
        spaces.create_organisation("Ours", OrganisationKind.RESIDENT, house.admin, now=NOW)
