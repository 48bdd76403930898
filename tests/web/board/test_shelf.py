"""Kept boards: never another's, never an old one."""

import gzip
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from booking.actions import bookings
from booking.actions.approvals import approve
from booking.actions.spaces import SpaceRequest, create_space
from booking.core.requests import CancelRequest, DecisionRequest
from booking.core.values import SpaceKind, State
from booking.db import db
from booking.models import Person
from tests.support.databases import writing
from tests.support.factories import NOW, House

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


@pytest.fixture
def path(house: House) -> str:
    return f"/board/house/day/{house.at(0):%Y-%m-%d}"


@pytest.fixture
def do(app: Flask) -> Callable[..., Any]:
    """Return what calls a verb, as another process would."""

    def done(verb: Callable[..., Any], *arguments: Any) -> Any:
        with app.app_context():
            return verb(*arguments, now=NOW)

    return done


def test_page_that_is_asked_for_again_is_the_same_with_fewer_statements(
    member: FlaskClient, house: House, path: str, count: Any
) -> None:
    house.add_booking()
    with count() as first:
        drawn = member.get(path)
    with count() as second:
        kept = member.get(path)
    assert len(second) < len(first)
    assert TOKEN.sub("", kept.text).replace(TOKEN.search(kept.text)[1], "") == TOKEN.sub(
        "", drawn.text
    ).replace(TOKEN.search(drawn.text)[1], "")
    assert kept.headers["Vary"] == drawn.headers["Vary"]
    assert kept.headers["Cache-Control"] == "private, no-cache"


def test_unchanged_board_answers_304(
    app: Flask, member: FlaskClient, house: House, sign_in: Any, path: str, clock: Any, do: Any
) -> None:
    house.add_booking()
    etag = member.get(path, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    known = {"If-None-Match": etag, "Accept-Encoding": "gzip"}
    again = member.get(path, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == "private, no-cache"
    assert member.get(path, headers=known | {"X-Fragment": "1"}).status_code == 200
    assert sign_in(app.test_client(), house.member).get(path, headers=known).status_code == 200
    clock.now = NOW + timedelta(minutes=1)
    assert member.get(path, headers=known).status_code == 304, "nothing on it moves"
    do(bookings.book, house.request(house.birch), house.stranger)
    assert member.get(path, headers=known).status_code == 200


def test_kept_board_is_squeezed_for_those_who_take_it(member: FlaskClient, path: str) -> None:
    plain = member.get(path)
    packed = member.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]


def test_signing_out_clears_what_the_browser_keeps(member: FlaskClient, path: str) -> None:
    token = TOKEN.search(member.get(path).text)[1]
    answer = member.post("/sign-out", data={"csrf_token": token})
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_new_booking_appears(member: FlaskClient, house: House, path: str, do: Any) -> None:
    assert "Choir" not in member.get(path).text
    do(bookings.book, house.request(), house.stranger)
    assert "Choir" in member.get(path).text


def test_cancelled_booking_goes(member: FlaskClient, house: House, path: str, do: Any) -> None:
    made = do(bookings.book, house.request(), house.stranger)
    assert "Choir" in member.get(path).text
    do(bookings.cancel, CancelRequest(made.booking_id, made.version), house.stranger)
    assert "Choir" not in member.get(path).text


def test_approval_shows(member: FlaskClient, house: House, path: str, do: Any) -> None:
    made = do(bookings.book, house.request(house.cedar), house.member)
    assert " pending" in member.get(path).text
    do(approve, DecisionRequest(made.booking_id, made.version), house.approver)
    assert " pending" not in member.get(path).text


def test_new_room_appears(member: FlaskClient, house: House, path: str, do: Any) -> None:
    assert "Elm" not in member.get(path).text
    asked = SpaceRequest(house.site.id, SpaceKind.MEETING_ROOM, "Elm")
    do(create_space, asked, house.admin)
    assert "Elm" in member.get(path).text


def test_new_name_of_a_person_appears(member: FlaskClient, house: House, path: str) -> None:
    house.add_booking(by=house.stranger, organisation_id=None)
    assert "Stranger" in member.get(path).text
    with writing(house.engine) as connection:
        connection.execute(
            update(Person)
            .where(Person.id == house.stranger.person_id)
            .values(name="Renamed", version=2)
        )
    assert "Renamed" in member.get(path).text


def test_now_line_moves_with_the_minute(
    member: FlaskClient, house: House, clock: Any, path: str
) -> None:
    today = f"/board/house/day/{NOW:%Y-%m-%d}"
    before = TOKEN.sub("", member.get(today).text)
    clock.now = NOW + timedelta(minutes=20)
    assert re.findall(r'"now [^"]+"', member.get(today).text) != re.findall(r'"now [^"]+"', before)


def test_others_private_booking_stays_busy_for_others(
    app: Flask, house: House, sign_in: Any, path: str
) -> None:
    house.add_booking(by=house.stranger, title="Secret plan", visibility="private")
    own = sign_in(app.test_client(), house.stranger).get(path).text
    other = sign_in(app.test_client(), house.member).get(path).text
    assert "Secret plan" in own
    assert "Secret plan" not in other


def test_language_and_theme_have_their_own(member: FlaskClient, path: str) -> None:
    member.get(path)
    assert '<html lang="fr"' in member.get(f"{path}?lang=fr").text
    member.set_cookie("theme", "dark")
    assert 'data-theme="dark"' in member.get(path).text


def test_fragment_and_page_are_kept_apart(member: FlaskClient, path: str) -> None:
    page = member.get(path).text
    fragment = member.get(path, headers={"X-Fragment": "1"}).text
    assert "<html" in page
    assert "<html" not in fragment
    assert "<html" in member.get(path).text


def test_each_session_has_its_own_token(app: Flask, house: House, sign_in: Any, path: str) -> None:
    clients = [sign_in(app.test_client(), house.member) for _ in range(2)]
    pages = [client.get(path).text for client in clients]
    tokens = [TOKEN.search(page)[1] for page in pages]
    assert tokens[0] != tokens[1]
    assert tokens[0] not in pages[1]
    assert "&lt;token" not in pages[1]
    assert "<token" not in pages[1]
    for client, token in zip(clients, tokens, strict=True):
        answer = client.post("/theme", data={"csrf_token": token, "theme": "dark", "next": path})
        assert answer.status_code in (302, 303)


def test_flash_message_is_shown_once(member: FlaskClient, path: str) -> None:
    for _ in range(2):
        with member.session_transaction() as cookie:
            cookie["_flashes"] = [("message", "Well done, you")]
        assert "Well done, you" in member.get(path).text
        assert "Well done, you" not in member.get(path).text


def test_unknown_day_stays_unknown(member: FlaskClient) -> None:
    assert [member.get("/board/house/day/never").status_code for _ in range(2)] == [404, 404]


def test_request_that_waits_shows_in_the_approvers_header(
    app: Flask, house: House, sign_in: Any, path: str
) -> None:
    client = sign_in(app.test_client(), house.approver)
    before = client.get(path).text
    house.add_booking(house.cedar, state=State.REQUESTED, start=7, end=7.5)
    assert 'class="count"' not in before
    assert 'class="count"' in client.get(path).text


def test_boards_of_a_house_made_anew_are_drawn_anew(
    app: Flask, member: FlaskClient, house: House, path: str
) -> None:
    """Revisions may come out equal; the ids of bookings do not."""
    first = house.add_booking(title="Before")
    assert "Before" in member.get(path).text
    with app.app_context(), writing(db.engine) as connection:
        for table in ("hold", "allocation", "occurrence", "booking_word", "booking"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    assert house.add_booking(title="After") > first
    assert "After" in member.get(path).text
