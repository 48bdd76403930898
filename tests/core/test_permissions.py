"""Who may do what to what, as tables."""

from dataclasses import dataclass

import pytest

from booking.core import permissions
from booking.core.policy import always_asks
from booking.core.values import OPERATOR, Actor, Door, Grant, Role, Space, SpaceKind

SITE, OTHER_SITE = 1, 2
ROOM, OTHER_ROOM = 11, 12
OURS, THEIRS = 21, 22


@dataclass(frozen=True, slots=True)
class Thing:
    """What ownership is read from."""

    site_id: int = SITE
    organiser_id: int | None = None
    created_by_id: int | None = None
    organisation_id: int | None = None


def person(*grants: Grant, organisations: tuple[int, ...] = (), manages: tuple[int, ...] = ()):
    return Actor(
        1,
        "Somebody",
        Door.WEB,
        grants=frozenset(grants),
        organisations=frozenset({*organisations, *manages}),
        manages=frozenset(manages),
    )


MEMBER = person(organisations=(OURS,))
MANAGER = person(manages=(OURS,))
APPROVER = person(Grant(Role.APPROVER))
SITE_APPROVER = person(Grant(Role.APPROVER, site_id=SITE))
ROOM_APPROVER = person(Grant(Role.APPROVER, space_id=ROOM))
SITE_ADMIN = person(Grant(Role.ADMIN, site_id=SITE))
ADMIN = person(Grant(Role.ADMIN))

EVERYBODY = {
    "member": MEMBER,
    "manager": MANAGER,
    "approver": APPROVER,
    "site_approver": SITE_APPROVER,
    "room_approver": ROOM_APPROVER,
    "site_admin": SITE_ADMIN,
    "admin": ADMIN,
    "operator": OPERATOR,
}


def who(may) -> set[str]:
    """Return the names of all for whom ``may(actor)`` holds."""
    return {name for name, actor in EVERYBODY.items() if may(actor)}


@pytest.mark.parametrize(
    ("site_id", "expected"),
    [
        pytest.param(None, {"admin", "operator"}, id="whole-installation"),
        pytest.param(SITE, {"site_admin", "admin", "operator"}, id="own-site"),
        pytest.param(OTHER_SITE, {"admin", "operator"}, id="other-site"),
    ],
)
def test_may_administer_who(site_id, expected):
    assert who(lambda actor: permissions.may_administer(actor, site_id)) == expected


@pytest.mark.parametrize(
    ("space_id", "site_id", "expected"),
    [
        pytest.param(
            ROOM,
            SITE,
            {"approver", "site_approver", "room_approver", "site_admin", "admin", "operator"},
            id="own-room",
        ),
        pytest.param(
            OTHER_ROOM,
            SITE,
            {"approver", "site_approver", "site_admin", "admin", "operator"},
            id="other-room-of-the-site",
        ),
        pytest.param(OTHER_ROOM, OTHER_SITE, {"approver", "admin", "operator"}, id="other-site"),
    ],
)
def test_may_approve_who(space_id, site_id, expected):
    def may(actor):
        return permissions.may_approve(actor, space_id=space_id, site_id=site_id)

    assert who(may) == expected


def test_may_approve_any_who():
    assert who(permissions.may_approve_any) == {
        "approver",
        "site_approver",
        "room_approver",
        "site_admin",
        "admin",
        "operator",
    }


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        pytest.param(Thing(), {"site_admin", "admin", "operator"}, id="somebody-elses"),
        pytest.param(Thing(site_id=OTHER_SITE), {"admin", "operator"}, id="of-another-site"),
        pytest.param(
            Thing(organisation_id=OURS),
            {"manager", "site_admin", "admin", "operator"},
            id="of-a-managed-organisation",
        ),
        pytest.param(
            Thing(organisation_id=THEIRS),
            {"site_admin", "admin", "operator"},
            id="of-another-organisation",
        ),
        pytest.param(Thing(organiser_id=1), set(EVERYBODY), id="organiser"),
        pytest.param(Thing(created_by_id=1), set(EVERYBODY), id="maker"),
    ],
)
def test_may_change_who(thing, expected):
    assert who(lambda actor: permissions.may_change(actor, thing)) == expected


def test_is_own_of_nobody_is_not_the_operators():
    assert not permissions.is_own(OPERATOR, Thing())


@pytest.mark.parametrize(
    ("organisation_id", "expected"),
    [
        pytest.param(None, set(EVERYBODY), id="no-organisation"),
        pytest.param(
            OURS, {"member", "manager", "site_admin", "admin", "operator"}, id="own-organisation"
        ),
        pytest.param(THEIRS, {"site_admin", "admin", "operator"}, id="another-organisation"),
    ],
)
def test_may_book_for_who(organisation_id, expected):
    def may(actor):
        return permissions.may_book_for(actor, organisation_id, site_id=SITE)

    assert who(may) == expected


@pytest.mark.parametrize(
    ("organisation_id", "expected"),
    [
        pytest.param(None, {"admin", "operator"}, id="no-organisation"),
        pytest.param(OURS, {"manager", "admin", "operator"}, id="managed-organisation"),
        pytest.param(THEIRS, {"admin", "operator"}, id="another-organisation"),
    ],
)
def test_may_invite_who(organisation_id, expected):
    assert who(lambda actor: permissions.may_invite(actor, organisation_id)) == expected


def room(*, needs_approval: bool) -> Space:
    return Space(ROOM, SITE, SpaceKind.MEETING_ROOM, "Room", needs_approval=needs_approval)


def test_always_asks_who():
    waits = who(lambda actor: always_asks(room(needs_approval=True), actor))
    assert waits == {"member", "manager"}


def test_always_asks_of_free_room_nobody():
    assert who(lambda actor: always_asks(room(needs_approval=False), actor)) == set()


@pytest.mark.parametrize(
    ("actor", "role"),
    [
        pytest.param(person(), Role.MEMBER, id="nobody-special"),
        pytest.param(MANAGER, Role.MANAGER, id="manager"),
        pytest.param(person(Grant(Role.APPROVER), manages=(OURS,)), Role.APPROVER, id="both"),
        pytest.param(person(Grant(Role.APPROVER), Grant(Role.ADMIN)), Role.ADMIN, id="all"),
        pytest.param(OPERATOR, Role.ADMIN, id="operator"),
    ],
)
def test_role_is_the_highest(actor, role):
    assert actor.role is role
