"""PROPFIND and PROPPATCH (RFC 4918 §9.1, §9.2; RFC 8144)."""

import pytest

from tests.dav.conftest import NAMESPACES, condition, found, tree


@pytest.fixture
def room(member, house):
    """Return the address of Atlas, with a booking."""
    house.add_booking(house.atlas)
    return member.home(f"space-{house.atlas.id}/")


def test_properties_of_a_room(member, house, room):
    [said] = member.properties(
        room,
        "displayname",
        "A:calendar-color",
        "C:supported-calendar-component-set",
        "supported-report-set",
        "C:max-resource-size",
        "C:calendar-timezone",
        "owner",
        "unknown",
    ).values()

    assert said["displayname"] == "Atlas"
    assert said["calendar-color"] == "#547ECDFF"
    assert 'name="VEVENT"' in said["supported-calendar-component-set"]
    for report in ("calendar-query", "calendar-multiget", "free-busy-query", "sync-collection"):
        assert report in said["supported-report-set"]
    assert said["max-resource-size"] == "1048576"
    assert "TZID:Europe/Paris" in said["calendar-timezone"]
    assert "unknown" not in said


def test_objects_of_a_room(member, room):
    said = member.properties(room, "getetag", "getcontenttype", "getcontentlength", depth="1")

    assert len(said) == 2
    [path] = set(said) - {room}
    got = member.ask("GET", path)
    assert said[path] == {
        "getetag": got.headers["ETag"],
        "getcontenttype": "text/calendar; charset=utf-8; component=VEVENT",
        "getcontentlength": str(len(got.data)),
    }


def test_all_and_names(member, room):
    def asked(inner: str) -> dict[str, str]:
        body = f"<propfind {NAMESPACES}>{inner}</propfind>"
        return found(member.ask("PROPFIND", room, body, Depth="0"))[room]

    usual = found(member.ask("PROPFIND", room, Depth="0"))[room]
    every = asked("<allprop/><include><sync-token/></include>")
    names = asked("<propname/>")

    assert set(usual) == {"resourcetype", "displayname"}
    assert set(every) - set(usual) >= {"sync-token"}
    assert {"sync-token", "calendar-color", "supported-report-set"} <= set(names)


def test_infinity_is_too_deep(member, room):
    for headers in ({"Depth": "infinity"}, {}):
        answer = member.ask("PROPFIND", room, **headers)
        assert (answer.status_code, condition(answer)) == (403, "propfind-finite-depth")


def test_minimal_answer_leaves_out_what_is_not_there(member, room):
    body = f"<propfind {NAMESPACES}><prop><displayname/><unknown/></prop></propfind>"
    answer = member.ask("PROPFIND", room, body, Depth="0", Prefer="return=minimal")

    assert answer.headers["Preference-Applied"] == "return=minimal"
    assert "404" not in answer.text
    assert "404" in member.ask("PROPFIND", room, body, Depth="0").text


def test_names_of_others_come_back_as_they_were(member, room):
    body = f'<propfind {NAMESPACES}><prop><x xmlns="urn:a&amp;b"/></prop></propfind>'

    [prop] = tree(member.ask("PROPFIND", room, body, Depth="0")).iter("{urn:a&b}x")

    assert prop is not None


def test_nothing_is_set(member, room):
    body = (
        f"<propertyupdate {NAMESPACES}><set><prop><displayname>Mine</displayname>"
        "<A:calendar-color>#ff0000ff</A:calendar-color></prop></set></propertyupdate>"
    )
    answer = member.ask("PROPPATCH", room, body)

    statuses = [each.text for each in tree(answer).iter("{DAV:}status")]
    assert statuses == ["HTTP/1.1 403 Forbidden"]
    assert "cannot-modify-protected-property" in answer.text
    assert member.properties(room, "displayname")[room]["displayname"] == "Atlas"
