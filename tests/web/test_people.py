"""The people pages: who sees whom, who may do what, one-time links shown once."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions import accounts
from booking.actions.accounts import InvitationRequest
from booking.core.errors import InvalidRequest
from booking.core.values import Door, Grant, Role
from booking.db import db
from booking.queries import people as reads
from booking.web.people import read_grant
from tests.support.factories import NOW, House

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def at(app: Flask, house: House, sign_in):
    """Return a browser of somebody of the house: ``at("manager")``."""

    def browser(who: str) -> FlaskClient:
        return sign_in(app.test_client(), getattr(house, who))

    return browser


def link_in(page: str) -> str:
    """Return the path of the one-time link that a page shows."""
    found = re.search(r'<code id="link">http://localhost(/invitations/[\w-]+)</code>', page)
    assert found
    return found[1]


def roles_of(app: Flask, person_id: int | None) -> tuple[reads.HeldRole, ...]:
    with app.app_context():
        return reads.person(db.session(), person_id or 0).roles


def test_people_without_sign_in_leads_there(client, house):
    assert client.get("/people?q=x").location == "/sign-in?next=/people?q%3Dx"


@pytest.mark.parametrize(
    ("who", "status", "seen"),
    [
        pytest.param("member", 403, set(), id="member"),
        pytest.param("approver", 403, set(), id="approver"),
        pytest.param("manager", 200, {"Member", "Manager"}, id="manager"),
        pytest.param(
            "admin", 200, {"Member", "Manager", "Stranger", "Approver", "Admin"}, id="admin"
        ),
    ],
)
def test_people_who_sees_whom(at, who, status, seen):
    answer = at(who).get("/people")
    assert answer.status_code == status
    assert set(re.findall(r"<bdi>(\w+)</bdi></b>", answer.text)) == seen


@pytest.mark.parametrize(
    ("who", "whom", "status"),
    [
        pytest.param("member", "member", 403, id="member-herself"),
        pytest.param("approver", "member", 403, id="approver"),
        pytest.param("manager", "member", 200, id="manager-of-the-organisation"),
        pytest.param("manager", "stranger", 404, id="manager-of-another"),
        pytest.param("manager", "admin", 404, id="manager-an-admin"),
        pytest.param("admin", "stranger", 200, id="admin"),
    ],
)
def test_person_page_who_sees_whom(at, house, who, whom, status):
    person_id = getattr(house, whom).person_id
    assert at(who).get(f"/people/{person_id}").status_code == status


@pytest.mark.parametrize("person_id", ["0", "999999", "2147483648", "9" * 30, "-1", "x"])
def test_person_page_of_nobody(at, person_id):
    assert at("admin").get(f"/people/{person_id}").status_code == 404


@pytest.mark.parametrize("who", ["member", "approver", "manager", "stranger"])
@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("reset", {}),
        ("archive", {}),
        ("role", {"role": "admin", "what": "grant"}),
        ("role", {"role": "approver", "what": "grant"}),
    ],
)
def test_person_actions_are_for_admins(app, at, house, post, who, action, fields):
    before = roles_of(app, house.member.person_id)
    path = f"/people/{house.member.person_id}/{action}"
    assert post(at(who), path, **fields).status_code == 403
    assert roles_of(app, house.member.person_id) == before
    assert at("member").get("/profile").status_code == 200


@pytest.mark.parametrize(
    ("who", "status"),
    [("member", 403), ("approver", 403), ("stranger", 403), ("manager", 303), ("admin", 303)],
)
def test_membership_who_may(app, at, house, post, who, status):
    fields = {"organisation": str(house.ours), "what": "manager"}
    answer = post(at(who), f"/people/{house.member.person_id}/membership", **fields)
    assert answer.status_code == status
    is_manager = roles_of(app, house.member.person_id)[0].role is Role.MANAGER
    assert is_manager is (status == 303)


def test_membership_manager_brings_nobody_in(app, at, house, post):
    fields = {"organisation": str(house.ours), "what": "member"}
    answer = post(at("manager"), f"/people/{house.stranger.person_id}/membership", **fields)
    assert answer.status_code == 404
    assert len(roles_of(app, house.stranger.person_id)) == 1


def test_membership_ended_by_manager_leads_to_the_list(app, at, house, post):
    fields = {"organisation": str(house.ours), "what": "end"}
    answer = post(at("manager"), f"/people/{house.member.person_id}/membership", **fields)
    assert answer.location == "/people"
    assert roles_of(app, house.member.person_id) == (reads.HeldRole(Role.MEMBER, "all"),)


@pytest.mark.parametrize("organisation", ["", "x", "0", "999999", "9" * 30])
def test_membership_of_unknown_organisation(at, house, post, organisation):
    path = f"/people/{house.member.person_id}/membership"
    answer = post(at("admin"), path, organisation=organisation, what="member")
    assert answer.status_code == 404


def test_role_given_and_taken_back(app, at, house, post):
    browser, person_id = at("admin"), house.member.person_id
    key = f"approver:space:{house.cedar.id}"
    post(browser, f"/people/{person_id}/role", role=key, what="grant")
    assert "Approver, Cedar" in browser.get(f"/people/{person_id}?lang=en").text
    assert roles_of(app, person_id)[0].scope_name == "Cedar"
    post(browser, f"/people/{person_id}/role", role=key, what="revoke")
    assert [held.role for held in roles_of(app, person_id)] == [Role.MEMBER]


@pytest.mark.parametrize(
    ("key", "grant"),
    [
        ("", None),
        ("admin", Grant(Role.ADMIN)),
        ("admin:site:1", Grant(Role.ADMIN, site_id=1)),
        ("approver:space:7", Grant(Role.APPROVER, space_id=7)),
    ],
)
def test_read_grant_of_key(key, grant):
    assert read_grant(key) == grant


@pytest.mark.parametrize(
    "key",
    ["member", "manager", "root", "admin:house:1", "admin:site:", "admin:site:x", "a:b:c:d"],
)
def test_read_grant_of_nonsense(key):
    with pytest.raises(InvalidRequest):
        read_grant(key)


def test_role_of_nonsense(at, house, post):
    path = f"/people/{house.member.person_id}/role"
    assert post(at("admin"), path, role="root").status_code == 422
    assert post(at("admin"), path).status_code == 422


def test_archive_ends_the_session(at, house, post):
    theirs = at("member")
    answer = post(at("admin"), f"/people/{house.member.person_id}/archive")
    assert (answer.status_code, answer.location) == (303, "/people")
    assert theirs.get("/profile").status_code == 302


def test_archive_of_oneself_refused(at, house, post):
    browser = at("admin")
    assert post(browser, f"/people/{house.admin.person_id}/archive").status_code == 403
    assert browser.get("/profile").status_code == 200


def test_reset_link_is_shown_once_and_works(at, client, house, post):
    browser = at("admin")
    answer = post(browser, f"/people/{house.member.person_id}/reset")
    assert answer.headers["Cache-Control"] == "no-store"
    path = link_in(answer.text)
    assert path not in browser.get("/people").text
    assert post(client, path, password="seven green lamps").status_code == 303


# --- invitations


@pytest.mark.parametrize(
    ("who", "status"), [("member", 403), ("approver", 403), ("manager", 200), ("admin", 200)]
)
def test_invite_form_who_sees_it(at, who, status):
    assert at(who).get("/people/invite").status_code == status


def test_invite_form_of_manager_offers_own_organisations_and_no_role(at, house):
    page = at("manager").get("/people/invite").text
    assert re.findall(r'<option value="(\d*)"[^>]*>(\w+)', page) == [(str(house.ours), "Ours")]
    assert 'name="role"' not in page


@pytest.mark.parametrize(
    ("who", "where", "role", "status"),
    [
        pytest.param("manager", "ours", "", 200, id="manager-own"),
        pytest.param("manager", "theirs", "", 403, id="manager-another"),
        pytest.param("manager", "", "", 403, id="manager-none"),
        pytest.param("manager", "ours", "admin", 403, id="manager-gives-a-role"),
        pytest.param("member", "ours", "", 403, id="member"),
        pytest.param("admin", "theirs", "", 200, id="admin"),
        pytest.param("admin", "", "admin", 200, id="admin-makes-an-admin"),
    ],
)
def test_invite_who_may(at, house, post, who, where, role, status):
    organisation = str(getattr(house, where)) if where else ""
    fields = {"email": "nia@example.org", "organisation": organisation, "role": role}
    assert post(at(who), "/people/invite", **fields).status_code == status


def test_invite_link_is_shown_once_and_makes_the_account(app, at, client, house, post):
    browser = at("admin")
    fields = {"email": "nia@example.org", "organisation": str(house.ours), "is_manager": "1"}
    answer = post(browser, "/people/invite", role="approver", **fields)
    path = link_in(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    listed = browser.get("/people").text
    assert "nia@example.org" in listed
    assert path not in listed
    assert post(client, path, name="Nia", password="seven green lamps").status_code == 303
    with app.app_context():
        person_id = reads.person_id_of(db.session(), "nia@example.org")
        made = reads.actor_of(db.session(), person_id, Door.WEB)
    assert (made.manages, made.grants) == (
        frozenset({house.ours}),
        frozenset({Grant(Role.APPROVER)}),
    )
    assert "nia@example.org</" not in browser.get("/people").text.partition("Open inv")[2]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"email": "nonsense"}, "email", id="address"),
        pytest.param({"email": ""}, "email", id="no-address"),
        pytest.param({"email": "member@example.org"}, "email", id="known-address"),
        pytest.param({"email": "a@example.org\r\nBcc: b@example.org"}, "email", id="header"),
        pytest.param({"name": "n" * 121}, "name", id="endless-name"),
        pytest.param({"role": "root"}, "role", id="role"),
    ],
)
def test_invite_refused_keeps_what_was_typed(at, house, post, fields, field):
    typed = {"email": "nia@example.org", "name": "Nia", "organisation": str(house.theirs)}
    answer = post(at("admin"), "/people/invite", **{**typed, **fields})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert f'<option value="{house.theirs}" selected>' in answer.text


def test_invite_refused_shows_what_was_typed_escaped(at, house, post):
    answer = post(at("admin"), "/people/invite", email=EVIL, name=EVIL)
    assert answer.status_code == 422
    assert EVIL not in answer.text


def test_withdraw_makes_the_link_void(app, at, client, house, post):
    with app.app_context():
        wanted = InvitationRequest("nia@example.org", organisation_id=house.ours)
        token = accounts.invite(wanted, house.admin, now=NOW)
    browser = at("manager")
    action = re.search(r"/people/invitations/\d+/withdraw", browser.get("/people").text)
    assert post(browser, action[0]).status_code == 303
    assert client.get(f"/invitations/{token}").status_code == 404


# --- the list


def test_people_of_evil_names_are_shown_escaped(app, at, house):
    with app.app_context():
        accounts.update_profile(accounts.Profile(EVIL, None, "auto"), house.member, now=NOW)
    browser = at("admin")
    for path in ("/people", f"/people/{house.member.person_id}"):
        page = browser.get(path).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert EVIL not in page


@pytest.mark.parametrize("search", ["memb", "MEMBER@", "  member  "])
def test_people_search_finds(at, search):
    page = at("admin").get("/people", query_string={"q": search}).text
    assert re.findall(r"<bdi>(\w+)</bdi></b>", page) == ["Member"]


@pytest.mark.parametrize("search", ["%", "\0", "nobody", "'; --", EVIL])
def test_people_search_of_nothing_known(at, search):
    answer = at("admin").get("/people", query_string={"q": search})
    assert answer.status_code == 200
    assert EVIL not in answer.text


def test_people_pages(at, house):
    for number in range(50):
        house.add_person(f"P{number:02}", organisation=house.ours)
    browser = at("manager")
    first, second = browser.get("/people").text, browser.get("/people?page=2").text
    assert (first.count("<b><bdi>"), second.count("<b><bdi>")) == (50, 2)
    assert ('rel="next"' in first, 'rel="next"' in second) == (True, False)


@pytest.mark.parametrize("times", [1, 3, 100])
def test_people_take_the_same_statements_whatever_their_number(at, house, count, times):
    for number in range(times):
        house.add_person(f"P{number}", organisation=house.ours)
    browser = at("admin")
    with count() as statements:
        assert browser.get("/people").status_code == 200
    assert len(statements) == 7


def test_person_page_tells_a_manager_nothing_of_other_organisations(app, at, house):
    with app.app_context():
        accounts.set_membership(
            house.member.person_id, house.theirs, is_manager=True, actor=house.admin, now=NOW
        )

    page = at("manager").get(f"/people/{house.member.person_id}").text

    assert "Ours" in page
    assert "Theirs" not in page
    assert "Theirs" in at("admin").get(f"/people/{house.member.person_id}").text
