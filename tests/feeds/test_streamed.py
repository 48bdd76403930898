"""Long calendars: sent a few thousand bookings at a time, whatever their length."""

import gzip
import tracemalloc
from typing import Any

import pytest
from flask import Flask

from booking import written
from booking.actions.subscriptions import SubscriptionRequest, create_subscription
from booking.core.calendars import Scope
from booking.core.values import Door
from booking.db import db
from booking.feeds import build
from booking.queries.people import actor_of
from booking.queries.subscriptions import subscription_of_token
from booking.secrets import hash_token
from tests.support.factories import NOW, House

SERIES = "FREQ=WEEKLY;COUNT=3"


@pytest.fixture
def path(app: Flask, house: House) -> str:
    """The feed of all rooms, for who runs the house; some days before, some long ago."""
    for day in range(1, 12):
        title = "Chœur, et la suite" * (day % 4)
        house.add_booking(days=[day], title=title or "Choir", note="Bring a chair\n")
    house.add_booking(days=(0, 7, 14), start=18, end=19, rule=SERIES, title="Course")
    house.add_booking(*house.rooms[:2], days=(3,), start=15, end=16)
    wanted = SubscriptionRequest("All", scope=Scope(site_id=house.site.id))
    with app.app_context():
        return create_subscription(wanted, house.admin, now=NOW).path


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a feed be long from the third booking on, and be read by twos."""
    monkeypatch.setattr(written, "LONG", 2)
    monkeypatch.setattr(written, "AT_ONCE", 2)


@pytest.mark.parametrize("path_of", ["private", "programme"])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_pieces_are_what_one_piece_would_be(
    app: Flask, house: House, path: str, request: pytest.FixtureRequest, encoding: str, path_of: str
) -> None:
    if path_of == "programme":
        path = "/programme.ics"
        for day in range(20, 25):
            house.add_booking(days=[day], visibility="public")
    client, accepted = app.test_client(), {"Accept-Encoding": encoding}
    whole = client.get(path, headers=accepted)
    assert whole.content_length
    app.extensions.pop("booking.feeds")

    request.getfixturevalue("long")
    streamed = client.get(path, headers=accepted)
    assert streamed.content_length is None
    assert streamed.headers["ETag"] == whole.headers["ETag"]
    assert streamed.headers.get("Content-Encoding") == whole.headers.get("Content-Encoding")
    bodies = [each.data for each in (streamed, whole)]
    if encoding == "gzip":
        bodies = [gzip.decompress(each) for each in bodies]
    assert bodies[0] == bodies[1]
    again = client.get(path, headers=accepted | {"If-None-Match": streamed.headers["ETag"]})
    assert again.status_code == 304


def test_head_makes_nothing(app: Flask, path: str, count: Any) -> None:
    with count() as told:
        head = app.test_client().head(path)
    with count() as made:
        got = app.test_client().get(path)
    assert head.headers["ETag"] == got.headers["ETag"]
    assert len(told) < len(made)


def test_no_connection_waits_for_who_takes_it(app: Flask, path: str, long: None) -> None:
    answer = app.test_client().get(path, headers={"Accept-Encoding": "identity"}, buffered=False)
    pieces = answer.iter_encoded()
    assert next(pieces).startswith(b"BEGIN:VCALENDAR")
    assert b"BEGIN:VEVENT" in next(pieces)
    with app.app_context():
        assert db.engine.pool.checkedout() == 0
    assert b"".join(pieces).endswith(b"END:VCALENDAR\r\n")


def test_memory_does_not_grow_with_its_length(
    app: Flask, house: House, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "AT_ONCE", 50)

    def peak() -> int:
        """Return the most bytes that writing all pieces took at once."""
        with app.test_request_context():
            pieces = _feed(path, house).pieces()
            tracemalloc.start()
            for _each in pieces:
                pass
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            db.session.remove()
            return most

    def grow(days: range) -> None:
        for day in days:
            house.add_booking(days=[day], note="A long note. " * 400)

    grow(range(20, 120))
    peak()  # what is kept from the first time on
    few = peak()
    grow(range(120, 520))
    assert peak() < few * 1.5


def _feed(path: str, house: House) -> written.Feed:
    token = path.rpartition("/")[2].removesuffix(".ics")
    link = subscription_of_token(db.session(), hash_token(token))
    reader = actor_of(db.session(), link.person_id, Door.WEB)
    return build.feed_of(db.session(), link, reader, language="en", base="", now=NOW)
