"""The page of a space, and its photo: who sets it, who sees it, what is kept of it."""

import re
from datetime import time
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from booking.actions.spaces import archive_space, set_policy
from booking.core.values import Hours, Policy
from tests.support.factories import House
from tests.web.test_approvals import csrf


def jpeg(colour: str = "red") -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    Image.new("RGB", (300, 200), colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
def member(app: Flask, house: House, sign_in) -> FlaskClient:
    """The browser of a member who reads English."""
    signed_in = sign_in(app.test_client(), house.member)
    signed_in.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return signed_in


def send(desk: FlaskClient, house: House, data: bytes, **more: str):
    form = {"csrf_token": csrf(desk, "/admin/spaces"), "photo": (BytesIO(data), "../x.php"), **more}
    return desk.post(f"/admin/spaces/{house.atlas.id}/photo", data=form)


def address(page: str) -> str:
    found = re.search(r'src="(/spaces/\d+/photo/[0-9a-f]+\.jpg)"', page)
    assert found is not None
    return found[1]


def test_photo_is_set_seen_kept_by_browsers_and_taken_away(
    desk: FlaskClient, member: FlaskClient, house: House
) -> None:
    assert send(desk, house, jpeg()).status_code == 303

    room = f"/spaces/{house.atlas.id}"
    first = address(member.get(room).text)
    answer = member.get(first)
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert b"Secret Camera" not in answer.data
    again = member.get(first, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")

    send(desk, house, jpeg("blue"))
    second = address(member.get(room).text)
    assert second != first
    assert member.get(first).status_code == 404
    assert send(desk, house, b"", what="remove").status_code == 303
    assert "<img" not in member.get(room).text.split("<main")[1]
    assert member.get(second).status_code == 404


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "Choose a photo first."),
        (b"<svg><script>alert(1)</script></svg>", "This is no photo that can be read."),
    ],
)
def test_what_is_no_photo_is_told(
    desk: FlaskClient, member: FlaskClient, house: House, data: bytes, told: str
) -> None:
    answer = send(desk, house, data)
    assert answer.status_code == 422
    assert told in answer.text
    assert "<img" not in member.get(f"/spaces/{house.atlas.id}").text.split("<main")[1]


def test_what_is_far_too_large_is_not_even_read(desk: FlaskClient, house: House) -> None:
    kind = "multipart/form-data; boundary=x"
    for path, size in (("/photo", 13 * 1024**2), ("", 2 * 1024**2)):
        to = f"/admin/spaces/{house.atlas.id}{path}"
        answer = desk.post(to, data=b"\0" * size, content_type=kind)
        assert answer.status_code == 413
        assert "too large" in answer.text


def test_only_who_runs_the_house_sets_it(member: FlaskClient, house: House) -> None:
    form = {"csrf_token": csrf(member, "/bookings"), "photo": (BytesIO(jpeg()), "x.jpg")}
    answer = member.post(f"/admin/spaces/{house.atlas.id}/photo", data=form)
    assert answer.status_code == 403


def test_nobody_sees_it_without_signing_in(app: Flask, desk: FlaskClient, house: House) -> None:
    send(desk, house, jpeg())
    stranger = app.test_client()
    for path in (f"/spaces/{house.atlas.id}", address(desk.get(f"/spaces/{house.atlas.id}").text)):
        assert stranger.get(path).status_code == 302


def test_page_tells_what_a_room_is_like(app: Flask, member: FlaskClient, house: House) -> None:
    with app.app_context():
        week = (*(Hours(time(9), time(0)),) * 6, None)
        set_policy(house.cedar.id, Policy(hours=week), house.admin, version=1, now=house.now)
    page = member.get(f"/spaces/{house.cedar.id}").text
    assert "on request: an approver agrees" in page
    assert "09:00–24:00" in page
    assert "closed" in page
    assert f"space={house.cedar.id}" in page
    assert member.get("/spaces/999999").status_code == 404


def test_archived_room_can_still_be_read_about(
    app: Flask, member: FlaskClient, house: House
) -> None:
    with app.app_context():
        archive_space(house.atlas.id, house.admin, version=1, now=house.now)
    assert "cannot be booked" in member.get(f"/spaces/{house.atlas.id}").text
