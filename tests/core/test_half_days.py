"""Half-days: which parts a day has, and what a space that is booked by them accepts."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.half_days import Part, parts_of_day
from booking.core.intervals import Interval
from booking.core.policy import Allowed, Refused, decide
from booking.core.values import Actor, Door, Grant, Hours, Policy, Role, Site, Space, SpaceKind

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
SITE = Site(1, "house", "The House", "Europe/Paris", time(8), time(20))
DESK = Space(7, 1, SpaceKind.DESK, "Desk", policy=Policy(half_days=time(13)))
MEMBER = Actor(1, "Member", Door.WEB)
ADMIN = replace(MEMBER, grants=frozenset({Grant(Role.ADMIN)}))
THURSDAY, SATURDAY = date(2027, 3, 11), date(2027, 3, 13)


def at(start: float, end: float, *, days: int = 0) -> Interval:
    midnight = datetime.combine(THURSDAY, time(), PARIS)
    times = (midnight + timedelta(hours=start), midnight + timedelta(days=days, hours=end))
    return Interval(*(each.astimezone(UTC) for each in times))


def test_day_has_two_halves_that_meet_at_noon() -> None:
    assert parts_of_day(DESK, SITE, THURSDAY) == {
        Part.MORNING: at(8, 13),
        Part.AFTERNOON: at(13, 20),
        Part.DAY: at(8, 20),
    }


@pytest.mark.parametrize(
    ("policy", "parts"),
    [
        (Policy(hours=(Hours(time(9), time(18)),) * 7), {Part.MORNING: (9, 13)}),
        (Policy(half_days=time(12, 30)), {Part.MORNING: (8, 12.5), Part.AFTERNOON: (12.5, 20)}),
        (Policy(hours=(Hours(time(8), time(0)),) * 7), {Part.DAY: (8, 24)}),
    ],
)
def test_space_decides_its_halves(policy: Policy, parts: dict) -> None:
    found = parts_of_day(replace(DESK, policy=policy), SITE, THURSDAY)
    assert {part: found[part] for part in parts} == {
        part: at(*hours) for part, hours in parts.items()
    }


def test_day_without_noon_is_one_part_and_a_closed_one_none() -> None:
    mornings = Policy(hours=(*(Hours(time(8), time(12)),) * 5, None, None))
    desk = replace(DESK, policy=mornings)
    assert parts_of_day(desk, SITE, THURSDAY) == {Part.DAY: at(8, 12)}
    assert parts_of_day(desk, SITE, SATURDAY) == {}


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        (at(8, 13), "yes"),
        (at(13, 20), "yes"),
        (at(8, 20), "yes"),
        (at(0, 24), "yes"),
        (at(13, 13, days=1), "yes"),
        (at(8, 20, days=3), "yes"),
        (at(9, 10), "only_half_days"),
        (at(8, 12), "only_half_days"),
        (at(12, 13), "only_half_days"),
        (at(13, 21), "only_half_days"),
    ],
)
def test_desk_is_had_by_half_days_alone(wanted: Interval, answer: str) -> None:
    found = decide(DESK, [wanted], MEMBER, site=SITE, now=NOW)
    said = "yes" if isinstance(found, Allowed) else ""
    if isinstance(found, Refused):
        said = found.reasons[0].code
    assert said == answer


def test_who_runs_the_house_is_not_bound() -> None:
    assert decide(DESK, [at(9, 10)], ADMIN, site=SITE, now=NOW) == Allowed()


def test_halves_meet_by_the_wall_clock_when_the_clocks_change() -> None:
    sunday = date(2027, 3, 28)
    morning = parts_of_day(DESK, SITE, sunday)[Part.MORNING]
    assert morning.end.astimezone(PARIS).time() == time(13)
    assert morning.length == timedelta(hours=5)


def test_rule_is_stored_as_a_time() -> None:
    policy = Policy(half_days=time(12, 30))
    assert policy.to_json() == {"half_days": "12:30"}
    assert Policy.from_json(policy.to_json()) == policy
