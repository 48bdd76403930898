"""The page of categories, and where their names are read."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.factories import House
from tests.support.forms import Browser
from tests.web.test_approvals import csrf

REPAIR = {"fr": "Café <réparation>", "en": "Repair <café>"}


def test_category_is_made_offered_in_the_form_and_read_on_the_booking(
    desk: FlaskClient, app: Flask, house: House, sign_in
) -> None:
    token = {"csrf_token": csrf(desk, "/admin/categories")}
    assert desk.post("/admin/categories", data=token | REPAIR).status_code == 303
    assert "Repair &lt;café&gt;" in desk.get("/admin/categories").text

    other = sign_in(app.test_client(), house.member)
    member = Browser(app, house, other, csrf(other, "/profile"))
    assert '<option value="repair-cafe">' in member.get("/bookings/new").text
    member.book(category="repair-cafe")
    page = member.get(f"/bookings/{member.stored().id}").text
    assert "Repair &lt;café&gt;" in page

    seen = token | REPAIR | {"version": "1"}
    desk.post("/admin/categories/repair-cafe", data=seen | {"what": "archive"})
    assert "repair-cafe" not in member.get("/bookings/new").text
    assert "Repair &lt;café&gt;" in member.get(f"/bookings/{member.stored().id}").text
    edit = member.get(f"/bookings/{member.stored().id}/edit").text
    assert '<option value="repair-cafe" selected>' in edit
    assert member.book(category="repair-cafe", start="12:00", end="13:00").status_code == 422


def test_categories_are_put_in_order(desk: FlaskClient) -> None:
    token = {"csrf_token": csrf(desk, "/admin/categories")}
    desk.post("/admin/categories/other", data=token | {"what": "up"})
    page = desk.get("/bookings/new").text
    assert page.index('value="other"') < page.index('value="event"')


@pytest.mark.parametrize(
    ("path", "fields", "status", "told"),
    [
        ("", {"fr": "", "en": "Repair"}, 422, "Give a name."),
        ("/other", {"fr": "x" * 81}, 422, "80"),
        ("/other", {"fr": "Divers", "version": "3"}, 409, "changed"),
        ("/nonsense", {"fr": "Divers", "en": "Misc"}, 404, "There is no such category."),
        ("/other", {"what": "archive", "version": "7"}, 409, "changed"),
    ],
)
def test_wrong_input_is_told_and_kept(
    desk: FlaskClient, path: str, fields: dict[str, str], status: int, told: str
) -> None:
    token = {"csrf_token": csrf(desk, "/admin/categories")}
    answer = desk.post(f"/admin/categories{path}", data=token | fields)
    assert answer.status_code == status
    assert told in answer.text


def test_only_who_runs_all_houses_comes_in(client: FlaskClient, house: House, sign_in) -> None:
    signed_in = sign_in(client, house.member)
    assert signed_in.get("/admin/categories").status_code == 403
