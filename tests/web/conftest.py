"""What the tests of the pages share."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.config import Calendars


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


@pytest.fixture
def desk(client, house, sign_in) -> FlaskClient:
    """Return the browser of an administrator who reads English."""
    signed_in = sign_in(client, house.admin)
    signed_in.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return signed_in


@pytest.fixture
def trust(app: Flask) -> Iterator[Callable[[str], None]]:
    """Return what lets calendars come from hosts of a private network, to the end of the test."""
    settings = app.extensions["booking"]
    before = settings["config"]

    def do(hosts: str) -> None:
        settings["config"] = replace(before, calendars=Calendars(trusted_hosts=hosts))

    yield do
    settings["config"] = before


@pytest.fixture
def trusting(trust) -> None:
    """Let calendars come from this machine."""
    trust("localhost")
