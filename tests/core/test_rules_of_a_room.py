# ruff: noqa: E501 - each line of a table stays a line
"""The rules of a room as tables: who asks, for when, and what the house answers.

A line reads: the rule, the time asked for, the answer.  The day is Wednesday,
10 March 2027, ten o'clock; the house is open from 8 to 20.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.errors import InvalidRequest
from booking.core.intervals import Interval
from booking.core.policy import Allowed, NeedsApproval, Refused, closed_times, decide
from booking.core.values import (
    Actor,
    Door,
    Grant,
    Hours,
    Policy,
    Role,
    Site,
    SitePolicy,
    Space,
    SpaceKind,
    Stance,
)
from booking.core.values.policy import check_policy, check_site_policy

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
SITE = Site(1, "house", "The House", "Europe/Paris", time(8), time(20))
ROOM = Space(7, 1, SpaceKind.MEETING_ROOM, "Atlas", capacity=12)
MEMBER = Actor(1, "Member", Door.WEB, organisations=frozenset({21}))
OUTSIDER = Actor(2, "Outsider", Door.WEB)
APPROVER = replace(MEMBER, grants=frozenset({Grant(Role.APPROVER)}))
ADMIN = replace(MEMBER, grants=frozenset({Grant(Role.ADMIN)}))
HOLIDAYS = {date(2027, 3, 29): "Easter Monday"}
MONDAY_TO_FRIDAY = (*[Hours(time(9), time(18))] * 5, None, None)
UNTIL_MIDNIGHT = (Hours(time(8), time(0)),) * 7

ASK, REFUSE = Stance.ASK, Stance.REFUSE


def at(day: str, start: str, end: str) -> Interval:
    """Return a time such as ("11 Mar", "9:00", "10:00"), the end past midnight if earlier."""
    on = datetime.strptime(f"{day} 2027", "%d %b %Y").date()  # noqa: DTZ007
    begin, finish = (datetime.strptime(each, "%H:%M").time() for each in (start, end))  # noqa: DTZ007
    last = on + timedelta(days=1) if finish <= begin else on
    return Interval(
        datetime.combine(on, begin, PARIS).astimezone(UTC),
        datetime.combine(last, finish, PARIS).astimezone(UTC),
    )


def answer(policy: Policy, wanted: Interval, actor: Actor = MEMBER, **more: object) -> str:
    """Return "yes", "asks: why" or "no: why"."""
    space = replace(ROOM, policy=policy)
    options = {"site": SITE, "now": NOW, "holidays": HOLIDAYS, **more}
    decision = decide(space, [wanted], actor, **options)  # type: ignore[arg-type]
    if isinstance(decision, Allowed):
        return "yes"
    word = "asks" if isinstance(decision, NeedsApproval) else "no"
    return f"{word}: {', '.join(each.code for each in decision.reasons)}"


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


# fmt: off
TIMES = [
    # no rule: everything goes
    (Policy(),                              at("11 Mar", "9:00", "10:00"),  "yes"),
    (Policy(),                              at("13 Mar", "22:00", "23:00"), "yes"),
    # outside the hours
    (Policy(outside_hours=ASK),             at("11 Mar", "9:00", "10:00"),  "yes"),
    (Policy(outside_hours=ASK),             at("11 Mar", "8:00", "20:00"),  "yes"),
    (Policy(outside_hours=ASK),             at("11 Mar", "18:00", "20:15"), "asks: approval_after"),
    (Policy(outside_hours=ASK),             at("11 Mar", "7:45", "9:00"),   "asks: approval_before"),
    (Policy(outside_hours=ASK),             at("11 Mar", "7:00", "21:00"),  "asks: approval_before, approval_after"),
    (Policy(outside_hours=REFUSE),          at("11 Mar", "18:00", "20:15"), "no: after_closing"),
    (Policy(outside_hours=REFUSE),          at("11 Mar", "7:00", "9:00"),   "no: before_opening"),
    (Policy(outside_hours=REFUSE),          at("11 Mar", "19:00", "1:00"),  "no: after_closing"),
    # hours of the room's own
    (Policy(hours=MONDAY_TO_FRIDAY, outside_hours=REFUSE), at("11 Mar", "9:00", "18:00"),  "yes"),
    (Policy(hours=MONDAY_TO_FRIDAY, outside_hours=REFUSE), at("11 Mar", "8:00", "10:00"),  "no: before_opening"),
    (Policy(hours=MONDAY_TO_FRIDAY, outside_hours=REFUSE), at("13 Mar", "9:00", "10:00"),  "no: closed_day"),
    (Policy(hours=MONDAY_TO_FRIDAY, outside_hours=ASK),    at("13 Mar", "9:00", "10:00"),  "asks: approval_closed_day"),
    (Policy(hours=UNTIL_MIDNIGHT, outside_hours=REFUSE),   at("13 Mar", "22:00", "0:00"),  "yes"),
    (Policy(hours=UNTIL_MIDNIGHT, outside_hours=REFUSE),   at("13 Mar", "22:00", "0:30"),  "no: after_closing"),
    # length
    (Policy(shortest=minutes(30)),          at("11 Mar", "9:00", "9:15"),   "no: too_short_here"),
    (Policy(shortest=minutes(30)),          at("11 Mar", "9:00", "9:30"),   "yes"),
    (Policy(longest=minutes(120)),          at("11 Mar", "9:00", "11:00"),  "yes"),
    (Policy(longest=minutes(120)),          at("11 Mar", "9:00", "11:15"),  "no: too_long_here"),
    (Policy(ask_longer=minutes(240)),       at("11 Mar", "9:00", "13:00"),  "yes"),
    (Policy(ask_longer=minutes(240)),       at("11 Mar", "9:00", "13:15"),  "asks: approval_longer"),
    # how long before
    (Policy(notice=minutes(60)),            at("10 Mar", "11:00", "12:00"), "yes"),
    (Policy(notice=minutes(60)),            at("10 Mar", "10:45", "12:00"), "no: too_late_here"),
    (Policy(ahead=timedelta(days=14)),      at("24 Mar", "10:00", "11:00"), "yes"),
    (Policy(ahead=timedelta(days=14)),      at("24 Mar", "10:15", "11:00"), "no: too_early_here"),
    # public holidays: Easter Monday is 29 March
    (Policy(holidays=ASK),                  at("29 Mar", "9:00", "10:00"),  "asks: approval_holiday"),
    (Policy(holidays=REFUSE),               at("29 Mar", "9:00", "10:00"),  "no: on_holiday"),
    (Policy(holidays=REFUSE),               at("28 Mar", "22:00", "0:00"),  "yes"),
    (Policy(holidays=REFUSE),               at("28 Mar", "22:00", "0:15"),  "no: on_holiday"),
    (Policy(holidays=REFUSE),               at("30 Mar", "9:00", "10:00"),  "yes"),
    # several rules at once: all that is wrong is said
    (Policy(shortest=minutes(60), outside_hours=REFUSE), at("11 Mar", "20:00", "20:30"), "no: too_short_here, after_closing"),
    # a refusal is not softened by an approver
    (Policy(ask_longer=minutes(60), outside_hours=REFUSE), at("11 Mar", "18:00", "20:30"), "no: after_closing"),
]
# fmt: on


@pytest.mark.parametrize(("policy", "wanted", "expected"), TIMES)
def test_rule_and_time(policy: Policy, wanted: Interval, expected: str) -> None:
    assert answer(policy, wanted) == expected


TOMORROW = at("11 Mar", "9:00", "10:00")
LATE = at("11 Mar", "19:00", "21:00")


# fmt: off
PEOPLE = [
    (Policy(organisations=frozenset({21})), TOMORROW, MEMBER,   "yes"),
    (Policy(organisations=frozenset({22})), TOMORROW, MEMBER,   "no: not_for_you"),
    (Policy(organisations=frozenset({22})), TOMORROW, ADMIN,    "yes"),
    (Policy(roles=frozenset({Role.APPROVER})), TOMORROW, MEMBER,   "no: not_for_you"),
    (Policy(roles=frozenset({Role.APPROVER})), TOMORROW, APPROVER, "yes"),
    # a role or an organisation is enough
    (Policy(roles=frozenset({Role.APPROVER}), organisations=frozenset({21})), TOMORROW, MEMBER, "yes"),
    (Policy(ask_outsiders=True),            TOMORROW, MEMBER,   "yes"),
    (Policy(ask_outsiders=True),            TOMORROW, OUTSIDER, "asks: approval_outsider"),
    (Policy(ask_outsiders=True, insiders=frozenset({22})), TOMORROW, MEMBER, "asks: approval_outsider"),
    # approvers need no agreement, administrators are bound by no rule
    (Policy(outside_hours=ASK),             LATE,     APPROVER, "yes"),
    (Policy(outside_hours=REFUSE),          LATE,     APPROVER, "no: after_closing"),
    (Policy(outside_hours=REFUSE),          LATE,     ADMIN,    "yes"),
]
# fmt: on


@pytest.mark.parametrize(("policy", "wanted", "actor", "expected"), PEOPLE)
def test_rule_and_person(policy: Policy, wanted: Interval, actor: Actor, expected: str) -> None:
    assert answer(policy, wanted, actor) == expected


@pytest.mark.parametrize(
    ("stance", "people", "expected"),
    [
        (Stance.ALLOW, 40, "yes"),
        (ASK, 12, "yes"),
        (ASK, 13, "asks: approval_capacity"),
        (REFUSE, 13, "no: over_capacity"),
        (REFUSE, None, "yes"),
    ],
)
def test_more_people_than_places(stance: Stance, people: int | None, expected: str) -> None:
    assert answer(Policy(over_capacity=stance), TOMORROW, attendance=people) == expected


def test_the_room_has_the_last_word_on_holidays() -> None:
    easter = at("29 Mar", "9:00", "10:00")
    closed = replace(SITE, policy=SitePolicy(holidays=REFUSE))
    assert answer(Policy(), easter, site=closed) == "no: on_holiday"
    assert answer(Policy(holidays=Stance.ALLOW), easter, site=closed) == "yes"


def test_what_was_confirmed_is_not_asked_about_again() -> None:
    evening = Policy(outside_hours=ASK)
    assert answer(evening, at("11 Mar", "19:00", "20:30"), granted=[LATE]) == "yes"
    assert answer(evening, at("11 Mar", "19:00", "21:15"), granted=[LATE]) == "asks: approval_after"


def test_a_series_gives_each_reason_once_with_its_first_date() -> None:
    space = replace(ROOM, policy=Policy(outside_hours=ASK))
    dates = [LATE.shifted(timedelta(days=7 * week)) for week in range(3)]
    decision = decide(space, [TOMORROW, *dates], MEMBER, site=SITE, now=NOW)
    assert isinstance(decision, NeedsApproval)
    assert [(each.code, each.params["day"], each.params["clock"]) for each in decision.reasons] == [
        ("approval_after", date(2027, 3, 11), "20:00")
    ]


def test_refusals_name_the_field_of_the_form() -> None:
    space = replace(ROOM, policy=Policy(shortest=minutes(60), notice=minutes(60)))
    decision = decide(space, [at("10 Mar", "10:15", "10:30")], MEMBER, site=SITE, now=NOW)
    assert isinstance(decision, Refused)
    assert [each.field for each in decision.reasons] == ["end", "start"]


@pytest.mark.parametrize(
    ("policy", "code", "field"),
    [
        (Policy(shortest=minutes(60), longest=minutes(30)), "policy_lengths", "longest"),
        (Policy(notice=minutes(60), ahead=minutes(60)), "policy_lead", "ahead"),
        (Policy(longest=minutes(60), ask_longer=minutes(60)), "policy_ask_longer", "ask_longer"),
        (Policy(hours=(None,) * 7), "policy_never_open", "hours"),
        (Policy(hours=(None,) * 6), "policy_invalid", "hours"),
        (Policy(hours=(Hours(time(9), time(9)),) * 7), "policy_hours", "hours"),
        (Policy(insiders=frozenset({1})), "policy_insiders", "insiders"),
    ],
)
def test_rules_that_contradict_each_other(policy: Policy, code: str, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_policy(policy)
    assert [(each.code, each.field) for each in refused.value.messages] == [(code, field)]


def test_a_reminder_before_the_request_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        check_site_policy(SitePolicy(expire_after=timedelta(hours=1)))
    check_site_policy(SitePolicy(expire_after=None))


FULL = Policy(
    hours=MONDAY_TO_FRIDAY,
    outside_hours=ASK,
    holidays=REFUSE,
    shortest=minutes(30),
    longest=minutes(600),
    notice=minutes(60),
    ahead=timedelta(days=60),
    organisations=frozenset({2, 1}),
    roles=frozenset({Role.MANAGER}),
    ask_outsiders=True,
    insiders=frozenset({3}),
    ask_longer=minutes(240),
    over_capacity=REFUSE,
)


@pytest.mark.parametrize("policy", [Policy(), FULL, Policy(holidays=Stance.ALLOW)])
def test_policy_comes_back_from_json(policy: Policy) -> None:
    assert Policy.from_json(policy.to_json()) == policy


def test_the_default_is_stored_as_nothing() -> None:
    assert Policy().to_json() is None
    assert SitePolicy().to_json() is None
    assert SitePolicy(expire_after=None).to_json() == {"expire_after": None}
    assert SitePolicy.from_json({"expire_after": None}) == SitePolicy(expire_after=None)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], ""),
        ({"colour": 1}, "colour"),
        ({"shortest": "30"}, "shortest"),
        ({"shortest": True}, "shortest"),
        ({"shortest": -5}, "shortest"),
        ({"longest": 10**12}, "longest"),
        ({"outside_hours": "maybe"}, "outside_hours"),
        ({"hours": [["25:00", "26:00"]]}, "hours"),
        ({"hours": 7}, "hours"),
        ({"roles": ["king"]}, "roles"),
        ({"organisations": ["1"]}, "organisations"),
        ({"ask_outsiders": "yes"}, "ask_outsiders"),
    ],
)
def test_what_is_no_policy_names_its_field(data: object, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        Policy.from_json(data)
    assert [(each.code, each.field) for each in refused.value.messages] == [
        ("policy_invalid", field)
    ]


def test_closed_times_are_what_the_rules_refuse() -> None:
    """Whatever quarter of an hour is asked for: it is refused where it meets a closed time."""
    policy = Policy(
        hours=MONDAY_TO_FRIDAY, outside_hours=REFUSE, holidays=REFUSE, notice=minutes(90)
    )
    space = replace(ROOM, policy=policy)
    days = [date(2027, 3, 10), date(2027, 3, 13), date(2027, 3, 29)]
    options = {"site": SITE, "now": NOW, "holidays": HOLIDAYS}
    closed = closed_times(space, days, MEMBER, **options)  # type: ignore[arg-type]
    for on in days:
        for quarter in range(40 if on == days[0] else 0, 96):
            start = datetime.combine(on, time(), PARIS) + minutes(15 * quarter)
            asked = Interval(start.astimezone(UTC), start.astimezone(UTC) + minutes(15))
            if asked.end <= NOW:
                continue
            said = decide(space, [asked], MEMBER, **options)  # type: ignore[arg-type]
            assert isinstance(said, Refused) == any(each.overlaps(asked) for each in closed), start
    assert closed_times(space, days, ADMIN, **options) == []  # type: ignore[arg-type]
