"""The page of an invitation, without an account; and the list on the page of the booking."""

import re

import pytest
from sqlalchemy import select

from booking.actions.bookings import book, cancel
from booking.actions.invitees import invite, told
from booking.core.invitees import Named
from booking.core.requests import CancelRequest
from booking.core.values import Visibility
from booking.db import db
from booking.invited import invitation_path
from booking.models import Booking
from booking.queries.invitees import invitees, opted_out
from tests.support.factories import NOW

ANNA = Named("anna@example.org", "Anna Martin")


@pytest.fixture
def made(app, house):
    """A private booking to which Anna is invited; return its id and hers."""
    with app.app_context():
        wish = house.request(visibility=Visibility.PRIVATE, note="Blue box", invite=(ANNA,))
        booking_id = book(wish, house.member, now=NOW).booking_id
        [anna] = invitees(db.session(), booking_id)
        told(anna.id, "request", 0, 1)
    return booking_id, anna.id


@pytest.fixture
def path(app, made):
    """The path of Anna's link."""
    return invitation_path(made[1], app.extensions["booking"]["config"].signing_key())


def answer_of(app, made):
    with app.app_context():
        return [each.answer.value for each in invitees(db.session(), made[0])]


def test_looking_decides_nothing(client, app, made, path):
    page = client.get(path)
    assert page.status_code == 200
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "Choir" in page.text
    assert "Atlas" in page.text
    assert "Blue box" not in page.text
    assert client.head(path).status_code == 200
    assert answer_of(app, made) == ["needs-action"]


@pytest.mark.parametrize("answer", ["accepted", "tentative", "declined"])
def test_one_button_answers(client, csrf, app, made, path, answer):
    form = {"answer": answer, "csrf_token": csrf(client, path)}
    page = client.post(f"{path}/answer", data=form, follow_redirects=True)
    assert "votre réponse est enregistrée" in page.text
    assert 'aria-pressed="true"' in page.text
    assert answer_of(app, made) == [answer]


def test_what_is_no_answer_is_not_taken(client, csrf, app, made, path):
    form = {"answer": "needs-action", "csrf_token": csrf(client, path)}
    assert client.post(f"{path}/answer", data=form).status_code == 404
    assert answer_of(app, made) == ["needs-action"]


def test_a_cancelled_booking_says_so_and_nothing_else(client, csrf, app, house, made, path):
    token = csrf(client, path)
    with app.app_context():
        cancel(CancelRequest(made[0], 1), house.member, now=NOW)
    page = client.get(path)
    assert "Choir" not in page.text
    assert "n’est plus valable" in page.text
    form = {"answer": "accepted", "csrf_token": token}
    page = client.post(f"{path}/answer", data=form, follow_redirects=True)
    assert "annulé" in page.text
    assert answer_of(app, made) == ["needs-action"]


def test_the_link_opens_nothing_else(client, made, path):
    assert client.get(path[:-2] + "xx").status_code == 404
    assert client.get(f"/bookings/{made[0]}").status_code == 302  # to sign in


def test_opting_out_is_one_button(client, csrf, app, made, path):
    token = csrf(client, path)
    page = client.post(f"{path}/none", data={"csrf_token": token}, follow_redirects=True)
    assert "C’est fait" in page.text
    with app.app_context():
        assert opted_out(db.session(), [ANNA.email]) == {ANNA.email}


def test_the_list_is_for_the_bookings_own_people(client, sign_in, app, house, made):
    path = f"/bookings/{made[0]}"
    with app.app_context():
        member = Named(house.email(house.stranger))
        invite(made[0], [member], house.member, now=NOW)
    sign_in(client, house.member)
    assert ANNA.email in client.get(path).text
    sign_in(client, house.stranger)
    page = client.get(path).text
    assert ANNA.email not in page
    assert house.email(house.stranger) in page  # oneself
    sign_in(client, house.approver)
    assert ANNA.email not in client.get(path).text


def test_people_are_added_and_removed_on_the_page(client, sign_in, csrf, house, made):
    path = f"/bookings/{made[0]}"
    sign_in(client, house.member)
    form = {"invite": "Ben <ben@example.com>, eve@example.com", "csrf_token": csrf(client, path)}
    page = client.post(f"{path}/invite", data=form, follow_redirects=True).text
    assert "ben@example.com" in page
    assert "eve@example.com" in page
    remove = re.findall(rf'action="({path}/invitees/\d+/remove)"', page)
    assert len(remove) == 3
    for each in remove:
        client.post(each, data={"csrf_token": form["csrf_token"]})
    assert "ben@example.com" not in client.get(path).text


@pytest.mark.parametrize("typed", ["", "no address", "a@b.c " * 5_000])
def test_what_cannot_be_read_is_told(client, sign_in, csrf, house, made, typed):
    path = f"/bookings/{made[0]}"
    sign_in(client, house.member)
    form = {"invite": typed, "csrf_token": csrf(client, path)}
    page = client.post(f"{path}/invite", data=form, follow_redirects=True)
    assert page.status_code == 200
    assert "flash" in page.text or "note" in page.text
    assert page.text.count("/remove") == 1


def test_a_new_booking_invites(client, sign_in, csrf, app, house):
    sign_in(client, house.member)
    form = {
        "space": house.atlas.id, "date": "2027-03-12", "start": "10:00", "end": "11:00",
        "title": "Choir", "category": "meeting", "visibility": "members",
        "invite": "anna@example.org\nben@example.com", "csrf_token": csrf(client, "/bookings/new"),
    }  # fmt: skip
    answer = client.post("/bookings", data=form)
    assert answer.status_code == 303
    with app.app_context():
        booking_id = db.session.scalars(select(Booking.id)).one()
        found = [each.email for each in invitees(db.session(), booking_id)]
    assert found == ["anna@example.org", "ben@example.com"]
    again = client.post("/bookings", data={**form, "date": "2027-03-15", "invite": "nobody"})
    assert again.status_code == 422
    assert "nobody" in again.text
