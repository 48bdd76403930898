"""Screens and the public plan: what anybody may read, by a link of their own."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions.screens import ScreenRequest, create_screen, revoke_screen
from booking.core.values import Actor
from booking.db import db
from booking.queries.screens import screens
from tests.support.factories import Clock, House
from tests.web.test_approvals import csrf

SignIn = Callable[[FlaskClient, Actor], FlaskClient]
TODAY = -1  # days are counted from tomorrow


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def link(app: Flask, house: House) -> Callable[..., str]:
    """Return what sets up a screen and returns its path."""

    def made(**more: int | None) -> str:
        with app.app_context():
            request = ScreenRequest(house.site.id, "Hall", **more)
            return create_screen(request, house.admin, now=house.now).path

    return made


@pytest.fixture
def guest(app: Flask) -> FlaskClient:
    """A tablet that nobody is signed in on."""
    return app.test_client()


def test_lobby_tells_what_is_public_today_and_where(
    guest: FlaskClient, house: House, link: Callable[..., str]
) -> None:
    ground = house.add_floor(house.birch)
    house.add_floor(house.atlas, name="Premier", level=1)
    public = {"days": (TODAY,), "visibility": "public"}
    house.add_booking(house.atlas, start=14, end=16, title="Conférence", **public)
    house.add_booking(house.birch, start=9, end=11, title="Café", **public)
    house.add_booking(house.birch, start=7, end=8, title="Over", **public)
    house.add_booking(house.birch, start=12, end=13, title="Inside", days=(TODAY,))
    house.add_booking(house.birch, start=14, end=15, title="Tomorrow", visibility="public")
    answer = guest.get(link(floor_id=ground))
    words = text_of(answer.text)
    assert re.search(r"09:00–11:00 maintenant Café .*→ Birch Ground floor", words)
    assert re.search(r"14:00–16:00 Conférence .*↑ Atlas Premier", words)
    for hidden in ("Over", "Inside", "Tomorrow", "Member", "Stranger"):
        assert hidden not in words
    assert "Vous êtes ici" in words
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in answer.headers


def test_lobby_has_permanences_with_what_is_not_as_usual(
    guest: FlaskClient, house: House, link: Callable[..., str]
) -> None:
    house.add_permanence(house.birch, days=(TODAY,), start=9, end=12, title="Emploi")
    words = text_of(guest.get(link()).text)
    assert words.count("Emploi") == 1
    assert "Birch" in words


def test_door_says_now_next_and_books_the_next_half_hour(
    guest: FlaskClient, house: House, link: Callable[..., str], clock: Clock
) -> None:
    house.add_booking(house.atlas, start=11, end=12, title="Chorale", days=(TODAY,))
    house.add_booking(
        house.atlas, start=14, end=15, title="Fête", days=(TODAY,), visibility="public"
    )
    path = link(space_id=house.atlas.id)
    page = guest.get(path).text
    words = text_of(page)
    assert "libre jusqu’à 11:00" in words
    assert "11:00–12:00 Occupé" in words  # members may read it, a tablet may not
    assert "14:00–15:00 Fête" in words
    assert "Chorale" not in page
    assert "data:image/svg+xml" in page
    clock.now = house.now + timedelta(minutes=45)  # 10:45: half an hour is not left
    assert "data:image/svg+xml" not in guest.get(path).text
    clock.now = house.now + timedelta(hours=1, minutes=15)
    busy = text_of(guest.get(path).text)
    assert "occupé jusqu’à 12:00 Occupé" in busy


def test_screens_ask_for_the_fragment_alone(
    guest: FlaskClient, house: House, link: Callable[..., str]
) -> None:
    page = guest.get(link(), headers={"X-Fragment": "1"}).text
    assert "<html" not in page
    assert 'data-time="10:00"' in page


def test_an_administrator_on_the_tablet_sees_no_more(
    app: Flask, house: House, link: Callable[..., str], sign_in: SignIn
) -> None:
    house.add_booking(house.atlas, start=9, end=12, title="Secret", days=(TODAY,))
    admin = sign_in(app.test_client(), house.admin)
    assert "Secret" not in admin.get(link(space_id=house.atlas.id)).text


def test_revoked_and_unknown_links_are_not_found(
    app: Flask, guest: FlaskClient, house: House, link: Callable[..., str]
) -> None:
    path = link()
    assert guest.get(path).status_code == 200
    with app.app_context():
        found = screens(db.session(), house.site.id)
        assert found[0].last_used_at == house.now
        revoke_screen(found[0].id, house.admin, now=house.now)
        assert screens(db.session(), house.site.id) == []
        revoke_screen(found[0].id, house.admin, now=house.now)
    for gone in (path, "/screens/x", "/screens/" + "a" * 32, "/screens/" + "é" * 32):
        assert guest.get(gone).status_code == 404


def test_a_screen_is_set_up_in_the_browser(app: Flask, house: House, sign_in: SignIn) -> None:
    admin = sign_in(app.test_client(), house.admin)
    token = {"csrf_token": csrf(admin, "/admin/screens")}
    made = admin.post("/admin/screens", data=token | {"name": "Hall", "space": house.atlas.id})
    address = re.search(r'value="(http[^"]*/screens/[^"]+)"', made.text)
    assert address
    assert app.test_client().get(address[1]).status_code == 200
    page = admin.get("/admin/screens").text
    assert "Hall" in page
    assert address[1].rpartition("/")[2] not in page
    revoke = re.search(r'action="(/admin/screens/\d+/revoke)"', page)
    assert revoke
    assert admin.post(revoke[1], data=token).status_code == 303
    assert app.test_client().get(address[1]).status_code == 404
    for wrong in ({"name": ""}, {"name": "Hall", "space": "x"}):
        assert admin.post("/admin/screens", data=token | wrong).status_code == 422


def test_public_plan_names_rooms_and_what_anybody_may_read(
    guest: FlaskClient, house: House
) -> None:
    floor = house.add_floor(house.atlas, house.birch)
    house.add_booking(
        house.birch, start=9, end=11, title="Café", days=(TODAY,), visibility="public"
    )
    house.add_booking(house.atlas, start=9, end=11, title="Inside", days=(TODAY,))
    page = guest.get(f"/plan/public?here={floor}").text
    assert "Vous êtes ici" in page
    assert page.count('class="spot is-present"') == 1
    assert page.count('class="spot is-room"') == 1
    words = text_of(page)
    assert re.search(r"09:00–11:00 maintenant Café .*Birch ?, Ground floor", words)
    for hidden in ("Inside", "Member", "occupé"):
        assert hidden not in words
    assert guest.get("/plan/public/elsewhere").status_code == 404
