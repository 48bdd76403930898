"""Invitations from a list: looked at first, then all of them or none."""

import pytest
from sqlalchemy import func, select

from booking.actions.accounts import Fate, InvitationRequest, invite, invite_all, look_at
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.guests import Guest
from booking.db import db
from booking.models import Audit, Invitation, Job
from tests.support.factories import NOW, House
from tests.support.racing import Attempt, race

pytestmark = pytest.mark.usefixtures("session")


def stored(*columns) -> list[tuple]:
    db.session.rollback()
    found = db.session.execute(select(*columns).order_by(Invitation.email, Invitation.id))
    return [tuple(row) for row in found]


def number_of(model, *where) -> int:
    return db.session.execute(select(func.count()).select_from(model).where(*where)).scalar_one()


def test_each_line_is_told_what_becomes_of_it(house: House):
    looked = look_at(
        db.session(),
        [
            Guest(2, "A@Example.org", "Ada", "OURS", "manager"),
            Guest(3, "a@example.org"),
            Guest(4, house.email(house.member)),
            Guest(5, "nobody"),
            Guest(6, "b@example.org", organisation="Nowhere"),
            Guest(7, "c@example.org", role="king"),
            Guest(8, "d@example.org", role="manager"),
            Guest(9, "e@example.org", "x" * 121),
        ],
    )

    assert [(each.guest.line, each.fate, [one.code for one in each.why]) for each in looked] == [
        (2, Fate.INVITED, []),
        (3, Fate.TWICE, []),
        (4, Fate.KNOWN, []),
        (5, Fate.WRONG, ["email_invalid"]),
        (6, Fate.WRONG, ["guest_organisation_unknown"]),
        (7, Fate.WRONG, ["guest_role_unknown"]),
        (8, Fate.WRONG, ["guest_manages_nothing"]),
        (9, Fate.WRONG, ["name_too_long"]),
    ]
    first = looked[0]
    assert (first.email, first.organisation_id, first.is_manager) == (
        "a@example.org",
        house.ours,
        True,
    )


def test_all_are_invited_by_mail_and_earlier_links_are_void(house: House):
    for where in (house.ours, house.theirs):
        invite(InvitationRequest("a@example.org", organisation_id=where), house.admin, now=NOW)

    number = invite_all(
        [
            Guest(2, "a@example.org", "Ada", "ours"),
            Guest(3, "b@example.org"),
            Guest(4, house.email(house.member)),
        ],
        house.admin,
        now=NOW,
    )

    assert number == 2
    assert stored(
        Invitation.email, Invitation.name, Invitation.organisation_id, Invitation.used_at
    ) == [
        ("a@example.org", "", house.ours, NOW),
        ("a@example.org", "", house.theirs, None),
        ("a@example.org", "Ada", house.ours, None),
        ("b@example.org", "", None, None),
    ]
    assert number_of(Job, Job.kind == "link") == 2
    assert number_of(Audit, Audit.verb == "invite") == 4


def test_one_wrong_line_keeps_everybody_out(house: House):
    with pytest.raises(InvalidRequest) as caught:
        invite_all([Guest(2, "a@example.org"), Guest(3, "nobody")], house.admin, now=NOW)

    assert [each.code for each in caught.value.messages] == ["list_has_errors"]
    assert stored(Invitation.id) == []


def test_only_who_runs_everything_invites_from_a_list(house: House):
    for somebody in (house.member, house.manager, house.approver):
        with pytest.raises(NotAllowed):
            invite_all([Guest(2, "a@example.org")], somebody, now=NOW)


def test_a_thousand_take_as_many_statements_as_one(house: House, count):
    counted = []
    for size in (1, 1_000):
        guests = [Guest(line, f"g{size}-{line}@example.org") for line in range(size)]
        with count() as statements:
            invite_all(guests, house.admin, now=NOW)
        counted.append(len(statements))

    assert counted[0] == counted[1]


def test_the_same_list_sent_at_once_leaves_one_link_for_each(house: House, engine_url: str):
    guests = [Guest(line, f"g{line}@example.org", "", "ours") for line in range(40)]
    (outcomes,) = race(engine_url, [Attempt(invite_all, guests, house.admin)] * 4)

    assert [each.kind for each in outcomes] == ["won"] * 4
    assert number_of(Invitation) == 160
    assert number_of(Invitation, Invitation.used_at.is_(None)) == 40
