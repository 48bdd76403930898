"""Signing in and out: the form, its limits, the session and where it leads."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from booking.actions import accounts
from booking.app import create_app
from booking.web.account import own_path
from tests.conftest import config_for, dispose
from tests.support.factories import NOW, PASSWORD


def log_in(post, client, email="member@example.org", password=PASSWORD, **more: str):
    return post(client, "/sign-in", email=email, password=password, **more)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/profile").status_code == 200


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
