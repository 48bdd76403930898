"""What each calendar program needs, as its makers say, in our golden files.

Outlook: [MS-STANOICAL] and its help on subscriptions; Google, Apple, Thunderbird and Nextcloud:
their help and, where the source is open, what it reads.  None of them is run here.
"""

import re
from pathlib import Path

import pytest

DATA = Path(__file__).parent.parent / "data" / "feeds"
FILES = sorted(DATA.glob("*.ics"))


def lines(file: Path) -> list[str]:
    """Return the unfolded lines of a file."""
    return re.sub(r"\r\n[ \t]", "", file.read_bytes().decode()).split("\r\n")


def events(file: Path) -> list[dict[str, str]]:
    """Return the properties of each event by name, parameters among the value."""
    found: list[dict[str, str]] = []
    for line in lines(file):
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found:
            name, rest = re.match(r"([A-Z-]+)(.*)", line).groups() if line else ("", "")
            found[-1][name] = rest
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda each: each.stem)
class TestEveryFile:
    def test_outlook_finds_method_stamp_and_uid(self, file: Path) -> None:
        """Without METHOD:PUBLISH it takes events for invitations; DTSTAMP and UID it requires."""
        assert "METHOD:PUBLISH" in lines(file)
        assert all({"UID", "DTSTAMP", "SEQUENCE", "STATUS"} <= each.keys() for each in events(file))

    def test_outlook_knows_each_zone_before_it_is_used(self, file: Path) -> None:
        """A TZID without its VTIMEZONE, or before it, becomes UTC."""
        said = lines(file)
        for at, line in enumerate(said):
            for zone in re.findall(r";TZID=([^:;]+)", line):
                assert f"TZID:{zone}" in said[:at]

    def test_google_and_apple_find_a_name(self, file: Path) -> None:
        """Both show X-WR-CALNAME; NAME (RFC 7986) is for those who read it."""
        assert {line.partition(":")[0] for line in lines(file)} >= {"X-WR-CALNAME", "NAME"}

    def test_google_finds_wall_clocks_for_series(self, file: Path) -> None:
        """A series in UTC would move by an hour when the clocks change."""
        for each in events(file):
            if "RRULE" in each:
                assert each["DTSTART"].startswith((";TZID=", ";VALUE=DATE:"))

    def test_apple_and_nextcloud_find_how_often_to_look(self, file: Path) -> None:
        """Apple and Outlook read X-PUBLISHED-TTL, Nextcloud and Thunderbird REFRESH-INTERVAL."""
        assert {"REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"} <= {*lines(file)}

    def test_thunderbird_finds_ends_and_places_of_its_type(self, file: Path) -> None:
        """DTEND is of the type of DTSTART, and so is what names a date of a series."""
        for each in events(file):
            is_day = each["DTSTART"].startswith(";VALUE=DATE:")
            for name in {"DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"} & each.keys():
                assert each[name].startswith(";VALUE=DATE:") is is_day

    def test_until_is_of_the_type_of_the_start(self, file: Path) -> None:
        """A day beside days, UTC beside times of a zone (RFC 5545 §3.3.10): Apple drops others."""
        for each in events(file):
            if until := re.search(r"UNTIL=(\w+)", each.get("RRULE", "")):
                is_day = each["DTSTART"].startswith(";VALUE=DATE:")
                assert bool(re.fullmatch(r"\d{8}", until[1])) is is_day
                assert is_day or until[1].endswith("Z")

    def test_nobody_is_written_to(self, file: Path) -> None:
        """Nextcloud and Outlook mail people who stand as ATTENDEE or ORGANIZER."""
        assert not {"ATTENDEE", "ORGANIZER"} & {name for each in events(file) for name in each}

    def test_all_read_utf8_without_a_mark_in_lines_of_75_octets(self, file: Path) -> None:
        """A BOM stops some of them; longer lines, Outlook."""
        body = file.read_bytes()
        assert body.startswith(b"BEGIN:VCALENDAR\r\n")
        assert body.endswith(b"END:VCALENDAR\r\n")
        assert all(len(line) <= 75 for line in body.split(b"\r\n"))
        body.decode()
