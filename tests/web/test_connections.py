"""The pages of connected calendars, against a real Radicale."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from urllib.request import parse_http_list, parse_keqv_list

import pytest
from sqlalchemy import insert, select

from booking.core.values import State
from booking.db import db
from booking.models import Connection, RemoteObject
from booking.queries.agenda import booking
from booking.queries.connections import connection, connections
from tests.support.calendars import CalendarServer, radicale
from tests.support.databases import writing
from tests.support.factories import NOW
from tests.support.oauth_provider import provider_before
from tests.support.odd_calendars import proxy


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[CalendarServer]:
    with radicale(tmp_path_factory.mktemp("radicale")) as found:
        yield found


def stored(app):
    with app.app_context():
        found = connections(db.session(), now=NOW)
        db.session.remove()
        return found


def all_stored(app):
    """Return the drafts too."""
    with app.app_context():
        ids = db.session().execute(select(Connection.id)).scalars().all()
        found = [connection(db.session(), each, now=NOW) for each in ids]
        db.session.remove()
        return found


def account(server, **other):
    return {"address": server.url, "username": server.username, "password": server.password} | other


def test_person_connects_looks_and_begins(app, member, post, house, server, trusting):
    member.get("/calendars?lang=en")
    house.add_booking(house.atlas, title="Choir")

    found = post(member, "/calendars/connections/new", **account(server))
    assert found.status_code == 303
    choose = found.headers["Location"]
    assert "Make a calendar for the bookings" in member.get(choose).text
    chosen = post(
        member, choose, calendar="new", name="House", scope="", edits="follow", deletes="ask"
    )
    assert chosen.status_code == 303
    look = member.get(chosen.headers["Location"]).text
    assert "1 booking would appear there" in look
    assert "Choir" in look
    [view] = stored(app)
    assert view.state.value == "paused"
    assert server.password not in view.account.secret

    began = post(member, f"/calendars/connections/{view.id}/resume")
    page = member.get(began.headers["Location"]).text
    assert "works" in page.lower()
    assert server.password not in page + look
    assert [each.state.value for each in stored(app)] == ["active"]
    post(member, f"/calendars/connections/{view.id}/disconnect", events="keep")
    assert stored(app) == []


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"password": "wrong"}, "does not accept the name and the password"),
        ({"address": ""}, "address"),
        ({"address": "http://127.0.0.1:9/"}, "https"),
        ({"address": "https://localhost:1/"}, "Nobody answers|not be reached|answer"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(member, post, server, trusting, other, says):
    member.get("/calendars?lang=en")
    answer = post(member, "/calendars/connections/new", **account(server, **other))
    assert answer.status_code == 422
    assert re.search(says, answer.text)
    assert server.password not in answer.text


def test_token_is_pasted_and_exchanged(app, member, post, server, trusting):
    member.get("/calendars?lang=en")
    with provider_before(server) as cloud:
        cloud.access.add("of-mia")
        typed = {"address": f"{cloud.url}/", "way": "token"}
        for wrong, says in (("of-nobody", "does not accept the token"), ("two words", "one word")):
            answer = post(member, "/calendars/connections/new", **typed, password=wrong)
            assert answer.status_code == 422
            assert says in answer.text
            assert wrong not in answer.text
        assert post(member, "/calendars/connections/new", **typed, password="of-mia").location
        [found] = all_stored(app)
        assert (found.account.scheme, found.account.username) == ("bearer", "")
        cloud.access = {"next"}
        path = f"/calendars/connections/{found.id}/password"
        assert "New token" in member.get(path).text
        assert post(member, path, password="of-mia").status_code == 422
        assert post(member, path, password="next").status_code == 303


def test_digest_is_found_out(app, member, post, server, trusting):
    member.get("/calendars?lang=en")
    with proxy(server.url) as before:
        before.before = digest_only(server)
        typed = account(server, address=f"{before.url}/")
        wrong = post(member, "/calendars/connections/new", **typed | {"password": "wrong"})
        assert wrong.status_code == 422
        assert post(member, "/calendars/connections/new", **typed).status_code == 303
        [found] = all_stored(app)
        assert found.account.scheme == "digest"


def digest_only(server):
    """Return what takes digests (RFC 7616) alone, and signs in with the password behind."""

    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()

    def before(passing):
        kind, _blank, said = passing.headers.get("Authorization", "").partition(" ")
        if kind == "Digest":
            given = parse_keqv_list(parse_http_list(said))
            key = md5(f"{server.username}:house:{server.password}")
            rest = ":".join(given[each] for each in ("nonce", "nc", "cnonce", "qop"))
            proof = md5(f"{key}:{rest}:{md5(f'{passing.method}:{passing.path}')}")
            if given["response"] == proof and given["nonce"] == "once":
                pair = f"{server.username}:{server.password}".encode()
                passing.headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
                return
        passing.status = 401
        challenge = 'Digest realm="house", nonce="once", qop="auth", algorithm=MD5'
        passing.answer_headers = {"WWW-Authenticate": challenge}

    return before


def test_private_addresses_are_refused(member, post, server):
    answer = post(member, "/calendars/connections/new", **account(server))
    assert answer.status_code == 422


def test_connection_of_somebody_else_is_not_found(app, client, house, sign_in, post, server):
    from booking.actions.connections import begin_connection
    from booking.core.connections import Account

    with app.app_context():
        given = Account("https://cloud.example.org/", "mia", "basic", "sealed")
        made = begin_connection(given, [], house.member, now=NOW)
    sign_in(client, house.stranger)
    for page in ("", "/choose", "/preview", "/password", "/disconnect"):
        assert client.get(f"/calendars/connections/{made}{page}").status_code == 404
    for verb in ("sync", "pause", "resume", "disconnect", "password", "choose"):
        assert post(client, f"/calendars/connections/{made}/{verb}").status_code == 404


def test_question_is_answered_once_and_by_its_owner_alone(
    app, client, house, sign_in, post, member
):
    made = house.add_booking(house.atlas, title="Choir")
    connection_id = house.add_connection(state="active")
    with writing(house.engine) as connection:
        row = {"connection_id": connection_id, "booking_id": made, "uid": "u", "href": "/u.ics"}
        asked = {**row, "state": "ask", "reason": "delete"}
        added = insert(RemoteObject.__table__).returning(RemoteObject.id)
        object_id = connection.execute(added, [asked]).scalar_one()
    page = member.get(f"/calendars/connections/{connection_id}?lang=en").text
    assert "Changed there: what shall happen here?" in page
    where = f"/calendars/connections/{connection_id}/questions/{object_id}"
    stranger = sign_in(app.test_client(), house.stranger)
    assert post(stranger, f"{where}/cancel").status_code == 404

    assert post(member, f"{where}/cancel").status_code == 303

    with app.app_context():
        assert booking(db.session(), made).state is State.CANCELLED
    assert post(member, f"{where}/cancel").status_code == 404
    assert "Changed there" not in member.get(f"/calendars/connections/{connection_id}").text


@pytest.mark.parametrize(
    "wrong", [{"edits": "never"}, {"deletes": ""}, {"scope": "99999"}, {"calendar": "https://x/"}]
)
def test_settings_that_make_no_sense_stand_beside_their_field(
    app, member, post, house, server, trusting, wrong
):
    found = post(member, "/calendars/connections/new", **account(server))
    choose = found.headers["Location"]
    asked = {"calendar": "new", "scope": "", "edits": "ask", "deletes": "ask"} | wrong
    assert post(member, choose, **asked).status_code == 422


def test_no_calendar_is_made_when_the_key_of_its_password_is_gone(
    app, member, post, house, server, trusting
):
    member.get("/calendars?lang=en")
    choose = post(member, "/calendars/connections/new", **account(server)).headers["Location"]
    key_file = app.extensions["booking"]["config"].paths.var / "credentials.key"
    key_file.unlink()
    asked = {"calendar": "new", "scope": "", "edits": "ask", "deletes": "ask"}
    refused = post(member, choose, **asked)
    assert refused.status_code == 422
    assert "Type the password again" in refused.text


def test_member_lets_others_see_busy_times_and_stops(app, member, post, house):
    connection_id = house.add_connection(state="active", due_at=NOW + timedelta(hours=1))
    where = f"/calendars/connections/{connection_id}"
    assert "Nobody sees it" in member.get(f"{where}?lang=en").text
    page = member.get(f"{where}/busy").text
    assert "no title, no place, no people" in page
    assert "Calendars that count, at cloud.example.org" in page

    none = post(member, f"{where}/busy", calendar="https://evil.example.org/")
    assert none.status_code == 422
    post(member, f"{where}/busy", calendar="https://cloud.example.org/dav/office/")
    shown = member.get(where).text
    assert "Others see when you are busy" in shown
    assert "not read yet" in shown
    [view] = stored(app)
    assert view.shares_busy
    assert view.due_at == NOW

    post(member, f"{where}/busy", calendar="https://cloud.example.org/dav/office/", stop="1")
    assert "Your busy times are deleted." in member.get(where).text
    assert not stored(app)[0].shares_busy


def test_page_says_what_was_read_and_what_is_wrong(member, house):
    wrong = {"tries": 2, "reason": "remote_denied", "left": 2, "way": "events"}
    old = {"read_at": NOW - timedelta(days=2)}
    calendar = house.add_busy(house.interval(9, 10), house.interval(12, 13), **wrong, **old)
    assert calendar
    page = member.get("/calendars/connections/1?lang=en").text
    assert "2 busy times to come" in page
    assert "2 events could not be understood" in page
    assert "What was read before still counts." in page
