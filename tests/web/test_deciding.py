"""The page of one request, proposals for it, and several decided at once."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions import bookings
from booking.core.requests import CancelRequest
from booking.core.values import State
from booking.db import db
from booking.queries import agenda
from tests.support.factories import NOW, House
from tests.web.test_approvals import ask, csrf, sign_in, state


@pytest.fixture
def desk(client: FlaskClient, house: House) -> FlaskClient:
    """The browser of an approver who reads English."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(client, house, house.approver)
    return client


def said(client: FlaskClient) -> str:
    """Return what the next page tells."""
    return client.get("/approvals").get_data(as_text=True)


def test_page_shows_all_that_weighs(app: Flask, desk: FlaskClient, house: House) -> None:
    chosen = ask(app, house, house.delta, title="Choir", note="The stage, please.")
    rival = ask(app, house, house.delta, title="Chess", start=10.5, end=12, attendance=12)
    with app.app_context():
        bookings.book(
            house.request(house.delta, start=14, end=15, title="Talk"), house.admin, now=NOW
        )

    page = desk.get(f"/approvals/{chosen}").get_data(as_text=True)

    assert "Delta needs the agreement of an approver." in page
    assert "The stage, please." in page
    assert "Talk" in page  # the day around it
    assert page.count('class="card side') == 2
    assert f'href="/approvals/{rival}"' in page
    assert "asked first" in page.split("<small>this request")[1].split("</article>")[0]
    assert "Expires on" in page


def test_page_of_what_does_not_wait_leads_to_the_booking(
    app: Flask, desk: FlaskClient, house: House
) -> None:
    booking_id = ask(app, house, house.cedar)
    assert desk.get(f"/approvals/{booking_id}").status_code == 200
    with app.app_context():
        bookings.cancel(CancelRequest(booking_id, 1), house.member, now=NOW)
    for path in (f"/approvals/{booking_id}", f"/approvals/{booking_id}/propose"):
        assert desk.get(path).headers["Location"] == f"/bookings/{booking_id}"
    assert desk.get("/approvals/99999").status_code == 404


@pytest.mark.parametrize("path", ["", "/propose"])
def test_page_is_for_who_decides(app: Flask, client: FlaskClient, house: House, path: str) -> None:
    booking_id = ask(app, house, house.cedar)
    sign_in(client, house, house.member)
    assert client.get(f"/approvals/{booking_id}{path}").status_code == 403


def test_ticked_dates_of_a_series_are_decided(app: Flask, desk: FlaskClient, house: House) -> None:
    series = ask(app, house, house.cedar, rule="FREQ=WEEKLY;COUNT=3")
    page = desk.get(f"/approvals/{series}").get_data(as_text=True)
    values = re.findall(r'name="dates" value="([^"]+)"', page)
    assert len(values) == 3
    form = {"csrf_token": csrf(desk, "/approvals"), "version": "1", "some": "1", "from": "page"}

    nothing = desk.post(f"/approvals/{series}/approve", data=form)
    assert nothing.status_code == 422
    assert "Tick at least one date that waits." in nothing.get_data(as_text=True)

    answer = desk.post(f"/approvals/{series}/approve", data={**form, "dates": values[:2]})
    assert answer.status_code == 303
    assert "The other dates wait on." in said(desk)
    form["version"] = "2"
    without = desk.post(f"/approvals/{series}/refuse", data={**form, "dates": values[2:]})
    assert without.status_code == 422
    kept = without.get_data(as_text=True)
    assert "Give a reason." in kept
    with app.app_context():
        found = agenda.booking(db.session(), series)
        assert [each.state for each in found.occurrences] == [
            State.CONFIRMED,
            State.CONFIRMED,
            State.REQUESTED,
        ]


def test_taken_dates_are_not_ticked(app: Flask, desk: FlaskClient, house: House) -> None:
    series = ask(app, house, house.delta, rule="FREQ=WEEKLY;COUNT=2")
    house.add_closure(8, 20, day=7)
    with app.app_context():
        bookings.book(house.request(house.delta, day=7), house.admin, now=NOW)
    page = desk.get(f"/approvals/{series}").get_data(as_text=True)
    ticks = re.findall(r'name="dates" value="[^"]+"( checked)?>', page)
    assert ticks == [" checked", ""]
    assert ">taken<" in page


def test_proposal_is_made_shown_withdrawn_and_accepted(
    app: Flask, desk: FlaskClient, house: House
) -> None:
    booking_id = ask(app, house, house.cedar, title="Choir")
    page = desk.get(f"/approvals/{booking_id}/propose").get_data(as_text=True)
    free = re.findall(r'name="take" value="([^"]+)"', page)
    assert free
    form = {"csrf_token": csrf(desk, "/approvals"), "version": "1"}

    made = desk.post(
        f"/approvals/{booking_id}/propose",
        data={**form, "take": free[0], "words": "More <b>light</b>"},
    )
    assert made.headers["Location"] == f"/approvals/{booking_id}"
    shown = desk.get(f"/approvals/{booking_id}").get_data(as_text=True)
    assert "More &lt;b&gt;light&lt;/b&gt;" in shown
    back = re.search(r'action="(/approvals/offers/\d+/withdraw)"', shown)
    assert back is not None
    assert desk.post(back[1], data=form).status_code == 303
    assert "withdraw" not in desk.get(f"/approvals/{booking_id}").get_data(as_text=True)

    typed = {"space": str(house.delta.id), "date": f"{house.at(14):%Y-%m-%d}"}
    typed |= {"start": "14:00", "end": "16:00"}
    answer = desk.post(f"/approvals/{booking_id}/propose", data=form | typed)
    assert answer.status_code == 303
    member = app.test_client()
    sign_in(member, house, house.member)
    address = re.search(
        r'action="(/offers/\d+/accept)"', member.get(f"/bookings/{booking_id}").text
    )
    assert address is not None
    member.post(address[1], data={"csrf_token": csrf(member, "/bookings")})
    assert state(app, booking_id) is State.CONFIRMED
    with app.app_context():
        assert agenda.booking(db.session(), booking_id).space_ids == (house.delta.id,)


@pytest.mark.parametrize(
    ("wrong", "status", "told"),
    [
        ({"space": "x"}, 422, "There is no such room."),
        ({"space": "99999"}, 422, "There is no such room."),
        ({"date": "2027-02-30"}, 422, "There is no such day in the calendar."),
        ({"start": "25:99"}, 422, "There is no such time of the day."),
        ({"end": "13:00"}, 422, "The end lies before the start."),
        ({"take": "a|b"}, 422, "Choose one of the possibilities."),
        ({"version": "x"}, 422, "The form is no longer valid."),
        ({"words": "x" * 501}, 422, "At most 500 characters, please."),
        ({"start": "09:00", "end": "11:00"}, 409, "That is taken"),
    ],
)
def test_wrong_proposal_is_told_and_kept(
    app: Flask,
    desk: FlaskClient,
    house: House,
    wrong: dict[str, str],
    status: int,
    told: str,
) -> None:
    booking_id = ask(app, house, house.cedar)
    house.add_booking(house.delta, title="Quick one")
    form = {
        "csrf_token": csrf(desk, "/approvals"),
        "version": "1",
        "space": str(house.delta.id),
        "date": f"{house.at(14):%Y-%m-%d}",
        "start": "14:00",
        "end": "16:00",
        "words": "It is lighter there.",
    }

    answer = desk.post(f"/approvals/{booking_id}/propose", data=form | wrong)

    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert told in page
    assert (wrong.get("words") or "It is lighter there.") in page
    assert "withdraw" not in desk.get(f"/approvals/{booking_id}").get_data(as_text=True)


def test_several_are_decided_and_who_cannot_be_is_named(
    app: Flask, desk: FlaskClient, house: House
) -> None:
    first = ask(app, house, house.cedar, title="Choir")
    second = ask(app, house, house.delta, title="Chess", day=1)
    third = ask(app, house, house.delta, title="Yoga", day=2)
    with app.app_context():
        bookings.book(house.request(house.delta, day=2), house.admin, now=NOW)
    form = {"csrf_token": csrf(desk, "/approvals"), "what": "approve"}
    chosen = [f"{first}.1", f"{second}.9", f"{third}.1", "x.y", "999999.1"]

    assert desk.post("/approvals/decide", data={**form, "chosen": chosen}).status_code == 303

    page = said(desk)
    assert "1 request approved." in page
    assert "Chess: not decided." in page
    assert "Yoga: not decided." in page
    assert state(app, first) is State.CONFIRMED
    assert state(app, second) is State.REQUESTED
    assert state(app, third) is State.REQUESTED


def test_several_are_refused_with_one_reason(app: Flask, desk: FlaskClient, house: House) -> None:
    both = [ask(app, house, house.cedar, day=day) for day in (0, 1)]
    form = {"csrf_token": csrf(desk, "/approvals"), "what": "refuse"}
    chosen = [f"{each}.1" for each in both]

    without = desk.post("/approvals/decide", data={**form, "chosen": chosen})
    assert without.status_code == 422
    assert "Give a reason." in without.get_data(as_text=True)
    none = desk.post("/approvals/decide", data=form)
    assert none.status_code == 422
    assert "Tick the requests first." in none.get_data(as_text=True)
    assert [state(app, each) for each in both] == [State.REQUESTED] * 2

    answer = desk.post("/approvals/decide", data={**form, "chosen": chosen, "reason": "Works"})

    assert answer.status_code == 303
    assert "2 requests refused." in said(desk)
    assert [state(app, each) for each in both] == [State.REFUSED] * 2


def test_nobody_else_decides_several(app: Flask, client: FlaskClient, house: House) -> None:
    booking_id = ask(app, house, house.cedar)
    sign_in(client, house, house.member)
    form = {"csrf_token": csrf(client, "/bookings"), "chosen": f"{booking_id}.1"}
    for what in ("approve", "refuse"):
        answer = client.post("/approvals/decide", data={**form, "what": what, "reason": "No"})
        assert answer.status_code == 403
    assert state(app, booking_id) is State.REQUESTED


def test_what_was_not_ticked_waits_on_when_a_ticked_date_is_taken(
    app: Flask, desk: FlaskClient, house: House
) -> None:
    series = ask(app, house, house.delta, rule="FREQ=WEEKLY;COUNT=3")
    rival = ask(app, house, house.delta, title="Chess")
    with app.app_context():
        bookings.book(house.request(house.delta, day=7), house.admin, now=NOW)
    form = {"csrf_token": csrf(desk, "/approvals"), "version": "1", "some": "1", "from": "page"}
    form |= {"rivals": "1", "rivals_reason": "First come."}
    ticked = [house.at(10, day=day).isoformat(timespec="minutes") for day in (0, 7)]

    page = desk.post(f"/approvals/{series}/approve", data={**form, "dates": ticked})
    assert page.status_code == 409
    assert "Approve the other date" in page.text
    sent: dict[str, list[str]] = {}
    shown = page.text.split("<main")[1]
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown):
        sent.setdefault(name, []).append(value)
    sent["csrf_token"] = [form["csrf_token"]]
    assert desk.post(f"/approvals/{series}/approve", data=sent).status_code == 303

    with app.app_context():
        found = agenda.booking(db.session(), series)
    assert [each.state for each in found.occurrences] == [
        State.CONFIRMED,
        State.SKIPPED,
        State.REQUESTED,
    ]
    assert state(app, rival) is State.REFUSED


def test_page_tells_what_is_in_the_way_wherever_it_comes_from(
    app: Flask, desk: FlaskClient, house: House
) -> None:
    hall = house.add_space("Hall", parts=(house.delta, house.birch))
    wanted = ask(app, house, house.delta, title="Choir")
    with app.app_context():
        bookings.book(house.request(hall, title="Whole evening"), house.admin, now=NOW)
    page = desk.get(f"/approvals/{wanted}").text
    assert "This time is taken by now:" in page
    assert "Whole evening" in page


def test_others_in_a_space_for_several_are_not_in_the_way(
    app: Flask, desk: FlaskClient, house: House
) -> None:
    store = house.add_space("Store", lanes=2, needs_approval=True)
    wanted = ask(app, house, store, title="Choir")
    with app.app_context():
        bookings.book(house.request(store, title="Apples"), house.admin, now=NOW)
    for path in ("/approvals", f"/approvals/{wanted}"):
        page = desk.get(path).text
        assert "Apples" in page, path  # the day around it
        assert "This time is taken by now:" not in page, path


def test_offer_says_whether_it_is_for_the_series_or_for_one_of_its_dates(
    app: Flask, desk: FlaskClient, house: House
) -> None:
    series = ask(app, house, house.cedar, rule="FREQ=WEEKLY;COUNT=3")
    form = {"csrf_token": csrf(desk, "/approvals"), "version": "1", "space": str(house.delta.id)}
    form |= {"date": f"{house.at(14):%Y-%m-%d}", "start": "14:00", "end": "16:00"}
    assert desk.post(f"/approvals/{series}/propose", data=form).status_code == 303
    chosen = ask(app, house, house.delta, title="Choir", day=21)
    rival = ask(app, house, house.delta, title="Chess", day=14, rule="FREQ=WEEKLY;COUNT=2")
    decision = {"csrf_token": form["csrf_token"], "version": "1", "rivals": "1"}
    assert desk.post(f"/approvals/{chosen}/approve", data=decision).status_code == 303

    member = app.test_client()
    member.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(member, house, house.member)
    for page in (desk.get(f"/approvals/{series}").text, member.get(f"/bookings/{series}").text):
        assert "for the whole series" in page
    assert "in place of Thursday, 1 April 2027" in member.get(f"/bookings/{rival}").text
