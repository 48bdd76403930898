"""Reads of people: who looks, what the actor may, lists and their statements."""

import pytest
from sqlalchemy import insert

from booking.actions.accounts import set_membership
from booking.core.errors import NotFound
from booking.core.values import OPERATOR, Door, Grant, Role, State
from booking.db import db
from booking.models import Notice
from booking.queries import notices as inbox
from booking.queries import people as reads
from tests.support.databases import writing
from tests.support.factories import NOW, House
from tests.support.statements import count_statements


def test_people_of_an_organisation_shows_only_its_memberships(session, house: House):
    set_membership(house.member.person_id, house.theirs, is_manager=False, actor=OPERATOR, now=NOW)
    session.rollback()
    found = reads.people(session(), organisation_ids={house.ours})
    assert [(each.name, [held.scope_name for held in each.organisations]) for each in found] == [
        ("Manager", ["Ours"]),
        ("Member", ["Ours"]),
    ]


@pytest.mark.parametrize(
    ("search", "names"),
    [
        pytest.param("MEMB", ["Member"], id="name-in-capitals"),
        pytest.param("stranger@", ["Stranger"], id="address"),
        pytest.param("%", [], id="wildcard-is-a-character"),
        pytest.param("_", [], id="underscore-is-a-character"),
        pytest.param("nobody", [], id="nobody"),
    ],
)
def test_people_search(session, house: House, search, names):
    assert [each.name for each in reads.people(session(), search=search)] == names


@pytest.mark.parametrize("count", [1, 3, 300])
def test_people_takes_three_statements(session, house: House, count):
    for number in range(count):
        house.add_person(f"P{number}", organisation=house.ours, grants=(Grant(Role.APPROVER),))
    with count_statements(db.engine) as statements:
        assert len(reads.people(session())) == count + 5
    assert len(statements) == 3


@pytest.mark.parametrize(
    ("who", "expected"), [("member", 1), ("manager", 1), ("approver", 2), ("admin", 2)]
)
def test_viewer_of_takes_few_statements(session, house: House, who, expected):
    with count_statements(db.engine) as statements:
        assert reads.viewer_of(session(), getattr(house, who).person_id).name == who.title()
    assert len(statements) == expected


@pytest.mark.parametrize("who", ["member", "stranger", "manager", "approver", "admin"])
def test_actor_of_is_the_person(session, house: House, who):
    expected = getattr(house, who)
    assert reads.actor_of(session(), expected.person_id, Door.WEB) == expected


@pytest.mark.parametrize("person_id", [0, -1, 999_999])
def test_viewer_of_unknown_person(session, house: House, person_id):
    assert reads.viewer_of(session(), person_id) is None
    with pytest.raises(NotFound):
        reads.actor_of(session(), person_id, Door.WEB)


@pytest.mark.parametrize(
    ("name", "badge"),
    [
        ("Ann Lee", "AL"),
        ("Ann Maria van Lee", "AL"),
        ("ann", "A"),
        ("« Zoé »", "Z"),
        ("محمد علي", "مع"),
        ("🚀", "🚀"),
        ("", "?"),
    ],
)
def test_initials_of_name(name, badge):
    assert reads.initials(name) == badge


def test_person_id_of_address_in_any_case(session, house: House):
    assert reads.person_id_of(session(), " MEMBER@example.org ") == house.member.person_id


def test_person_id_of_unknown_address(session, house: House):
    with pytest.raises(NotFound):
        reads.person_id_of(session(), "nobody@example.org")


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        pytest.param((), 0, id="member"),
        pytest.param(("all",), 3, id="approver-of-everything"),
        pytest.param(("site",), 3, id="approver-of-the-site"),
        pytest.param(("cedar",), 2, id="approver-of-one-room"),
        pytest.param(("cedar", "delta"), 3, id="approver-of-both"),
        pytest.param(("atlas",), 0, id="approver-of-a-room-without-requests"),
    ],
)
def test_viewer_of_pending_counts_bookings_to_decide(session, house: House, grants, expected):
    house.add_booking(house.cedar, state=State.REQUESTED, days=(0, 1, 2))  # a series is one
    house.add_booking(house.cedar, house.delta, start=12, end=13, state=State.REQUESTED)
    house.add_booking(house.delta, start=14, end=15, state=State.REQUESTED)
    house.add_booking(house.cedar, start=16, end=17)
    house.add_booking(house.delta, state=State.REFUSED)
    scopes = {
        "all": Grant(Role.APPROVER),
        "site": Grant(Role.APPROVER, site_id=house.site.id),
        **{
            room.name.lower(): Grant(Role.APPROVER, space_id=room.id)
            for room in (house.atlas, house.cedar, house.delta)
        },
    }
    person = house.add_person("Extra", grants=tuple(scopes[name] for name in grants))
    assert reads.viewer_of(session(), person.person_id, now=NOW).pending == expected


def test_viewer_of_pending_leaves_out_what_is_over(session, house: House):
    house.add_booking(house.cedar, days=(-20,), state=State.REQUESTED)
    assert reads.viewer_of(session(), house.admin.person_id, now=NOW).pending == 0
    assert reads.viewer_of(session(), house.admin.person_id).pending == 1


def add_notices(house: House, *read: bool) -> None:
    rows = [
        {
            "person_id": house.member.person_id,
            "code": "notice_approved",
            "params": {"title": f"N{number}", "space": "Atlas", "start": "2027-03-11T10:00:00"},
            "at_s": NOW,
            "read_s": NOW if is_read else None,
        }
        for number, is_read in enumerate(read)
    ]
    with writing(house.engine) as connection:
        connection.execute(insert(Notice.__table__), rows)


def test_viewer_of_unread_counts_the_own(session, house: House):
    add_notices(house, False, True, False)
    assert reads.viewer_of(session(), house.member.person_id).unread == 2
    assert reads.viewer_of(session(), house.stranger.person_id).unread == 0


def test_notices_newest_first_with_times_read_back(session, house: House):
    add_notices(house, False, True)
    found = inbox.notices(session(), house.member.person_id)
    assert [(each.message.params["title"], each.read) for each in found] == [
        ("N1", True),
        ("N0", False),
    ]
    assert found[0].message.params["start"] == house.at(10)


def test_notices_page(session, house: House):
    add_notices(house, *[False] * 5)
    found = inbox.notices(session(), house.member.person_id, limit=2, offset=2)
    assert [each.message.params["title"] for each in found] == ["N2", "N1"]
