# ruff: noqa: E501 - each line of a table stays a line
"""Seasons as a table: the season ends on 31 August, one is asked in June, warned in July, due on 1 August."""

from datetime import date, timedelta

import pytest

from booking.core.errors import InvalidRequest
from booking.core.renewals import Season, Step, asked_about, next_step, season_at
from booking.core.values import Renewal, RenewalState, Seasons, SitePolicy
from booking.core.values.policy import check_site_policy
from booking.core.values.seasons import DAY

SUMMER = Seasons()
LAST = date(2027, 8, 31)
SEASON = Season(last=LAST, asked=date(2027, 6, 2), warned=date(2027, 7, 18), due=date(2027, 8, 1))
LONG_AGO = date(2026, 9, 1)
ASKED, WARNED, KEPT = RenewalState.ASKED, RenewalState.WARNED, RenewalState.KEPT


def question(state: RenewalState, warned: str = "", season: date = LAST) -> Renewal:
    return Renewal(1, season, state, date.fromisoformat(warned) if warned else None)


@pytest.mark.parametrize(
    ("today", "last"),
    [("2027-01-01", 2027), ("2027-08-31", 2027), ("2027-09-01", 2028), ("2027-12-31", 2028)],
)
def test_day_is_in_the_season_that_ends_next(today: str, last: int) -> None:
    assert season_at(date.fromisoformat(today), SUMMER).last == date(last, 8, 31)


def test_days_of_a_season() -> None:
    assert season_at(date(2027, 3, 10), SUMMER) == SEASON


# fmt: off
STEPS = [
    # known question                    made          today         what is done
    (None,                              LONG_AGO,     "2027-06-01", None),
    (None,                              LONG_AGO,     "2027-06-02", Step.ASK),
    (None,                              LONG_AGO,     "2027-07-18", Step.ASK),   # the last chance
    (None,                              LONG_AGO,     "2027-07-19", None),       # too late to be fair
    (None,                              date(2027, 6, 2), "2027-06-20", None),   # booked for the next season
    (question(KEPT, season=date(2026, 8, 31)), LONG_AGO, "2027-06-02", Step.ASK),  # asked again each year
    (question(KEPT),                    LONG_AGO,     "2027-08-20", None),
    (question(ASKED),                   LONG_AGO,     "2027-07-17", None),
    (question(ASKED),                   LONG_AGO,     "2027-07-18", Step.WARN),
    (question(ASKED),                   LONG_AGO,     "2027-11-01", Step.WARN),  # the service stood still
    (question(WARNED, "2027-07-18"),    LONG_AGO,     "2027-08-01", None),       # one may still answer
    (question(WARNED, "2027-07-18"),    LONG_AGO,     "2027-08-02", Step.END),
    (question(WARNED, "2027-07-30"),    LONG_AGO,     "2027-08-13", None),       # warned late: as long from then on
    (question(WARNED, "2027-07-30"),    LONG_AGO,     "2027-08-14", Step.END),
]
# fmt: on


@pytest.mark.parametrize(("known", "made", "today", "step"), STEPS)
def test_what_is_done_on_a_day(
    known: Renewal | None, made: date, today: str, step: Step | None
) -> None:
    on = date.fromisoformat(today)
    season = asked_about(known, SUMMER, today=on)
    assert next_step(season, known, first=LONG_AGO, made=made, today=on) is step


def test_series_that_begins_next_season_is_not_asked_about() -> None:
    asked = {"made": LONG_AGO, "today": date(2027, 6, 10)}
    assert next_step(SEASON, None, first=date(2027, 9, 1), **asked) is None
    assert next_step(SEASON, None, first=LAST, **asked) is Step.ASK


def test_question_about_a_day_that_ends_no_season_any_more_counts_for_nothing() -> None:
    moved = Seasons(month=6, day=30)
    assert asked_about(question(ASKED), moved, today=date(2027, 9, 1)).last == date(2028, 6, 30)


def test_seasons_are_stored_as_they_are() -> None:
    for seasons in (SUMMER, Seasons(6, 30, 60 * DAY, 10 * DAY, 5 * DAY), None):
        policy = SitePolicy(seasons=seasons)
        assert SitePolicy.from_json(policy.to_json()) == policy


@pytest.mark.parametrize(
    ("seasons", "field"),
    [
        (Seasons(month=2, day=29), "season_day"),
        (Seasons(month=13), "season_day"),
        (Seasons(warn=timedelta(0)), "season_warn"),
        (Seasons(ask=44 * DAY), "season_ask"),
        (Seasons(ask=301 * DAY), "season_ask"),
    ],
)
def test_seasons_that_cannot_be(seasons: Seasons, field: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        check_site_policy(SitePolicy(seasons=seasons))
    assert [each.field for each in error.value.messages] == [field]
