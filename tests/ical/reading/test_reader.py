# ruff: noqa: DTZ001  # wall-clock times are naive here
"""What the reader makes of single events: times, zones, texts, series, and what is doubtful."""

import io
from datetime import datetime, timedelta

import pytest

from booking.core.imports import ImportedEvent, Left
from booking.core.values import Visibility
from booking.ical.reading import Unreadable, read
from tests.ical.reading.calendars import calendar, event
from tests.support.occurring import read_all

NINE, TEN = datetime(2027, 3, 11, 9), datetime(2027, 3, 11, 10)
OUTLOOK = """BEGIN:VTIMEZONE
TZID:%s
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


def only(*parts: str, zone: str = "Europe/Paris") -> ImportedEvent:
    """Return the only event of a calendar."""
    [found] = read_all(calendar(*parts), zone)
    assert isinstance(found, ImportedEvent), found
    return found


def left(*parts: str) -> str:
    """Return the code for which the only event of a calendar is left out."""
    [found] = read_all(calendar(*parts))
    assert isinstance(found, Left), found
    return found.reason.code


def codes(found: ImportedEvent) -> list[str]:
    """Return the codes of an event's warnings."""
    return [each.code for each in found.warnings]


def test_plain_event_is_read() -> None:
    found = only(
        event("LOCATION:Atlas", "DESCRIPTION:Two\\ntables\\, please", "CLASS:PRIVATE", "SEQUENCE:3")
    )
    assert found == ImportedEvent(
        uid="one",
        zone="Europe/Paris",
        start=NINE,
        end=TEN,
        title="Choir",
        note="Two\ntables, please",
        location="Atlas",
        access=Visibility.PRIVATE,
    )


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Paris",
        "europe/paris",
        '"Europe/Paris"',
        "/Europe/Paris",
        "/mozilla.org/20050126_1/Europe/Paris",
        "/freeassociation.sourceforge.net/Tzfile/Europe/Paris",
        "Romance Standard Time",
    ],
)
def test_zone_is_known_by_its_name(name: str) -> None:
    found = only(
        event(f"DTSTART;TZID={name}:20270311T090000", f"DTEND;TZID={name}:20270311T100000"),
        zone="America/New_York",
    )
    assert (found.zone, found.start, codes(found)) == ("Europe/Paris", NINE, [])


@pytest.mark.parametrize("name", ["Customized Time Zone", "tzone://Microsoft/Custom", "Paris 1"])
def test_zone_is_known_by_its_rules(name: str) -> None:
    lines = (f'DTSTART;TZID="{name}":20270711T090000', f'DTEND;TZID="{name}":20270711T100000')
    found = only(OUTLOOK % name, event(*lines))
    assert (found.zone, codes(found)) == ("Europe/Paris", [])
    assert only(event(*lines), OUTLOOK % name).zone == "Europe/Paris"  # after its use, as well


def test_colon_in_a_zone_without_quotes_is_read() -> None:
    zone = "(UTC+01:00) Brussels, Paris"
    found = only(
        event(f"DTSTART;TZID={zone}:20270311T090000", f"DTEND;TZID={zone}:20270311T100000")
    )
    assert (found.start, found.end) == (NINE, TEN)


def test_unknown_zone_is_the_sites_with_a_warning() -> None:
    lines = ("DTSTART;TZID=Atlantis:20270311T090000", "DTEND;TZID=Atlantis:20270311T100000")
    found = only(event(*lines))
    assert (found.zone, found.start, codes(found)) == (
        "Europe/Paris",
        NINE,
        ["event_zone_unknown"],
    )


def test_floating_time_is_the_calendars_zone_or_the_sites() -> None:
    lines = ("DTSTART:20270311T090000", "DTEND:20270311T100000")
    assert only(event(*lines)).zone == "Europe/Paris"
    assert only("X-WR-TIMEZONE:Asia/Tokyo", event(*lines)).zone == "Asia/Tokyo"


def test_series_in_utc_keeps_the_wall_clock_of_its_calendar() -> None:
    lines = ("DTSTART:20270311T080000Z", "DTEND:20270311T090000Z", "RRULE:FREQ=WEEKLY;COUNT=5")
    found = only("X-WR-TIMEZONE:Europe/Paris", event(*lines))
    assert (found.zone, found.start) == ("Europe/Paris", NINE)
    assert only(event(*lines)).zone == "UTC"


def test_end_in_another_zone_is_told_in_that_of_the_start() -> None:
    found = only(
        event("DTSTART;TZID=Europe/Paris:20270311T090000", "DTEND;TZID=Asia/Tokyo:20270311T200000")
    )
    assert (found.zone, found.end) == ("Europe/Paris", datetime(2027, 3, 11, 12))


@pytest.mark.parametrize(
    ("lines", "hours"),
    [
        pytest.param(["DURATION:PT1H30M"], 1.5, id="hours"),
        pytest.param(["DURATION:P1W"], 7 * 24, id="weeks"),
        pytest.param(["DURATION:P1DT2H"], 26, id="days and hours"),
        pytest.param(["DTEND;VALUE=DATE:20270312"], 15, id="a day at the end"),
    ],
)
def test_length_is_told_in_other_ways(lines: list[str], hours: float) -> None:
    found = only(event("DTSTART;TZID=Europe/Paris:20270311T090000", *lines))
    assert found.end - found.start == timedelta(hours=hours)


def test_hours_of_a_duration_pass_over_a_change_of_the_clocks() -> None:
    found = only(event("DTSTART;TZID=Europe/Paris:20270327T220000", "DURATION:PT8H"))
    assert found.end == datetime(2027, 3, 28, 7)


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        pytest.param(["DTSTART;VALUE=DATE:20270311"], 1, id="no end"),
        pytest.param(["DTSTART;VALUE=DATE:20270311", "DTEND;VALUE=DATE:20270313"], 2, id="days"),
        pytest.param(["DTSTART;VALUE=DATE:20270311", "DTEND;VALUE=DATE:20270311"], 1, id="same"),
        pytest.param(["DTSTART:20270311", "DURATION:P3D"], 3, id="no VALUE, a duration"),
    ],
)
def test_whole_days_are_read(lines: list[str], days: int) -> None:
    found = only(event(*lines))
    assert found.all_day
    assert (found.start, found.length) == (datetime(2027, 3, 11), timedelta(days=days))


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["DTSTART:20270311T090000", "DTEND:20270311T080000"], "event_ends_before_start"),
        (["DTSTART:20270311T090000", "DURATION:-PT1H"], "event_ends_before_start"),
        (["DTSTART:20270311T090000"], "event_without_length"),
        (["DTSTART:20270311T090000", "DURATION:PT0S"], "event_without_length"),
        (["DTSTART:yesterday", "DTEND:20270311T080000"], "event_time_unreadable"),
        (["DTSTART:20270230T090000", "DURATION:PT1H"], "event_time_unreadable"),
        (["DTSTART:00010101T090000", "DURATION:PT1H"], "event_time_unreadable"),
        (["DTSTART:20270311T090000", "DURATION:PT"], "event_time_unreadable"),
        (["RRULE:FREQ=SECONDLY"], "unsupported_rule"),
        (["RRULE:FREQ=DAILY;BYHOUR=9,10"], "unsupported_rule"),
        (["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"], "no_such_day"),
        (["RRULE:FREQ=WEEKLY;UNTIL=20200101T000000Z"], "empty_series"),
        (["RRULE:FREQ=WEEKLY", "RRULE:FREQ=MONTHLY"], "event_several_rules"),
        (["RRULE:FREQ=WEEKLY", "EXRULE:FREQ=MONTHLY"], "event_exrule"),
        (["RRULE:FREQ=WEEKLY", f"RDATE:{','.join(['20270311T090000Z'] * 2001)}"],
         "event_too_many_dates"),
    ],
)  # fmt: skip
def test_event_that_cannot_be_kept_is_left_out(lines: list[str], code: str) -> None:
    assert left(event(*lines)) == code


def test_event_without_a_start_is_left_out() -> None:
    assert left("BEGIN:VEVENT", "UID:1", "SUMMARY:x", "END:VEVENT") == "event_without_start"


def test_rule_that_repeats_the_time_of_its_start_is_read() -> None:
    found = only(event("RRULE:FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0;COUNT=3;"))
    assert found.rule is not None
    assert found.rule.to_text() == "FREQ=DAILY;COUNT=3"


def test_start_that_its_rule_does_not_have_moves_to_the_first_date() -> None:
    found = only(event("RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3"))
    assert (found.start, codes(found)) == (datetime(2027, 3, 15, 9), ["start_off_rule"])


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE;TZID=Europe/Paris:20270318T090000",
        "EXDATE:20270318T080000Z",
        "EXDATE;VALUE=DATE:20270318",
        "EXDATE;TZID=Romance Standard Time:20270318T090000",
    ],
)
def test_date_is_left_out_however_it_is_written(line: str) -> None:
    found = only(event("RRULE:FREQ=WEEKLY;COUNT=4", line))
    assert found.exdates == (datetime(2027, 3, 18, 9),)


def test_versions_of_dates_come_with_their_series() -> None:
    found = only(
        event(
            "RECURRENCE-ID:20270325T080000Z",
            "DTSTART;TZID=Europe/Paris:20270326T140000",
            "DURATION:PT2H",
            "LOCATION:Birch",
            summary="Moved",
        ),
        event("RRULE:FREQ=WEEKLY;COUNT=4", "RDATE;TZID=Europe/Paris:20270320T110000"),
        event("RECURRENCE-ID;VALUE=DATE:20270318", "STATUS:CANCELLED"),
    )
    moved, gone = found.dates[1], found.dates[0]
    assert (moved.recurrence_id, moved.start, moved.title, moved.location) == (
        datetime(2027, 3, 25, 9),
        datetime(2027, 3, 26, 14),
        "Moved",
        "Birch",
    )
    assert (gone.recurrence_id, gone.cancelled) == (datetime(2027, 3, 18, 9), True)
    assert found.rdates == (datetime(2027, 3, 20, 11),)


def test_newest_version_of_a_date_counts() -> None:
    def version(number: int, hour: int) -> str:
        return event(
            "RECURRENCE-ID;TZID=Europe/Paris:20270318T090000",
            f"DTSTART;TZID=Europe/Paris:20270318T{hour}0000",
            "DURATION:PT1H",
            f"SEQUENCE:{number}",
        )

    found = only(version(2, 15), event("RRULE:FREQ=WEEKLY"), version(1, 17))
    assert [each.start.hour for each in found.dates] == [15]


def test_this_and_following_makes_a_series_of_its_own() -> None:
    before, after = read_all(
        calendar(
            event("RRULE:FREQ=WEEKLY;COUNT=10"),
            event(
                "RECURRENCE-ID;TZID=Europe/Paris;RANGE=THISANDFUTURE:20270401T090000",
                "DTSTART;TZID=Europe/Paris:20270402T140000",
                "DURATION:PT2H",
                summary="On Fridays",
            ),
            event(
                "RECURRENCE-ID;TZID=Europe/Paris:20270408T090000",
                "DTSTART;TZID=Europe/Paris:20270410T090000",
                "DURATION:PT1H",
                summary="Once on a Saturday",
            ),
        )
    )
    assert isinstance(before, ImportedEvent)
    assert isinstance(after, ImportedEvent)
    assert before.rule is not None
    assert after.rule is not None
    assert before.rule.until == datetime(2027, 4, 1, 8, 59, 59)
    assert (after.start, after.length) == (datetime(2027, 4, 2, 14), timedelta(hours=2))
    assert (after.rule.count, after.title) == (7, "On Fridays")
    assert [each.recurrence_id for each in after.dates] == [datetime(2027, 4, 9, 14)]
    assert before.uid != after.uid


def test_date_of_no_series_is_an_event_by_itself() -> None:
    lines = ("RECURRENCE-ID;TZID=Europe/Paris:20270318T110000", "DTSTART:20270318T110000Z")
    alone = only(event(*lines, "DURATION:PT1H"))
    assert codes(alone) == ["event_without_series"]
    [series, strange] = read_all(
        calendar(event("RRULE:FREQ=WEEKLY;COUNT=4"), event(*lines, "DURATION:PT1H"))
    )
    assert isinstance(strange, ImportedEvent)
    assert codes(strange) == ["event_outside_series"]
    assert series.uid != strange.uid


def test_newer_version_of_an_event_takes_the_place_of_the_old_one() -> None:
    found = only(event("SEQUENCE:1", summary="New"), event("SEQUENCE:0", summary="Old"))
    assert found.title == "New"


def test_uid_used_twice_makes_two_events() -> None:
    one, two = read_all(
        calendar(event(), event("DTSTART;TZID=Europe/Paris:20270312T090000", "DURATION:PT1H"))
    )
    assert isinstance(two, ImportedEvent)
    assert codes(two) == ["uid_twice"]
    assert one.uid != two.uid


def test_event_without_uid_has_the_same_name_each_time() -> None:
    names = {only(event(uid="")).uid for _ in range(2)}
    assert len(names) == 1
    assert len(names.pop()) == 64


def test_only_version_of_a_single_date_is_what_takes_place() -> None:
    found = only(
        event(),
        event(
            "RECURRENCE-ID;TZID=Europe/Paris:20270311T090000",
            "DTSTART;TZID=Europe/Paris:20270311T150000",
            "DURATION:PT1H",
        ),
    )
    assert (found.start.hour, found.is_series) == (15, False)


def test_texts_are_cut_and_cleaned() -> None:
    found = only(event("SUMMARY:" + "é" * 300, "DESCRIPTION:a\\;b \\x \\\\n"))
    assert len(found.title) == 200
    assert found.note == "a;b \\x \\n"
    assert codes(found) == ["text_cut"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_read(encoding: str) -> None:
    body = calendar(event("SUMMARY:Répétition 🎶")).decode().encode(encoding)
    [found] = read_all(body)
    assert found.title == "Répétition 🎶"


def test_latin_1_is_read_with_a_warning() -> None:
    [found] = read_all(calendar(event("SUMMARY:Répétition")).decode().encode("latin-1"))
    assert isinstance(found, ImportedEvent)
    assert (found.title, codes(found)) == ("Répétition", ["not_in_utf8"])


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_any_end_of_a_line_is_read(end: str) -> None:
    body = calendar(event("SUMMARY:A folded", "  title")).replace(b"\r\n", end.encode())
    [found] = read_all(body)
    assert found.title == "A folded title"


def test_character_that_is_folded_in_two_is_whole_again() -> None:
    body = calendar(event("SUMMARY:X")).replace(b"SUMMARY:X", b"SUMMARY:\xc3\r\n \xa9t\xc3\xa9")
    [found] = read_all(body)
    assert found.title == "été"


def test_file_is_told_as_a_whole() -> None:
    body = calendar(
        "X-WR-CALNAME:Choir\\, evenings",
        "BEGIN:VTODO",
        "UID:2",
        "END:VTODO",
        "BEGIN:VEVENT",
        "UID:3",
        "DTSTART:20270311T090000Z",
        "DURATION:PT1H",
    )
    found = read(io.BytesIO(body), zone="Europe/Paris")
    assert (found.name, found.count) == ("Choir, evenings", 1)
    assert [each.code for each in found.warnings] == ["components_left_out", "events_without_end"]
    assert len(list(found.events())) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "calendar_unreadable"),
        (b"<!DOCTYPE html><title>Sign in</title>", "calendar_unreadable"),
        (b"/etc/hostname", "calendar_unreadable"),
        (b"BEGIN:VCARD\nFN:Camille\nEND:VCARD\n", "calendar_unreadable"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "calendar_unreadable"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 100, "calendar_nested"),
    ],
)
def test_what_is_no_calendar_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(io.BytesIO(body), zone="Europe/Paris")
    assert [each.code for each in caught.value.messages] == [code]


def test_pieces_of_a_file_give_the_same_events() -> None:
    body = calendar(
        "X-WR-TIMEZONE:Asia/Tokyo",
        OUTLOOK % "Mine",
        event("RRULE:FREQ=WEEKLY;COUNT=3"),
        event("DTSTART;TZID=Mine:20270311T090000", "DURATION:PT1H", uid="two"),
        event("DTSTART:20270311T090000", "DURATION:PT1H", uid=""),
        event("RECURRENCE-ID;TZID=Europe/Paris:20270318T090000", "STATUS:CANCELLED"),
    )
    whole = read(io.BytesIO(body), zone="Europe/Paris")
    apart = [found for piece in whole.pieces() for found in read_all(piece)]
    assert len(apart) == 3
    assert apart[:2] == list(whole.events())[:2]
