"""From a bare address to the calendars (RFC 6764, RFC 5397, RFC 4791 §6.2)."""

from sqlalchemy import update

from booking.models import AppPassword
from tests.dav.conftest import NAMESPACES, found, tree
from tests.support.databases import writing

ME = f"<propfind {NAMESPACES}><prop><current-user-principal/></prop></propfind>"


def test_well_known_leads_every_method_on(client):
    for method in ("GET", "HEAD", "PROPFIND", "PUT", "REPORT", "OPTIONS", "DELETE"):
        for path in ("/.well-known/caldav", "/.well-known/caldav/"):
            answer = client.open(path, method=method)
            assert (answer.status_code, answer.headers["Location"]) == (301, "/dav/")


def test_bare_address_names_the_principal(member):
    principal = f"/dav/principals/{member.user.person_id}/"
    for path in ("/", "/dav", "/dav/"):
        [said] = found(member.ask("PROPFIND", path, ME, Depth="0")).values()
        assert f">{principal}<" in said["current-user-principal"]


def test_principal_leads_home(member):
    path = f"/dav/principals/{member.user.person_id}/"
    said = member.properties(
        path, "C:calendar-home-set", "C:calendar-user-address-set", "displayname"
    )

    assert f">{member.home()}<" in said[path]["calendar-home-set"]
    assert ">mailto:member@example.org<" in said[path]["calendar-user-address-set"]
    assert said[path]["displayname"] == "Member"


def test_home_lists_what_one_may_see(member, house):
    said = member.properties(member.home(), "displayname", "resourcetype", depth="1")

    names = {path: each["displayname"] for path, each in said.items()}
    assert names == {
        member.home(): "Agendas",
        member.home(f"person-{house.member.person_id}/"): "Mes réservations",
        member.home(f"organisation-{house.ours}/"): "Ours",
        **{member.home(f"space-{room.id}/"): room.name for room in house.rooms},
        member.home(f"programme-{house.site.id}/"): "Programme de The House",
    }
    assert all("calendar" in each["resourcetype"] for path, each in said.items() if path[10:])


def test_program_lists_what_it_shall(member, house):
    room = f"space-{house.atlas.id}"
    with writing(house.engine) as connection:
        connection.execute(update(AppPassword).values(collections=[room]))

    said = member.properties(member.home(), "displayname", depth="1")

    assert [*said] == [member.home(), member.home(f"{room}/")]


def test_options_needs_no_account(client):
    answer = client.open("/dav/cal/1/", method="OPTIONS")

    assert answer.status_code == 200
    assert answer.headers["DAV"].startswith("1, 3, access-control, calendar-access")
    assert "calendar-auto-schedule" not in answer.headers["DAV"]
    assert "REPORT" in answer.headers["Allow"]


def test_stranger_is_asked_who_it_is(client):
    for method in ("GET", "PROPFIND", "REPORT", "PUT", "DELETE", "MOVE"):
        answer = client.open("/dav/cal/1/", method=method)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="Calendars", charset="UTF-8"'
        assert "Set-Cookie" not in answer.headers


def test_homes_of_others_are_not_there(member, house):
    for path in (
        f"/dav/cal/{house.stranger.person_id}/",
        f"/dav/principals/{house.stranger.person_id}/",
        member.home(f"person-{house.stranger.person_id}/"),
        member.home(f"organisation-{house.theirs}/"),
        member.home("space-999999/"),
        member.home("space-x/"),
    ):
        assert member.ask("PROPFIND", path, ME, Depth="0").status_code == 404


def test_principal_is_found_by_name(member):
    search = "<property-search><prop><displayname/></prop><match>memb</match></property-search>"
    answer = member.report(
        "/dav/principals/", "principal-property-search", f"{search}<prop><displayname/></prop>"
    )
    assert len(tree(answer)) == 1
    nobody = search.replace("memb", "stranger")
    answer = member.report(
        "/dav/principals/", "principal-property-search", f"{nobody}<prop><displayname/></prop>"
    )
    assert len(tree(answer)) == 0


def test_privileges_are_told_as_they_are(program, house, member):
    reader = program(house.member, access="read")
    house.add_booking(house.atlas)
    house.add_booking(house.atlas, by=house.stranger, start=14, end=15)
    room = member.home(f"space-{house.atlas.id}/")

    for one, path, expected in (
        (reader, room, False),
        (member, member.home(f"programme-{house.site.id}/"), False),
    ):
        [said] = one.properties(path, "current-user-privilege-set").values()
        assert ("write-content" in said["current-user-privilege-set"]) is expected
        assert "read-free-busy" in said["current-user-privilege-set"]
