"""Calendars without an account: what the house shows to anybody, and nothing else."""

from dataclasses import replace

import pytest

from booking.actions.spaces import set_site_policy
from booking.core.values import SitePolicy, Visibility
from tests.dav.conftest import condition
from tests.dav.test_sync import booked  # noqa: F401  a fixture
from tests.support.factories import NOW

ROOT = "/dav/public/"


@pytest.fixture
def shows(app, house):
    """Return what sets what the house shows to anybody."""
    version = house.site.version

    def set_(**policy):
        nonlocal version
        with app.app_context():
            wanted = replace(SitePolicy(), **policy)
            version = set_site_policy(house.site.id, wanted, house.admin, version=version, now=NOW)

    return set_


@pytest.fixture
def anybody(program, house):
    """Return a program without an account."""
    return program(None)


def test_rooms_are_shown_where_the_house_says_so(anybody, member, house, booked, shows):  # noqa: F811
    house.add_space("Store", bookable=False)
    room = f"{ROOT}space-{house.atlas.id}/"
    programme = f"{ROOT}programme-{house.site.id}/"
    open_ = booked(house.atlas, visibility=Visibility.PUBLIC)
    hidden = [
        booked(house.atlas, start=14),
        booked(house.atlas, start=16, visibility=Visibility.PRIVATE),
    ]

    assert [*anybody.properties(ROOT, "displayname", depth="1")] == [ROOT, programme]
    assert anybody.ask("PROPFIND", room, Depth="0").status_code == 404

    shows(open_rooms=True)
    listed = anybody.properties(ROOT, "displayname", "current-user-privilege-set", depth="1")
    rooms = [f"{ROOT}space-{each.id}/" for each in house.rooms]
    assert [*listed] == [ROOT, *rooms, programme]
    assert listed[room]["displayname"] == "Atlas"
    for each in listed.values():
        assert "bind" not in each["current-user-privilege-set"]

    # What a visitor may know: when, and of what is public what.
    found = anybody.query(room, '<C:comp-filter name="VCALENDAR"/>')
    assert set(found) == {f"booking-{open_}.ics", *(f"busy-{each}.ics" for each in hidden)}
    assert "SUMMARY:Choir" in found[f"booking-{open_}.ics"]
    for each in hidden:
        text = found[f"busy-{each}.ics"]
        assert "SUMMARY:Occupé" in text
        assert all(word not in text for word in ("Choir", "Member", "Ours", "CLASS", "CATEGORIES"))
    whole = anybody.ask("GET", room).text
    assert (whole.count("BEGIN:VEVENT"), whole.count("Choir")) == (3, 1)
    busy = '<C:time-range start="20270311T000000Z" end="20270312T000000Z"/>'
    assert anybody.report(room, "C:free-busy-query", busy).text.count("FREEBUSY") >= 3
    path = f"{room}busy-{hidden[0]}.ics"
    headers = {"Content_Type": "text/calendar", "Destination": f"{room}x.ics"}
    for method in ("PUT", "DELETE", "MOVE"):
        answer = anybody.ask(method, path, **headers)
        assert (answer.status_code, condition(answer)) == (403, "need-privileges")

    # Turned off, they are gone; the token of before helps nobody.
    _all, token = anybody.sync(room)
    shows(open_rooms=False, programme=False)
    asked = f"<sync-token>{token}</sync-token><sync-level>1</sync-level><prop/>"
    assert anybody.report(room, "sync-collection", asked).status_code == 404
    assert [*anybody.properties(ROOT, "displayname", depth="1")] == [ROOT]
    assert member.ask("PROPFIND", member.home(room.split("/")[-2]), Depth="0").status_code == 207


def test_a_given_address_leads_to_them(anybody, shows):
    shows(open_rooms=True)

    [said] = anybody.properties(
        ROOT, "current-user-principal", "C:calendar-home-set", "resourcetype"
    ).values()

    assert "unauthenticated" in said["current-user-principal"]
    assert f">{ROOT}<" in said["calendar-home-set"]
    assert anybody.ask("PROPFIND", "/dav/", Depth="0").status_code == 401
