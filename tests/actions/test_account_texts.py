"""Names, addresses and passwords as people type them."""

import pytest

from booking.actions.accounts.passwords import (
    check_password,
    hash_password,
    is_outdated,
    verify_password,
)
from booking.actions.accounts.texts import clean_email, clean_name
from booking.core.errors import InvalidRequest
from tests.support.factories import PASSWORD_HASH


def refusal(call, *args, **kwargs) -> tuple[str, str]:
    """Return code and field of the message that a call refuses with."""
    with pytest.raises(InvalidRequest) as caught:
        call(*args, **kwargs)
    (message,) = caught.value.messages
    return message.code, message.field


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        pytest.param("ann@example.org", "ann@example.org", id="plain"),
        pytest.param("  Ann.Lee@Example.ORG ", "ann.lee@example.org", id="case-and-spaces"),
        pytest.param("ann+rooms@mail.example.org", "ann+rooms@mail.example.org", id="tag"),
        pytest.param("o'neil@example.org", "o'neil@example.org", id="apostrophe"),
        pytest.param("zoe@élan.fr", "zoe@xn--lan-9la.fr", id="accent-in-domain"),
    ],
)
def test_clean_email_of_address(typed, stored):
    assert clean_email(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("", "email_missing", id="empty"),
        pytest.param("   ", "email_missing", id="spaces"),
        pytest.param("ann", "email_invalid", id="no-at"),
        pytest.param("ann@", "email_invalid", id="no-domain"),
        pytest.param("@example.org", "email_invalid", id="no-local-part"),
        pytest.param("ann@example", "email_invalid", id="one-label"),
        pytest.param("ann@127.0.0.1", "email_invalid", id="number"),
        pytest.param("ann@-example.org", "email_invalid", id="hyphen-first"),
        pytest.param("ann..lee@example.org", "email_invalid", id="two-dots"),
        pytest.param("ann lee@example.org", "email_invalid", id="space-inside"),
        pytest.param("ann@example.org\nBcc: all@example.org", "email_invalid", id="line-feed"),
        pytest.param("ann@example.org\r\n", "email_invalid", id="line-end"),
        pytest.param("ann\0@example.org", "email_invalid", id="nul"),
        pytest.param("<script>@example.org", "email_invalid", id="markup"),
        pytest.param('"ann@home"@example.org', "email_invalid", id="quoted"),
        pytest.param("zoé@example.org", "email_invalid", id="accent-before-at"),
        pytest.param("a@b@example.org", "email_invalid", id="two-ats"),
        pytest.param("a" * 65 + "@example.org", "email_invalid", id="long-local-part"),
        pytest.param("ann@" + "a" * 64 + ".org", "email_invalid", id="long-label"),
        pytest.param("ann@" + "abc." * 70 + "org", "email_invalid", id="long"),
        pytest.param("a" * 10_000_000, "email_invalid", id="10-MB"),
    ],
)
def test_clean_email_refuses(typed, code):
    assert refusal(clean_email, typed) == (code, "email")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        pytest.param("Ann Lee", "Ann Lee", id="plain"),
        pytest.param("  Ann \t  Lee\r\n ", "Ann Lee", id="white-space"),
        pytest.param("Zoe\u0301", "Zoé", id="composed"),
        pytest.param("محمد علي", "محمد علي", id="arabic"),
        pytest.param("👩\u200d🔧 Ann", "👩\u200d🔧 Ann", id="emoji-with-joiner"),
        pytest.param("Ann\u202e<script>", "Ann<script>", id="bidi-override"),
        pytest.param("\u2067Ann\u2069", "Ann", id="bidi-isolate"),
        pytest.param("n" * 120, "n" * 120, id="as-long-as-it-may-be"),
    ],
)
def test_clean_name_of_name(typed, stored):
    assert clean_name(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("", "name_missing", id="empty"),
        pytest.param(" \n ", "name_missing", id="white-space"),
        pytest.param("\u200d\u202e", "name_missing", id="nothing-to-see"),
        pytest.param("Ann\0", "text_unprintable", id="nul"),
        pytest.param("Ann\x1b[31m", "text_unprintable", id="escape"),
        pytest.param("Ann\ud800", "text_unprintable", id="half-a-character"),
        pytest.param("n" * 121, "name_too_long", id="one-too-many"),
        pytest.param("n" * 10_000_000, "name_too_long", id="10-MB"),
    ],
)
def test_clean_name_refuses(typed, code):
    assert refusal(clean_name, typed) == (code, "name")


@pytest.mark.parametrize(
    "password",
    ["three blue chairs", "0123456789ab", "пароль из слов", "x" * 196 + "abcd", "  two words  "],
)
def test_check_password_of_good_one(password):
    check_password(password, email="ann@example.org", name="Ann")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        pytest.param("", "password_too_short", id="empty"),
        pytest.param("nine char", "password_too_short", id="nine"),
        pytest.param("a b " * 50 + "!", "password_too_long", id="201"),
        pytest.param("Ann.Lee.Long@Example.org", "password_is_email", id="address"),
        pytest.param("ann.lee.long", "password_is_email", id="local-part"),
        pytest.param("ANN LEE LONG", "password_is_email", id="name"),
        pytest.param("Motdepasse123", "password_too_common", id="common"),
        pytest.param("aaaaaaaaaaaa", "password_too_common", id="one-letter"),
        pytest.param("1212121212", "password_too_common", id="two-letters"),
    ],
)
def test_check_password_refuses(password, code):
    said = refusal(check_password, password, email="ann.lee.long@example.org", name="Ann Lee Long")
    assert said == (code, "password")


def test_hash_password_is_argon2id_with_todays_parameters():
    stored = hash_password("three blue chairs")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not is_outdated(stored)


def test_hash_password_twice_differs():
    assert hash_password("three blue chairs") != hash_password("three blue chairs")


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        pytest.param("três blue chairs", True, id="same"),
        pytest.param("tre\u0302s blue chairs", True, id="same-decomposed"),
        pytest.param("Três blue chairs", False, id="other-case"),
        pytest.param("", False, id="empty"),
        pytest.param("x" * 10_000_000, False, id="10-MB"),
    ],
)
def test_verify_password_of_stored(password, fits):
    assert verify_password(hash_password("três blue chairs"), password) is fits


@pytest.mark.parametrize("stored", [None, "", "not a hash"])
def test_verify_password_where_nothing_is_stored(stored):
    assert not verify_password(stored, "the password of an account that does not exist")


def test_is_outdated_of_cheaper_hash():
    assert is_outdated(PASSWORD_HASH)
