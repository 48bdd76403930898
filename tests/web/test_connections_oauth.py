"""Calendars of members who sign in at a provider: there and back, pushed, renewed, given back."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import select

from booking.actions import connections as verbs
from booking.config import Calendars, Sync
from booking.db import db
from booking.jobs import work_once
from booking.jobs.kinds import HANDLERS
from booking.models import Connection, Notice
from booking.queries.connections import connections
from booking.sync.run import run
from booking.sync.run.access import credentials_of
from tests.support.calendars import CalendarServer, radicale
from tests.support.oauth_provider import Accounts, provider_before

NEW = "/calendars/connections/new"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[CalendarServer]:
    with radicale(tmp_path_factory.mktemp("radicale")) as found:
        yield found


@pytest.fixture
def cloud(server) -> Iterator[Accounts]:
    with provider_before(server) as accounts:
        yield accounts


@pytest.fixture
def offer(app) -> Iterator[Callable[..., None]]:
    """Return what lets members sign in at providers, to the end of the test."""
    settings = app.extensions["booking"]
    before = settings["config"]

    def do(*providers, trusted="localhost"):
        calendars = Calendars(trusted_hosts=trusted)
        settings["config"] = replace(before, calendars=calendars, sync=Sync(providers=providers))

    yield do
    settings["config"] = before


@pytest.fixture
def english(member):
    member.get("/calendars?lang=en")
    return member


def leave(post, client, path="/calendars/connections/sign-in/cloud", **fields) -> str:
    """Press the button; return where the browser is sent to sign in."""
    answer = post(client, path, **fields)
    assert answer.status_code == 200, answer.text
    link = unescape(re.search(r'class="btn primary" href="([^"]+)"', answer.text)[1])
    assert answer.headers["Refresh"] == f"0; url={link}"
    return link


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def connect(post, client, cloud) -> int:
    """Connect a new calendar of the provider, and begin; return the connection's id."""
    back = client.get(path_of(cloud.sign_in(leave(post, client))))
    assert back.status_code == 303, back.text
    choose = back.headers["Location"]
    id_ = int(re.search(r"connections/(\d+)/", choose)[1])
    chosen = post(client, choose, calendar="new", name="", scope="", edits="ask", deletes="ask")
    assert chosen.status_code == 303, chosen.text
    assert "The calendar answers" in client.get(chosen.headers["Location"]).text
    post(client, f"/calendars/connections/{id_}/resume")
    return id_


def runs(app, clock):
    """Let a worker run what is due; return the connection after it."""
    with app.app_context():
        claimed = verbs.claim(now=clock())
        assert claimed is not None
        run(claimed, app.extensions["booking"]["config"], clock)
        [found] = connections(db.session(), now=clock())
        db.session.remove()
        return found


def told(app):
    with app.app_context():
        query = select(Notice.code).where(Notice.code.startswith("notice_calendar"))
        codes = db.session().execute(query).scalars().all()
        db.session.remove()
        return codes


def test_story_of_a_connection(app, english, post, house, clock, cloud, offer, caplog):
    caplog.set_level("DEBUG")
    offer(cloud.provider())
    house.add_booking(house.atlas, title="Choir")
    assert "Cloud, where you sign in" in english.get("/calendars/connections").text
    assert "Sign in at Cloud" in english.get(NEW).text
    id_ = connect(post, english, cloud)
    assert cloud.grants == ["authorization_code"]
    first = runs(app, clock)
    assert (first.state.value, first.name) == ("active", "Bookings")
    assert set(cloud.seen) == {"Bearer"}

    # Before it ends a token is exchanged, and the new one is kept.
    clock.now += timedelta(minutes=59)
    assert runs(app, clock).tries == 0
    assert cloud.grants == ["authorization_code", "refresh_token"]
    # One that is not accepted before its time is exchanged too, once, whoever asks.
    cloud.forget_access()
    clock.now += timedelta(minutes=10)
    assert runs(app, clock).tries == 0
    assert cloud.grants[2:] == ["refresh_token"]

    # Revoked: it stops, its owner is told once, and there is one way to go on.
    cloud.revoke_all()
    clock.now += timedelta(minutes=10)
    stopped = runs(app, clock)
    assert (stopped.state.value, stopped.reason.code) == ("stopped", "remote_signed_out")
    assert told(app) == ["notice_calendar_stopped"]
    show = english.get(f"/calendars/connections/{id_}").text
    assert "no longer lets us into your calendar" in show
    assert "Sign in again" in show
    assert "Sign in again" in english.get(f"/calendars/connections/{id_}/password").text

    back = cloud.sign_in(leave(post, english, f"/calendars/connections/{id_}/sign-in"))
    assert english.get(path_of(back)).headers["Location"].endswith(f"/connections/{id_}")
    assert runs(app, clock).state.value == "active"
    assert cloud.replayed == 0

    # What lets us in is nowhere to be read, and given back in the end.
    [last] = cloud.refresh
    with app.app_context():
        sealed = db.session().execute(select(Connection.secret)).scalar_one()
        db.session.remove()
    secret = cloud.access | cloud.refresh | cloud.spent
    assert not any(each in text for each in secret for text in (show, caplog.text, sealed))
    post(english, f"/calendars/connections/{id_}/disconnect", events="keep")
    with app.app_context():
        while work_once(HANDLERS, clock=clock):
            pass
        db.session.remove()
    assert cloud.revoked == [last]


@pytest.mark.engines("sqlite", "postgresql")
def test_two_who_need_new_tokens_exchange_them_once(app, english, post, house, clock, cloud, offer):
    offer(cloud.provider())
    connect(post, english, cloud)
    clock.now += timedelta(hours=2)
    got: list[str] = []
    ready = threading.Barrier(4)

    def ask():
        with app.app_context():
            [found] = connections(db.session(), now=clock())
            db.session.remove()
            ready.wait()
            got.append(credentials_of(found, app.extensions["booking"]["config"]).secret)
            db.session.remove()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(got) == 4
    assert set(got) <= cloud.access
    assert len(set(got)) == 1
    assert cloud.grants == ["authorization_code", "refresh_token"]


def test_state_is_of_this_browser_and_of_one_use(app, english, post, house, sign_in, cloud, offer):
    offer(cloud.provider())
    first = path_of(cloud.sign_in(leave(post, english)))
    for person in (house.admin, house.member):
        other = sign_in(app.test_client(), person)
        other.get("/calendars?lang=en")
        assert "begin again" in other.get(first).text
    wrong = first.replace("state=", "state=x")
    assert english.get(wrong).status_code == 403  # and the state of the session is used up
    assert english.get(first).status_code == 403

    good = path_of(cloud.sign_in(leave(post, english)))
    assert english.get(good).status_code == 303
    assert english.get(good).status_code == 403  # the same again
    assert cloud.grants == ["authorization_code"]

    # A code that was used at the provider: a fresh state does not help.
    code = re.search(r"code=([^&]+)", good)[1]
    state = re.search(r"state=([^&]+)", leave(post, english))[1]
    back = f"/calendars/connections/signed-in/cloud?{urlencode({'code': code, 'state': state})}"
    replayed = english.get(back)
    assert replayed.status_code == 422
    assert "no longer knows this sign-in" in replayed.text


def test_verifier_is_checked(english, post, cloud, offer):
    offer(cloud.provider())
    back = path_of(cloud.sign_in(leave(post, english)))
    [asked] = cloud.codes.values()
    asked["code_challenge"] = "of-somebody-else"
    answer = english.get(back)
    assert answer.status_code == 422
    assert "no longer knows this sign-in" in answer.text


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param((200, {}, b"<html>"), "something that we cannot read", id="no json"),
        pytest.param((200, {}, b"[1]"), "something that we cannot read", id="a list"),
        pytest.param((200, {}, b'{"access_token": 7}'), "cannot read", id="number"),
        pytest.param((200, {}, b'{"access_token": "a\\nb"}'), "cannot read", id="two lines"),
        pytest.param((500, {}, b"{}"), "the error 500", id="500"),
        pytest.param((400, {}, b'{"error": "invalid_client"}'), "not its key", id="client"),
        pytest.param((400, {}, b'{"error": "<b>x</b>"}'), r"\(error\)", id="odd code"),
        pytest.param(
            (200, {}, b'{"access_token": "a", "expires_in": "3600"}'), "short time only", id="short"
        ),
        pytest.param(
            (307, {"Location": "http://127.0.0.1:9/"}, b""), "which we do not follow", id="redirect"
        ),
    ],
)
def test_what_providers_answer_is_said_in_words(english, post, cloud, offer, answer, says):
    offer(cloud.provider())
    back = path_of(cloud.sign_in(leave(post, english)))
    cloud.answer = answer
    found = english.get(back)
    assert found.status_code == 422
    assert re.search(says, found.text)
    assert "<b>x" not in found.text


def test_no_of_the_member_is_a_no(english, post, cloud, offer):
    offer(cloud.provider())
    cloud.denies = True
    answer = english.get(path_of(cloud.sign_in(leave(post, english))))
    assert answer.status_code == 422
    assert "Nothing was connected" in answer.text
    assert cloud.grants == []


def test_private_provider_is_not_asked(english, post, cloud, offer):
    offer(cloud.provider())
    back = path_of(cloud.sign_in(leave(post, english)))
    offer(cloud.provider(), trusted="")
    answer = english.get(back)
    assert answer.status_code == 422
    assert cloud.grants == []


def test_name_is_asked_where_the_address_needs_it(english, post, server, cloud, offer):
    more = {"caldav_url": f"{cloud.url}/{{user}}/", "client_auth": "body"}
    offer(cloud.provider(**more))
    path = "/calendars/connections/sign-in/cloud"
    assert post(english, path, user="").status_code == 422
    link = leave(post, english, user=server.username)
    assert f"login_hint={server.username}" in link
    assert "kept=yes" in link
    assert english.get(path_of(cloud.sign_in(link))).status_code == 303
