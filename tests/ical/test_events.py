# ruff: noqa: DTZ001  # wall-clock times are naive here
"""Series as calendars read them: golden files, and expansion by an independent reader."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.core.calendars import CalendarBooking
from booking.core.values import State, Visibility
from booking.ical import Words, calendar, component, event_of
from tests.ical.samples import FOR_STRANGERS, WORDS, at, booking, hours

DATA = Path(__file__).parent.parent / "data" / "feeds"
TUESDAY = datetime(2026, 3, 3, 9)
CANCELLED: dict[str, Any] = {"state": State.CANCELLED}
ELSEWHERE: dict[str, Any] = {"state": State.CANCELLED, "space_ids": ()}
REQUESTED: dict[str, Any] = {"state": State.REQUESTED}


def weekly(week: int) -> datetime:
    """Return the start of a date of the Tuesday series."""
    return TUESDAY + timedelta(weeks=week)


SERIES = booking(
    TUESDAY,
    TUESDAY + hours(2),
    rule="FREQ=WEEKLY;COUNT=9",
    exdates=[weekly(2)],
    spaces=(1, 2),
    dates={
        weekly(1): REQUESTED,
        weekly(3): {"interval": at(weekly(3) + hours(1), weekly(3) + hours(3))},
        weekly(4): {"space_ids": (1,)},
        weekly(5): {"title": "Concert 🎶", "note": "Doors at nine"},
        weekly(6): CANCELLED,
    },
)
GOLDEN = {
    "single": (booking(TUESDAY, TUESDAY + hours(1.5)), WORDS),
    "requested": (booking(TUESDAY, TUESDAY + hours(1), state=State.REQUESTED), WORDS),
    "cancelled": (booking(TUESDAY, TUESDAY + hours(1), state=State.CANCELLED), WORDS),
    "all-day": (
        booking(
            datetime(2026, 3, 3),
            datetime(2026, 3, 5),
            all_day=True,
            rule="FREQ=MONTHLY;COUNT=3",
        ),
        WORDS,
    ),
    "series": (SERIES, WORDS),
    "series-busy": (SERIES, FOR_STRANGERS),
    "endless": (booking(TUESDAY, TUESDAY + hours(1), rule="FREQ=WEEKLY;INTERVAL=6"), WORDS),
    "nasty": (
        booking(
            TUESDAY,
            TUESDAY + hours(1),
            title="x\r\nATTENDEE:mailto:a@b.example\u2028END:VEVENT; \\, <script> שלום " + "é" * 70,
            note="one\ntwo",
            visibility=Visibility.PRIVATE,
        ),
        WORDS,
    ),
}  # fmt: skip


def feed(each: CalendarBooking, words: Words = WORDS) -> bytes:
    """Return a calendar of one booking."""
    event = event_of(each, words)
    assert event is not None
    return calendar("Atlas, The House", [component(event)])


def read(body: bytes) -> list[tuple[datetime | date, datetime | date, str]]:
    """Return start, end and status of every date, as recurring-ical-events sees them."""
    parsed = icalendar.Calendar.from_ical(body)
    found = recurring_ical_events.of(parsed).between((2025, 1, 1), (2029, 1, 1))
    shown = [(_utc(each["DTSTART"].dt), _utc(each["DTEND"].dt), each["STATUS"]) for each in found]
    return sorted(shown, key=str)


def _utc(moment: datetime | date) -> datetime | date:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def stored(each: CalendarBooking) -> list[tuple[datetime, datetime, str]]:
    """Return the same of the dates that are kept."""
    names = {State.REQUESTED: "TENTATIVE", State.CONFIRMED: "CONFIRMED"}
    shown = [
        (date.interval.start, date.interval.end, names[date.state])
        for date in each.dates
        if date.state in names
    ]
    return sorted(shown, key=str)


@pytest.mark.parametrize("name", GOLDEN)
def test_calendar_is_as_the_golden_file(name: str) -> None:
    assert feed(*GOLDEN[name]) == (DATA / f"{name}.ics").read_bytes()


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_file_parses_without_errors(name: str) -> None:
    parsed = icalendar.Calendar.from_ical((DATA / f"{name}.ics").read_bytes())
    assert parsed.errors == []
    for event in parsed.walk("VEVENT"):
        assert event.errors == []
        assert not set(event) & {"ATTENDEE", "ORGANIZER"}


def test_series_expands_to_its_stored_dates() -> None:
    assert read(feed(SERIES)) == stored(SERIES)


def test_series_shows_what_differs_as_overrides() -> None:
    parsed = icalendar.Calendar.from_ical(feed(SERIES))
    overrides = {
        each["RECURRENCE-ID"].dt.replace(tzinfo=None): each
        for each in parsed.walk("VEVENT")
        if "RECURRENCE-ID" in each
    }
    assert list(overrides) == [weekly(1), weekly(3), weekly(4), weekly(5)]
    assert str(overrides[weekly(4)]["LOCATION"]) == "Atlas, 1 Main Street; Romans"
    assert str(overrides[weekly(5)]["SUMMARY"]) == "Concert 🎶"
    assert "Doors at nine" in overrides[weekly(5)]["DESCRIPTION"]


@pytest.mark.parametrize(
    ("start", "end", "rule"),
    [
        pytest.param((23, 22, 0), (24, 6, 0), "FREQ=DAILY;COUNT=9", id="overnight-in-spring"),
        pytest.param((25, 2, 30), (25, 3, 0), "FREQ=DAILY;COUNT=7", id="in-the-skipped-hour"),
        pytest.param((25, 1, 30), (25, 3, 30), "FREQ=DAILY;COUNT=7", id="over-the-skipped-hour"),
        pytest.param((25, 2, 0), (25, 3, 0), "FREQ=DAILY;COUNT=300", id="until-autumn-and-on"),
        pytest.param((25, 1, 0), (25, 2, 30), "FREQ=DAILY;COUNT=300", id="to-the-double-hour"),
        pytest.param((1, 9, 0), (1, 10, 0), "FREQ=WEEKLY;BYDAY=SU", id="endless-over-both"),
    ],
)
def test_series_over_a_change_of_the_clocks_expands_to_its_stored_dates(
    start: tuple[int, int, int], end: tuple[int, int, int], rule: str
) -> None:
    each = booking(datetime(2026, 3, *start), datetime(2026, 3, *end), rule=rule)
    assert read(feed(each)) == stored(each)


def test_length_over_a_change_of_the_clocks_is_written_out() -> None:
    """Readers that keep the hours and readers that keep the clock must agree."""
    nights = booking(datetime(2026, 3, 27, 22), datetime(2026, 3, 28, 6), rule="FREQ=DAILY;COUNT=3")
    body = feed(nights).decode()
    assert body.count("RECURRENCE-ID;TZID=Europe/Paris:20260328T220000") == 1
    assert body.count("RECURRENCE-ID") == 1


def test_second_of_two_equal_hours_is_given_in_utc() -> None:
    moved = {TUESDAY: {"interval": at(datetime(2026, 10, 25, 1), datetime(2026, 10, 25, 3))}}
    late = booking(TUESDAY, TUESDAY + hours(1), dates=moved)
    start = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    second = booking(
        TUESDAY,
        TUESDAY + hours(1),
        dates={TUESDAY: {"interval": type(late.dates[0].interval)(start, start + hours(1))}},
    )
    assert b"DTSTART:20261025T013000Z\r\n" in feed(second)
    assert read(feed(second)) == stored(second)
    assert read(feed(late)) == stored(late)


def test_all_day_series_gives_dates() -> None:
    each, _words = GOLDEN["all-day"]
    assert [start for start, _end, _status in read(feed(each))] == [
        date(2026, 3, 3),
        date(2026, 4, 3),
        date(2026, 5, 3),
    ]


def test_endless_series_ends_at_its_last_date() -> None:
    each = booking(TUESDAY, TUESDAY + hours(1), rule="FREQ=WEEKLY")
    assert read(feed(each)) == stored(each)
    assert b"RRULE:FREQ=WEEKLY;UNTIL=20271228T080000Z\r\n" in feed(each)


def test_series_whose_rest_was_cancelled_ends_before() -> None:
    gone = {weekly(week): CANCELLED for week in range(4, 9)}
    each = booking(TUESDAY, TUESDAY + hours(1), rule="FREQ=WEEKLY;COUNT=9", dates=gone)
    body = feed(each)
    assert b"RRULE:FREQ=WEEKLY;UNTIL=20260324T080000Z\r\n" in body
    assert b"EXDATE" not in body
    assert read(body) == stored(each)


def test_extra_dates_are_listed() -> None:
    extra = datetime(2026, 4, 1, 9)
    each = booking(
        TUESDAY,
        TUESDAY + hours(1),
        rule="FREQ=WEEKLY;COUNT=3",
        rdates=[extra, extra + hours(48)],
        dates={extra + hours(48): CANCELLED},
    )
    body = feed(each)
    assert b"RDATE;TZID=Europe/Paris:20260401T090000\r\n" in body
    assert read(body) == stored(each)


def test_dates_in_other_rooms_are_left_out() -> None:
    each = booking(
        TUESDAY,
        TUESDAY + hours(1),
        rule="FREQ=WEEKLY;COUNT=4",
        dates={weekly(0): ELSEWHERE, weekly(2): ELSEWHERE},
    )
    assert read(feed(each)) == stored(each)
    assert b"EXDATE;TZID=Europe/Paris:20260303T090000,20260317T090000\r\n" in feed(each)


def test_cancelled_series_is_cancelled_as_a_whole() -> None:
    each = booking(TUESDAY, TUESDAY + hours(1), rule="FREQ=WEEKLY;COUNT=3", state=State.CANCELLED)
    assert [status for _start, _end, status in read(feed(each))] == ["CANCELLED"] * 3


def test_cancelled_booking_is_gone_for_whoever_sees_only_busy() -> None:
    each = booking(TUESDAY, TUESDAY + hours(1), state=State.CANCELLED)
    assert event_of(each, FOR_STRANGERS) is None


def test_busy_event_tells_only_when_and_where() -> None:
    body = feed(SERIES, FOR_STRANGERS).decode()
    for secret in (
        "Choir",
        "Concert",
        "Voix",
        "tables",
        "Camille",
        "3f6c",
        "bookings/17",
        "CREATED",
    ):
        assert secret not in body
    assert not {"DESCRIPTION", "URL", "CATEGORIES"} & set(_events(body.encode())[0])
    assert body.count("SUMMARY:Busy\r\n") == body.count("BEGIN:VEVENT")
    assert read(feed(SERIES, FOR_STRANGERS)) == stored(SERIES)


def test_busy_event_keeps_its_uid_and_hides_the_real_one() -> None:
    uids = {event["UID"] for event in _events(feed(SERIES, FOR_STRANGERS))}
    again = {event["UID"] for event in _events(feed(SERIES, FOR_STRANGERS))}
    assert len(uids) == 1
    assert uids == again
    assert "3f6c@rooms.example" not in uids


def _events(body: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(body).walk("VEVENT"))


RULES = st.sampled_from(
    [
        "FREQ=DAILY;COUNT=30",
        "FREQ=DAILY;INTERVAL=3;UNTIL=20261130T235959",
        "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=80",
        "FREQ=WEEKLY;INTERVAL=2",
        "FREQ=MONTHLY;BYDAY=-1TU,1TU;COUNT=20",
        "FREQ=MONTHLY;BYMONTHDAY=3;UNTIL=20270303T090000Z",
    ]
)
FATES = st.sampled_from(
    [{}, {}, {}, CANCELLED, REQUESTED, ELSEWHERE, {"state": State.CONFLICT}, {"space_ids": (2,)}]
)


@settings(max_examples=60, deadline=None)
@given(st.data(), RULES, st.sampled_from(["Europe/Paris", "America/New_York", "UTC"]))
def test_any_series_expands_to_its_stored_dates(data: st.DataObject, rule: str, zone: str) -> None:
    plain = booking(TUESDAY, TUESDAY + hours(1), rule=rule, zone=zone)
    changes: dict[datetime, dict[str, Any]] = {}
    for each in plain.dates:
        fate = dict(data.draw(FATES))
        if data.draw(st.integers(0, 9)) == 0:
            fate["interval"] = each.interval.shifted(hours(data.draw(st.integers(1, 5))))
        changes[each.recurrence_id] = fate
    left_out = data.draw(st.lists(st.sampled_from(plain.dates[1:]), max_size=3))
    skipped = {each.recurrence_id for each in left_out}
    given = {each.recurrence_id for each in plain.dates}
    days = data.draw(st.sets(st.integers(1, 400), max_size=3))
    further = {TUESDAY + timedelta(days=each) for each in days} - skipped
    changes |= {each: dict(data.draw(FATES)) for each in further - given}
    each = booking(
        TUESDAY,
        TUESDAY + hours(1),
        rule=rule,
        zone=zone,
        exdates=sorted(skipped),
        rdates=sorted(further),
        dates={key: change for key, change in changes.items() if key not in skipped},
    )
    if any(date.state.is_open for date in each.dates):
        assert read(feed(each)) == stored(each)
