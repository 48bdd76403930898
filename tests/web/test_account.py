"""One-time links, the profile, theme and language, as a browser meets them."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions import accounts
from booking.actions.accounts import InvitationRequest
from booking.core.values import OPERATOR
from booking.db import db
from booking.queries import people as reads
from tests.support.factories import NOW, PASSWORD, House

NEW = "seven green lamps"
EVIL = "<script>alert(1)</script> \u202eevil"
EVIL_SHOWN = "&lt;script&gt;alert(1)&lt;/script&gt; evil"


def log_in(post, client, email="member@example.org", password=PASSWORD, **more: str):
    return post(client, "/sign-in", email=email, password=password, **more)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/profile").status_code == 200


def invite(app: Flask, house: House, **more) -> str:
    with app.app_context():
        wanted = {"email": "nia@example.org", "organisation_id": house.ours, **more}
        return accounts.invite(InvitationRequest(**wanted), house.manager, now=NOW)


def person_named(app: Flask, email: str) -> reads.PersonView:
    with app.app_context():
        return reads.person(db.session(), reads.person_id_of(db.session(), email))


# --- one-time links


def test_invitation_page_says_who_invites_into_what(app, client, house):
    page = client.get(f"/invitations/{invite(app, house, name='Nia')}?lang=en").text
    for said in ("Manager invites you", "Ours", "nia@example.org", 'value="Nia"'):
        assert said in page


def test_invitation_accepted_signs_in(app, client, house, post):
    path = f"/invitations/{invite(app, house)}"
    answer = post(client, path, name="Nia", password=NEW)
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_signed_in(client)
    assert person_named(app, "nia@example.org").name == "Nia"


def test_invitation_refused_keeps_the_name_and_not_the_password(app, client, house, post):
    answer = post(client, f"/invitations/{invite(app, house)}", name=EVIL, password="short")
    assert answer.status_code == 422
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "<script>alert" not in answer.text
    assert "short" not in answer.text
    assert 'id="f-password-error"' in answer.text


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("kind", ["used", "expired", "unknown"])
def test_invitation_that_does_not_work_any_more(app, client, house, post, clock, method, kind):
    token = "unknown" if kind == "unknown" else invite(app, house)
    path = f"/invitations/{token}?lang=en"
    if kind == "used":
        post(app.test_client(), path, name="Nia", password=NEW)
    if kind == "expired":
        clock.now = NOW + timedelta(days=14)
    used_anew = {"name": "Nia", "password": NEW}
    answer = client.get(path) if method == "get" else post(client, path, **used_anew)
    assert answer.status_code == 404
    assert not is_signed_in(client)


def test_invitation_of_the_first_admin_asks_for_an_address(app, client, post, engine):
    with app.app_context():
        token = accounts.first_admin_link(OPERATOR, now=NOW)
    path = f"/invitations/{token}"
    assert 'name="email"' in client.get(path).text
    post(client, path, email="Boss@example.org", name="Boss", password=NEW)
    assert person_named(app, "boss@example.org").role.value == "admin"


def test_reset_link_ends_other_sessions(app, member, house, post):
    with app.app_context():
        token = accounts.reset_link(house.member.person_id, house.admin, now=NOW)
    other = app.test_client()
    assert "member@example.org" in other.get(f"/invitations/{token}").text
    assert post(other, f"/invitations/{token}", password=NEW).status_code == 303
    assert is_signed_in(other)
    assert not is_signed_in(member)


# --- profile


def test_profile_saved_counts_at_once(member, post):
    answer = post(member, "/profile", name="Ann Lee", locale="fr", theme="dark")
    assert (answer.status_code, answer.location) == (303, "/profile")
    page = member.get("/profile").text
    assert '<html lang="fr" data-theme="dark">' in page
    assert 'value="Ann Lee"' in page


def test_profile_without_language_follows_the_browser(member, post):
    member.set_cookie("lang", "fr")
    post(member, "/profile", name="Member", locale="", theme="auto")
    page = member.get("/profile", headers={"Accept-Language": "en"}).text
    assert '<html lang="en"' in page


def test_profile_of_evil_name_is_shown_escaped(member, post):
    post(member, "/profile", name=EVIL, locale="en", theme="auto")
    page = member.get("/profile").text
    assert EVIL_SHOWN in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"name": ""}, "name", id="no-name"),
        pytest.param({"name": "n" * 100_000}, "name", id="endless-name"),
        pytest.param({"locale": "xx"}, "locale", id="language"),
        pytest.param({"theme": "pink"}, "theme", id="theme"),
    ],
)
def test_profile_refused_names_the_field(member, post, fields, field):
    answer = post(member, "/profile", **{"name": "Typed", "locale": "", "theme": "dark", **fields})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert "name" in fields or 'value="Typed"' in answer.text


def test_profile_without_any_field(member, post):
    assert post(member, "/profile").status_code == 422


def test_password_changed_ends_other_sessions_and_keeps_this(app, member, house, sign_in, post):
    other = sign_in(app.test_client(), house.member)
    answer = post(member, "/profile/password", current=PASSWORD, password=NEW)
    assert (answer.status_code, answer.location) == (303, "/profile")
    assert is_signed_in(member)
    assert not is_signed_in(other)
    assert log_in(post, other, password=NEW).status_code == 303


def test_password_changed_makes_a_stolen_cookie_worthless(member, post):
    with member.session_transaction() as cookie:
        stolen = dict(cookie)
    post(member, "/profile/password", current=PASSWORD, password=NEW)
    thief = member.application.test_client()
    with thief.session_transaction() as cookie:
        cookie.update(stolen)
    assert not is_signed_in(thief)


@pytest.mark.parametrize(
    ("current", "password", "field"),
    [
        pytest.param("wrong", NEW, "current", id="wrong-present-one"),
        pytest.param(PASSWORD, "short", "password", id="short"),
        pytest.param(PASSWORD, "member@example.org", "password", id="address"),
    ],
)
def test_password_refused_names_the_field(member, post, current, password, field):
    answer = post(member, "/profile/password", current=current, password=password)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert 'value="Member"' in answer.text


def test_password_tried_too_often(member, post):
    for _ in range(10):
        assert post(member, "/profile/password", current="no", password=NEW).status_code == 422
    answer = post(member, "/profile/password", current=PASSWORD, password=NEW)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")


# --- theme and language


def test_theme_without_script_leads_back(member, post):
    answer = post(member, "/theme", theme="dark", next="/inbox?page=1")
    assert (answer.status_code, answer.location) == (303, "/inbox?page=1")
    assert 'data-theme="dark"' in member.get("/profile").text


def test_theme_is_kept_for_other_devices(app, member, house, sign_in, post):
    post(member, "/theme", theme="dark")
    other = sign_in(app.test_client(), house.member)
    assert 'data-theme="dark"' in other.get("/profile").text


def test_theme_of_nobody_is_kept_in_the_cookie(client, house, post):
    assert post(client, "/theme", theme="dark").status_code == 303
    assert 'data-theme="dark"' in client.get("/sign-in").text


@pytest.mark.parametrize("fields", [{}, {"theme": "pink"}, {"theme": '"><script>'}])
def test_theme_unknown(client, house, post, fields):
    assert post(client, "/theme", **fields).status_code == 422


def test_theme_leads_to_own_paths_alone(client, house, post):
    assert post(client, "/theme", theme="dark", next="//evil.example").location == "/"


def test_language_of_a_link_stays(member):
    assert '<html lang="en"' in member.get("/profile?lang=en").text
    assert '<html lang="en"' in member.get("/profile").text
    assert '<html lang="fr"' in member.get("/profile?lang=fr").text
    assert '<html lang="fr"' in member.get("/profile").text


def test_language_of_a_link_stays_over_the_profiles(member, post):
    post(member, "/profile", name="Member", locale="fr", theme="auto")
    member.get("/profile?lang=en")
    assert '<html lang="en"' in member.get("/profile").text


def test_cookies_are_lax_and_the_session_is_not_for_scripts(client, house, post):
    answer = log_in(post, client)
    cookies = {each.partition("=")[0]: each for each in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {"session", "theme"}
    assert all("SameSite=Lax" in each for each in cookies.values())
    assert "HttpOnly" in cookies["session"]
