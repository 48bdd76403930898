"""The pages of calendars of others: a look first, then how each is; what the others see."""

import pytest

from booking import sources as workers
from booking.actions.sources import SourceRequest, add_source
from booking.core.sources import SourceMode
from booking.core.values import Visibility
from booking.db import db
from booking.queries.sources import sources
from booking.vault import Vault
from tests.support.calendar_server import GUARD, VAULT, serving
from tests.support.factories import NOW

EVENT = "UID:m\r\nDTSTART;TZID=Europe/Paris:20270311T100000\r\nDURATION:PT2H\r\nSUMMARY:Market"


@pytest.fixture
def town():
    """Return the server of the town's calendar, with a market on Thursday."""
    with serving() as found:
        found.has(EVENT)
        yield found


@pytest.fixture
def follow(app, house, town):
    """Return what follows the town's calendar."""

    def do(mode, **more):
        with app.app_context():
            space_id = house.atlas.id if mode is SourceMode.BUSY else None
            asked = SourceRequest(house.site.id, "Town", town.address, mode, space_id, **more)
            source_id = add_source(asked, house.admin, seal=VAULT.seal, now=NOW)
            workers.refresh(source_id, GUARD, VAULT, clock=lambda: NOW, language="en")
            return source_id

    return do


def test_calendar_is_looked_at_then_followed(app, desk, house, town, post, trusting):
    fields = {"address": town.address, "mode": "busy", "space": str(house.atlas.id),
              "visibility": "members", "every": "six", "name": ""}  # fmt: skip

    page = post(desk, "/admin/calendars", **fields)

    assert page.status_code == 200
    assert "1 event, 1 date to come" in page.text
    assert "Market" in page.text
    assert "The town" in page.text  # as the calendar calls itself
    with app.app_context():
        assert sources(db.session(), house.site.id) == []
    answer = post(desk, "/admin/calendars", **fields | {"name": "The town", "what": "follow"})
    assert answer.status_code == 303
    assert "is being read" in desk.get(answer.location).text
    assert "The town" in desk.get("/admin/calendars").text


def test_secret_in_an_address_is_sealed_and_never_shown(app, desk, house, town, post, trusting):
    secret = town.address.replace("town.ics", "private-wren/basic.ics")
    fields = {"address": secret, "mode": "show", "visibility": "members", "every": "hour",
              "name": "Town", "what": "follow"}  # fmt: skip
    path = post(desk, "/admin/calendars", **fields).location
    config = app.extensions["booking"]["config"]
    with app.app_context():
        [source] = sources(db.session(), house.site.id)
        assert Vault(config).open(source.address) == secret
        assert "wren" not in source.address
        workers.refresh(source.id, GUARD, Vault(config), clock=lambda: NOW, language="en")
    page = desk.get(path).text
    assert "localhost" in page
    assert "Market" in page
    for where in (path, "/admin/calendars", "/admin/work"):
        assert "wren" not in desk.get(where).text, where

    with app.app_context():  # as after a restore without the key
        workers.refresh(source.id, GUARD, VAULT, clock=lambda: NOW, language="en")
    page = desk.get(path).text
    assert "The key that sealed the address is gone" in page
    assert "Market" in page
    refused = post(desk, path, what="readdress", address="ftp://town.example/a.ics")
    assert refused.status_code == 422
    assert "has to begin with https://" in refused.text
    post(desk, path, what="readdress", address=town.address)
    with app.app_context():
        workers.refresh(source.id, GUARD, Vault(config), clock=lambda: NOW, language="en")
    page = desk.get(path).text
    assert "gone" not in page
    assert "followed" in desk.get("/admin/calendars").text


def test_private_address_is_not_looked_at(desk, house, town, post):
    fields = {"address": town.address.replace("http:", "https:"), "mode": "show",
              "visibility": "members", "every": "hour"}  # fmt: skip
    page = post(desk, "/admin/calendars", **fields)
    assert page.status_code == 422
    assert "inside a private network" in page.text
    assert town.asked == []


def test_health_is_told_in_plain_words(desk, house, town, follow, post):
    source_id = follow(SourceMode.BUSY)
    path = f"/admin/calendars/{source_id}"
    page = desk.get(path).text
    for words in ("Last read", "Next try", "1 event, 1 date to come", "Market"):
        assert words in page
    post(desk, path, what="pause")
    assert "The calendar rests" in desk.get(path).text
    post(desk, path, what="remove")
    assert desk.get(path).status_code == 404


def test_board_shows_what_its_reader_may_read(app, client, house, sign_in, follow):
    follow(SourceMode.BUSY, visibility=Visibility.PRIVATE)
    day = "/board/house/day/2027-03-11"
    member = sign_in(client, house.member)
    assert "Market" not in member.get(day).text
    assert "Town" in member.get(day).text
    admin = sign_in(app.test_client(), house.admin)
    assert "Market" in admin.get(day).text


def test_shown_calendar_stands_below_the_planning(member, house, follow):
    before = member.get("/board/house/day/2027-03-11").text
    follow(SourceMode.SHOW)
    for view in ("day", "week", "month", "list"):
        assert "Market" in member.get(f"/board/house/{view}/2027-03-11").text, view
    assert "Market" not in before


def test_public_calendar_is_in_the_programme(app, house, follow):
    visitor = app.test_client()
    etag = visitor.get("/programme.ics").headers["ETag"]
    follow(SourceMode.PUBLIC)
    for path in ("/programme", "/embed/programme", "/programme.ics"):
        assert "Market" in visitor.get(path).text, path
    assert visitor.get("/programme.ics").headers["ETag"] != etag
