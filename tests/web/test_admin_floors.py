"""The floors of a house in the browser."""

import re

import pytest
from flask.testing import FlaskClient

from tests.support.factories import House
from tests.web.test_approvals import csrf


def test_floor_is_made_chosen_for_a_space_and_read_by_members(
    desk: FlaskClient, house: House
) -> None:
    token = {"csrf_token": csrf(desk, "/admin/floors")}
    assert "No floors yet" in desk.get("/admin/floors").text
    made = desk.post("/admin/floors", data=token | {"level": "-1", "name": "Cellar <b>"})
    assert made.status_code == 303
    space = f"/admin/spaces/{house.atlas.id}"
    found = re.search(r'<option value="(\d+)">Cellar &lt;b&gt;</option>', desk.get(space).text)
    assert found is not None

    form = token | {"name": "Atlas", "kind": "meeting_room", "colour": "0", "bookable": "1"}
    saved = desk.post(space, data=form | {"version": "1", "floor": found[1]})
    assert saved.status_code == 303
    assert "Cellar &lt;b&gt;" in desk.get(f"/spaces/{house.atlas.id}").text
    assert "1 space is on it." in desk.get("/admin/floors").text
    gone = desk.post(f"/admin/floors/{found[1]}", data=token | {"version": "1", "what": "remove"})
    assert gone.status_code == 422
    assert "spaces are on this floor" in gone.text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"level": "x"}, "Write a whole number."),
        ({"level": ""}, "Write a whole number."),
        ({"name": ""}, "Give a name."),
        ({"level": "9999"}, "200"),
    ],
)
def test_wrong_floor_is_told_and_kept(desk: FlaskClient, wrong: dict[str, str], told: str) -> None:
    token = {"csrf_token": csrf(desk, "/admin/floors")}
    answer = desk.post("/admin/floors", data=token | {"level": "1", "name": "First"} | wrong)
    assert answer.status_code == 422
    assert told in answer.text
    assert f'value="{ {"level": "1", "name": "First", **wrong}["level"] }"' in answer.text
    desk.post("/admin/floors", data=token | {"level": "1", "name": "First"})
    stale = desk.post("/admin/floors/1", data=token | {"level": "2", "name": "Up", "version": "7"})
    assert stale.status_code == 409
    assert desk.post("/admin/floors/99", data=token | {"level": "1"}).status_code in (404, 422)


def test_others_do_not_come_in(client: FlaskClient, house: House, sign_in) -> None:
    signed_in = sign_in(client, house.approver)
    token = {"csrf_token": csrf(signed_in, "/bookings")}
    assert signed_in.get("/admin/floors").status_code == 403
    assert signed_in.post("/admin/floors", data=token | {"level": "1"}).status_code == 403
