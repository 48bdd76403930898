"""`booking app-password`: made, listed, revoked."""

import re

import pytest

from booking.actions.app_passwords import sign_in_device
from booking.core.errors import SignInFailed
from tests.support.factories import NOW


def test_password_opens_the_calendars_until_it_is_revoked(shell, house, session):
    email = house.email(house.member)
    made = shell.json("app-password", "create", email, "--name", "Phone")

    def sign_in():
        session.rollback()
        return sign_in_device(made["user"], made["password"], address="::1", now=NOW)

    assert (made["server"], made["user"]) == ("http://127.0.0.1:8000/dav/", email)
    assert sign_in().may_write
    (line,) = shell.json("app-password", "list", "--member", email)
    assert line == {
        "id": made["id"],
        "name": "Phone",
        "member": email,
        "access": "write",
        "collections": None,
        "created_at": "2027-03-10T09:00:00+00:00",
        "last_used_at": "2027-03-10T09:00:00+00:00",
    }
    assert made["password"] not in shell.run("app-password", "list").stdout
    assert shell.json("app-password", "revoke", made["id"]) == {"id": made["id"], "revoked": True}
    with pytest.raises(SignInFailed):
        sign_in()


def test_password_that_reads(shell, house, session):
    email = house.email(house.member)
    printed = shell.run("app-password", "create", email, "--name", "Wall", "--read").stdout
    secret = re.search(r"password +(\S+)", printed)
    assert secret
    assert not sign_in_device(email, secret[1], address="::1", now=NOW).may_write


def test_refusals(shell, house):
    args = ("app-password", "create")
    unknown = shell.refusal(*args, "x@example.org", "--name", "Phone")
    assert unknown == "booking: There is no such person."
    assert "--name" in shell.run(*args, house.email(house.member), code=2).stderr
    gone = shell.refusal("app-password", "revoke", 999)
    assert gone == "booking: There is no such app password."
