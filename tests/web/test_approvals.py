"""The approvers' queue."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from booking.actions import bookings
from booking.core.values import Actor, Space, State
from booking.db import db
from booking.models import Site
from booking.queries import agenda
from tests.support.databases import writing
from tests.support.factories import NOW, PASSWORD, House


def sign_in(client: FlaskClient, house: House, who: Actor) -> None:
    """Sign a person in through the page."""
    token = csrf(client, "/sign-in")
    answer = client.post(
        "/sign-in", data={"email": house.email(who), "password": PASSWORD, "csrf_token": token}
    )
    assert answer.status_code == 303 or answer.status_code == 302


def csrf(client: FlaskClient, path: str) -> str:
    """Return the token of a page."""
    text = client.get(path).get_data(as_text=True)
    return text.split('name="csrf-token" content="')[1].split('"')[0]


def ask(app: Flask, house: House, *spaces: Space, **more: object) -> int:
    """Let the member ask; return the booking's id."""
    with app.app_context():
        return bookings.book(house.request(*spaces, **more), house.member, now=NOW).booking_id


def state(app: Flask, booking_id: int) -> State:
    """Return what became of a booking."""
    with app.app_context():
        return agenda.booking(db.session(), booking_id).state


@pytest.mark.parametrize("who", ["member", "manager", "stranger"])
def test_queue_is_for_approvers(client: FlaskClient, house: House, who: str) -> None:
    sign_in(client, house, getattr(house, who))
    assert client.get("/approvals").status_code == 403


def test_queue_without_sign_in_leads_there(client: FlaskClient, house: House) -> None:
    answer = client.get("/approvals")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


def test_queue_shows_request_day_and_rivals(app: Flask, client: FlaskClient, house: House) -> None:
    ask(app, house, house.delta, title="Choir", note="Please open the stage.", attendance=70)
    ask(app, house, house.delta, title="Chess", start=10.5, end=12)
    ask(app, house, house.delta, title="Yoga", start=16, end=17)
    sign_in(client, house, house.approver)

    page = client.get("/approvals?lang=en").get_data(as_text=True)

    assert "3 requests wait for you." in page
    first = page.split('id="request-')[1]
    assert "Another request asks for the same time:" in first
    assert "Chess" in first
    assert "Please open the stage." in first
    assert "Delta holds 60" in first
    assert "also requested" in first  # Yoga, the same day at another time


def test_approve_and_refuse_through_the_page(app: Flask, client: FlaskClient, house: House) -> None:
    wanted, unwanted = ask(app, house, house.cedar), ask(app, house, house.delta)
    sign_in(client, house, house.approver)
    token = csrf(client, "/approvals")

    data = {"version": "1", "csrf_token": token}
    answer = client.post(f"/approvals/{wanted}/approve", data=data)
    assert answer.status_code == 303
    assert state(app, wanted) is State.CONFIRMED

    without = client.post(f"/approvals/{unwanted}/refuse?lang=en", data={**data, "reason": " "})
    assert without.status_code == 422
    assert "Give a reason." in without.get_data(as_text=True)
    assert state(app, unwanted) is State.REQUESTED

    answer = client.post(f"/approvals/{unwanted}/refuse", data={**data, "reason": "Works"})
    assert answer.status_code == 303
    assert state(app, unwanted) is State.REFUSED
    assert "Works" not in client.get("/approvals").get_data(as_text=True)


def test_approve_what_is_taken_offers_the_other_dates(
    app: Flask, client: FlaskClient, house: House
) -> None:
    series = ask(app, house, house.delta, rule="FREQ=WEEKLY;COUNT=3")
    with app.app_context():
        bookings.book(house.request(house.delta, day=7, title="<b>Taken</b>"), house.admin, now=NOW)
    sign_in(client, house, house.approver)
    data = {"version": "1", "csrf_token": csrf(client, "/approvals")}

    answer = client.post(f"/approvals/{series}/approve?lang=en", data=data)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "&lt;b&gt;Taken&lt;/b&gt;" in page
    assert "Approve the other 2 dates" in page
    skip = house.at(10, day=7).isoformat()
    assert f'name="skip" value="{skip}"' in page
    client.post(f"/approvals/{series}/approve", data={**data, "skip": skip})
    assert state(app, series) is State.CONFIRMED


def test_second_approver_is_told_what_became_of_it(
    app: Flask, client: FlaskClient, house: House
) -> None:
    booking_id = ask(app, house, house.cedar)
    sign_in(client, house, house.approver)
    data = {"version": "1", "csrf_token": csrf(client, "/approvals")}
    client.post(f"/approvals/{booking_id}/approve", data=data)

    answer = client.post(
        f"/approvals/{booking_id}/refuse", data={**data, "reason": "No"}, follow_redirects=True
    )

    assert "Confirm" in answer.get_data(as_text=True)
    assert state(app, booking_id) is State.CONFIRMED


@pytest.mark.parametrize(
    "data", [{}, {"version": "x"}, {"version": "1", "skip": "never"}, {"version": "9" * 400}]
)
def test_malformed_decision_is_refused(
    app: Flask, client: FlaskClient, house: House, data: dict[str, str]
) -> None:
    booking_id = ask(app, house, house.cedar)
    sign_in(client, house, house.approver)
    token = csrf(client, "/approvals")
    answer = client.post(f"/approvals/{booking_id}/approve", data={**data, "csrf_token": token})
    assert answer.status_code in (303, 400)
    assert state(app, booking_id) is State.REQUESTED


def test_decision_without_token_is_refused(app: Flask, client: FlaskClient, house: House) -> None:
    booking_id = ask(app, house, house.cedar)
    sign_in(client, house, house.approver)
    answer = client.post(f"/approvals/{booking_id}/approve", data={"version": "1"})
    assert answer.status_code == 400
    assert state(app, booking_id) is State.REQUESTED


@pytest.mark.parametrize(
    ("zone", "hour", "place"),
    [
        pytest.param("Europe/Paris", 10, 8, id="whole-hours"),
        pytest.param("Asia/Kolkata", 10, 8, id="half-hours"),
        pytest.param("Asia/Kathmandu", 10.5, 10, id="quarter-hours"),
    ],
)
def test_strip_shows_the_request_at_its_wall_clock(
    app: Flask, client: FlaskClient, house: House, zone: str, hour: float, place: int
) -> None:
    with writing(house.engine) as connection:
        connection.execute(update(Site).values(zone=zone))
    ask(app, house, house.cedar, start=hour, end=hour + 1)
    sign_in(client, house, house.approver)

    page = client.get("/approvals").get_data(as_text=True)

    # Quarter hours from the opening at 8, ten units each.
    assert f'class="asked" x="{place * 10 + 1}"' in page
    assert "<span>8 h</span>" in page


def test_approving_one_refuses_its_rivals_and_offers_them_something(
    app: Flask, client: FlaskClient, house: House
) -> None:
    chosen = ask(app, house, house.delta, title="Choir")
    with app.app_context():
        rival = bookings.book(
            house.request(house.delta, title="Chess <b>"), house.stranger, now=NOW
        ).booking_id
    sign_in(client, house, house.approver)
    page = client.get("/approvals").text
    assert page.count('name="rivals"') == 2

    token = csrf(client, "/approvals")
    form = {"csrf_token": token, "version": "1", "rivals": "1", "rivals_reason": "First come."}
    assert client.post(f"/approvals/{chosen}/approve", data=form).status_code == 303

    assert (state(app, chosen), state(app, rival)) == (State.CONFIRMED, State.REFUSED)
    other = app.test_client()
    sign_in(other, house, house.stranger)
    shown = other.get(f"/bookings/{rival}").text
    address = re.search(r'action="(/offers/\d+)/accept"', shown)
    assert address is not None
    assert "First come." in shown
    third = app.test_client()
    sign_in(third, house, house.member)
    mine = {"csrf_token": csrf(third, "/bookings")}
    assert third.post(f"{address[1]}/accept", data=mine).status_code == 403
    theirs = {"csrf_token": csrf(other, "/bookings")}
    taken = other.post(f"{address[1]}/accept", data=theirs)
    assert taken.status_code == 303
    assert state(app, int(taken.location.rsplit("/", 1)[1])) is State.CONFIRMED
    assert other.post(f"{address[1]}/accept", data=theirs).status_code == 409
    assert other.post(f"{address[1]}/decline", data=theirs).status_code == 409
    assert address[1] not in other.get(f"/bookings/{rival}").text


def test_offer_can_be_declined(app: Flask, client: FlaskClient, house: House) -> None:
    chosen = ask(app, house, house.delta, title="Choir")
    rival = ask(app, house, house.delta, title="Chess")
    sign_in(client, house, house.approver)
    form = {"csrf_token": csrf(client, "/approvals"), "version": "1", "rivals": "1"}
    client.post(f"/approvals/{chosen}/approve", data=form)
    client = app.test_client()
    sign_in(client, house, house.member)
    address = re.search(r'action="(/offers/\d+)/decline"', client.get(f"/bookings/{rival}").text)
    assert address is not None

    mine = {"csrf_token": csrf(client, "/bookings")}
    assert client.post(f"{address[1]}/decline", data=mine).status_code == 303

    assert address[1] not in client.get(f"/bookings/{rival}").text
    assert client.post("/offers/999999/decline", data=mine).status_code == 404


def test_rivals_stay_without_the_tick(app: Flask, client: FlaskClient, house: House) -> None:
    chosen, rival = (ask(app, house, house.delta, title=each) for each in ("Choir", "Chess"))
    sign_in(client, house, house.approver)
    form = {"csrf_token": csrf(client, "/approvals"), "version": "1"}
    client.post(f"/approvals/{chosen}/approve", data=form)
    assert state(app, rival) is State.REQUESTED


def test_queue_tells_what_an_organisation_had_in_three_months(
    app: Flask, client: FlaskClient, house: House
) -> None:
    for day in (-100, -50, -10):
        house.add_booking(house.atlas, days=(day,), end=12, organisation_id=house.ours)
    ask(app, house, house.delta, organisation_id=house.ours)
    sign_in(client, house, house.approver)
    page = client.get("/approvals", headers={"Accept-Language": "en"}).text
    assert "2 dates and 4 h in three months" in page


def test_queue_goes_on_with_more_than_a_page(app: Flask, client: FlaskClient, house: House) -> None:
    for day in range(21):
        house.add_booking(house.delta, days=(day,), state=State.REQUESTED, title=f"Request {day}")
    sign_in(client, house, house.approver)
    first, second = client.get("/approvals").text, client.get("/approvals?page=2").text
    assert "Request 19" in first
    assert "Request 20" not in first
    assert "Request 20" in second


def test_queue_shows_every_rival_that_the_tick_refuses(
    app: Flask, client: FlaskClient, house: House
) -> None:
    """Rivals through a shared part, and on a later date of a series, too."""
    hall = house.add_space(
        "Hall", parts=(house.delta, house.birch), needs_approval=True, requests_hold=False
    )
    chosen = ask(app, house, house.delta, title="Choir", rule="FREQ=DAILY;COUNT=3")
    rivals = [
        ask(app, house, hall, title="Fair"),
        ask(app, house, house.delta, title="Late one", day=2),
    ]
    sign_in(client, house, house.approver)
    page = client.get("/approvals", headers={"Accept-Language": "en"}).text
    card = page[page.index(f'id="request-{chosen}"') :].split("</li>\n<li", 1)[0]

    assert "2 other requests ask for the same time" in card
    assert all(f'href="#request-{each}"' in card for each in rivals)
    form = {"csrf_token": csrf(client, "/approvals"), "version": "1", "rivals": "1"}
    client.post(f"/approvals/{chosen}/approve", data=form)
    assert [state(app, each) for each in rivals] == [State.REFUSED] * 2
