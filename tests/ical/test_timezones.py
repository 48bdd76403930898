"""VTIMEZONE against the zone data of Python and the readers of icalendar and dateutil."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.tz import tzical

from booking.ical import timezone

PARIS = """\
BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
DTSTART:20250330T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20251026T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""
ZONES = [
    "Europe/Paris",
    "Europe/Dublin",
    "America/New_York",
    "America/Santiago",
    "Africa/Casablanca",
    "Asia/Jerusalem",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
]


def test_timezone_of_paris_has_its_two_rules() -> None:
    assert timezone("Europe/Paris", 2026, 2027).replace("\r\n", "\n") == PARIS


def test_timezone_has_only_crlf() -> None:
    text = timezone("Europe/Paris", 2026, 2027)
    assert text.count("\n") == text.count("\r\n") == text.count("\r")


@pytest.mark.parametrize("zone", ZONES)
def test_timezone_gives_the_offsets_of_the_zone(zone: str) -> None:
    """Every change is found in it, hour by hour around each day of change."""
    read = tzical(io.StringIO(timezone(zone, 2026, 2027).replace("\r\n", "\n"))).get()
    assert read is not None
    real = ZoneInfo(zone)
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    while instant.year < 2028:
        local = instant.astimezone(real).replace(tzinfo=None)
        if local.replace(tzinfo=real).astimezone(UTC) == instant:  # neither gap nor second hour
            assert read.utcoffset(local) == real.utcoffset(local), local
        instant += timedelta(hours=1)


@pytest.mark.parametrize("zone", ZONES)
def test_timezone_onset_is_the_clock_before_the_change(zone: str) -> None:
    """RFC 5545 §3.6.5: DTSTART with TZOFFSETFROM is the instant of the change."""
    parsed = icalendar.Timezone.from_ical(timezone(zone, 2026, 2027).encode())
    real = ZoneInfo(zone)
    for part in parsed.subcomponents:
        offset_from = part["TZOFFSETFROM"].td
        if offset_from == part["TZOFFSETTO"].td:
            continue
        onset = (part["DTSTART"].dt - offset_from).replace(tzinfo=UTC)
        second = timedelta(seconds=1)
        assert (onset - second).astimezone(real).utcoffset() == offset_from
        assert onset.astimezone(real).utcoffset() == part["TZOFFSETTO"].td


def test_timezone_of_an_unknown_zone_raises() -> None:
    with pytest.raises(KeyError):
        timezone("Europe/Atlantis", 2026, 2027)
