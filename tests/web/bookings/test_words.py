"""Rules and times in words."""

from datetime import datetime

import pytest
from flask import Flask

from booking.web.bookings.typed import Typed, rule_fields, time_fields
from booking.web.bookings.words import rule_words, span_words, times_words, weekday_order


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2027-03-{text}")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY;COUNT=1", "On chosen dates"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=5", "Every 3 days, 5 times"),
        ("FREQ=WEEKLY", "Every week, as long as bookings are open"),
        ("FREQ=WEEKLY;INTERVAL=6", "Every 6 weeks, as long as bookings are open"),
        (
            "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270630T235959",
            "Every week: Tuesday, Thursday, until 30 June 2027",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=11;COUNT=3", "Every month, on day 11, 3 times"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "Every month, on its last day, 3 times"),
        ("FREQ=MONTHLY;BYDAY=1TU;COUNT=3", "Every month, on the first Tuesday, 3 times"),
        (
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR;COUNT=3",
            "Every 2 months, on the last Friday, 3 times",
        ),
        (
            "FREQ=MONTHLY;BYDAY=1TU,3TU,-1TU;COUNT=3",
            "Every month, on the first, third and last Tuesday, 3 times",
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3",
            "Every month, on the last working day, 3 times",
        ),
        ("FREQ=MONTHLY;BYDAY=1TU,2WE;COUNT=3", "FREQ=MONTHLY;BYDAY=1TU,2WE;COUNT=3"),
        ("FREQ=YEARLY;COUNT=2", "Every year, 2 times"),
        ("FREQ=DAILY;BYDAY=MO;COUNT=2", "FREQ=DAILY;BYDAY=MO;COUNT=2"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1"),
        ("nonsense", "nonsense"),
    ],
)
def test_rule_in_words(app: Flask, rule: str, words: str) -> None:
    with app.test_request_context("/?lang=en"):
        assert rule_words(rule) == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("11T10:00", "11T11:00", "Thursday, 11 March 2027, 10:00–11:00"),
        ("11T10:00", "12T00:00", "Thursday, 11 March 2027, 10:00–24:00"),
        (
            "11T22:00",
            "12T02:00",
            "Thursday, 11 March 2027, 22:00 to Friday, 12 March 2027, 02:00",
        ),
    ],
)
def test_span_in_words(app: Flask, start: str, end: str, words: str) -> None:
    with app.test_request_context("/?lang=en"):
        assert span_words(at(start), at(end)) == words


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("12T00:00", "Thursday, 11 March 2027, all day"),
        ("14T00:00", "Thursday, 11 March 2027 to Saturday, 13 March 2027, all day"),
    ],
)
def test_whole_days_in_words(app: Flask, end: str, words: str) -> None:
    with app.test_request_context("/?lang=en"):
        assert span_words(at("11T00:00"), at(end), all_day=True) == words


def test_times_in_short(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert times_words(at("11T09:00"), at("12T00:00")) == "09:00–24:00"
        assert times_words(at("11T22:00"), at("12T02:00")) == "22:00 to Fri 12 Mar, 02:00"
        assert times_words(at("11T00:00"), at("13T00:00")) == "Thu 11 Mar to Fri 12 Mar"
        told = times_words(at("11T09:00"), at("11T10:00"), at("12T00:00").date())
        assert told == "Thu 11 Mar, 09:00–10:00"


@pytest.mark.parametrize(("language", "first"), [("en", 0), ("fr", 0)])
def test_weekdays_in_the_readers_order(app: Flask, language: str, first: int) -> None:
    with app.test_request_context(f"/?lang={language}"):
        assert weekday_order()[0] == first
        assert sorted(weekday_order()) == list(range(7))


@pytest.mark.parametrize(
    ("rule", "repeat"),
    [
        ("FREQ=DAILY", "daily"),
        ("FREQ=DAILY;BYDAY=MO", "custom"),
        ("FREQ=WEEKLY;BYDAY=MO,TU", "weekly"),
        ("FREQ=WEEKLY;BYDAY=MO,TU;WKST=SU", "custom"),
        ("FREQ=MONTHLY", "monthly_day"),
        ("FREQ=MONTHLY;BYMONTHDAY=11", "monthly_day"),
        ("FREQ=MONTHLY;BYMONTHDAY=12", "custom"),
        ("FREQ=MONTHLY;BYDAY=2TH", "monthly_weekday"),
        ("FREQ=MONTHLY;BYDAY=-1TH", "monthly_last"),
        ("FREQ=MONTHLY;BYDAY=3TH", "monthly_nth"),
        ("FREQ=MONTHLY;BYDAY=1TU,3TU", "monthly_nth"),
        ("FREQ=MONTHLY;BYDAY=1TU,-1WE", "custom"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "monthly_workday"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH;BYSETPOS=-1", "custom"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", "custom"),
        ("FREQ=YEARLY", "custom"),
    ],
)
def test_rule_in_the_fields_of_the_form(rule: str, repeat: str) -> None:
    """What the form has no fields for stays as it is."""
    found = rule_fields(rule, at("11T10:00"))
    assert found["repeat"] == repeat
    assert found["rule"] == (rule if repeat == "custom" else "")
    assert found["ends"] == "open"


def test_times_in_the_fields_of_the_form() -> None:
    assert time_fields(at("11T10:00"), at("11T11:30")) == {
        "date": "2027-03-11",
        "start": "10:00",
        "end": "11:30",
        "end_date": "",
        "all_day": "",
    }
    assert time_fields(at("11T00:00"), at("14T00:00"), all_day=True)["end_date"] == "2027-03-13"
    assert Typed(**time_fields(at("11T22:00"), at("12T00:00"))).end == "24:00"
