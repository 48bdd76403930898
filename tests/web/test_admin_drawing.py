"""The editor without a script: numbers in a form, and of two who draw nobody loses anything."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.actions.spaces.floors import create_floor
from booking.core.values import Actor
from booking.db import db
from booking.queries.plan import Place, floor_plans, places
from tests.support.factories import House
from tests.web.test_approvals import csrf

SignIn = Callable[[FlaskClient, Actor], FlaskClient]
ELL = "0 0; 4 0; 4 2; 2 2; 2 4,5; 0 4,5"


@pytest.fixture
def floor(app: Flask, house: House) -> int:
    """A floor that nobody has drawn."""
    with app.app_context():
        return create_floor(house.site.id, 0, "Rez-de-chaussée", house.admin, now=house.now)


@pytest.fixture
def admin(app: Flask, house: House, sign_in: SignIn) -> FlaskClient:
    """An administrator's browser."""
    return sign_in(app.test_client(), house.admin)


def send(
    client: FlaskClient, floor: int, rooms: dict[int, dict[str, str]], **more: str
) -> TestResponse:
    """Send what the form of spaces says; ``was`` and ``version`` are of a space never drawn."""
    token = csrf(client, "/admin/floors")
    form = {"csrf_token": token, "version": "1", "width_m": "20", "depth_m": "10,5", **more}
    for space_id, fields in rooms.items():
        usual = {"version": "1", "was": f"{fields['name']}|", **fields}
        form |= {f"{name}-{space_id}": value for name, value in usual.items()}
    return client.post(f"/admin/floors/{floor}/plan", data=form)


def box(name: str, *sides: float, **more: str) -> dict[str, str]:
    return {
        "name": name,
        **dict(zip(("x", "y", "width", "depth"), map(str, sides), strict=True)),
        **more,
    }


def stored(app: Flask, house: House) -> dict[int, Place]:
    with app.app_context():
        return places(db.session(), house.site.id)


def test_numbers_and_corners_are_saved_at_once(
    app: Flask, admin: FlaskClient, house: House, floor: int
) -> None:
    page = admin.get(f"/admin/floors/{floor}/plan").text
    assert f'name="x-{house.atlas.id}"' in page
    rooms = {
        house.atlas.id: box("Grand Atlas", 5, 0, 6.25, 4, was="Atlas|"),
        house.birch.id: {"name": "Birch", "corners": ELL},
        house.cedar.id: {"name": "Cedar"},
    }
    assert send(admin, floor, rooms).status_code == 303
    found = stored(app, house)
    assert found[house.atlas.id].shape == ((500, 0), (1125, 0), (1125, 400), (500, 400))
    assert (found[house.atlas.id].area_m2, found[house.birch.id].area_m2) == (25.0, 13.0)
    assert found[house.cedar.id].shape is None
    page = admin.get(f"/admin/floors/{floor}/plan").text
    assert 'value="Grand Atlas"' in page
    assert 'value="6.25"' in page
    assert 'value="0 0; 4 0; 4 2; 2 2; 2 4.5; 0 4.5"' in page
    assert 'value="10.5"' in page


def test_the_page_of_a_space_leaves_an_area_to_its_shape(
    app: Flask, admin: FlaskClient, house: House, floor: int
) -> None:
    atlas = house.atlas.id
    send(admin, floor, {atlas: box("Atlas", 0, 0, 6.25, 4)})
    page = admin.get(f"/admin/spaces/{atlas}").text
    assert "25 m²" in page
    assert re.search(r'name="area_m2" value=""', page)
    form = {
        "csrf_token": csrf(admin, "/admin/floors"),
        "name": "Atlas",
        "kind": "meeting_room",
        "colour": "0",
        "bookable": "1",
        "floor": str(floor),
    }
    for version, area in ((2, ""), (3, "24,5")):
        answer = admin.post(
            f"/admin/spaces/{atlas}", data=form | {"version": version, "area_m2": area}
        )
        assert answer.status_code == 303
        place = stored(app, house)[atlas]
        assert (place.area_m2, place.area_given) == ((24.5, True) if area else (25, False))
        assert place.shape


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (box("Birch", 1, 0, 4, 4), "Atlas et Birch se chevauchent."),
        (box("Birch", 18, 0, 4, 4), "Birch dépasse de l’étage."),
        (box("Birch", -1, 5, 1, 1), "Birch dépasse de l’étage."),
        (box("Birch", 9, 5, 0, 4), "Birch n’a pas de surface."),
        ({"name": "Birch", "corners": "9 5; 12 8; 12 5; 9 8"}, "Les murs de Birch se croisent."),
        ({"name": "Birch", "corners": "9 5; 12"}, "Les angles de Birch ne sont pas lisibles"),
        ({"name": "Birch", "x": "9"}, "Les angles de Birch ne sont pas lisibles"),
        ({"name": "Birch", "x": "1e3", "y": "0"}, "Les angles de Birch ne sont pas lisibles"),
        (box("", 9, 5, 4, 4), "nom"),
    ],
)
def test_what_cannot_be_built_comes_back_as_it_was_typed(
    app: Flask,
    admin: FlaskClient,
    house: House,
    floor: int,
    fields: dict[str, str],
    sentence: str,
) -> None:
    rooms = {house.atlas.id: box("Atlas", 0, 0, 4, 4), house.birch.id: {"was": "Birch|", **fields}}
    answer = send(admin, floor, rooms)
    assert answer.status_code == 422
    assert sentence in answer.text
    for value in filter(None, fields.values()):
        assert f'value="{value}"' in answer.text
    assert all(each.shape is None for each in stored(app, house).values())
    assert 'value="Birch|"' in answer.text  # what it was, to be compared once more


def test_the_second_of_two_editors_is_told_and_loses_nothing(
    app: Flask, admin: FlaskClient, house: House, floor: int
) -> None:
    atlas, birch, cedar = house.atlas.id, house.birch.id, house.cedar.id
    assert send(admin, floor, {atlas: box("Atlas", 0, 0, 4, 4)}).status_code == 303
    mine = {
        atlas: box("Atlas", 0, 0, 5, 5),
        birch: box("Birch", 10, 0, 3, 3),
        cedar: {"name": "Cedar"},
    }
    answer = send(admin, floor, mine)
    assert answer.status_code == 409
    assert "Rien de ce que vous avez saisi n’est perdu" in answer.text
    assert "x 0, y 0, 4 × 4 m" in answer.text
    assert f'name="width-{atlas}" value="5"' in answer.text
    assert f'name="width-{birch}" value="3"' in answer.text
    assert stored(app, house)[birch].shape is None
    again = {
        atlas: box("Atlas", 0, 0, 5, 5, version="2", was="Atlas|0 0 4 4"),
        birch: box("Birch", 10, 0, 3, 3),
    }
    assert send(admin, floor, again, version="2").status_code == 303
    assert stored(app, house)[atlas].area_m2 == 25


def test_who_draws_another_room_is_in_nobodys_way(
    app: Flask, admin: FlaskClient, house: House, floor: int
) -> None:
    first = {house.atlas.id: box("Atlas", 0, 0, 4, 4), house.birch.id: {"name": "Birch"}}
    second = {house.atlas.id: {"name": "Atlas"}, house.birch.id: box("Birch", 4, 0, 4, 4)}
    assert send(admin, floor, first).status_code == 303
    assert send(admin, floor, second).status_code == 303
    found = stored(app, house)
    assert found[house.atlas.id].shape
    assert found[house.birch.id].shape


def test_a_size_that_somebody_changed_is_asked_again(
    admin: FlaskClient, house: House, floor: int
) -> None:
    assert send(admin, floor, {}).status_code == 303
    answer = send(admin, floor, {}, width_m="30")
    assert answer.status_code == 409
    assert 'value="30"' in answer.text
    assert 'name="version" value="2"' in answer.text
    assert send(admin, floor, {}, width_m="30", version="2").status_code == 303
    assert send(admin, floor, {}, width_m="", version="3").status_code == 422
    assert send(admin, floor, {}, width_m="3 m", version="3").status_code == 422


def test_only_who_runs_the_house_draws(
    app: Flask, house: House, floor: int, sign_in: SignIn
) -> None:
    member = sign_in(app.test_client(), house.member)
    for path in (f"/admin/floors/{floor}/plan", f"/admin/floors/{floor}/underlay"):
        form = {"csrf_token": csrf(member, "/calendars")}
        assert member.post(path, data=form).status_code == 403
    admin = sign_in(app.test_client(), house.admin)
    assert admin.get("/admin/floors/99/plan").status_code == 404


def put(client: FlaskClient, floor: int, data: bytes, **more: Any) -> TestResponse:
    token = csrf(client, "/admin/floors")
    form = {"csrf_token": token, "underlay": (io.BytesIO(data), "plan.svg"), **more}
    return client.post(f"/admin/floors/{floor}/underlay", data=form)


def test_an_own_drawing_lies_below_and_runs_nothing(
    app: Flask, admin: FlaskClient, house: House, floor: int
) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><path d="M0 0"/></svg>'
    answer = put(admin, floor, svg)
    assert answer.status_code == 303
    assert "1 partie du dessin" in admin.get(answer.location).text
    send(admin, floor, {house.atlas.id: box("Atlas", 0, 0, 4, 4)})
    with app.app_context():
        digest = floor_plans(db.session(), house.site.id)[0].underlay
    address = f"/plan/floors/{floor}/{digest}"
    assert address in admin.get("/plan").text
    drawing = app.test_client().get(address)
    assert drawing.mimetype == "image/svg+xml"
    assert b"alert" not in drawing.data
    policy = drawing.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert drawing.headers["X-Content-Type-Options"] == "nosniff"
    known = app.test_client().get(address, headers={"If-None-Match": f'"{digest}"'})
    assert known.status_code == 304
    assert put(admin, floor, b"", what="remove").status_code == 303
    assert app.test_client().get(address).status_code == 404


def test_what_is_no_picture_is_refused(admin: FlaskClient, floor: int) -> None:
    for data in (b"", b"GIF89a", b"<svg>", b"<!DOCTYPE svg><svg/>"):
        assert put(admin, floor, data).status_code == 422
