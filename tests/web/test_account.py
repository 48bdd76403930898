"""Sign-in, sign-out, one-time links and the profile, as a browser meets them."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions import accounts
from booking.actions.accounts import InvitationRequest
from booking.app import create_app
from booking.core.values import OPERATOR
from booking.db import db
from booking.queries import people as reads
from booking.web.account import own_path
from tests.conftest import config_for, dispose
from tests.support.factories import NOW, PASSWORD, House

NEW = "seven green lamps"
EVIL = "<script>alert(1)</script> \u202eevil"
EVIL_SHOWN = "&lt;script&gt;alert(1)&lt;/script&gt; evil"


@pytest.fixture
def post(csrf):
    """Return what posts a form with its token: ``post(client, path, **fields)``."""

    def posted(client: FlaskClient, path: str, **fields: str):
        token = csrf(client, "/profile")
        return client.post(path, data={"csrf_token": token, **fields})

    return posted


@pytest.fixture
def member(client, house, sign_in) -> FlaskClient:
    """Return a browser in which the member is signed in."""
    return sign_in(client, house.member)


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


# --- signing in


def test_sign_in_leads_to_the_first_page(client, house, post):
    answer = log_in(post, client)
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_signed_in(client)


def test_sign_in_wrong_keeps_the_address_and_not_the_password(client, house, post):
    answer = log_in(post, client, password="wrong password")
    assert answer.status_code == 422
    assert 'value="member@example.org"' in answer.text
    assert "wrong password" not in answer.text
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        pytest.param("en", "Too many tries.", id="english"),
        pytest.param("fr", 'lang="fr"', id="french"),
    ],
)
def test_sign_in_too_often_says_when_to_come_back(client, house, post, language, sentence):
    client.set_cookie("lang", language)
    for _ in range(10):
        assert log_in(post, client, password="wrong").status_code == 422
    answer = log_in(post, client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert sentence in answer.text
    assert 'value="member@example.org"' in answer.text


def test_sign_in_limit_is_shared_by_two_apps_on_one_database(
    app, client, house, post, clock, engine_url
):
    other = create_app(config_for(engine_url), clock)
    try:
        browsers = [client, other.test_client()]
        for number in range(10):
            assert log_in(post, browsers[number % 2], password="wrong").status_code == 422
        for browser in browsers:
            assert log_in(post, browser).status_code == 429
    finally:
        dispose(other)


def test_sign_in_after_the_window_works_again(client, house, post, clock):
    for _ in range(10):
        log_in(post, client, password="wrong")
    clock.now = NOW + timedelta(minutes=15)
    assert log_in(post, client).status_code == 303


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_sign_in_shows_what_was_typed_escaped(client, house, post, text):
    answer = log_in(post, client, email=text)
    assert answer.status_code == 422
    assert text not in answer.text


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        pytest.param("/inbox?page=2", "/inbox?page=2", id="own-path"),
        pytest.param("/profile#password", "/profile#password", id="own-fragment"),
        pytest.param("", "/", id="nothing"),
        pytest.param("inbox", "/", id="relative"),
        pytest.param("https://evil.example/", "/", id="other-host"),
        pytest.param("//evil.example/", "/", id="no-scheme"),
        pytest.param("/\\evil.example/", "/", id="backslash"),
        pytest.param("\\\\evil.example/", "/", id="two-backslashes"),
        pytest.param("/\t/evil.example/", "/", id="tab"),
        pytest.param("/\n/evil.example/", "/", id="line-feed"),
        pytest.param("/\r\nSet-Cookie: a=b", "/", id="header"),
        pytest.param(" //evil.example", "/", id="space-first"),
        pytest.param("javascript:alert(1)", "/", id="script"),
        pytest.param("///evil.example", "/", id="three-slashes"),
    ],
)
def test_sign_in_leads_to_own_paths_alone(client, house, post, wanted, path):
    assert own_path(wanted) == path
    assert log_in(post, client, next=wanted).location == path


def test_sign_in_page_asked_for_by_a_guarded_one_leads_back(client, house, post):
    answer = client.get("/inbox?page=3")
    assert answer.location == "/sign-in?next=/inbox?page%3D3"
    assert 'name="next" value="/inbox?page=3"' in client.get(answer.location).text


def test_sign_in_page_for_whoever_is_signed_in_leads_on(member):
    assert member.get("/sign-in?next=/inbox").location == "/inbox"


def test_sign_in_brings_the_profiles_language_and_theme(app, client, house, post):
    with app.app_context():
        wanted = accounts.Profile("Member", "en", "dark")
        accounts.update_profile(wanted, house.member, now=NOW)
    client.set_cookie("lang", "fr")
    log_in(post, client)
    assert '<html lang="en" data-theme="dark">' in client.get("/profile").text


def test_sign_in_takes_nothing_over_from_the_session_before(client, house, post):
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    log_in(post, client)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie


@pytest.mark.parametrize(
    ("path", "signed_in"),
    [
        ("/sign-in", False),
        ("/sign-out", True),
        ("/profile", True),
        ("/profile/password", True),
        ("/theme", True),
        ("/inbox/read", True),
        ("/people/invite", True),
    ],
)
@pytest.mark.parametrize("token", [None, "forged"])
@pytest.mark.parametrize(
    ("language", "title"), [("en", "The form is too old"), ("fr", '<html lang="fr"')]
)
def test_post_without_token_is_400_in_the_readers_language(
    client, house, sign_in, path, signed_in, token, language, title
):
    if signed_in:
        sign_in(client, house.admin)
    client.set_cookie("lang", language)
    data = {"email": "member@example.org", "password": PASSWORD}
    answer = client.post(path, data=data | ({"csrf_token": token} if token else {}))
    assert answer.status_code == 400
    assert title in answer.text
    assert is_signed_in(client) is signed_in


def test_sign_out_ends_the_session(member, post):
    answer = post(member, "/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert not is_signed_in(member)


def test_sign_out_is_no_link(member):
    assert member.get("/sign-out").status_code == 405
    assert is_signed_in(member)


@pytest.mark.parametrize(
    "session_value",
    ["", "x", "1", "1.", ".1", "1.2.3", "0.1", "999999.1", "1.999", "-1.1", "1e3.1"],
)
def test_session_of_a_strange_value_is_nobodys(client, house, session_value):
    with client.session_transaction() as cookie:
        cookie["_user_id"] = session_value
    assert not is_signed_in(client)


def test_session_ends_when_the_account_is_closed(app, member, house):
    with app.app_context():
        accounts.archive_person(house.member.person_id, house.admin, now=NOW)
    assert not is_signed_in(member)


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
