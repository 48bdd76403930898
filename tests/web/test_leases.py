"""Leases in the browser: made, looked at before, changed, moved, and read by the tenant."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions import leases as verbs
from booking.actions.spaces import SiteRequest, create_site
from booking.core.values import Grant, Role
from booking.db import db
from booking.queries import leases
from tests.support.factories import NOW, House

Post = Callable[..., Any]


@pytest.fixture
def typed(house: House) -> dict[str, Any]:
    """What somebody types to let an office from April on."""
    office = house.add_office(bookable=False)
    return {
        "space": str(office.id),
        "organisation": str(house.ours),
        "starts": "2027-04-01",
        "ends": "",
        "share": "1",
        "shares": "1",
        "area_m2": "20,5",
        "rent_m2": "10",
        "includes": ["water", "rooms"],
        "rooms": "12,5",
        "months_notice": "3",
        "documents": "Bail signé https://files.example.org/1.pdf\nhttps://files.example.org/2.pdf",
        "note": "",
    }


def made(app: Flask, house: House, space_id: int, **more: Any) -> int:
    wish = replace(house.lease_request(house.atlas, **more), space_id=space_id)
    with app.app_context():
        return verbs.create_lease(wish, house.admin, now=NOW)


def stored(app: Flask, lease_id: int) -> Any:
    with app.app_context():
        return leases.lease(db.session(), lease_id)


def test_lease_is_made_and_read(
    app: Flask, desk: FlaskClient, post: Post, typed: dict[str, Any]
) -> None:
    answer = post(desk, "/admin/leases", **typed)
    assert answer.status_code == 303
    page = desk.get(answer.location).text
    assert "Office · Ours" in page
    assert "since 1 Apr 2027, without an end" in page
    assert "€10.00 for a m² and month, €205.00 a month" in page
    assert "water and meeting rooms" in page
    assert 'href="https://files.example.org/1.pdf"' in page
    assert "Bail signé" in page
    found = stored(app, 1)
    assert (found.area_m2, found.rent_m2) == (Decimal("20.5"), Decimal(10))
    listed = desk.get("/admin/leases?which=coming").text
    assert "Office" in listed
    assert "Nothing is let" in desk.get("/admin/leases").text


def test_looking_stores_nothing(desk: FlaskClient, post: Post, typed: dict[str, Any]) -> None:
    page = post(desk, "/admin/leases", what="look", **typed)
    assert page.status_code == 200
    assert "Nothing is in the way." in page.text
    assert "Rent: €205.00 a month." in page.text
    assert "No lease is planned" in desk.get("/admin/leases?which=coming").text


def test_what_is_in_the_way_is_named(desk: FlaskClient, post: Post, typed: dict[str, Any]) -> None:
    post(desk, "/admin/leases", **typed)
    answer = post(desk, "/admin/leases", **typed | {"starts": "2027-06-01"})
    assert answer.status_code == 409
    assert "This space is let already by then" in answer.text
    assert "1 June 2027 on" in answer.text
    assert 'value="2027-06-01"' in answer.text  # as it was typed


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"starts": ""}, "Choose a day."),
        ({"ends": "2027-03-01"}, "The lease would end before it starts."),
        ({"area_m2": "much"}, "Write a number"),
        ({"rent_m2": "10.123456"}, "at most four decimals"),
        ({"space": ""}, "Choose one of the possibilities."),
        ({"documents": "Lease http://example.org"}, "is no link to a document"),
        ({"share": "3", "shares": "2"}, "A share is like 1 of 2"),
    ],
)
def test_what_makes_no_sense_is_told_beside_its_field(
    desk: FlaskClient, post: Post, typed: dict[str, Any], wrong: dict[str, str], told: str
) -> None:
    answer = post(desk, "/admin/leases", **typed | wrong)
    assert answer.status_code == 422
    assert told in answer.text


def test_lease_is_changed_ended_renewed_and_moved(
    app: Flask, desk: FlaskClient, house: House, post: Post, typed: dict[str, Any]
) -> None:
    post(desk, "/admin/leases", **typed)
    path, other = "/admin/leases/1", house.add_office("Other", bookable=False)
    assert post(desk, path, version="1", **typed | {"rent_m2": "11"}).status_code == 303
    assert stored(app, 1).rent_m2 == Decimal(11)
    stale = post(desk, path, version="1", **typed)
    assert stale.status_code == 409
    assert post(desk, path, what="end", version="2", last="2027-09-30").status_code == 303
    assert stored(app, 1).ends == date(2027, 9, 30)
    late = post(desk, path, what="end", version="3", last="2028-01-01")
    assert late.status_code == 422
    assert "The lease ends on 30 September 2027 as it is." in late.text
    again = desk.get("/admin/leases/new?follows=1").text
    assert 'value="2027-10-01"' in again
    renewal = typed | {"starts": "2027-10-01", "follows": "1", "version": "3"}
    answer = post(desk, "/admin/leases", **renewal)
    assert answer.location == "/admin/leases/2"
    assert "It follows" in desk.get("/admin/leases/2").text
    moving = {"what": "move", "version": "1", "to": str(other.id), "on": "2028-01-01"}
    assert post(desk, "/admin/leases/2", **moving, to_area="").status_code == 422
    moved = post(desk, "/admin/leases/2", **moving, to_area="33")
    assert moved.location == "/admin/leases/3"
    assert stored(app, 3).area_m2 == Decimal(33)
    history = desk.get("/admin/leases/1").text
    assert "Ended before its time" in history
    assert "<del>10</del>" in history


def test_coming_lease_is_taken_back(desk: FlaskClient, post: Post, typed: dict[str, Any]) -> None:
    post(desk, "/admin/leases", **typed)
    answer = post(desk, "/admin/leases/1", what="withdraw", version="1")
    assert answer.location == "/admin/leases"
    assert desk.get("/admin/leases/1").status_code == 404


def test_list_by_organisation_with_what_is_free(
    app: Flask, desk: FlaskClient, house: House
) -> None:
    taken, free = (house.add_office(each, bookable=False) for each in ("Taken", "Empty"))
    house.add_office("Bookable")
    made(app, house, taken.id, starts=date(2027, 1, 1), ends=date(2027, 4, 1))
    page = desk.get("/admin/leases?by=organisation").text
    assert "ends soon" in page
    assert "€200.00" in page
    assert f"/admin/leases/new?space={free.id}" in page
    assert f"space={taken.id}" not in page
    assert "Bookable" not in page
    assert "Empty" in desk.get(f"/admin/leases/new?space={free.id}").text


def test_only_who_runs_the_house_comes_in(
    app: Flask, member: FlaskClient, house: House, sign_in: Any, post: Post
) -> None:
    office = house.add_office()
    lease_id = made(app, house, office.id)
    paths = ("/admin/leases", "/admin/leases/new", f"/admin/leases/{lease_id}")
    for path in paths:
        assert member.get(path).status_code == 403
    with app.app_context():
        annex = create_site(SiteRequest("Annex", "Europe/Paris"), house.admin, now=NOW)
    elsewhere = house.add_person("Elsewhere", grants=(Grant(Role.ADMIN, site_id=annex),))
    other = sign_in(app.test_client(), elsewhere)
    assert other.get(f"/admin/leases/{lease_id}").status_code == 404
    assert other.get(f"/admin/leases/new?follows={lease_id}").status_code == 404
    assert post(other, f"/admin/leases/{lease_id}", what="withdraw", version="1").status_code == 404


def test_tenants_read_their_own_lease(
    app: Flask, member: FlaskClient, house: House, sign_in: Any
) -> None:
    mine, theirs = house.add_office("Mine"), house.add_office("Elsewhere")
    made(app, house, mine.id, note="two keys")
    made(app, house, theirs.id, organisation_id=house.theirs)
    past = house.add_office("Formerly")
    made(app, house, past.id, starts=date(2026, 1, 1), ends=date(2026, 12, 31))
    page = member.get("/our-leases?lang=en").text
    assert "Mine" in page
    assert "Coming" in page
    assert "Elsewhere" not in page
    assert "Formerly" not in page
    nobody = sign_in(app.test_client(), house.add_person("Loner"))
    assert "Your organisations have no office here." in nobody.get("/our-leases?lang=en").text


def test_organisation_with_a_lease_is_not_archived(
    app: Flask, desk: FlaskClient, house: House, post: Post
) -> None:
    made(app, house, house.add_office().id)
    fields = {"version": "1", "name": "Ours", "kind": "resident"}
    answer = post(desk, f"/admin/organisations/{house.ours}", what="archive", **fields)
    assert answer.status_code == 422
    assert "has leases that are current or coming: 1. End them first." in answer.text
