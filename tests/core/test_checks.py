"""Texts are cleaned, limits are kept; every wrong field is named at once."""

from datetime import datetime

import pytest

from booking.core import checks
from booking.core.errors import InvalidRequest
from booking.core.requests import BookingRequest

TEN, ELEVEN = datetime(2027, 3, 11, 10), datetime(2027, 3, 11, 11)  # noqa: DTZ001  wall clock


def request(**more: object) -> BookingRequest:
    values = {"space_ids": (1,), "start": TEN, "end": ELEVEN, "title": "Choir", **more}
    return BookingRequest(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param("  Choir \t practice ", "Choir practice", id="spaces"),
        pytest.param("Choir\r\nX-Header: 1", "Choir X-Header: 1", id="header injection"),
        pytest.param("a\x00b\x1bc", "a b c", id="control characters"),
        pytest.param("\u202egnp.exe", "gnp.exe", id="right-to-left override"),
        pytest.param("\u2066one\u2069 two\u200f", "one two", id="direction isolates and marks"),
        pytest.param("Cafe\u0301", "Café", id="normal form C"),
        pytest.param("👩\u200d🌾 🇫🇷", "👩\u200d🌾 🇫🇷", id="emoji keep their joiners"),
        pytest.param("שלום اجتماع", "שלום اجتماع", id="right-to-left scripts"),
        pytest.param("a\ud800b\ue000c", "abc", id="surrogates and private use"),
        pytest.param("<script>alert(1)</script>", "<script>alert(1)</script>", id="markup is text"),
        pytest.param("one\u2028two\u2029three", "one two three", id="line separators"),
    ],
)
def test_one_line_keeps_what_is_printable(typed: str, kept: str) -> None:
    assert checks.one_line(typed) == kept
    assert checks.one_line(kept) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("\n  one  \n", "one"),
        ("", ""),
    ],
)
def test_lines_keep_breaks_and_one_empty_line(typed: str, kept: str) -> None:
    assert checks.lines(typed) == kept


def test_checked_cleans_texts_and_sorts_spaces() -> None:
    found = checks.checked(request(title=" a ", note=" b\r\nc ", space_ids=(3, 1, 3), rule=""))
    assert (found.title, found.note, found.space_ids, found.rule) == ("a", "b\nc", (1, 3), None)


def test_checked_cuts_seconds_that_no_column_keeps() -> None:
    found = checks.checked(request(start=TEN.replace(second=30), end=ELEVEN.replace(microsecond=7)))
    assert (found.start, found.end) == (TEN, ELEVEN)


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        pytest.param({"title": " \u202e "}, "title_missing", "title", id="no title"),
        pytest.param({"title": "x" * 201}, "title_too_long", "title", id="long title"),
        pytest.param({"note": "x" * 2001}, "note_too_long", "note", id="long note"),
        pytest.param({"space_ids": ()}, "space_missing", "space", id="no space"),
        pytest.param({"space_ids": tuple(range(21))}, "too_many_spaces", "space", id="many spaces"),
        pytest.param({"end": TEN}, "end_before_start", "end", id="no length"),
        pytest.param(
            {"end": TEN.replace(second=59)}, "end_before_start", "end", id="less than a minute"
        ),
        pytest.param({"end": datetime(2027, 3, 1)}, "end_before_start", "end", id="backwards"),  # noqa: DTZ001
        pytest.param({"end": datetime(2027, 5, 1)}, "too_long", "end", id="weeks"),  # noqa: DTZ001
        pytest.param({"attendance": 0}, "attendance_invalid", "attendance", id="nobody"),
        pytest.param({"attendance": 10_001}, "attendance_invalid", "attendance", id="a crowd"),
        pytest.param({"request_key": "k" * 65}, "request_key_invalid", "", id="long key"),
        pytest.param({"request_key": ""}, "request_key_invalid", "", id="empty key"),
        pytest.param(
            {"start": datetime(1, 1, 1), "end": datetime(1, 1, 2)},  # noqa: DTZ001
            "time_out_of_range",
            "start",
            id="year 1",
        ),
        pytest.param(
            {"start": datetime(9999, 12, 31, 22), "end": datetime(9999, 12, 31, 23)},  # noqa: DTZ001
            "time_out_of_range",
            "start",
            id="year 9999",
        ),
    ],
)
def test_checked_names_the_wrong_field(wrong: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        checks.checked(request(**wrong))
    assert [(each.code, each.field) for each in error.value.messages] == [(code, field)]


def test_checked_names_all_wrong_fields_at_once() -> None:
    with pytest.raises(InvalidRequest) as error:
        checks.checked(request(title="", end=TEN, attendance=-3))
    assert {each.field for each in error.value.messages} == {"title", "end", "attendance"}


def test_checked_takes_what_is_just_within_the_limits() -> None:
    asked = request(
        title="x" * 200,
        note="y" * 2000,
        space_ids=tuple(range(1, 21)),
        attendance=10_000,
        request_key="k" * 64,
        end=datetime(2027, 4, 11, 10),  # noqa: DTZ001
    )
    assert checks.checked(asked) == asked


def test_checked_reason_is_one_line() -> None:
    assert checks.checked_reason(" too\nloud ") == "too loud"


def test_checked_reason_missing_where_it_is_required() -> None:
    with pytest.raises(InvalidRequest, match="reason_missing"):
        checks.checked_reason(" \n ", required=True)


def test_checked_reason_too_long() -> None:
    with pytest.raises(InvalidRequest, match="reason_too_long"):
        checks.checked_reason("x" * 501)
