"""The page of calendar links."""

import re
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from booking.actions.subscriptions import (
    MOST_LINKS,
    SubscriptionRequest,
    create_subscription,
    touch_subscription,
)
from booking.core.calendars import Scope
from booking.db import db
from booking.models import Subscription
from booking.queries.subscriptions import subscriptions
from tests.support.factories import NOW


@pytest.fixture
def browser(client, house, sign_in):
    """Return a browser in which the member is signed in and reads English."""
    client.get("/calendars?lang=en")
    return sign_in(client, house.member)


@pytest.fixture
def post(browser, csrf):
    """Return what posts a form with its token."""
    token = csrf(browser, "/calendars")

    def posting(path, **form):
        return browser.post(path, data={"csrf_token": token} | form)

    return posting


def links(app):
    """Return all links that are not revoked."""
    with app.app_context():
        return subscriptions(db.session())


def make(app, person, name="phone", **more):
    """Make a link as the verb does; return its id."""
    with app.app_context():
        return create_subscription(SubscriptionRequest(name, **more), person, now=NOW).id


def test_page_needs_a_sign_in(client):
    answer = client.get("/calendars")
    assert answer.status_code == 302
    assert "/sign-in?next=/calendars" in unquote(answer.headers["Location"])


def test_page_lists_the_own_links_and_their_use(app, browser, house):
    used = make(app, house.member, "phone", scope=Scope(space_id=house.birch.id), detail="busy")
    make(app, house.member, "desk")
    make(app, house.stranger, "not mine")
    with app.app_context():
        touch_subscription(used, now=NOW + timedelta(hours=2))

    page = browser.get("/calendars").text

    rows = re.findall(r'<tr>\s*<td class="link-name">(.*?)</tr>', page, re.DOTALL)
    assert len(rows) == 2
    assert "desk" in rows[0]
    assert "My bookings" in rows[0]
    assert "never" in rows[0]
    assert "Birch" in rows[1]
    assert "Only free or busy" in rows[1]
    assert "10 Mar 2027, 12:00" in rows[1]
    assert "not mine" not in page


def test_page_without_links_says_so(browser):
    assert "No calendar link yet" in browser.get("/calendars").text


def test_page_chooses_the_room_of_its_address(browser, house):
    page = browser.get(f"/calendars?space={house.birch.id}").text
    assert f'<option value="{house.birch.id}" selected>' in page


def test_post_makes_a_link_and_shows_it_once(app, browser, post, house):
    answer = post("/calendars", name="phone", scope=str(house.atlas.id), detail="busy")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    [address] = set(re.findall(r'id="https-link">([^<]+)<', answer.text))
    assert re.fullmatch(r"http://localhost/feeds/[\w-]{32}\.ics", address)
    webcal = address.replace("http://", "webcal://")
    assert f'href="{webcal}"' in answer.text
    assert "Atlas · phone" in answer.text
    [made] = links(app)
    assert (made.name, made.scope, made.detail) == ("phone", Scope(space_id=house.atlas.id), "busy")
    assert browser.get(address).status_code == 200
    assert address not in browser.get("/calendars").text


def test_qr_code_is_an_image_without_styles(post):
    page = post("/calendars", name="phone", scope="", detail="full").text
    [source] = re.findall(r'<img src="([^"]+)"', page)
    assert source.startswith("data:image/svg+xml")
    head, _comma, data = source.partition(",")
    drawn = b64decode(data).decode() if head.endswith("base64") else unquote(data)
    assert "style=" not in drawn
    assert "style=" not in page


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        pytest.param({"name": " "}, 422, "name", id="no-name"),
        pytest.param({"name": "x" * 10_000}, 422, "120", id="long-name"),
        pytest.param({"scope": "99999"}, 422, "There is no such room.", id="no-such-room"),
        pytest.param({"scope": "9" * 40}, 422, "There is no such room.", id="huge-id"),
        pytest.param({"scope": "1; DROP"}, 422, "There is no such room.", id="no-number"),
        pytest.param({"detail": "all"}, 422, "Choose how much", id="detail"),
    ],
)
def test_post_refuses_beside_the_field(app, post, form, status, words):
    answer = post("/calendars", **{"name": "phone", "scope": "", "detail": "full"} | form)
    assert answer.status_code == status
    assert words in answer.text
    assert links(app) == []


def test_post_keeps_what_was_typed(post, house):
    answer = post("/calendars", name='<b>"phone"', scope=str(house.birch.id), detail="no")
    assert "&lt;b&gt;&#34;phone&#34;" in answer.text
    assert f'<option value="{house.birch.id}" selected>' in answer.text


def test_post_with_too_many_links_says_so(app, post, house):
    for _ in range(MOST_LINKS):
        make(app, house.member)
    answer = post("/calendars", name="one more", scope="", detail="full")
    assert answer.status_code == 403
    assert f"You have {MOST_LINKS} calendar links" in answer.text


def test_post_without_token_changes_nothing(app, browser):
    answer = browser.post("/calendars", data={"name": "phone", "scope": "", "detail": "full"})
    assert answer.status_code == 400
    assert links(app) == []


def test_revoke_ends_the_own_link(app, post, house):
    link_id = make(app, house.member)
    answer = post(f"/calendars/{link_id}/revoke")
    assert answer.status_code == 302
    assert links(app) == []


def test_revoke_of_somebody_elses_link_is_not_found(app, post, house):
    link_id = make(app, house.stranger)
    assert post(f"/calendars/{link_id}/revoke").status_code == 404
    with app.app_context():
        row = db.session.execute(select(Subscription.revoked_at)).one()
    assert row.revoked_at is None


@pytest.mark.parametrize("rows", [0, 3, 40])
def test_page_takes_a_fixed_number_of_statements(app, browser, house, count, rows):
    for number in range(rows):
        make(app, house.member, f"link {number}")
    with count() as statements:
        assert browser.get("/calendars").text.count("/revoke") == rows
    assert len(statements) <= 8


@pytest.mark.parametrize(
    ("value", "scope"),
    [
        pytest.param("house-{site}", lambda house: Scope(site_id=house.site.id), id="house"),
        pytest.param("organisation-{ours}", lambda h: Scope(organisation_id=h.ours), id="ours"),
        pytest.param("all", lambda _house: Scope(), id="all"),
        pytest.param("", lambda _house: Scope(mine=True), id="mine"),
    ],
)
def test_post_makes_a_link_of_what_was_chosen(app, browser, post, house, value, scope):
    chosen = value.format(site=house.site.id, ours=house.ours)
    answer = post("/calendars", name="x", scope=chosen, category="training", detail="full")
    assert answer.status_code == 200
    [made] = links(app)
    assert made.scope == replace(scope(house), category="training")
    assert "Training" in answer.text
    assert "Training" in browser.get("/calendars").text


def test_page_offers_what_can_be_followed(browser, house):
    page = browser.get("/calendars").text
    for group in ("My bookings", "An organisation", "A room", "A house"):
        assert group in page
    assert f'<option value="organisation-{house.ours}">' in page
    assert f'<option value="house-{house.site.id}">' in page
    assert "Theirs" not in page
