"""Times alone are read: of VFREEBUSY, and of events that lost their texts."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.core.busy import busy_times_of, window_of
from booking.core.imports import ImportedEvent
from booking.core.intervals import Interval, merge
from booking.ical.reading import read
from booking.ical.reading.freebusy import read_freebusy, without_texts

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
SECRET = "Zyxomma"


def freebusy(*lines):
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VFREEBUSY", *lines, "END:VFREEBUSY"]
    return "\r\n".join([*whole, "END:VCALENDAR", ""]).encode()


def at(hour):
    return datetime(2027, 3, 11, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(
            ["FREEBUSY:20270311T090000Z/20270311T100000Z,20270311T110000Z/PT1H"],
            [Interval(at(9), at(10)), Interval(at(11), at(12))],
            id="periods",
        ),
        pytest.param(
            [
                "FREEBUSY;FBTYPE=FREE:20270311T090000Z/PT1H",
                "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270311T100000Z/P",
            ],
            None,
            id="broken",
        ),
        pytest.param(
            [
                "FREEBUSY;FBTYPE=FREE:20270311T090000Z/PT1H",
                "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270311T100000Z/PT1H",
                "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:2027031",
                " 1T120000Z/PT1H",
            ],
            [Interval(at(10), at(11)), Interval(at(12), at(13))],
            id="kinds",
        ),
    ],
)
def test_busy_times(lines, expected):
    assert read_freebusy(freebusy(*lines)) == expected


@pytest.mark.parametrize("raw", [b"", b"<html>", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"])
def test_what_is_no_answer(raw):
    assert read_freebusy(raw) is None


def busy_of(*events):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"X-WR-CALNAME:{SECRET}"]
    for each in events:
        lines += ["BEGIN:VEVENT", f"SUMMARY:{SECRET}", *each.strip().split("\n"), "END:VEVENT"]
    bare = without_texts("\r\n".join([*lines, "END:VCALENDAR", ""]).encode())
    assert SECRET.encode() not in bare
    window = window_of("Europe/Paris", NOW)
    found = []
    for each in read(BytesIO(bare), zone="Europe/Paris").events():
        assert isinstance(each, ImportedEvent)
        found += busy_times_of(each, "Europe/Paris", window)
    return merge(found)


def test_dates_that_differ_count_as_they_are():
    series = "UID:a\nDTSTART:20270311T090000Z\nDTEND:20270311T100000Z\nRRULE:FREQ=DAILY;COUNT=3\n"
    second = "UID:a\nRECURRENCE-ID:20270312T090000Z\n"
    moved = f"{second}DTSTART:20270312T150000Z\nDTEND:20270312T160000Z"
    off = f"{second}DTSTART:20270312T090000Z\nDTEND:20270312T100000Z\nSTATUS:CANCELLED"
    day = timedelta(days=1)
    first, last = Interval(at(9), at(10)), Interval(at(9) + 2 * day, at(10) + 2 * day)
    afternoon = Interval(at(15) + day, at(16) + day)
    assert busy_of(series, moved) == [first, afternoon, last]
    assert busy_of(series, off) == [first, last]
    assert busy_of(f"{series}TRANSP:TRANSPARENT\nSTATUS:CONFIRMED", moved) == [afternoon]
    assert busy_of(series, f"{moved}\nTRANSP:TRANSPARENT") == [first, last]


def test_whole_days_are_those_of_the_house():
    found = busy_of("UID:a\nDTSTART;VALUE=DATE:20270311\nDTEND;VALUE=DATE:20270312")
    start = datetime(2027, 3, 10, 23, tzinfo=UTC)
    assert found == [Interval(start, start + timedelta(days=1))]


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["SUMMARY", "LOCATION", "DESCRIPTION", "COMMENT", "X-NOTE", "ATTENDEE", "CONTACT"]
            ),
            TEXTS,
            st.sampled_from(["", ";LANGUAGE=fr", ';CN="BEGIN:VEVENT"']),
            st.sampled_from(["", "\r\n ", "\r\n\t", "\n "]),
            st.sampled_from(["VEVENT", "VALARM", "VCALENDAR", "VTODO", "VTIMEZONE"]),
        ),
        max_size=12,
    )
)
def test_no_text_is_left(lines):
    said = {"VEVENT": "UID:a\r\nDTSTART:20270311T090000Z\r\nDTEND:20270311T100000Z\r\n"}
    raw = "BEGIN:VCALENDAR\r\n"
    for name, text, params, fold, inside in lines:
        line = f"{name}{params}:{text}{fold}{SECRET}\r\n"
        if inside == "VCALENDAR":
            raw += line
        elif inside == "VALARM":
            alarm = f"BEGIN:VALARM\r\n{line}END:VALARM\r\n"
            raw += f"BEGIN:VEVENT\r\n{said['VEVENT']}{alarm}END:VEVENT\r\n"
        else:
            raw += f"BEGIN:{inside}\r\n{said.get(inside, '')}{line}END:{inside}\r\n"
    bare = without_texts(f"{raw}END:VCALENDAR\r\n".encode())
    assert SECRET.encode() not in bare
    whole = [each for each in lines if each[4] in ("VEVENT", "VALARM")]
    assert bare.count(b"DTSTART:20270311T090000Z\r\nDTEND:20270311T100000Z") == len(whole)
