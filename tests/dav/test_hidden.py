"""What somebody may see no more is gone at the next sync, by whichever verb it was hidden.

Nothing hides a room from single members: all of them see all rooms in use.  So a calendar goes
with its room, its house, its organisation, or what the house shows; an object with its part of
the room; and what a booking is about with the right to read it.
"""

from dataclasses import replace

import pytest

from booking.actions.accounts import end_membership, grant_role, revoke_role, set_membership
from booking.actions.parts import set_parts
from booking.actions.spaces import (
    SiteRequest,
    archive_organisation,
    archive_site,
    archive_space,
    create_site,
    restore_space,
    set_site_policy,
)
from booking.core.requests import PartsRequest
from booking.core.values import Grant, Role, SitePolicy, Visibility
from tests.dav.conftest import condition
from tests.dav.test_sync import booked  # noqa: F401  a fixture
from tests.support.factories import NOW

GONE, ANEW = "gone", "begin anew"


@pytest.fixture
def after(app, member):
    """Return what tells how a calendar is after a verb, and what is in it then.

    The member's program has synced it before, and asks with its token.
    """

    def told(slug, verb, *args, **more):
        path = member.home(f"{slug}/")
        _all, token = member.sync(path)
        with app.app_context():
            verb(*args, now=NOW, **more)
        asked = f"<sync-token>{token}</sync-token><sync-level>1</sync-level><prop/>"
        answer = member.report(path, "sync-collection", asked)
        listed = path in member.properties(member.home(), "displayname", depth="1")
        assert listed is (answer.status_code != 404)
        if answer.status_code == 404:
            assert member.ask("GET", f"{path}booking-1.ics").status_code == 404
            return GONE, set()
        assert (answer.status_code, condition(answer)) == (403, "valid-sync-token")
        return ANEW, {*member.sync(path)[0]}

    return told


def test_rooms_and_houses_that_are_closed_for_good(house, member, after, app):
    spare = house.add_space("Spare")
    room = f"space-{spare.id}"
    assert after(room, archive_space, spare.id, house.admin, version=1) == (GONE, set())
    with app.app_context():
        restore_space(spare.id, house.admin, version=2, now=NOW)
    programme, version = f"programme-{house.site.id}", house.site.version
    hidden = replace(SitePolicy(), programme=False)
    site = (house.site.id, hidden, house.admin)
    assert after(programme, set_site_policy, *site, version=version) == (GONE, set())
    with app.app_context():
        create_site(SiteRequest("Other"), house.admin, now=NOW)
    gone = after(room, archive_site, house.site.id, house.admin, version=version + 1)
    assert gone == (GONE, set())
    assert not [each for each in member.properties(member.home(), depth="1") if "space-" in each]


def test_parts_that_a_room_has_no_more(house, after, booked):  # noqa: F811
    hall = house.add_space("Hall", parts=(house.atlas, house.birch))
    mine, other = booked(house.atlas), booked(house.birch)

    parts = PartsRequest(hall.id, (house.atlas.id, house.cedar.id), version=1)
    here = after(f"space-{hall.id}", set_parts, parts, house.admin)

    assert here == (ANEW, {f"booking-{mine}.ics"})
    assert other != mine


def test_organisations_that_one_leaves_or_that_end(house, member, after, app, booked):  # noqa: F811
    person, ours = house.member.person_id, house.ours
    room = f"space-{house.atlas.id}"
    private = {"visibility": Visibility.PRIVATE, "organisation_id": ours}
    theirs = booked(house.atlas, by=house.manager, **private)

    promoted = {"is_manager": True, "actor": house.admin}
    assert after(room, set_membership, person, ours, **promoted) == (
        ANEW,
        {f"booking-{theirs}.ics"},
    )
    lowered = promoted | {"is_manager": False}
    assert after(room, set_membership, person, ours, **lowered) == (ANEW, {f"busy-{theirs}.ics"})
    mine = f"organisation-{ours}"
    assert after(mine, end_membership, person, ours, actor=house.admin) == (GONE, set())
    with app.app_context():
        set_membership(person, house.theirs, is_manager=False, actor=house.admin, now=NOW)
    other = f"organisation-{house.theirs}"
    ended = after(other, archive_organisation, house.theirs, house.admin, version=1)
    assert ended == (GONE, set())


def test_rights_that_are_taken_back(house, member, after, booked):  # noqa: F811
    person, room = house.member.person_id, f"space-{house.atlas.id}"
    theirs = booked(house.atlas, by=house.stranger, visibility=Visibility.PRIVATE)
    approver = Grant(Role.APPROVER, space_id=house.atlas.id)

    granted = after(room, grant_role, person, approver, actor=house.admin)
    revoked = after(room, revoke_role, person, approver, actor=house.admin)

    assert granted == (ANEW, {f"booking-{theirs}.ics"})
    assert revoked == (ANEW, {f"busy-{theirs}.ics"})
    hidden = member.ask("GET", member.home(room, f"booking-{theirs}.ics"))
    assert hidden.status_code == 404
