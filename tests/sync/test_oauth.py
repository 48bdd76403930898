"""What we say to a provider, and what becomes of what it says: without pages."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from authlib.oauth2 import client as authlib

from booking.net import Guard
from booking.sync import oauth
from booking.sync.errors import Blocked, Denied, SignedOut, Unwell
from booking.sync.oauth import Tokens
from tests.support.factories import NOW
from tests.support.oauth_provider import provider_before

TRUSTING = Guard(trusted=frozenset({"localhost"}))


@pytest.fixture
def cloud(radicale_server):
    with provider_before(radicale_server) as accounts:
        yield accounts


def test_tokens_follow_each_other_until_one_is_spent(cloud):
    provider = cloud.provider()
    cloud.refresh.add("first")
    second = oauth.renewed(provider, Tokens("old", "first"), TRUSTING, now=NOW)
    assert second.ends == NOW + timedelta(hours=1)
    assert Tokens.of_text(second.to_text()) == second
    third = oauth.renewed(provider, second, TRUSTING, now=NOW)
    with pytest.raises(SignedOut):  # whatever the provider says beside, in whatever letters
        oauth.renewed(provider, second, TRUSTING, now=NOW)
    with pytest.raises(SignedOut):
        oauth.renewed(provider, Tokens("old"), TRUSTING, now=NOW)
    oauth.give_back(provider, third, TRUSTING)
    assert cloud.revoked == [third.refresh]
    assert not any(each in repr(third) for each in (third.access, third.refresh))


def test_provider_that_does_not_answer_is_asked_again_later(cloud):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://localhost:{mute.getsockname()[1]}/token"
        provider = replace(cloud.provider(), token_url=url)
        with pytest.raises(Unwell) as caught:
            quick = replace(TRUSTING, seconds=0.3)
            oauth.renewed(provider, Tokens("old", "first"), quick, now=NOW)
    assert caught.value.reason.code == "address_too_slow"
    assert not caught.value.stops
    with pytest.raises(Blocked):
        oauth.renewed(cloud.provider(), Tokens("old", "first"), Guard(), now=NOW)
    wrong = replace(cloud.provider(), client_secret="of-another-house")
    with pytest.raises(Unwell) as caught:
        oauth.renewed(wrong, Tokens("old", "first"), TRUSTING, now=NOW)
    assert caught.value.reason.code == "oauth_client"


def test_lasting_access_is_asked_for_where_it_is_missing(cloud):
    cloud.answer = (200, {}, b'{"access_token": "a", "expires_in": 3600}')
    with pytest.raises(Denied) as caught:
        oauth.exchange(cloud.provider(), "https://h.test/", "code", "x" * 43, TRUSTING, now=NOW)
    assert caught.value.reason.code == "oauth_short"
    cloud.answer = (200, {}, b'{"access_token": "a"}')
    found = oauth.exchange(cloud.provider(), "https://h.test/", "code", "x" * 43, TRUSTING, now=NOW)
    assert found == Tokens("a")
    assert found.is_fresh(NOW)
    # Authlib's own headers are shared by all providers: no key of one is left in them.
    assert "Authorization" not in authlib.DEFAULT_HEADERS
