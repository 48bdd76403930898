"""`booking user add` and `password`."""

import pytest
from sqlalchemy import select

from booking.actions.accounts import Limits, sign_in
from booking.core.errors import SignInFailed
from booking.models import Audit, Person
from tests.support.factories import NOW

SECRET = "seven green bottles"


def signs_in(email: str, password: str) -> bool:
    try:
        sign_in(email, password, address="127.0.0.1", now=NOW, limits=Limits())
    except SignInFailed:
        return False
    return True


def test_account_is_made_with_the_password_of_standard_input(shell, house, session):
    made = shell.json("user", "add", "Zoe@Example.org", "--name", "Zoé", text=f"{SECRET}\n")

    assert made == {
        "id": made["id"],
        "email": "zoe@example.org",
        "name": "Zoé",
        "role": "member",
        "roles": [{"role": "member", "scope": "all", "id": None, "name": ""}],
    }
    assert signs_in("zoe@example.org", SECRET)


@pytest.mark.parametrize(
    ("options", "role", "scope"),
    [
        pytest.param(["--role", "admin"], "admin", "all", id="admin"),
        pytest.param(["--role", "admin", "--site", "SITE"], "admin", "site", id="admin of a site"),
        pytest.param(["--role", "approver", "--space", "ROOM"], "approver", "space", id="approver"),
        pytest.param(
            ["--role", "manager", "--organisation", "OURS"], "manager", "organisation", id="manager"
        ),
    ],
)
def test_account_with_a_role(shell, house, options, role, scope):
    there = {"SITE": house.site.name, "ROOM": house.cedar.id, "OURS": house.ours}
    words = [there.get(each, each) for each in options]

    made = shell.json("user", "add", "zoe@example.org", *words, text=SECRET)

    assert made["role"] == role
    assert (made["roles"][0]["role"], made["roles"][0]["scope"]) == (role, scope)


def test_name_comes_from_the_address_where_none_is_given(shell, house):
    assert shell.json("user", "add", "ann.lee@example.org", text=SECRET)["name"] == "Ann Lee"


def test_link_in_place_of_a_password(shell, house, session):
    made = shell.json("user", "add", "zoe@example.org", "--link")

    assert made["link"].startswith("http://127.0.0.1:8000/invitations/")
    assert (
        session.execute(
            select(Person.password_hash).where(Person.email == made["email"])
        ).scalar_one()
        is None
    )


def test_manager_needs_an_organisation(shell, house):
    result = shell.run("user", "add", "zoe@example.org", "--role", "manager", code=2)

    assert "--organisation" in result.stderr


@pytest.mark.parametrize(
    ("email", "secret", "sentence"),
    [
        pytest.param("member@example.org", SECRET, "There is an account", id="taken"),
        pytest.param("nonsense", SECRET, "This is no e-mail address.", id="no address"),
        pytest.param("zoe@example.org", "short", "at least 10 characters", id="short password"),
        pytest.param("zoe@example.org", "", "at least 10 characters", id="no password"),
    ],
)
def test_what_an_account_cannot_be(shell, house, email, secret, sentence):
    assert sentence in shell.refusal("user", "add", email, text=secret)


def test_password_is_changed_and_audited(shell, house, session):
    email = house.email(house.member)

    shell.run("user", "password", email, text=f"{SECRET}\r\n")

    assert signs_in(email, SECRET)
    last = session.execute(select(Audit).order_by(Audit.id.desc()).limit(1)).scalar_one()
    assert (last.verb, last.door, last.actor_id) == ("password", "cli", None)


def test_weak_password_changes_nothing(shell, house, session):
    shell.refusal("user", "password", house.email(house.member), text="short")

    assert not signs_in(house.email(house.member), "short")


def test_password_is_no_argument(shell, house):
    shell.run("user", "password", house.email(house.member), SECRET, code=2)
