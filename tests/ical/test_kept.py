"""What programs say of an event beyond what the house keeps, kept and given back."""

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from booking.ical.kept import MOST_KEPT, kept_of, merged
from tests.support.objects import calendar, vevent

ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDESCRIPTION:Soon\nEND:VALARM"
OURS = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Choir\r\nEND:VEVENT\r\n"
OWN = "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID;TZID=Europe/Paris:20270318T100000\r\nEND:VEVENT\r\n"


def test_alarms_and_own_properties_come_back():
    data = calendar(vevent("COLOR:red", "X-APPLE-TRAVEL:PT5M", "PRIORITY:5", ALARM))

    text = merged(OURS, kept_of(data, "Europe/Paris"))

    [event] = Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n".encode()).events
    assert (event["COLOR"], event["X-APPLE-TRAVEL"], event["PRIORITY"]) == ("red", "PT5M", 5)
    assert [each["TRIGGER"].to_ical() for each in event.subcomponents] == [b"-PT15M"]
    assert event["SUMMARY"] == "Choir"
    assert "DTSTART" not in event


def test_nothing_of_the_houses_own_and_no_room_is_kept():
    room = "ATTENDEE;CUTYPE=ROOM:mailto:atlas@example.org"

    assert (
        kept_of(calendar(vevent(room, "URL:https://example.org", "STATUS:CONFIRMED")), "UTC") == ""
    )
    assert merged(OURS, "") is OURS


def test_each_date_has_its_own_whatever_clock_it_was_named_by():
    data = calendar(
        vevent("X-WHOLE:1", RRULE="FREQ=WEEKLY;COUNT=3"),
        vevent("X-DATE:1", RECURRENCE_ID="20270318T090000Z"),
    )

    whole, own, _ = merged(OURS + OWN, kept_of(data, "Europe/Paris")).split("END:VEVENT\r\n")
    assert ("X-WHOLE" in whole, "X-DATE" in whole) == (True, False)
    assert ("X-WHOLE" in own, "X-DATE" in own) == (False, True)


def test_nested_and_endless_things_are_left_out():
    nested = "BEGIN:VALARM\nBEGIN:X-IN\nX-A:1\nEND:X-IN\nTRIGGER:-PT1M\nEND:VALARM"
    open_ = "BEGIN:VALARM\nTRIGGER:-PT1M"

    assert kept_of(calendar(vevent(nested)), "UTC") == ""
    assert kept_of(calendar(vevent(open_)), "UTC") == ""
    assert kept_of(calendar(vevent(*[f"X-{n}:{'a' * 9000}" for n in range(9)])), "UTC") == ""


@given(st.lists(st.text(max_size=30), max_size=8))
def test_no_text_can_break_out_of_its_event(lines):
    data = (
        b"BEGIN:VEVENT\r\n" + "\r\n".join(lines).encode("utf-8", "replace") + b"\r\nEND:VEVENT\r\n"
    )

    kept = kept_of(data, "Europe/Paris")
    text = merged(OURS, kept)

    assert len(kept) < 2 * MOST_KEPT
    assert (text.count("BEGIN:VEVENT"), text.count("\r\nEND:VEVENT\r\n")) == (1, 1)
    assert all(each.isprintable() or "\t" in each for each in text.split("\r\n"))
