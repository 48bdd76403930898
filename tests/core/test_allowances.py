# ruff: noqa: E501 - each line of a table stays a line
"""Fair use as tables: what is used, what is wanted, and what the house answers.

The house is in Paris; it is Wednesday, 10 March 2027, ten o'clock.  The clocks
go forward on Sunday, 28 March.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.allowances import (
    Part,
    Span,
    Standing,
    asked_of,
    count,
    judge,
    most_telling,
    periods,
    standings,
    words_of,
)
from booking.core.errors import InvalidRequest
from booking.core.intervals import Interval
from booking.core.values import (
    Actor,
    Door,
    FairUse,
    Grant,
    Limits,
    Peak,
    Role,
    Site,
    Space,
    SpaceKind,
    Stance,
)
from booking.core.values.fairness import check_fair_use

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
SITE = Site(1, "house", "The House", "Europe/Paris", time(8), time(20))
ROOM = Space(7, 1, SpaceKind.MEETING_ROOM, "Atlas")
MEMBER = Actor(1, "Member", Door.WEB, organisations=frozenset({21}))
APPROVER = replace(MEMBER, grants=frozenset({Grant(Role.APPROVER)}))
ADMIN = replace(MEMBER, grants=frozenset({Grant(Role.ADMIN)}))
EVENINGS = Peak(frozenset(range(5)), time(17), time(21))
ASK, ALLOW, REFUSE = Stance.ASK, Stance.ALLOW, Stance.REFUSE
HALF, SIMPLE, DOUBLE = 50, 100, 200


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def at(text: str) -> datetime:
    """Return a time such as "11 Mar 9:00"."""
    local = datetime.strptime(f"2027 {text}", "%Y %d %b %H:%M")  # noqa: DTZ007
    return local.replace(tzinfo=PARIS).astimezone(UTC)


def on(start: str, end: str, weight: int = SIMPLE) -> Part:
    """Return a booking of a room from "11 Mar 9:00" to "12:00", or to another day's time."""
    day = " ".join(start.split()[:2])
    last = end if " " in end else f"{day} {end}"
    return Part(Interval(at(start), at(last)), weight, start)


def weekly(start: str, end: str, times: int) -> list[Part]:
    """Return so many dates, a week apart by the wall clock."""
    first = on(start, end)
    found = []
    for number in range(times):
        begin, finish = (
            (each.astimezone(PARIS).replace(tzinfo=None) + timedelta(weeks=number))
            .replace(tzinfo=PARIS)
            .astimezone(UTC)
            for each in (first.interval.start, first.interval.end)
        )
        found.append(Part(Interval(begin, finish), SIMPLE, begin))
    return found


def stood(
    limits: Limits, wanted: list[Part], stored: Sequence[Part] = (), had: Sequence[Part] = ()
) -> list[Standing]:
    among = periods([each.interval for each in wanted], limits, EVENINGS, site=SITE, now=NOW)
    return standings(
        limits,
        among,
        stored=count(stored, among),
        had=count(had, among),
        takes=count(wanted, among),
    )


def answer(
    limits: Limits,
    wanted: Sequence[Part],
    stored: Sequence[Part] = (),
    had: Sequence[Part] = (),
    actor: Actor = MEMBER,
) -> str:
    """Return "yes", "asks: limit, month", "no: ..." or "told: ..."."""
    verdict = judge(stood(limits, wanted, stored, had), "Choir", actor, site_id=1)
    said = [
        ("no", verdict.refuses),
        ("asks" if asked_of(verdict, [ROOM], actor) else "told", verdict.asks),
        ("told", verdict.tells),
    ]
    words = [
        f"{word}: {each.code.removeprefix('use_')}{period(each.params)}"
        for word, messages in said
        for each in messages
    ]
    return "; ".join(words) or "yes"


def period(params: object) -> str:
    first = params.get("month") or params.get("week")  # type: ignore[attr-defined]
    return f", {first:%-d %b}" if first else ""


# fmt: off
TWO_USED = [on("2 Mar 9:00", "11:00")]
MONTHS = [
    # no limit: nothing to say
    (Limits(),                                             [on("11 Mar 9:00", "19:00")],           "yes"),
    # four hours a month, two of them used
    (Limits(month_hours=hours(4)),                         [on("11 Mar 9:00", "11:00")],           "yes"),
    (Limits(month_hours=hours(4)),                         [on("11 Mar 9:00", "11:15")],           "no: month_hours, 1 Mar"),
    (Limits(month_hours=hours(4), over=ASK),               [on("11 Mar 9:00", "11:15")],           "asks: month_hours, 1 Mar"),
    (Limits(month_hours=hours(4), over=ALLOW),             [on("11 Mar 9:00", "11:15")],           "told: month_hours, 1 Mar"),
    # another month begins anew
    (Limits(month_hours=hours(4)),                         [on("1 Apr 9:00", "13:00")],            "yes"),
    (Limits(month_hours=hours(4)),                         [on("1 Apr 9:00", "13:30")],            "no: month_hours, 1 Apr"),
    # what the rent includes; more is told, unless the house asks or refuses
    (Limits(included=hours(4)),                            [on("11 Mar 9:00", "12:00")],           "told: included, 1 Mar"),
    (Limits(included=hours(4), beyond=ASK),                [on("11 Mar 9:00", "12:00")],           "asks: included, 1 Mar"),
    (Limits(included=hours(4), beyond=REFUSE),             [on("11 Mar 9:00", "12:00")],           "no: included, 1 Mar"),
    (Limits(included=hours(0), beyond=ASK),                [on("1 Apr 9:00", "9:15")],             "asks: included, 1 Apr"),
    # both: more than included asks, more than the quota refuses
    (Limits(included=hours(3), beyond=ASK, month_hours=hours(5)), [on("11 Mar 9:00", "12:00")],    "asks: included, 1 Mar"),
    (Limits(included=hours(3), beyond=ASK, month_hours=hours(5)), [on("11 Mar 9:00", "12:30")],    "no: month_hours, 1 Mar; asks: included, 1 Mar"),
    # a large room counts twice, a small one half, and one that counts nothing not at all
    (Limits(month_hours=hours(4)),                         [on("11 Mar 9:00", "10:00", DOUBLE)],   "yes"),
    (Limits(month_hours=hours(4)),                         [on("11 Mar 9:00", "10:15", DOUBLE)],   "no: month_hours, 1 Mar"),
    (Limits(month_hours=hours(4)),                         [on("11 Mar 9:00", "13:00", HALF)],     "yes"),
    (Limits(month_hours=hours(4)),                         [on("11 Mar 9:00", "13:30", HALF)],     "no: month_hours, 1 Mar"),
    (Limits(month_hours=hours(4), month_dates=1),          [on("11 Mar 9:00", "19:00", 0)],        "yes"),
    # over the end of a month: each has its share, by the wall clock
    (Limits(month_hours=hours(4)),                         [on("31 Mar 22:00", "1 Apr 4:00")],     "yes"),
    (Limits(month_hours=hours(4)),                         [on("31 Mar 21:00", "1 Apr 4:00")],     "no: month_hours, 1 Mar"),
    (Limits(month_hours=hours(4)),                         [on("31 Mar 22:00", "1 Apr 4:30")],     "no: month_hours, 1 Apr"),
    # the night in which the clocks go forward has an hour less
    (Limits(month_hours=hours(4)),                         [on("28 Mar 1:00", "4:00")],            "yes"),
    # a series: the first month that breaks is named
    (Limits(month_hours=hours(6)),                         weekly("11 Mar 9:00", "10:00", 10),     "yes"),
    (Limits(month_hours=hours(4)),                         weekly("11 Mar 9:00", "10:00", 10),     "no: month_hours, 1 Mar"),
    (Limits(month_hours=hours(4)),                         weekly("1 Apr 9:00", "10:00", 9),       "no: month_hours, 1 Apr"),
    (Limits(month_hours=hours(4)),                         weekly("8 Apr 9:00", "10:00", 9),       "yes"),
    # dates: by the month in which they begin; a date of two rooms is one
    (Limits(month_dates=2),                                [on("11 Mar 9:00", "10:00")],           "yes"),
    (Limits(month_dates=2),                                [on("11 Mar 9:00", "10:00")] * 2,       "yes"),
    (Limits(month_dates=1),                                [on("11 Mar 9:00", "10:00")],           "no: month_dates, 1 Mar"),
    (Limits(month_dates=1),                                [on("31 Mar 22:00", "1 Apr 4:00")],     "no: month_dates, 1 Mar"),
]
WEEKS = [
    # weeks begin on Monday; two hours were used in the one before
    (Limits(week_hours=hours(4)),                          [on("11 Mar 9:00", "13:00")],           "yes"),
    (Limits(week_hours=hours(4)),                          [on("11 Mar 9:00", "13:15")],           "no: week_hours, 8 Mar"),
    (Limits(week_hours=hours(4)),                          [on("15 Mar 0:00", "4:00")],            "yes"),
    (Limits(week_hours=hours(4)),                          [on("14 Mar 22:00", "15 Mar 4:30")],    "no: week_hours, 15 Mar"),
    (Limits(week_dates=1),                                 weekly("11 Mar 9:00", "10:00", 5),      "yes"),
    (Limits(week_dates=1),                                 [on("11 Mar 9:00", "10:00"), on("12 Mar 9:00", "10:00")], "no: week_dates, 8 Mar"),
    # peak times are from 17 to 21, Monday to Friday
    (Limits(week_peak=hours(2)),                           [on("11 Mar 9:00", "17:00")],           "yes"),
    (Limits(week_peak=hours(2)),                           [on("11 Mar 15:00", "19:00")],          "yes"),
    (Limits(week_peak=hours(2)),                           [on("11 Mar 15:00", "19:15")],          "no: week_peak, 8 Mar"),
    (Limits(week_peak=hours(2)),                           [on("13 Mar 15:00", "21:00")],          "yes"),
    (Limits(week_peak=hours(2), over=ASK),                 [on("11 Mar 18:00", "19:30", DOUBLE)],  "asks: week_peak, 8 Mar"),
    (Limits(month_peak=hours(8)),                          [on("11 Mar 0:00", "13 Mar 0:00")],     "yes"),
    (Limits(month_peak=hours(8)),                          [on("11 Mar 0:00", "16 Mar 0:00")],     "no: month_peak, 1 Mar"),
]
# fmt: on


@pytest.mark.parametrize(("limits", "wanted", "said"), MONTHS)
def test_hours_and_dates_of_a_month_of_which_two_hours_are_used(
    limits: Limits, wanted: list[Part], said: str
) -> None:
    assert answer(limits, wanted, TWO_USED) == said


@pytest.mark.parametrize(("limits", "wanted", "said"), WEEKS)
def test_hours_dates_and_peak_times_of_a_week(
    limits: Limits, wanted: list[Part], said: str
) -> None:
    assert answer(limits, wanted, TWO_USED) == said


COMING = weekly("11 Mar 9:00", "10:00", 3)


# fmt: off
TO_COME = [
    (4, [on("12 Mar 9:00", "10:00")],                              "yes"),
    (3, [on("12 Mar 9:00", "10:00")],                              "no: coming"),
    (5, weekly("12 Mar 9:00", "10:00", 3),                         "no: coming"),
    # one that has begun is not to come any more
    (3, [on("10 Mar 9:00", "12:00")],                              "yes"),
]
# fmt: on


@pytest.mark.parametrize(("most", "wanted", "said"), TO_COME)
def test_bookings_to_come_of_which_three_are_made(most: int, wanted: list[Part], said: str) -> None:
    assert answer(Limits(coming=most), wanted, COMING) == said


FULL = [on("2 Mar 9:00", "11:00"), on("11 Mar 9:00", "11:00")]
MINE = FULL[1:]


# fmt: off
CHANGES = [
    ([on("11 Mar 9:00", "11:00")],  "yes"),                        # only its title changes
    ([on("12 Mar 14:00", "16:00")], "yes"),                        # another day
    ([on("11 Mar 9:00", "10:00")],  "yes"),                        # shorter
    ([on("11 Mar 9:00", "11:15")],  "no: month_hours, 1 Mar"),     # longer
    ([on("11 Mar 9:00", "10:30", DOUBLE)], "no: month_hours, 1 Mar"),  # in a larger room
    ([on("1 Apr 9:00", "12:00")],   "yes"),                        # in the next month there is room
]
# fmt: on


@pytest.mark.parametrize(("wanted", "said"), CHANGES)
def test_change_counts_a_booking_once(wanted: list[Part], said: str) -> None:
    assert answer(Limits(month_hours=hours(4)), wanted, FULL, MINE) == said


def test_change_of_what_was_too_much_before_may_not_become_more() -> None:
    """The limit was lowered after it was booked: it stays, and may become less."""
    limits = Limits(month_hours=hours(3))
    assert answer(limits, [on("12 Mar 9:00", "11:00")], FULL, MINE) == "yes"
    assert answer(limits, [on("12 Mar 9:00", "11:15")], FULL, MINE) == "no: month_hours, 1 Mar"


# fmt: off
WHO = [
    (MEMBER,   ASK,    "asks: month_hours, 1 Mar"),
    (APPROVER, ASK,    "told: month_hours, 1 Mar"),   # who decides does not ask
    (APPROVER, REFUSE, "no: month_hours, 1 Mar"),
    (ADMIN,    ASK,    "told: month_hours, 1 Mar"),
    (ADMIN,    REFUSE, "told: month_hours, 1 Mar"),   # who runs the house may go over
]
# fmt: on


@pytest.mark.parametrize(("actor", "over", "said"), WHO)
def test_who_may_go_over(actor: Actor, over: Stance, said: str) -> None:
    limits = Limits(month_hours=hours(1), over=over)
    assert answer(limits, [on("11 Mar 9:00", "11:00")], actor=actor) == said


def test_what_is_over_is_not_counted_any_more() -> None:
    """A booking that began in a month before is asked by the months that are left."""
    among = periods(
        [on("20 Feb 9:00", "12 Mar 9:00").interval],
        Limits(month_hours=hours(1), week_hours=hours(1)),
        EVENINGS,
        site=SITE,
        now=NOW,
    )
    assert [(each.span, each.first.day) for each in among] == [(Span.MONTH, 1), (Span.WEEK, 8)]


def test_a_standing_says_what_is_used_taken_and_possible() -> None:
    (found,) = stood(Limits(month_hours=hours(20)), [on("11 Mar 9:00", "12:00")], TWO_USED)
    said = words_of(found, "Choir")
    assert (said.code, dict(said.params)) == (
        "use_month_hours",
        {
            "account": "Choir",
            "used_hours": 120,
            "most_hours": 1200,
            "takes_hours": 180,
            "month": datetime(2027, 3, 1).date(),  # noqa: DTZ001
        },
    )
    assert found.left == 15 * 60


def test_of_a_series_the_fullest_month_is_told() -> None:
    used = [on("2 Apr 9:00", "14:00")]
    found = stood(Limits(month_hours=hours(20)), weekly("11 Mar 9:00", "10:00", 6), used)
    assert [each.period.first.month for each in most_telling(found)] == [4]


def test_peak_times_that_the_clocks_skip_are_left_out() -> None:
    nights = Peak(frozenset({6}), time(2, 30), time(3))
    limits = Limits(month_peak=hours(1))
    among = periods([on("11 Mar 9:00", "10:00").interval], limits, nights, site=SITE, now=NOW)
    assert [each.start.day for each in among[0].peaks] == [7, 14, 21]


# fmt: off
CONTRADICTIONS = [
    (FairUse(organisations=Limits(included=hours(20), month_hours=hours(10))),            "month_hours"),
    (FairUse(peak=Peak(frozenset({1}), time(21), time(17))),                              "peak_end"),
    (FairUse(people=Limits(week_peak=hours(2)), peak=Peak(frozenset(), time(17), time(21))), "peak_days"),
]
# fmt: on


@pytest.mark.parametrize(("fair_use", "field"), CONTRADICTIONS)
def test_limits_that_contradict_each_other_are_refused(fair_use: FairUse, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_fair_use(fair_use)
    assert refused.value.messages[0].field == field


def test_settings_are_stored_and_read_as_they_were() -> None:
    fair_use = FairUse(
        is_on=True,
        organisations=Limits(included=hours(20), beyond=ASK, coming=12),
        people=Limits(week_peak=hours(2.5), week_dates=0, over=ASK),
        peak=Peak(frozenset({0, 4}), time(18), time(0)),
    )
    assert FairUse.from_json(fair_use.to_json()) == fair_use
    assert FairUse().to_json() is None


@pytest.mark.parametrize(
    "data",
    [
        {"month_hours": -1},
        {"coming": "3"},
        {"over": "maybe"},
        {"weeks": 3},
        [],
        {"week_dates": True},
    ],
)
def test_what_is_no_limit_is_refused(data: object) -> None:
    with pytest.raises(InvalidRequest):
        Limits.from_json(data)
