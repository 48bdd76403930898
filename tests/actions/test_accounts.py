"""Accounts, profiles, roles, memberships and leaving: who may, and what comes of it."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update

from booking.actions.accounts import (
    NewPerson,
    Profile,
    archive_person,
    choose_theme,
    create_person,
    end_membership,
    grant_role,
    revoke_role,
    set_membership,
    update_profile,
)
from booking.core.errors import BookingError, InvalidRequest
from booking.core.values import OPERATOR, Actor, Door, Grant, Role
from booking.db import db
from booking.models import Audit, Organisation, Person, RoleGrant, Subscription
from booking.queries import people as reads
from booking.queries.people import HeldRole
from tests.support.databases import writing
from tests.support.factories import NOW, House
from tests.support.racing import Attempt, race

EVERYBODY = ("member", "manager", "stranger", "approver", "site_admin", "admin", "operator")
NIA = NewPerson(email="nia@example.org", name="Nia")


@pytest.fixture
def crowd(house: House) -> dict[str, Actor]:
    """Return somebody of each kind by name."""
    site_admin = house.add_person("Keeper", grants=(Grant(Role.ADMIN, site_id=house.site.id),))
    named = {name: getattr(house, name) for name in EVERYBODY if hasattr(house, name)}
    return {**named, "site_admin": site_admin, "operator": OPERATOR}


def view(person_id: int | None) -> reads.PersonView:
    db.session.rollback()
    db.session.expire_all()
    return reads.person(db.session(), person_id or 0)


def outcome(call, *args, **kwargs) -> str:
    """Return ``done`` or the name of the refusal."""
    try:
        call(*args, **kwargs)
    except BookingError as error:
        return type(error).__name__
    return "done"


def refusal(call, *args, **kwargs) -> list[tuple[str, str]]:
    with pytest.raises(BookingError) as caught:
        call(*args, **kwargs)
    return [(each.code, each.field) for each in caught.value.messages]


def audits(verb: str) -> list[tuple[int | None, dict | None, dict | None]]:
    db.session.rollback()
    rows = db.session.execute(select(Audit).where(Audit.verb == verb).order_by(Audit.id)).scalars()
    return [(row.actor_id, row.old, row.new) for row in rows]


# --- accounts made by an operator or an admin


@pytest.mark.parametrize("who", EVERYBODY)
def test_create_person_who_may(session, crowd, who):
    expected = "done" if who in ("admin", "operator") else "NotAllowed"
    assert outcome(create_person, NIA, crowd[who], now=NOW) == expected


def test_create_person_with_everything(session, house: House):
    wanted = replace(
        NIA,
        email="Nia@Example.org",
        password="seven green lamps",
        organisations=(house.ours,),
        managed=(house.theirs,),
        grants=(Grant(Role.APPROVER, space_id=house.cedar.id),),
        locale="fr",
        is_demo=True,
    )
    made = view(create_person(wanted, OPERATOR, now=NOW))
    assert (made.email, made.is_demo, made.has_password) == ("nia@example.org", True, True)
    assert made.roles == (
        HeldRole(Role.APPROVER, "space", house.cedar.id, "Cedar"),
        HeldRole(Role.MEMBER, "organisation", house.ours, "Ours"),
        HeldRole(Role.MANAGER, "organisation", house.theirs, "Theirs"),
    )
    assert made.role is Role.APPROVER


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({"email": "x"}, ("email_invalid", "email"), id="address"),
        pytest.param({"email": "Member@example.org"}, ("email_taken", "email"), id="taken"),
        pytest.param({"name": ""}, ("name_missing", "name"), id="name"),
        pytest.param({"password": "short"}, ("password_too_short", "password"), id="password"),
        pytest.param({"locale": "xx"}, ("language_unknown", "locale"), id="language"),
        pytest.param({"organisations": (999_999,)}, ("not_found", ""), id="organisation"),
        pytest.param({"grants": (Grant(Role.MANAGER),)}, ("role_invalid", "role"), id="role"),
    ],
)
def test_create_person_refuses_and_leaves_nothing(session, house: House, more, expected):
    assert refusal(create_person, replace(NIA, **more), OPERATOR, now=NOW) == [expected]
    session.rollback()
    assert session.execute(select(Person).where(Person.name == "Nia")).first() is None


def test_create_person_same_address_at_once_one_wins(house: House, engine_url: str):
    runners = [Attempt(create_person, NIA, OPERATOR) for _ in range(8)]
    (outcomes,) = race(engine_url, runners)
    assert sorted(each.kind for each in outcomes) == ["InvalidRequest"] * 7 + ["won"]


# --- profile


def test_update_profile_of_oneself(session, house: House):
    update_profile(Profile("Mémé  <b>", "fr", "dark"), house.member, now=NOW)
    session.rollback()
    seen = reads.viewer_of(session(), house.member.person_id)
    assert (seen.name, seen.locale, seen.theme) == ("Mémé <b>", "fr", "dark")


def test_update_profile_audit_holds_no_name(session, house: House):
    update_profile(Profile("Somebody Else", None, "dark"), house.member, now=NOW)
    assert audits("profile") == [
        (
            house.member.person_id,
            {"theme": "auto", "renamed": False},
            {"theme": "dark", "renamed": True},
        )
    ]


def test_update_profile_of_nothing_new_is_no_change(session, house: House):
    update_profile(Profile("Member", None, "auto"), house.member, now=NOW)
    assert audits("profile") == []


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        pytest.param(Profile("", None, "auto"), ("name_missing", "name"), id="name"),
        pytest.param(Profile("M", "xx", "auto"), ("language_unknown", "locale"), id="language"),
        pytest.param(Profile("M", None, "pink"), ("theme_unknown", "theme"), id="theme"),
    ],
)
def test_update_profile_refuses(session, house: House, profile, expected):
    assert refusal(update_profile, profile, house.member, now=NOW) == [expected]


def test_update_profile_of_nobody(session, house: House):
    assert outcome(update_profile, Profile("M", None, "auto"), OPERATOR, now=NOW) == "NotAllowed"


def test_choose_theme_of_oneself_alone(session, house: House):
    choose_theme("dark", house.member)
    session.rollback()
    themes = session.execute(select(Person.id).where(Person.theme == "dark")).scalars().all()
    assert themes == [house.member.person_id]


def test_choose_theme_unknown(session, house: House):
    with pytest.raises(InvalidRequest):
        choose_theme("pink", house.member)


# --- leaving


@pytest.mark.parametrize("who", EVERYBODY)
def test_archive_person_who_may(session, house: House, crowd, who):
    expected = "done" if who in ("admin", "operator") else "NotAllowed"
    extra = house.add_person("Extra")
    assert outcome(archive_person, extra.person_id, crowd[who], now=NOW) == expected


def test_archive_person_ends_sessions_feeds_and_roles(session, house: House):
    person = house.add_person("Extra", organisation=house.ours, grants=(Grant(Role.ADMIN),))
    with writing(house.engine) as connection:
        connection.execute(
            insert(Subscription.__table__).values(
                token_hash="0" * 64,
                person_id=person.person_id,
                detail="full",
                name="",
                created_s=NOW,
            )
        )
    archive_person(person.person_id, house.admin, now=NOW)
    gone = view(person.person_id)
    assert (gone.archived, gone.roles) == (True, (HeldRole(Role.MEMBER, "all"),))
    assert session.execute(select(Subscription.revoked_at)).scalar_one() == NOW
    assert reads.viewer_of(session(), person.person_id) is None
    assert person.person_id not in {each.id for each in reads.people(session())}


def test_archive_person_twice(session, house: House):
    archive_person(house.member.person_id, house.admin, now=NOW)
    assert outcome(archive_person, house.member.person_id, house.admin, now=NOW) == "NotFound"


def test_archive_person_oneself(session, house: House):
    said = refusal(archive_person, house.admin.person_id, house.admin, now=NOW)
    assert said == [("not_yourself", "")]


def test_archive_person_last_admin_by_the_operator(session, house: House):
    said = refusal(archive_person, house.admin.person_id, OPERATOR, now=NOW)
    assert said == [("last_admin", "")]


def test_archive_person_two_admins_each_other_at_once(house: House, engine_url: str):
    other = house.add_person("Other", grants=(Grant(Role.ADMIN),))
    runners = [
        Attempt(archive_person, other.person_id, house.admin),
        Attempt(archive_person, house.admin.person_id, other),
    ]
    (outcomes,) = race(engine_url, runners)
    assert sorted(each.kind for each in outcomes) == ["NotAllowed", "won"]


# --- roles


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        pytest.param("all", {"admin", "operator"}, id="everything"),
        pytest.param("site", {"site_admin", "admin", "operator"}, id="site"),
        pytest.param("space", {"site_admin", "admin", "operator"}, id="space"),
    ],
)
@pytest.mark.parametrize("verb", [grant_role, revoke_role])
def test_role_who_may(session, house: House, crowd, scope, allowed, verb):
    scopes = {"site": {"site_id": house.site.id}, "space": {"space_id": house.cedar.id}}
    grant = Grant(Role.APPROVER, **scopes.get(scope, {}))
    done = {
        who
        for who, actor in crowd.items()
        if outcome(verb, house.member.person_id, grant, actor=actor, now=NOW) == "done"
    }
    assert done == allowed


def test_grant_role_counts_and_is_written_down_once(session, house: House):
    grant = Grant(Role.APPROVER, space_id=house.cedar.id)
    for _ in range(2):
        grant_role(house.member.person_id, grant, actor=house.admin, now=NOW)
    new = {"role": "approver", "site_id": None, "space_id": house.cedar.id}
    assert audits("grant") == [(house.admin.person_id, None, new)]
    found = reads.actor_of(session(), house.member.person_id, Door.WEB)
    assert found.grants == frozenset({grant})


def test_revoke_role_takes_only_that_one(session, house: House):
    kept, gone = Grant(Role.APPROVER), Grant(Role.APPROVER, space_id=house.cedar.id)
    person = house.add_person("Extra", grants=(kept, gone))
    for _ in range(2):
        revoke_role(person.person_id, gone, actor=house.admin, now=NOW)
    session.rollback()
    assert reads.actor_of(session(), person.person_id, Door.WEB).grants == frozenset({kept})
    assert len(audits("revoke")) == 1


@pytest.mark.parametrize(
    "grant",
    [
        pytest.param(Grant(Role.MEMBER), id="member"),
        pytest.param(Grant(Role.MANAGER), id="manager"),
        pytest.param(Grant(Role.ADMIN, space_id=1), id="admin-of-a-room"),
        pytest.param(Grant(Role.APPROVER, site_id=1, space_id=1), id="two-scopes"),
    ],
)
def test_grant_role_invalid(session, house: House, grant):
    said = refusal(grant_role, house.member.person_id, grant, actor=house.admin, now=NOW)
    assert said == [("role_invalid", "role")]


@pytest.mark.parametrize(
    "grant", [Grant(Role.APPROVER, site_id=999_999), Grant(Role.APPROVER, space_id=999_999)]
)
def test_grant_role_of_unknown_scope(session, house: House, grant):
    call = outcome(grant_role, house.member.person_id, grant, actor=house.admin, now=NOW)
    assert call == "NotFound"


def test_revoke_role_of_last_admin(session, house: House):
    said = refusal(
        revoke_role, house.admin.person_id, Grant(Role.ADMIN), actor=house.admin, now=NOW
    )
    assert said == [("last_admin", "")]


def test_revoke_role_of_site_admin_beside_an_admin(session, house: House, crowd):
    grant = Grant(Role.ADMIN, site_id=house.site.id)
    revoke_role(crowd["site_admin"].person_id, grant, actor=house.admin, now=NOW)
    assert session.execute(
        select(RoleGrant.site_id).where(RoleGrant.role == "admin")
    ).scalars().all() == [None]


# --- organisations


@pytest.mark.parametrize(
    ("is_member", "expected"),
    [
        pytest.param(True, {"manager", "admin", "operator"}, id="one-of-its-people"),
        pytest.param(False, {"admin", "operator"}, id="somebody-else"),
    ],
)
@pytest.mark.parametrize("verb", ["make-manager", "end"])
def test_membership_who_may(session, house: House, crowd, is_member, expected, verb):
    done = set()
    for who, actor in crowd.items():
        person = house.add_person(f"For-{who}", organisation=house.ours if is_member else None)
        key = (person.person_id, house.ours)
        if verb == "end":
            result = outcome(end_membership, *key, actor=actor, now=NOW)
        else:
            result = outcome(set_membership, *key, is_manager=True, actor=actor, now=NOW)
        if result == "done":
            done.add(who)
    assert done == expected


def test_set_membership_counts_and_is_written_down_once(session, house: House):
    for _ in range(2):
        set_membership(
            house.member.person_id, house.theirs, is_manager=True, actor=house.admin, now=NOW
        )
    found = view(house.member.person_id)
    assert [(held.role, held.scope_name) for held in found.organisations] == [
        (Role.MEMBER, "Ours"),
        (Role.MANAGER, "Theirs"),
    ]
    assert audits("membership") == [
        (house.admin.person_id, {"is_manager": None}, {"is_manager": True})
    ]


def test_end_membership_leaves_other_organisations(session, house: House):
    person = house.add_person("Extra", organisation=house.ours)
    set_membership(person.person_id, house.theirs, is_manager=False, actor=OPERATOR, now=NOW)
    end_membership(person.person_id, house.ours, actor=house.manager, now=NOW)
    assert [held.scope_name for held in view(person.person_id).organisations] == ["Theirs"]


def test_set_membership_of_archived_organisation(session, house: House):
    with writing(house.engine) as connection:
        theirs = update(Organisation.__table__).where(Organisation.id == house.theirs)
        connection.execute(theirs.values(archived_s=NOW))
    call = outcome(
        set_membership,
        house.member.person_id,
        house.theirs,
        is_manager=False,
        actor=house.admin,
        now=NOW,
    )
    assert call == "NotFound"
