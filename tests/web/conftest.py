"""What the tests of the pages share."""

import pytest
from flask.testing import FlaskClient


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
