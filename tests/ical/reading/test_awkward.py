"""Files of our own, each with its trouble: an event list with warnings, or one clear error.

None takes more than two seconds or 200 MB.  Large ones are written here.
"""

import io
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.core.imports import Left, Wish, wish_of
from booking.ical.reading import MOST_BYTES, MOST_EVENTS, Unreadable, read
from tests.ical.reading.calendars import calendar, event
from tests.support.awkward import INTO, outcome

TOP = Path(__file__).parents[3]
FOLDER = TOP / "tests" / "data" / "awkward"
FILES = sorted(FOLDER.glob("*.ics"))
# Nothing in these can be read; of all others there is a list, be it empty.
REFUSED = {
    "empty-file": "calendar_unreadable",
    "html-sign-in-page": "calendar_unreadable",
    "json-instead": "calendar_unreadable",
    "nesting-bomb": "calendar_nested",
    "only-a-newline": "calendar_unreadable",
    "path-of-a-file": "calendar_unreadable",
    "picture-instead": "calendar_unreadable",
    "vcard-instead": "calendar_unreadable",
}
# What else is worth saying of some: the codes of their events.
EXPECTED = {
    "cancelled-series": [["left", "event_cancelled"]],
    "change-without-its-series": [["wished", "event_without_series"]],
    "cut-off-in-a-line": [["left", "event_time_unreadable"]],
    "duplicate-uid": [["wished"], ["wished", "uid_twice"]],
    "every-date-excluded": [["left", "empty_series"]],
    "forty-years-old": [["wished"]],
    "half-a-character": [["wished", "not_in_utf8"]],
    "line-without-colon": [["wished", "line_unreadable"]],
    "missing-end-of-event": [["wished"], ["wished"]],
    "negative-duration": [["left", "event_ends_before_start"]],
    "old-version-last": [["wished"]],
    "rule-every-minute-from-1970": [["left", "unsupported_rule"]],
    "rule-of-leap-days": [["wished"]],
    "rule-that-never-matches": [["left", "no_such_day"]],
    "start-off-its-rule": [["wished", "start_off_rule"]],
    "this-and-following-twice": [["wished"]] * 3,
    "utf-16-big-without-mark": [["wished"]],
    "zone-as-a-path": [["wished", "event_zone_unknown"]],
    "zone-with-a-slash": [["wished"]],
    "zone-without-rules": [["wished", "event_zone_unknown"]],
}


def in_children(files: list[Path]) -> Mapping[str, Any]:
    """Return what came of files, each read with little time and memory."""
    command = [sys.executable, "-m", "tests.support.awkward", *map(str, files)]
    done = subprocess.run(command, cwd=TOP, capture_output=True, check=True)
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def outcomes() -> Mapping[str, Any]:
    """Return what came of all files."""
    return in_children(FILES)


def test_there_are_many() -> None:
    names = {each.stem for each in FILES}
    assert len(names) > 100
    assert names >= REFUSED.keys() | EXPECTED.keys()


@pytest.mark.parametrize("name", [each.stem for each in FILES])
def test_file_gives_a_list_or_one_error(outcomes: Mapping[str, Any], name: str) -> None:
    found = outcomes[name]
    if name in REFUSED:
        assert found == {"refused": [REFUSED[name]]}
    else:
        assert isinstance(found.get("events"), list), found
        assert found["events"] == EXPECTED.get(name, found["events"])


def test_large_files_take_little(tmp_path: Path) -> None:
    long = calendar(event("ATTACH;ENCODING=BASE64:" + "QUJD" * 350_000, "LOCATION:Atlas"))
    versions = [
        event(
            f"RECURRENCE-ID;VALUE=DATE:{1990 + n // 200}{n // 20 % 10 + 1:02}{n % 20 + 1:02}",
            "DTSTART;TZID=Europe/Paris:20270318T110000",
            "DURATION:PT1H",
        )
        for n in range(1_900)
    ]
    old = ("RRULE:FREQ=DAILY", "DTSTART;TZID=Europe/Paris:19870311T090000", "DURATION:PT1H")
    large = {
        "line-of-a-megabyte": long,
        "line-that-never-ends": b"BEGIN:VCALENDAR\r\nX-LONG:" + b"x" * 8_000_000,
        "bomb-of-begins": b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 20_000,
        "uid-of-a-million-folds": calendar(event("UID:a" + "\r\n b" * 1_000_000, uid="")),
        "folds-without-end": calendar(event("DESCRIPTION:a" + "\r\n b" * 300_000)),
        "old-series-with-many-changes": calendar(event(*old), *versions),
        "too-many-versions": calendar(event(*old), *versions, *versions),
        "too-many-events": b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * (MOST_EVENTS + 1),
    }
    files = []
    for name, body in large.items():
        files.append(tmp_path / f"{name}.ics")
        files[-1].write_bytes(body)
    found = in_children(files)
    assert {name: each for name, each in found.items() if "ended" in each} == {}
    assert found["line-of-a-megabyte"]["events"] == [["wished", "line_too_long"]]
    assert found["too-many-events"] == {"refused": ["calendar_too_many"]}
    assert found["too-many-versions"]["events"] == [["left", "event_too_many_dates"]]
    assert ["wished", "event_outside_series"] not in found["old-series-with-many-changes"]["events"]


class Endless(io.RawIOBase):
    """A file as long as nobody should keep in memory; it can be sought in."""

    def __init__(self, head: bytes, line: bytes, size: int) -> None:
        self.line, self.size = line, size
        self.head, self.at = head, 0

    def readline(self, _most: int | None = -1, /) -> bytes:
        """Return the next line."""
        line = self.head if self.at == 0 else self.line
        self.at += len(line)
        return line if self.at <= self.size else b""

    def seek(self, place: int, _whence: int = 0, /) -> int:
        """Go back to the start."""
        self.at = place
        return place

    def read(self, number: int = -1, /) -> bytes:
        """Return the first octets."""
        return (self.head + self.line * 20)[: max(number, 0)]


def test_file_beyond_the_limit_is_refused_without_keeping_it() -> None:
    source = Endless(b"BEGIN:VCALENDAR\n", b"X-FILLING:" + b"x" * 60_000 + b"\n", MOST_BYTES * 2)
    with pytest.raises(Unreadable) as caught:
        read(source, zone="Europe/Paris")  # type: ignore[arg-type]
    assert [each.code for each in caught.value.messages] == ["calendar_too_big"]


BODIES = [each.read_bytes() for each in FILES if each.stat().st_size < 4_000]
PIECES = [
    b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"RRULE:FREQ=WEEKLY\r\n", b"\r\n ", b"\0", b"\xff",
    b"DTSTART:20270311T090000Z\r\n", b"RECURRENCE-ID:20270318T080000Z\r\n", b"DURATION:P1W\r\n",
    b"RECURRENCE-ID;RANGE=THISANDFUTURE:20270318T080000Z\r\n", b"DTEND;VALUE=DATE:20270312\r\n",
    b"RDATE:20270313T080000Z,20280313T080000Z\r\n", b"EXDATE;VALUE=DATE:20270311\r\n",
    b"DTSTART;TZID=America/New_York:20270311T233000\r\n", b"X-WR-TIMEZONE:Asia/Tokyo\r\n",
    b";", b":", b"\"", b",", b"UID:1\r\n", b"STATUS:CANCELLED\r\n",
]  # fmt: skip


def every(body: bytes) -> list[Left | Wish]:
    """Return what is asked for, or left out; nothing of what cannot be read."""
    try:
        found = list(read(io.BytesIO(body), zone="Europe/Paris").events())
    except Unreadable:
        return []
    return [each if isinstance(each, Left) else wish_of(each, INTO) for each in found]


@settings(max_examples=300, deadline=timedelta(seconds=20))
@given(
    st.sampled_from(BODIES),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from(PIECES), st.integers(0, 40)), max_size=6),
)
def test_whatever_is_changed_in_a_file_it_gives_a_list_or_one_error(
    body: bytes, changes: list[tuple[float, bytes, int]]
) -> None:
    for where, piece, length in changes:
        at = int(where * len(body))
        body = body[:at] + piece + body[at + length :]
    for each in every(body):
        if isinstance(each, Wish):
            assert each.request.end > each.request.start
            assert each.dates > 0


@settings(max_examples=200, deadline=timedelta(seconds=20))
@given(st.binary(max_size=400))
def test_any_octets_within_an_event_are_read(octets: bytes) -> None:
    body = calendar(event("X:Y")).replace(b"X:Y", octets)
    for each in every(body):
        if isinstance(each, Wish):
            assert each.request.end > each.request.start
            assert each.dates > 0


def test_outcome_is_the_same_without_a_child() -> None:
    assert outcome(FOLDER / "duplicate-uid.ics")["events"] == EXPECTED["duplicate-uid"]
