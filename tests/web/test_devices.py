"""The page of calendar apps."""

import plistlib
import re
from datetime import timedelta
from urllib.parse import unquote

import pytest

from booking.actions.app_passwords import (
    MOST_PASSWORDS,
    AppPasswordRequest,
    create_app_password,
    sign_in_device,
)
from booking.core.errors import SignInFailed
from booking.db import db
from booking.queries.app_passwords import app_passwords
from tests.support.factories import NOW

PAGE = "/profile/devices"


@pytest.fixture
def browser(client, house, sign_in):
    """Return a browser in which the member is signed in and reads English."""
    client.get("/calendars?lang=en")
    return sign_in(client, house.member)


@pytest.fixture
def post(browser, csrf):
    """Return what posts a form with its token."""
    token = csrf(browser, PAGE)
    return lambda path, **form: browser.post(path, data={"csrf_token": token} | form)


def make(app, person, name="phone"):
    """Make a password as the verb does."""
    with app.app_context():
        return create_app_password(AppPasswordRequest(name), person, now=NOW)


def test_page_needs_a_sign_in(client):
    answer = client.get(PAGE)
    assert answer.status_code == 302
    assert f"/sign-in?next={PAGE}" in unquote(answer.headers["Location"])


def test_password_is_shown_once_and_opens_the_calendars(app, house, browser, post):
    answer = post(PAGE, name="My phone", access="read")

    secret = re.search(r'<code id="password">([0-9a-z-]+)</code>', answer.text)
    assert secret
    assert '<code id="server">http://localhost/dav/</code>' in answer.text
    assert '<code id="user">member@example.org</code>' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    with app.app_context():
        device = sign_in_device("member@example.org", secret[1], address="::1", now=NOW)
    assert (device.name, device.may_write) == ("My phone", False)
    listed = browser.get(PAGE).text
    assert "My phone" in listed
    assert "Read only" in listed
    assert secret[1] not in listed


def test_list_has_ones_own_alone(app, house, browser):
    assert "No calendar app yet" in browser.get(PAGE).text
    make(app, house.member, "<b>mine</b>")
    make(app, house.stranger, "theirs")
    text = browser.get(PAGE).text
    assert "&lt;b&gt;mine&lt;/b&gt;" in text
    assert "theirs" not in text
    assert "never" in text


def test_revoke(app, house, browser, post):
    made, theirs = make(app, house.member), make(app, house.stranger)
    assert post(f"{PAGE}/{theirs.id}/revoke").status_code == 404
    assert post(f"{PAGE}/{made.id}/revoke").status_code == 303
    assert "No calendar app yet" in browser.get(PAGE).text
    with app.app_context():
        [left] = app_passwords(db.session())
        assert left.id == theirs.id
        with pytest.raises(SignInFailed):
            sign_in_device("member@example.org", made.secret, address="::1", now=NOW)


def link_of(answer):
    """Return the path of the profile that the page of a new password leads to."""
    found = re.search(r'href="http://localhost(/profile/devices/apple/[\w-]+)"', answer.text)
    assert found
    return found[1]


def test_profile_sets_an_apple_device_up_until_it_is_used(app, house, client, post, clock):
    made = post(PAGE, name="Phone")
    secret = html_secret(made)
    path = link_of(made)
    client.delete_cookie("session")

    answer = client.get(path)

    assert answer.content_type == "application/x-apple-aspen-config"
    assert answer.headers["Cache-Control"] == "no-store"
    [account] = plistlib.loads(answer.data)["PayloadContent"]
    assert account["CalDAVHostName"] == "localhost"
    assert account["CalDAVUsername"] == "member@example.org"
    assert account["CalDAVPassword"] == secret
    principal = f"http://localhost/dav/principals/{house.member.person_id}/"
    assert account["CalDAVPrincipalURL"] == principal
    with app.app_context():
        sign_in_device("member@example.org", secret, address="::1", now=NOW)
    assert client.get(path).status_code == 404


def test_profile_is_there_for_a_quarter_of_an_hour(client, post, clock):
    path = link_of(post(PAGE, name="Phone"))
    clock.now = NOW + timedelta(minutes=15, seconds=1)
    assert client.get(path).status_code == 404
    clock.now = NOW + timedelta(minutes=15)
    assert client.get(path).status_code == 200


def test_profile_of_a_revoked_password_is_gone(app, house, browser, post):
    path = link_of(post(PAGE, name="Phone"))
    with app.app_context():
        [view] = app_passwords(db.session())
    post(f"{PAGE}/{view.id}/revoke")
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("token", ["x", "A" * 87, "A" * 3_000, "é", "%00"])
def test_no_profile_for_anything_else(client, house, token):
    assert client.get(f"/profile/devices/apple/{token}").status_code == 404


def html_secret(answer):
    """Return the password that a page shows."""
    return re.search(r'<code id="password">([^<]+)</code>', answer.text)[1]


def test_codes_say_where_and_who(post):
    answer = post(PAGE, name="Phone")
    secret = html_secret(answer)
    assert f'href="davx5://member%40example.org:{secret}@localhost/dav/"' in answer.text
    assert answer.text.count("data:image/svg+xml") == 2


def test_calendars_of_an_app_are_chosen(app, house, browser, post):
    made = make(app, house.member)
    page = f"{PAGE}/{made.id}/calendars"
    shown = browser.get(page).text
    assert 'value="all" checked' in shown
    assert f"organisation-{house.theirs}" not in shown
    answer = post(page, which="some", calendar=[f"space-{house.atlas.id}", "person-99"])
    assert answer.status_code == 422
    answer = post(page, which="some", calendar=[f"space-{house.atlas.id}"])
    assert answer.status_code == 303
    assert f'value="space-{house.atlas.id}" checked' in browser.get(page).text
    assert "1 calendar<" in browser.get(PAGE).text
    assert "Choose at least one calendar." in post(page, which="some").text
    post(page, which="all")
    assert "All calendars" in browser.get(PAGE).text


def test_calendars_of_somebody_elses_app_are_not_there(app, house, browser, post):
    theirs = make(app, house.stranger)
    assert browser.get(f"{PAGE}/{theirs.id}/calendars").status_code == 404
    assert post(f"{PAGE}/{theirs.id}/calendars", which="all").status_code == 404


@pytest.mark.parametrize(
    ("form", "says"),
    [
        pytest.param({"name": ""}, "f-name-error", id="no-name"),
        pytest.param({"name": "x", "access": "all"}, "f-access-error", id="access"),
    ],
)
def test_refusals_stand_beside_their_field(post, form, says):
    answer = post(PAGE, **form)
    assert answer.status_code == 422
    assert says in answer.text


def test_a_person_who_has_enough_is_told(app, house, post):
    for _ in range(MOST_PASSWORDS):
        make(app, house.member)
    answer = post(PAGE, name="one more")
    assert answer.status_code == 403
    assert f"You have {MOST_PASSWORDS} app passwords." in answer.text
    assert "one more" in answer.text


def test_inbox_leads_to_the_page(app, house, browser):
    make(app, house.member, "Tablet")
    text = browser.get("/inbox").text
    assert "Tablet" in text
    assert f'href="{PAGE}"' in text
