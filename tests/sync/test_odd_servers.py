"""Servers that are not as they should be: nothing is lost, nothing doubled, the owner is told."""

import socket
import threading
import time

import pytest

from booking.actions.bookings import book
from booking.core.connections import Edits, Settings, Standing
from booking.db import db
from booking.net import Guard
from booking.queries.connections import remote_objects
from booking.sync.errors import Blocked, Unwell
from booking.sync.remote import parsed
from booking.sync.transport import Credentials, Transport
from tests.support.factories import NOW

# A few lines that would be 3 GB.
BOMB = (
    b"<!DOCTYPE a [<!ENTITY l0 'lol'>"
    + b"".join(b"<!ENTITY l%d '%s'>" % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><multistatus xmlns='DAV:'>&l9;</multistatus>"
)


def take(house, **more):
    return book(house.request(**more), house.member, now=NOW).booking_id


def without_etag(passing):
    if passing.method == "PUT":
        passing.answer_headers = {
            name: value for name, value in passing.answer_headers.items() if name.lower() != "etag"
        }


def rewritten(passing):
    """Store another text than was sent, and give no ETag."""
    if passing.method == "PUT":
        passing.body = (
            passing.body.replace(b"SEQUENCE:0\r\n", b"SEQUENCE:7\r\n")
            .replace(b"END:VEVENT", b"X-SERVER:yes\r\nEND:VEVENT")
            .replace(b"DTSTART;TZID=Europe/Paris:20270311T100000", b"DTSTART:20270311T090000Z")
        )


def without_condition(passing):
    passing.headers.pop("If-None-Match", None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(lambda _p: None, without_etag, id="no-etag"),
        pytest.param(rewritten, without_etag, id="rewritten"),
        pytest.param(without_condition, lambda _p: None, id="if-none-match-ignored"),
    ],
)
@pytest.mark.parametrize("edits", [Edits.RESTORE, Edits.FOLLOW])
def test_odd_puts_settle(connect, odd, house, before, after, edits):
    proxy, server = odd
    made = [take(house, title=f"Day {day}", day=day) for day in range(3)]
    mine = connect(server, settings=Settings(edits=edits))
    proxy.before, proxy.after = before, after
    mine.run()
    mine.run()
    proxy.reset()

    mine.run()

    assert "PUT" not in proxy.seen  # nobody corrects anybody
    assert len(mine.there()) == 3
    known = remote_objects(db.session(), mine.id)
    assert [(each.booking_id, each.state) for each in known] == [(x, "synced") for x in made]


def test_forgotten_token_is_a_new_look(connect, odd, house):
    proxy, server = odd
    take(house)
    mine = connect(server)
    mine.run()

    def forget(passing):
        if passing.method == "REPORT" and b"<sync-token>http" in passing.body:
            passing.status, passing.answer = 403, b"<error xmlns='DAV:'><valid-sync-token/></error>"

    proxy.before = forget
    assert mine.run().reason is None
    proxy.reset()
    assert mine.run().reason is None
    assert len(mine.there()) == 1


@pytest.mark.parametrize(
    ("status", "headers", "body", "code", "stops"),
    [
        (429, {"Retry-After": "7200"}, b"", "remote_busy", False),
        (503, {}, b"", "remote_busy", False),
        (507, {}, b"", "remote_full", False),
        (500, {}, b"oh", "remote_status", False),
        (401, {}, b"", "remote_denied", True),
        (403, {}, b"", "remote_forbidden", True),
        (404, {}, b"", "remote_gone", True),
        (302, {"Location": "http://169.254.169.254/"}, b"", "address_not_https", True),
        (302, {"Location": "https://10.0.0.1/"}, b"", "address_private", True),
        (207, {}, b"<multistatus xmlns='DAV:'><resp", "remote_unreadable", False),
        (207, {}, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "remote_unreadable", False),
        (207, {}, b"\xff\xfe\x00nonsense", "remote_unreadable", False),
        (207, {}, BOMB, "remote_unreadable", False),
        (207, {}, b"<a>" * 100_000 + b"</a>" * 100_000, "remote_unreadable", False),
        (200, {}, b"<html>Welcome</html>", "remote_unreadable", False),
    ],
)
def test_what_a_server_answers_is_said_in_plain_words(
    connect, odd, house, status, headers, body, code, stops
):
    proxy, server = odd
    take(house)
    mine = connect(server)
    mine.run()

    def answer(passing):
        passing.status, passing.answer_headers, passing.answer = status, headers, body

    proxy.before = answer
    after = mine.run()

    assert after.reason is not None
    assert after.reason.code == code
    assert (after.state is Standing.STOPPED) is stops
    if "Retry-After" in headers:
        assert (after.due_at - NOW).total_seconds() >= 7200
    proxy.reset()
    assert len(mine.there()) == 1
    assert len(remote_objects(db.session(), mine.id)) == 1


def test_one_bad_object_does_not_stop_the_rest(connect, odd, house):
    proxy, server = odd
    for day in range(3):
        take(house, title=f"Day {day}", day=day)
    mine = connect(server)

    def refuse(passing):
        if passing.method == "PUT" and b"Day 1" in passing.body:
            passing.status = 415

    proxy.before = refuse
    after = mine.run()
    assert after.reason is None
    assert len(mine.there()) == 2
    states = sorted(each.state for each in remote_objects(db.session(), mine.id))
    assert states == ["refused", "synced", "synced"]


def test_password_does_not_follow_a_redirect_to_another_host(odd):
    proxy, server = odd
    given = []

    def lead(passing):
        given.append(passing.headers.get("Authorization"))
        if passing.path == "/away":
            away = server.url.replace("localhost", "127.0.0.1")
            passing.status, passing.answer_headers = 307, {"Location": f"{away}here"}

    proxy.before = lead
    trusting = Guard(trusted=frozenset({"localhost", "127.0.0.1"}), seconds=5)
    credentials = Credentials(server.url, "mia", "secret")
    with Transport(trusting, credentials) as transport:
        transport.request("PROPFIND", f"{server.url}away", b"")
    assert [bool(each) for each in given] == [True, False]
    with Transport(Guard(), credentials) as transport, pytest.raises(Blocked):
        transport.request("PROPFIND", server.url, b"")


def test_slow_drip_ends_in_time():
    listener = socket.create_server(("127.0.0.1", 0))

    def drip():
        connection, _peer = listener.accept()
        with connection:
            try:
                for letter in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 400:
                    connection.sendall(bytes([letter]))
                    time.sleep(0.05)
            except OSError:
                pass

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    guard = Guard(trusted=frozenset({"localhost"}), seconds=0.5)
    with Transport(guard) as transport, pytest.raises(Unwell) as told:
        transport.request("GET", f"http://localhost:{listener.getsockname()[1]}/")
    assert told.value.reason.code == "address_too_slow"
    listener.close()
    thread.join()


def test_digest_and_bearer_sign_in(odd):
    proxy, server = odd
    seen = []

    def challenge(passing):
        seen.append(passing.headers.get("Authorization", ""))
        passing.status = 207 if seen[-1] else 401
        asked = 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256, opaque="o"'
        passing.answer_headers = {} if seen[-1] else {"WWW-Authenticate": asked}

    proxy.before = challenge
    guard = Guard(trusted=frozenset({"localhost"}), seconds=5)
    with Transport(guard, Credentials(server.url, "mia", "wren", "digest")) as transport:
        assert transport.request("PROPFIND", f"{server.url}a").status_code == 207
        assert transport.request("PROPFIND", f"{server.url}a").status_code == 207
    assert [each[:6] for each in seen] == ["", "Digest", "Digest"]
    assert "nc=00000001" in seen[1]
    assert "nc=00000002" in seen[2]
    assert "wren" not in "".join(seen)
    with Transport(guard, Credentials(server.url, "", "token", "bearer")) as transport:
        transport.request("PROPFIND", server.url)
    assert seen[3] == "Bearer token"


def test_xml_of_the_wrong_kind_is_refused():
    for raw in (b"", b"<a>", b"<!DOCTYPE a><a/>", b"not xml"):
        with pytest.raises(Unwell):
            parsed(raw)
    assert parsed(b"<a/>").tag == "a"
