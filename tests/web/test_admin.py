"""Administration: who comes in, closures with their question, work and mails."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from booking.actions.bookings import book
from booking.core.values import Grant, Role, State
from booking.db import db
from booking.mail.transport import outbox_files
from booking.models import Closure, Job
from booking.queries import agenda
from tests.support.databases import writing
from tests.support.factories import NOW, House

EVERYWHERE = ("/admin/work", "/admin/outbox", "/admin/outbox/x.eml")
PAGES = ("/admin", "/admin/closures", "/admin/closures/1", *EVERYWHERE)


@pytest.fixture
def at(app: Flask, house: House, sign_in):
    """Return a browser of somebody of the house: ``at("manager")``."""

    def browser(who: str) -> FlaskClient:
        client = sign_in(app.test_client(), getattr(house, who))
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return browser


@pytest.fixture
def admin(at) -> FlaskClient:
    return at("admin")


@pytest.fixture
def wish(house: House) -> dict[str, str]:
    """Return the form of a closure from 9 to 12 of the first day."""
    day = f"{house.at(0):%Y-%m-%d}"
    return {
        "date": day,
        "start": "09:00",
        "end_date": day,
        "end": "12:00",
        "reason": "New <i>floor</i>",
        "space": str(house.atlas.id),
    }


@pytest.fixture
def booked(app: Flask, house: House) -> int:
    """Return a booking of the member from 10 to 11."""
    with app.app_context():
        return book(house.request(), house.member, now=NOW).booking_id


def closures(house: House) -> list[str]:
    with house.engine.connect() as connection:
        return [*connection.execute(select(Closure.reason).order_by(Closure.id)).scalars()]


def state(app: Flask, booking_id: int) -> State:
    with app.app_context():
        return agenda.booking(db.session(), booking_id).state


@pytest.mark.parametrize("path", PAGES)
def test_nobody_else_comes_in(app, client, at, house, path):
    assert client.get(path).location.startswith("/sign-in?next=/admin")
    for who in ("member", "manager", "approver"):
        assert at(who).get(path).status_code == 403
    assert "/admin" not in at("manager").get("/bookings").text


@pytest.mark.parametrize("path", EVERYWHERE)
def test_who_runs_one_house_does_not_see_the_work_of_all(app, house, sign_in, path):
    somebody = house.add_person("Warden", grants=(Grant(Role.ADMIN, site_id=house.site.id),))
    client = sign_in(app.test_client(), somebody)

    assert client.get(path).status_code == 403
    page = client.get("/admin/closures").text
    assert "/admin/work" not in page
    assert "/admin/closures" in page


@pytest.mark.parametrize("who", ["member", "manager", "approver"])
def test_nobody_else_closes(at, house, post, wish, who):
    assert post(at(who), "/admin/closures", **wish).status_code == 403
    assert closures(house) == []


def test_closing_what_is_free_needs_no_question(admin, house, post, wish):
    answer = post(admin, "/admin/closures", **wish)

    assert (answer.status_code, answer.location) == (303, "/admin/closures")
    page = admin.get("/admin/closures").text
    assert "New &lt;i&gt;floor&lt;/i&gt;" in page
    assert closures(house) == ["New <i>floor</i>"]


@pytest.mark.parametrize(
    ("over", "after", "said"),
    [
        ("keep", State.CONFIRMED, "Bookings that stay: 1"),
        ("cancel", State.CANCELLED, "Bookings that are cancelled: 1"),
    ],
)
def test_closing_over_bookings_asks(app, admin, house, post, wish, booked, over, after, said):
    asked = post(admin, "/admin/closures", **wish)

    assert asked.status_code == 409
    assert "1 booking lies in this time" in asked.text
    assert f'href="/bookings/{booked}"' in asked.text
    assert 'value="09:00"' not in asked.text  # a select: the chosen option carries it
    assert "<option selected>09:00</option>" in asked.text
    assert closures(house) == []
    assert state(app, booked) is State.CONFIRMED
    assert post(admin, "/admin/closures", **wish, over=over).status_code == 303
    assert said in admin.get("/admin/closures").text
    assert state(app, booked) is after


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reason": " "}, "reason"),
        ({"date": "2027-02-30"}, "date"),
        ({"end": "08:00"}, "end"),
        ({"start": "9 o'clock"}, "start"),
        ({"space": "x"}, "space"),
    ],
)
def test_closing_tells_what_is_wrong_and_keeps_the_rest(admin, house, post, wish, wrong, said):
    answer = post(admin, "/admin/closures", **{**wish, **wrong})

    assert answer.status_code == 422
    assert re.search(rf'name="{said}"[^>]* aria-invalid="true"', answer.text)
    assert closures(house) == []


@pytest.mark.parametrize("space", ["999999", "2147483648", "-1"])
def test_closing_a_space_that_is_not_there(admin, house, post, wish, space):
    assert post(admin, "/admin/closures", **{**wish, "space": space}).status_code in (404, 422)
    assert closures(house) == []


def test_closure_is_changed_and_opened_again(admin, house, post, wish):
    post(admin, "/admin/closures", **wish)
    with house.engine.connect() as connection:
        closure_id = connection.execute(select(Closure.id)).scalar_one()
    path = f"/admin/closures/{closure_id}"
    form = admin.get(path).text
    assert 'name="version" value="1"' in form

    changed = {**wish, "reason": "Painting", "end": "24:00", "version": "1"}
    assert post(admin, path, **changed).status_code == 303
    stale = post(admin, path, **changed)
    assert stale.status_code == 409
    assert 'name="version" value="2"' in stale.text
    assert "Painting" in admin.get(path).text
    assert post(admin, path, what="reopen").status_code == 303
    assert closures(house) == []
    assert admin.get(path).status_code == 404


def test_past_closures_are_listed_apart(admin, house):
    house.add_closure(9, 12, day=-5, reason="Last week")
    house.add_closure(9, 12, day=5, reason="Next week")

    coming, past = (admin.get(f"/admin/closures{query}").text for query in ("", "?past=1"))

    assert ("Next week" in coming, "Last week" in coming) == (True, False)
    assert ("Next week" in past, "Last week" in past) == (False, True)


@pytest.fixture
def dead(house: House) -> int:
    """Return a job that failed for good."""
    row = {
        "kind": "mail",
        "payload": {},
        "created_s": NOW,
        "due_s": NOW,
        "dead_s": NOW,
        "attempts": 10,
        "error": "<b>no</b>",
    }
    with writing(house.engine) as connection:
        made = insert(Job.__table__).values(row).returning(Job.__table__.c.id)
        return connection.execute(made).scalar_one()


@pytest.mark.parametrize(("what", "left"), [("retry", [0]), ("discard", [])])
@pytest.mark.parametrize("named", [True, False])
def test_dead_work_is_tried_again_or_given_up(admin, house, post, dead, what, left, named):
    page = admin.get("/admin/work").text
    assert "&lt;b&gt;no&lt;/b&gt;" in page

    fields = {"id": str(dead)} if named else {}
    assert post(admin, "/admin/work", what=what, **fields).status_code == 303

    with house.engine.connect() as connection:
        assert [*connection.execute(select(Job.attempts)).scalars()] == left


def test_work_that_is_gone_by_now(admin, post, dead):
    assert post(admin, "/admin/work", what="discard", id=str(dead)).status_code == 303
    assert post(admin, "/admin/work", what="retry", id=str(dead)).status_code == 404


MAIL = b"""From: house@example.org\r\nTo: member@example.org\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r
Content-Type: text/plain; charset=utf-8\r\n\r\nDear <b>you</b>\r\n"""


@pytest.fixture
def kept(app: Flask) -> Path:
    """Return a mail in the folder."""
    folder = app.extensions["booking"]["config"].outbox
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "99991231-one.eml"  # the newest, whatever else was mailed in this run
    file.write_bytes(MAIL)
    yield file
    for each in outbox_files(app.extensions["booking"]["config"]):
        each.unlink()


def test_mails_of_the_folder_are_shown_and_given(admin, kept):
    page = admin.get("/admin/outbox").text

    assert "Café" in page
    assert "Dear &lt;b&gt;you&lt;/b&gt;" in page
    with admin.get(f"/admin/outbox/{kept.name}") as answer:
        assert answer.data == MAIL
        assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "name", ["none.eml", "..%2Fsecret.key", "%2E%2E%2Fsecret.key", "20270310-one.eml%00"]
)
def test_nothing_else_of_the_folder_is_given(admin, kept, name):
    (kept.parent.parent / "secret.key").touch()
    assert admin.get(f"/admin/outbox/{name}").status_code == 404
