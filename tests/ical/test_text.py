# ruff: noqa: DTZ001  # wall-clock times are naive here
"""Escaping, folding and times."""

from datetime import UTC, datetime

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.ical.text import dates, escape, fold, instant_text, plain, times

SUMMER_TWICE = datetime(2026, 10, 25, 2, 30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Atelier", "Atelier", id="plain"),
        pytest.param("a;b,c\\d", "a\\;b\\,c\\\\d", id="special"),
        pytest.param('"12:30"', '"12:30"', id="quotes-and-colons-stay"),
        pytest.param("one\ntwo\r\nthree\rfour", "one\\ntwo\\nthree\\nfour", id="line-ends"),
        pytest.param(
            "a\x85b\u2028c\u2029d\x0be\x0cf", "a\\nb\\nc\\nd\\ne\\nf", id="other-line-ends"
        ),
        pytest.param("a\x00b\x07c\x1b[0md\x7f\x9b", "abc[0md", id="control-characters"),
        pytest.param("tab\tstays", "tab\tstays", id="tab"),
        pytest.param("half \ud83d pair", "half  pair", id="surrogate"),
        pytest.param("éà 🎪 שלום", "éà 🎪 שלום", id="any-script"),
    ],
)
def test_escape_keeps_text_on_one_line(text: str, expected: str) -> None:
    assert escape(text) == expected


@given(st.text(max_size=400))
def test_escape_and_fold_come_back_from_icalendar(text: str) -> None:
    line = fold(f"SUMMARY:{escape(text)}")
    body = f"BEGIN:VEVENT\r\nUID:1\r\n{line}\r\nEND:VEVENT\r\n".encode()

    [event] = icalendar.Event.from_ical(body, multiple=True)

    assert event.errors == []
    assert set(event) == {"UID", "SUMMARY"}
    expected = escape(text).replace("\\n", "\n").replace("\\;", ";").replace("\\,", ",")
    if "\\" not in text:
        assert str(event["SUMMARY"]) == expected


@given(st.text(max_size=400), st.sampled_from(["SUMMARY:", "X:"]))
def test_fold_cuts_at_75_octets_between_characters(text: str, name: str) -> None:
    line = name + escape(text)

    folded = fold(line)

    pieces = folded.encode().split(b"\r\n")
    assert all(len(piece) <= 75 for piece in pieces)
    assert all(piece.decode() for piece in pieces)  # raises within a character
    assert folded.replace("\r\n ", "") == line


def test_fold_of_75_octets_stays_whole() -> None:
    assert fold("A" * 75) == "A" * 75
    assert fold("A" * 76) == "A" * 75 + "\r\n A"
    assert fold("é" * 38) == "é" * 37 + "\r\n é"


def test_plain_cannot_start_a_line() -> None:
    assert plain("https://a.example/\r\nATTACH:x\x00") == "https://a.example/ATTACH:x"


def test_instant_text_is_utc_without_fractions() -> None:
    paris = datetime.fromisoformat("2026-07-01T09:00:00.999+02:00")
    assert instant_text(paris) == "20260701T070000Z"
    assert instant_text(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "20260102T030405Z"


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        pytest.param(
            "Europe/Paris",
            datetime(2026, 3, 2, 9, 5),
            "DTSTART;TZID=Europe/Paris:20260302T090500",
            id="wall-clock",
        ),
        pytest.param("UTC", datetime(2026, 3, 2, 9), "DTSTART:20260302T090000Z", id="utc"),
        pytest.param(
            "Europe/Paris",
            SUMMER_TWICE,
            "DTSTART;TZID=Europe/Paris:20261025T023000",
            id="first-of-two",
        ),
        pytest.param(
            "Europe/Paris",
            SUMMER_TWICE.replace(fold=1),
            "DTSTART:20261025T013000Z",
            id="second-of-two",
        ),
    ],
)
def test_times_give_the_wall_clock(zone: str, local: datetime, expected: str) -> None:
    assert times(zone, "DTSTART", local) == expected


def test_dates_give_days() -> None:
    assert dates("EXDATE", datetime(2026, 3, 2), datetime(2026, 3, 9)) == (
        "EXDATE;VALUE=DATE:20260302,20260309"
    )
