"""One-time links: who may make them, and that each works once."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from booking.actions.accounts import (
    LIFETIME,
    Acceptance,
    InvitationRequest,
    Limits,
    accept_invitation,
    archive_person,
    first_admin_link,
    invite,
    reset_link,
    revoke_role,
    set_membership,
    sign_in,
    withdraw_invitation,
)
from booking.core.errors import BookingError, InvalidRequest, NotAllowed, NotFound
from booking.core.values import OPERATOR, Door, Grant, Role
from booking.db import db
from booking.models import Audit, Invitation, Membership, Person, RoleGrant
from booking.queries import people as reads
from booking.secrets import hash_token
from tests.support.databases import writing
from tests.support.factories import NOW, House
from tests.support.racing import Attempt, race

SECRET = "seven green lamps"
NEW = "new@example.org"
RUNNERS = 8


def make(house: House, by: str = "manager", **more) -> str:
    """Invite ``NEW`` into ``ours``, unless told otherwise."""
    wanted = {"email": NEW, "organisation_id": house.ours, **more}
    return invite(InvitationRequest(**wanted), getattr(house, by), now=NOW)


def accept(token: str, *, now=NOW, **more) -> int:
    return accept_invitation(
        token, Acceptance(**{"password": SECRET, "name": "Nia", **more}), now=now
    )


def refusal(call, *args, **kwargs) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequest) as caught:
        call(*args, **kwargs)
    return [(each.code, each.field) for each in caught.value.messages]


def view(person_id: int) -> reads.PersonView:
    db.session.rollback()
    db.session.expire_all()
    return reads.person(db.session(), person_id)


def empty(house: House) -> None:
    """Remove all people."""
    with writing(house.engine) as connection:
        for model in (Membership, RoleGrant, Person):
            connection.execute(delete(model))


@pytest.mark.parametrize(
    ("by", "where", "allowed"),
    [
        pytest.param("manager", "ours", True, id="manager-into-own"),
        pytest.param("manager", "theirs", False, id="manager-into-another"),
        pytest.param("manager", None, False, id="manager-into-none"),
        pytest.param("member", "ours", False, id="member"),
        pytest.param("approver", "ours", False, id="approver"),
        pytest.param("admin", "theirs", True, id="admin-into-any"),
        pytest.param("admin", None, True, id="admin-into-none"),
    ],
)
def test_invite_who_may(session, house: House, by, where, allowed):
    organisation_id = getattr(house, where) if where else None
    if allowed:
        make(house, by, organisation_id=organisation_id)
        return
    with pytest.raises(NotAllowed):
        make(house, by, organisation_id=organisation_id)


@pytest.mark.parametrize(
    "grant", [Grant(Role.ADMIN), Grant(Role.APPROVER), Grant(Role.APPROVER, site_id=1)]
)
def test_invite_manager_gives_no_role(session, house: House, grant):
    grant = Grant(grant.role, house.site.id if grant.site_id else None)
    with pytest.raises(NotAllowed):
        make(house, grants=(grant,))


def test_invite_stores_only_the_hash_of_the_link(session, house: House):
    token = make(house)
    session.rollback()
    row = session.execute(select(Invitation)).scalars().one()
    assert row.token_hash == hash_token(token)
    assert token not in repr(vars(row))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({"email": "nonsense"}, ("email_invalid", "email"), id="address"),
        pytest.param(
            {"email": "a@example.org\r\nBcc: b@example.org"},
            ("email_invalid", "email"),
            id="header",
        ),
        pytest.param({"email": "Member@example.org"}, ("email_taken", "email"), id="known"),
        pytest.param({"name": "n" * 121}, ("name_too_long", "name"), id="name"),
    ],
)
def test_invite_refuses(session, house: House, more, expected):
    assert refusal(make, house, **more) == [expected]


def test_invite_into_unknown_organisation(session, house: House):
    with pytest.raises(NotFound):
        make(house, "admin", organisation_id=999_999)


def test_invite_again_makes_the_earlier_link_void(session, house: House):
    first = make(house)
    second = make(house)
    with pytest.raises(NotFound):
        accept(first)
    accept(second)


def test_accept_makes_the_account_with_its_place(session, house: House):
    grants = (Grant(Role.APPROVER, space_id=house.cedar.id), Grant(Role.ADMIN, house.site.id))
    person_id = accept(make(house, "admin", is_manager=True, grants=grants))
    made = view(person_id)
    assert (made.email, made.name, made.has_password) == (NEW, "Nia", True)
    assert [(held.role, held.scope, held.scope_id) for held in made.roles] == [
        (Role.APPROVER, "space", house.cedar.id),
        (Role.ADMIN, "site", house.site.id),
        (Role.MANAGER, "organisation", house.ours),
    ]


def test_accept_can_sign_in_afterwards(session, house: House):
    person_id = accept(make(house))
    assert sign_in(NEW, SECRET, address="", now=NOW, limits=Limits()) == person_id


def test_accept_audit_is_of_the_new_person(session, house: House):
    person_id = accept(make(house))
    session.rollback()
    audit = session.execute(select(Audit).where(Audit.verb == "accept")).scalars().one()
    assert (audit.actor_id, audit.door, audit.entity_id) == (person_id, Door.WEB.value, person_id)


def test_accept_twice_second_time_not_found(session, house: House):
    token = make(house)
    accept(token)
    with pytest.raises(NotFound):
        accept(token)


@pytest.mark.parametrize(
    ("after", "valid"),
    [
        pytest.param(LIFETIME - timedelta(seconds=1), True, id="last-second"),
        pytest.param(LIFETIME, False, id="expired"),
    ],
)
def test_accept_expires(session, house: House, after, valid):
    token = make(house)
    if valid:
        accept(token, now=NOW + after)
        return
    with pytest.raises(NotFound):
        accept(token, now=NOW + after)


@pytest.mark.parametrize("token", ["", "x" * 32, "../../etc/passwd", "\0", "é" * 5000])
def test_accept_unknown_link(session, house: House, token):
    with pytest.raises(NotFound):
        accept(token)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        pytest.param({"password": "short"}, ("password_too_short", "password"), id="password"),
        pytest.param({"name": " "}, ("name_missing", "name"), id="no-name"),
        pytest.param({"name": "Nia\0"}, ("text_unprintable", "name"), id="nul"),
    ],
)
def test_accept_refused_leaves_the_link_valid(session, house: House, chosen, expected):
    token = make(house)
    assert refusal(accept, token, **chosen) == [expected]
    accept(token)


def test_accept_of_address_that_got_an_account_meanwhile(session, house: House):
    first = make(house)
    second = make(house, "admin", organisation_id=house.theirs)
    accept(first)
    assert refusal(accept, second) == [("email_taken", "email")]


def test_accept_ignores_an_address_that_the_link_does_not_ask_for(session, house: House):
    person_id = accept(make(house), email="other@example.org")
    assert view(person_id).email == NEW


def test_accept_brings_an_archived_person_back_without_former_roles(session, house: House):
    old = house.add_person("New", organisation=house.theirs, grants=(Grant(Role.ADMIN),))
    archive_person(old.person_id, house.admin, now=NOW)
    person_id = accept(make(house))
    assert person_id == old.person_id
    back = view(person_id)
    assert (back.archived, back.name) == (False, "Nia")
    assert [(held.role, held.scope_id) for held in back.roles] == [(Role.MEMBER, house.ours)]


def test_accept_the_same_link_at_once_one_wins(house: House, app, engine_url: str):
    with app.app_context():
        token = make(house)
    runners = [
        Attempt(accept_invitation, token, Acceptance(password=SECRET, name=f"Nia {number}"))
        for number in range(RUNNERS)
    ]
    (outcomes,) = race(engine_url, runners)
    assert sorted(each.kind for each in outcomes) == ["NotFound"] * (RUNNERS - 1) + ["won"]


def test_accept_two_links_of_one_address_at_once_one_wins(house: House, app, engine_url: str):
    with app.app_context():
        tokens = [make(house), make(house, "admin", organisation_id=house.theirs)]
    chosen = Acceptance(password=SECRET, name="Nia")
    (outcomes,) = race(engine_url, [Attempt(accept_invitation, each, chosen) for each in tokens])
    assert sorted(each.kind for each in outcomes) == ["InvalidRequest", "won"]


def test_accept_two_links_of_an_archived_person_at_once_one_wins(
    house: House, app, engine_url: str
):
    old = house.add_person("New")
    with app.app_context():
        archive_person(old.person_id, house.admin, now=NOW)
        tokens = [make(house), make(house, "admin", organisation_id=house.theirs)]
    chosen = Acceptance(password=SECRET, name="Nia")
    (outcomes,) = race(engine_url, [Attempt(accept_invitation, each, chosen) for each in tokens])
    assert sorted(each.kind for each in outcomes) == ["InvalidRequest", "won"]


@pytest.mark.parametrize("by", ["member", "manager", "approver", "stranger"])
def test_reset_link_is_for_admins(session, house: House, by):
    with pytest.raises(NotAllowed):
        reset_link(house.member.person_id, getattr(house, by), now=NOW)


def test_reset_link_sets_a_new_password_and_ends_sessions(session, house: House):
    before = reads.viewer_of(session(), house.member.person_id)
    token = reset_link(house.member.person_id, house.admin, now=NOW)
    assert accept(token, name="") == house.member.person_id
    session.rollback()
    after = reads.viewer_of(session(), house.member.person_id)
    assert (after.epoch, after.name) == (before.epoch + 1, "Member")
    assert sign_in("member@example.org", SECRET, address="", now=NOW, limits=Limits())


def test_reset_link_twice_first_is_void(session, house: House):
    first = reset_link(house.member.person_id, house.admin, now=NOW)
    reset_link(house.member.person_id, house.admin, now=NOW)
    with pytest.raises(NotFound):
        accept(first)


def test_reset_link_of_archived_person_is_void(session, house: House):
    token = reset_link(house.member.person_id, house.admin, now=NOW)
    archive_person(house.member.person_id, house.admin, now=NOW)
    with pytest.raises(NotFound):
        accept(token)


def test_reset_link_of_unknown_person(session, house: House):
    with pytest.raises(NotFound):
        reset_link(999_999, house.admin, now=NOW)


def test_first_admin_link_makes_an_admin(session, house: House):
    empty(house)
    person_id = accept(first_admin_link(OPERATOR, now=NOW), email="Boss@example.org")
    made = view(person_id)
    assert (made.email, made.role) == ("boss@example.org", Role.ADMIN)
    assert reads.actor_of(session(), person_id, Door.WEB).grants == frozenset({Grant(Role.ADMIN)})


def test_first_admin_link_asks_for_an_address(session, house: House):
    empty(house)
    token = first_admin_link(OPERATOR, now=NOW)
    assert refusal(accept, token) == [("email_missing", "email")]


def test_first_admin_link_in_a_house_with_people(session, house: House):
    with pytest.raises(NotAllowed):
        first_admin_link(OPERATOR, now=NOW)


def test_first_admin_link_is_for_the_operator(session, house: House):
    empty(house)
    with pytest.raises(NotAllowed):
        first_admin_link(house.admin, now=NOW)


def test_first_admin_link_is_void_once_somebody_is_there(session, house: House):
    empty(house)
    token = first_admin_link(OPERATOR, now=NOW)
    house.add_person("Faster")
    with pytest.raises(NotFound):
        accept(token, email="boss@example.org")


def test_first_admin_link_again_makes_the_earlier_one_void(session, house: House):
    empty(house)
    first = first_admin_link(OPERATOR, now=NOW)
    first_admin_link(OPERATOR, now=NOW)
    with pytest.raises(NotFound):
        accept(first, email="boss@example.org")


@pytest.mark.parametrize(
    ("by", "error"),
    [
        pytest.param("manager", None, id="manager-of-the-organisation"),
        pytest.param("admin", None, id="admin"),
        pytest.param("member", NotFound, id="member"),
        pytest.param("stranger", NotFound, id="stranger"),
    ],
)
def test_withdraw_who_may(session, house: House, by, error: type[BookingError] | None):
    token = make(house)
    session.rollback()
    (found,) = reads.open_invitations(session(), now=NOW)
    if error is None:
        withdraw_invitation(found.id, getattr(house, by), now=NOW)
        with pytest.raises(NotFound):
            accept(token)
        return
    with pytest.raises(error):
        withdraw_invitation(found.id, getattr(house, by), now=NOW)
    accept(token)


def test_open_invitation_says_who_invites_into_what(session, house: House):
    token = make(house, name="Nia")
    session.rollback()
    found = reads.open_invitation(session(), hash_token(token), now=NOW)
    assert (found.email, found.name, found.organisation_name, found.invited_by) == (
        NEW,
        "Nia",
        "Ours",
        "Manager",
    )


def test_open_invitations_of_an_organisation_leaves_others_and_resets_out(session, house: House):
    make(house)
    make(house, "admin", organisation_id=house.theirs)
    reset_link(house.member.person_id, house.admin, now=NOW)
    session.rollback()
    found = reads.open_invitations(session(), now=NOW, organisation_ids={house.ours})
    assert [each.organisation_name for each in found] == ["Ours"]


@pytest.mark.parametrize("way", ["archived", "no admin any more"])
@pytest.mark.parametrize("what", ["admin invitation", "reset link"])
def test_links_of_a_former_admin_are_void(session, house: House, way: str, what: str):
    second = house.add_person("Second", grants=(Grant(Role.ADMIN),))
    if what == "reset link":
        token = reset_link(house.stranger.person_id, second, now=NOW)
    else:
        token = invite(InvitationRequest(NEW, grants=(Grant(Role.ADMIN),)), second, now=NOW)
    if way == "archived":
        archive_person(second.person_id, house.admin, now=NOW)
    else:
        revoke_role(second.person_id, Grant(Role.ADMIN), actor=house.admin, now=NOW)

    with pytest.raises(NotFound):
        accept(token)


def test_links_of_a_former_manager_are_void(session, house: House):
    token = make(house)
    set_membership(
        house.manager.person_id, house.ours, is_manager=False, actor=house.admin, now=NOW
    )

    with pytest.raises(NotFound):
        accept(token)
    set_membership(house.manager.person_id, house.ours, is_manager=True, actor=house.admin, now=NOW)
    assert accept(token) > 0
