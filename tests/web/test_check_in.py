"""Check-in in the browser: from the page of the booking, and from that of the room."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions.spaces import set_policy
from booking.core.values import Policy
from booking.db import db
from booking.queries import agenda, houses
from tests.support.factories import Clock, House

MINUTE = timedelta(minutes=1)


@pytest.fixture
def booking_id(app: Flask, house: House, clock: Clock) -> int:
    """A booking at ten, in a room where one checks in; it is three minutes to."""
    with app.app_context():
        policy = Policy(check_in=10 * MINUTE)
        set_policy(house.atlas.id, policy, house.admin, version=1, now=house.now)
    made = house.add_booking(start=10, end=12)
    clock.now = house.interval(10, 12).start - 3 * MINUTE
    return made


def checked_in(app: Flask, booking_id: int) -> bool:
    with app.app_context():
        stored = agenda.booking(db.session(), booking_id)
    return stored.occurrences[0].checked_in_at is not None


def test_page_of_the_booking_checks_in(
    app: Flask, member: FlaskClient, post: Any, booking_id: int
) -> None:
    member.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    path = f"/bookings/{booking_id}"
    assert f"{path}/check-in" in member.get(path).text
    assert post(member, f"{path}/check-in").location == path
    page = member.get(path).text
    assert "Checked in" in page
    assert f"{path}/check-in" not in page
    assert checked_in(app, booking_id)
    assert "✓ checked in" in member.get("/board/house/day/2027-03-11").text


def test_page_of_the_room_checks_in_and_comes_back(
    app: Flask, member: FlaskClient, house: House, post: Any, booking_id: int
) -> None:
    room = f"/spaces/{house.atlas.id}"
    assert f"/bookings/{booking_id}/check-in" in member.get(room).text
    answer = post(member, f"/bookings/{booking_id}/check-in", room=str(house.atlas.id))
    assert answer.location == room
    assert checked_in(app, booking_id)
    assert f"/bookings/{booking_id}/check-in" not in member.get(room).text


def test_others_cannot_check_in(
    app: Flask, house: House, sign_in: Any, post: Any, booking_id: int
) -> None:
    stranger = sign_in(app.test_client(), house.stranger)
    for path in (f"/bookings/{booking_id}", f"/spaces/{house.atlas.id}"):
        assert "check-in" not in stranger.get(path).text
    assert post(stranger, f"/bookings/{booking_id}/check-in").status_code == 403
    assert not checked_in(app, booking_id)


def test_too_late_says_so(
    app: Flask, member: FlaskClient, house: House, clock: Clock, post: Any, booking_id: int
) -> None:
    member.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    clock.now = house.interval(10, 12).start + 10 * MINUTE
    answer = post(member, f"/bookings/{booking_id}/check-in")
    assert answer.status_code == 303
    assert "There is nothing to check in for now" in member.get(answer.location).text


def test_only_who_runs_the_house_gets_the_code_for_the_door(
    member: FlaskClient, app: Flask, house: House, sign_in: Any, booking_id: int
) -> None:
    room = f"/spaces/{house.atlas.id}"
    assert "data:image/svg+xml" not in member.get(room).text
    admin = sign_in(app.test_client(), house.admin)
    assert "data:image/svg+xml" in admin.get(room).text
    assert "data:image/svg+xml" not in admin.get(f"/spaces/{house.birch.id}").text


def test_rules_of_a_room_set_the_minutes(
    app: Flask, desk: FlaskClient, house: House, post: Any
) -> None:
    path = f"/admin/spaces/{house.birch.id}/rules"
    fields = {"outside_hours": "allow", "holidays": "", "over_capacity": "allow", "version": "1"}
    fields |= {"requests_hold": "1", "check_in": "15"}
    assert post(desk, path, **fields).status_code == 303
    with app.app_context():
        found = houses.spaces_by_id(db.session(), [house.birch.id])[house.birch.id]
    assert found.policy.check_in == 15 * MINUTE
    assert 'name="check_in" value="15"' in desk.get(path).text


@pytest.fixture
def series_id(house: House, clock: Clock) -> int:
    """A series in its second week, as a mail about it finds its reader."""
    clock.now = house.interval(12, 13, day=7).start
    return house.add_booking(start=10, end=11, days=(0, 7, 14, 21))


@pytest.mark.parametrize(("answer", "first"), [("keep", "It is needed"), ("end", "End the series")])
def test_mail_leads_to_a_page_with_its_answer_in_front(
    member: FlaskClient, series_id: int, answer: str, first: str
) -> None:
    member.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = member.get(f"/bookings/{series_id}/needed?answer={answer}").text
    [button] = re.findall(r'<button class="btn (?:primary|danger)"[^>]*>([^<]*)<', page)
    assert button == first
    assert "2 dates are to come" in page or "All 2 coming dates are given back" in page


def test_series_is_kept_by_one_button(
    app: Flask, member: FlaskClient, post: Any, series_id: int
) -> None:
    member.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = post(member, f"/bookings/{series_id}/needed", answer="keep", version="1")
    assert answer.location == f"/bookings/{series_id}"
    page = member.get(answer.location).text
    assert "Good to know: the series stays as it is." in page
    assert "Still needed" in page  # in its history


def test_series_is_ended_by_one_button(
    app: Flask, member: FlaskClient, post: Any, series_id: int
) -> None:
    answer = post(member, f"/bookings/{series_id}/needed", answer="end", version="1")
    assert answer.status_code == 303
    with app.app_context():
        stored = agenda.booking(db.session(), series_id)
    assert [each.state.value for each in stored.occurrences] == ["confirmed"] * 2 + [
        "cancelled"
    ] * 2
    assert post(member, f"/bookings/{series_id}/needed", answer="keep").status_code == 422


def test_series_that_somebody_changed_meanwhile_is_asked_about_again(
    member: FlaskClient, post: Any, series_id: int
) -> None:
    assert (
        post(member, f"/bookings/{series_id}/needed", answer="end", version="7").status_code == 409
    )
    assert (
        post(member, f"/bookings/{series_id}/needed", answer="end", version="x").status_code == 422
    )


def test_others_are_not_asked(
    client: FlaskClient, house: House, sign_in: Any, series_id: int
) -> None:
    stranger = sign_in(client, house.stranger)
    assert stranger.get(f"/bookings/{series_id}/needed").status_code == 403
