"""docs/dav-compliance.md names all that the server does and refuses, and tests that are there."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from booking.core.values import Policy
from booking.dav.door import EVERY
from booking.dav.properties import PROPERTIES
from booking.dav.reports import REPORTS
from booking.models import Space as SpaceRow
from tests.dav.conftest import NAMESPACES, C, D, Program, condition, found, tree
from tests.dav.test_vdirsyncer import EVENT
from tests.support.databases import writing
from tests.support.factories import Clock, House
from tests.support.objects import calendar, vevent

TOP = Path(__file__).parents[2]
DOCUMENT = (TOP / "docs" / "dav-compliance.md").read_text()
# What a door says to be wanting: caldav("valid-filter"), errors.dav(...), house(...).
CONDITION = re.compile(r'\b(?:caldav|dav|house)\(\s*"([a-z-]+)"')


def table(heading: str) -> list[list[str]]:
    """Return the rows of the table below a heading, without its head."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def named(text: str) -> set[str]:
    """Return the words of a text that are written as code."""
    return set(re.findall(r"`([^`]+)`", text))


def local(names: Iterable[str]) -> set[str]:
    """Return XML names without their namespaces."""
    return {name.rpartition("}")[2] for name in names}


def test_every_method_and_report_has_its_line() -> None:
    methods = {word for row in table("Methods") for word in row[0].split(", ")}
    assert methods == {*EVERY} - {"PATCH"}
    reports = {word for row in table("Reports") for word in row[0].split(", ")}
    assert reports == local(REPORTS) | {"expand", "limit-recurrence-set", "partial data"}


def test_every_property_has_its_line() -> None:
    assert set().union(*(named(row[0]) for row in table("Properties"))) == local(PROPERTIES)


def test_every_condition_has_its_line() -> None:
    said = {
        name
        for path in (TOP / "booking" / "dav").rglob("*.py")
        for name in CONDITION.findall(path.read_text())
    }
    assert set().union(*(named(row[2]) for row in table("Refusals"))) == said


@pytest.mark.parametrize("heading", ["Methods", "Properties", "Reports", "Refusals"])
def test_every_line_has_a_section_and_a_test(heading: str) -> None:
    for row in table(heading):
        *_rest, section, test = row
        assert named(test), row
        assert section == "Apple's" or "§" in section, row


def test_every_test_that_is_named_is_there() -> None:
    there = {path.name for path in (TOP / "tests").rglob("test_*.py")}
    assert {each for each in named(DOCUMENT) if each.startswith("test_")} <= there


@pytest.fixture
def places(member: Program, house: House) -> dict[str, str]:
    """Return the addresses of one of each kind of resource, with an object of one's own."""
    booking = house.add_booking(house.atlas)
    with writing(house.engine) as connection:
        space = update(SpaceRow).where(SpaceRow.id == house.atlas.id)
        connection.execute(space.values(description="Below the roof"))
    person = house.member.person_id
    room = member.home(f"space-{house.atlas.id}/")
    return {
        "root": "/dav/",
        "principals": "/dav/principals/",
        "principal": f"/dav/principals/{person}/",
        "outbox": f"/dav/outbox/{person}/",
        "home": member.home(),
        "calendar": room,
        "object": f"{room}booking-{booking}.ics",
    }


def test_every_property_says_something(member: Program, places: dict[str, str]) -> None:
    for kind, path in places.items():
        asked = "".join(
            f'<p:{name.rpartition("}")[2]} xmlns:p="{name[1:].partition("}")[0]}"/>'
            for name, (kinds, _says) in PROPERTIES.items()
            if kind in kinds
        )
        body = f"<propfind {NAMESPACES}><prop>{asked}</prop></propfind>"
        [said] = found(member.ask("PROPFIND", path, body, Depth="0")).values()
        expected = local(name for name, (kinds, _says) in PROPERTIES.items() if kind in kinds)
        assert said.keys() == expected - ({"calendar-home-set"} if kind == "home" else set())
        assert all(said[name] for name in said if (kind, name) != ("object", "resourcetype"))


def test_addresses_are_expanded(member: Program, places: dict[str, str]) -> None:
    inner = (
        '<property name="displayname"/>'
        '<property name="calendar-home-set" namespace="urn:ietf:params:xml:ns:caldav">'
        '<property name="current-user-principal"><property name="displayname"/></property>'
        "</property>"
    )
    asked = f'<property name="current-user-principal">{inner}</property><property name="owner"/>'

    [answer] = tree(member.report(places["root"], "expand-property", asked))
    [principal] = answer.findall(f".//{D}current-user-principal/{D}response")[:1]
    home = principal.find(f".//{C}calendar-home-set/{D}response")

    assert principal.findtext(f"{D}href") == places["principal"]
    assert principal.findtext(f".//{D}displayname") == "Member"
    assert home is not None
    assert home.findtext(f"{D}href") == places["home"]
    assert home.findtext(f".//{D}current-user-principal//{D}displayname") == "Member"
    many = member.report(places["root"], "expand-property", '<property name="owner"/>' * 51)
    assert (many.status_code, condition(many)) == (403, "number-of-matches-within-limits")
    bad = member.report(places["root"], "expand-property", '<property name="a b"/>')
    assert bad.status_code == 400


def test_what_a_line_alone_speaks_of(
    member: Program, house: House, places: dict[str, str], clock: Clock
) -> None:
    put = {"Content_Type": "text/calendar"}
    long = EVENT.format(uid="a", day="11", hour="14", title="Choir", place="Atlas")
    brief = Policy(longest=timedelta(minutes=15)).to_json()
    with writing(house.engine) as connection:
        atlas = update(SpaceRow).where(SpaceRow.id == house.atlas.id)
        connection.execute(atlas.values(policy=brief))
    hrefs = "<href>/x</href>" * 5001

    against = member.ask("PUT", f"{places['calendar']}a.ics", long, **put)
    elsewhere = member.ask("PUT", places["home"], long, **put)
    many = member.report(places["calendar"], "C:calendar-multiget", f"<prop/>{hrefs}")
    daily = "RRULE:FREQ=DAILY;COUNT=301"
    moved = [
        vevent(
            f"RECURRENCE-ID;TZID=Europe/Paris:{at:%Y%m%dT%H%M%S}",
            DTSTART=f";TZID=Europe/Paris:{at:%Y%m%d}T120000",
            DTEND=f";TZID=Europe/Paris:{at:%Y%m%d}T130000",
        )
        for at in (house.at(10, day=each) for each in range(301))
    ]
    birch = member.home(f"space-{house.birch.id}", "b.ics")
    booked = member.ask("PUT", birch, calendar(vevent(daily)), **put)
    apart = member.ask("PUT", birch, calendar(vevent(daily), *moved), **put)
    clock.now += timedelta(days=3)
    over = member.ask("DELETE", places["object"])

    assert booked.status_code == 201
    for answer, expected in (
        (against, "not-allowed"),
        (elsewhere, "calendar-collection-location-ok"),
        (apart, "too-many-changes"),
        (many, "number-of-matches-within-limits"),
        (over, "over"),
    ):
        assert (answer.status_code, expected) == (403, expected)
        assert condition(answer) == expected


def test_lines_of_the_sandbox(app: Flask, member: Program) -> None:
    path = member.home("mine/")
    stored = app.extensions["booking"]["config"]
    app.extensions["booking"]["config"] = replace(
        stored, security=replace(stored.security, sandbox=True)
    )
    try:
        made, again = (member.ask("MKCALENDAR", path) for _each in range(2))
        daily = EVENT.format(uid="a", day="11", hour="14", title="Choir", place="Atlas")
        daily = daily.replace("SUMMARY", "RRULE:FREQ=DAILY\r\nSUMMARY")
        put = member.ask("PUT", f"{path}a.ics", daily, Content_Type="text/calendar")
        expand = '<C:expand start="20270101T000000Z" end="20700101T000000Z"/>'
        inner = f"<prop><C:calendar-data>{expand}</C:calendar-data></prop><href>{path}a.ics</href>"
        many = member.report(path, "C:calendar-multiget", inner)
    finally:
        app.extensions["booking"]["config"] = stored

    assert (made.status_code, put.status_code) == (201, 201)
    assert (again.status_code, condition(again)) == (403, "resource-must-be-null")
    assert (many.status_code, condition(many)) == (403, "max-instances")
