"""Who may hold a space at once, who has to ask, who may not at all."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from booking.core.intervals import Interval
from booking.core.policy import Allowed, NeedsApproval, Refused, decide
from booking.core.values import OPERATOR, Actor, Door, Grant, Role, Site, Space, SpaceKind

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
SITE = Site(1, "house", "The House", "Europe/Paris", time(8), time(20), bookable_days=30)
ROOM = Space(7, 1, SpaceKind.MEETING_ROOM, "Atlas")
ASKED = replace(ROOM, needs_approval=True)
MEMBER = Actor(1, "Member", Door.WEB)


def hours_from_now(start: float, length: float = 1) -> Interval:
    begin = NOW + timedelta(hours=start)
    return Interval(begin, begin + timedelta(hours=length))


def grants(*each: Grant) -> Actor:
    return replace(MEMBER, grants=frozenset(each))


def reasons(decision: object) -> list[tuple[str, str]]:
    assert isinstance(decision, Refused | NeedsApproval)
    return [(each.code, each.field) for each in decision.reasons]


def test_a_free_room_is_allowed() -> None:
    assert decide(ROOM, [hours_from_now(1)], MEMBER, site=SITE, now=NOW) == Allowed()


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        pytest.param(hours_from_now(-2), "in_the_past", id="over"),
        pytest.param(hours_from_now(-1), "in_the_past", id="ends now"),
        pytest.param(hours_from_now(24 * 31), "beyond_horizon", id="too far"),
    ],
)
def test_a_time_out_of_reach_is_refused_to_everybody(wanted: Interval, code: str) -> None:
    for actor in (MEMBER, OPERATOR):
        found = decide(ROOM, [hours_from_now(1), wanted], actor, site=SITE, now=NOW)
        assert reasons(found) == [(code, "start")]


def test_a_time_that_has_begun_is_allowed() -> None:
    assert decide(ROOM, [hours_from_now(-0.5)], MEMBER, site=SITE, now=NOW) == Allowed()


def test_the_last_bookable_day_is_allowed_to_its_end() -> None:
    """30 days after 10 March is 9 April; summer time has begun by then."""
    last = Interval(datetime(2027, 4, 9, 21, tzinfo=UTC), datetime(2027, 4, 9, 22, tzinfo=UTC))
    assert decide(ROOM, [last], MEMBER, site=SITE, now=NOW) == Allowed()
    after = last.shifted(timedelta(hours=1))
    assert reasons(decide(ROOM, [after], MEMBER, site=SITE, now=NOW)) == [
        ("beyond_horizon", "start")
    ]


def test_a_space_that_cannot_be_booked_is_refused() -> None:
    office = replace(ROOM, bookable=False)
    found = decide(office, [hours_from_now(1)], OPERATOR, site=SITE, now=NOW)
    assert reasons(found) == [("space_not_bookable", "space")]


@pytest.mark.parametrize(
    ("actor", "asks"),
    [
        pytest.param(MEMBER, True, id="member"),
        pytest.param(replace(MEMBER, manages=frozenset({3})), True, id="manager"),
        pytest.param(grants(Grant(Role.APPROVER, space_id=7)), False, id="its approver"),
        pytest.param(grants(Grant(Role.APPROVER, space_id=8)), True, id="another's approver"),
        pytest.param(grants(Grant(Role.APPROVER, site_id=1)), False, id="the site's approver"),
        pytest.param(grants(Grant(Role.APPROVER, site_id=2)), True, id="another site's approver"),
        pytest.param(grants(Grant(Role.ADMIN, site_id=1)), False, id="the site's admin"),
        pytest.param(grants(Grant(Role.ADMIN, site_id=2)), True, id="another site's admin"),
        pytest.param(grants(Grant(Role.ADMIN)), False, id="admin of everything"),
        pytest.param(OPERATOR, False, id="operator"),
    ],
)
def test_a_room_on_request_asks_all_but_its_approvers(actor: Actor, asks: bool) -> None:
    found = decide(ASKED, [hours_from_now(1)], actor, site=SITE, now=NOW)
    if asks:
        assert reasons(found) == [("approval_always", "")]
    else:
        assert found == Allowed()
