"""Objects compared by what they say, and merged without a loss."""

import pytest

from booking.ical.objects import digest, merged, place_of, title_of, uid_of, with_texts_of

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"


def object_of(*lines: str, more: str = "") -> bytes:
    text = "".join(f"{each}\r\n" for each in ("BEGIN:VEVENT", "UID:a@b", *lines, "END:VEVENT"))
    return f"{HEAD}{text}{more}END:VCALENDAR\r\n".encode()


PARIS = ("DTSTART;TZID=Europe/Paris:20270311T100000", "DTEND;TZID=Europe/Paris:20270311T110000")


@pytest.mark.parametrize(
    "same",
    [
        ("DTSTART:20270311T090000Z", "DTEND:20270311T100000Z"),
        ("DTSTART:20270311T090000Z", "DURATION:PT1H"),
        ('DTSTART;TZID="Europe/Paris":20270311T100000', "DURATION:PT60M"),
        (*PARIS, "DTSTAMP:20270101T000000Z", "SEQUENCE:9", "X-A:b", "STATUS:CONFIRMED"),
    ],
)
def test_the_same_in_other_words_has_the_same_digest(same: tuple[str, ...]) -> None:
    assert digest(object_of(*same, "SUMMARY:A\\, b")) == digest(
        object_of(*PARIS, "SUMMARY:A", " \\, b")
    )


@pytest.mark.parametrize(
    "other",
    [
        (*PARIS, "SUMMARY:B"),
        (*PARIS, "SUMMARY:A", "LOCATION:Elm"),
        (*PARIS, "SUMMARY:A", "STATUS:CANCELLED"),
        (PARIS[0], "DTEND;TZID=Europe/Paris:20270311T110100", "SUMMARY:A"),
        (*PARIS, "SUMMARY:A", "RRULE:FREQ=DAILY"),
        (*PARIS, "SUMMARY:A", "EXDATE;TZID=Europe/Paris:20270311T100000"),
    ],
)
def test_something_else_has_another(other: tuple[str, ...]) -> None:
    assert digest(object_of(*other)) != digest(object_of(*PARIS, "SUMMARY:A"))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR",
        b"BEGIN:VEVENT\nUID:\xe9\nEND:VEVENT",
        b"END:X\n" * 9,
    ],
)
def test_nonsense_is_no_event_and_no_error(raw: bytes) -> None:
    assert digest(raw) == ""
    assert uid_of(raw) == title_of(raw) == place_of(raw) == ""


def test_merge_keeps_what_its_owner_added() -> None:
    alarm = ("BEGIN:VALARM", "TRIGGER:-PT5M", "ACTION:DISPLAY", "END:VALARM")
    theirs = object_of(*PARIS, "SUMMARY:A", "COLOR:teal", "CATEGORIES:Mine", *alarm)
    ours = object_of("DTSTART:20270312T090000Z", "SUMMARY:New", "CATEGORIES:House")
    text = merged(ours, theirs).decode()
    assert "TRIGGER:-PT5M" in text
    assert "COLOR:teal" in text
    assert "CATEGORIES:Mine" in text
    assert "CATEGORIES:House" not in text
    assert "SUMMARY:New" in text
    assert "20270311" not in text


def test_texts_are_whoever_changed_them() -> None:
    base = object_of(*PARIS, "SUMMARY:A", "DESCRIPTION:n")
    ours = object_of(*PARIS, "SUMMARY:Ours", "DESCRIPTION:n", "LAST-MODIFIED:20270101T000000Z")
    theirs = object_of(*PARIS, "SUMMARY:A", "DESCRIPTION:theirs")
    both = with_texts_of(ours, theirs, base)
    assert title_of(both) == "Ours"
    assert b"DESCRIPTION:theirs" in both
    newer = object_of(*PARIS, "SUMMARY:Theirs", "LAST-MODIFIED:20270102T000000Z")
    assert title_of(with_texts_of(ours, newer, base)) == "Theirs"
