"""Browsers of signed-in people on the pages of bookings."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from booking.core.values import Actor
from tests.support.factories import House
from tests.support.forms import Browser


@pytest.fixture
def open_as(app: Flask, house: House, sign_in: Any, csrf: Any) -> Callable[[Actor], Browser]:
    """Return what opens a browser in which a person is signed in."""

    def opened(person: Actor) -> Browser:
        client = sign_in(app.test_client(), person)
        return Browser(app, house, client, csrf(client, "/profile"))

    return opened


@pytest.fixture
def browser(open_as: Callable[[Actor], Browser], house: House) -> Browser:
    """Return the member's browser."""
    return open_as(house.member)
