"""calendar-query and free-busy-query on rooms (RFC 4791 §7.8, §7.10, §9.6, §9.7)."""

import re

import pytest
from icalendar import Calendar

from booking.core.values import State
from tests.dav.conftest import condition

EVENTS = (
    '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{}'
    "</C:comp-filter></C:comp-filter>"
)
MARCH_11 = '<C:time-range start="20270311T000000Z" end="20270312T000000Z"/>'


@pytest.fixture
def room(member, house):
    """Return the address of Atlas: a series on three days, a single booking, one by others."""
    house.add_booking(house.atlas, title="Choir", days=(0, 1, 2), note="Piano")
    house.add_booking(house.atlas, title="Board", start=14, end=15, days=(5,))
    house.add_booking(
        house.atlas, title="Hidden", start=16, end=17, by=house.stranger, visibility="private"
    )
    return member.home(f"space-{house.atlas.id}/")


def titles(found):
    return sorted(re.findall("SUMMARY:(.*)\r", "".join(found.values())))


def words(name, text, **how):
    """Return the filter of a property that has a text."""
    said = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in how.items())
    match = f"<C:text-match{said}>{text}</C:text-match>"
    return f'<C:prop-filter name="{name}">{match}</C:prop-filter>'


ABSENT = "<C:is-not-defined/>"
ALL = ["Board", "Choir", "Occupé"]
IN_PARIS = '<C:param-filter name="TZID"><C:text-match>paris</C:text-match></C:param-filter>'
FILTERS = {
    "": ALL,
    MARCH_11: ["Choir", "Occupé"],
    '<C:time-range start="20270313T090000Z" end="20270313T090001Z"/>': ["Choir"],
    '<C:time-range start="20270313T100000Z" end="20270314T000000Z"/>': [],
    '<C:time-range start="20270314T000000Z"/>': ["Board"],
    '<C:time-range end="20270312T000000Z"/>': ["Choir", "Occupé"],
    words("SUMMARY", "cho"): ["Choir"],
    words("SUMMARY", "cho", collation="i;octet"): [],
    words("SUMMARY", "cho", negate_condition="yes"): ["Board", "Occupé"],
    words("SUMMARY", "hidden"): [],  # Nobody finds by its words what he may not read.
    '<C:prop-filter name="RRULE"/>': ["Choir"],
    f'<C:prop-filter name="CLASS">{ABSENT}</C:prop-filter>': ["Occupé"],
    f'<C:prop-filter name="DTSTART">{IN_PARIS}</C:prop-filter>': ALL,
    MARCH_11 + words("DESCRIPTION", "piano"): ["Choir"],
    '<C:comp-filter name="VALARM"/>': [],
    f'<C:comp-filter name="VALARM">{ABSENT}</C:comp-filter>': ALL,
    ABSENT: [],
}


def test_filter_lets_through(member, room):
    found = {inner: titles(member.query(room, EVENTS.format(inner))) for inner in FILTERS}

    assert found == FILTERS


def test_rooms_have_events_alone(member, room):
    for kind in ("VTODO", "VJOURNAL", "VFREEBUSY"):
        filters = f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="{kind}"/></C:comp-filter>'
        assert member.query(room, filters) == {}


def test_home_is_asked_as_a_whole(member, room):
    found = member.query(member.home(), EVENTS.format(MARCH_11))

    assert titles(found) == ["Choir", "Occupé"]  # mine, ours and the room's, by one name each


def test_expanded_series_has_its_dates_in_utc(member, room):
    data = (
        '<C:calendar-data><C:expand start="20270312T000000Z" end="20270320T000000Z"/>'
        "</C:calendar-data>"
    )
    window = '<C:time-range start="20270312T000000Z" end="20270320T000000Z"/>'

    found = member.query(room, EVENTS.format(window), data=data)

    events = [
        event for text in found.values() for event in Calendar.from_ical(text.encode()).events
    ]
    starts = sorted((str(each["SUMMARY"]), f"{each['DTSTART'].dt:%d %H:%M %Z}") for each in events)
    assert starts == [
        ("Board", "16 13:00 UTC"),
        ("Choir", "12 09:00 UTC"),
        ("Choir", "13 09:00 UTC"),
    ]
    assert all("RRULE" not in text and "VTIMEZONE" not in text for text in found.values())
    assert sum("RECURRENCE-ID" in text for text in found.values()) == 1


def test_part_of_the_data(member, room):
    data = (
        '<C:calendar-data><C:comp name="VCALENDAR"><C:prop name="VERSION"/><C:comp name="VEVENT">'
        '<C:prop name="UID"/><C:prop name="SUMMARY"/></C:comp></C:comp></C:calendar-data>'
    )
    found = member.query(room, EVENTS.format(MARCH_11), data=data)

    lines = [text.split("\r\n") for text in found.values()]
    names = [[each.partition(":")[0] for each in some] for some in lines]
    whole = ["BEGIN", "VERSION", "BEGIN", "UID", "SUMMARY", "END", "END", ""]
    assert names == [whole, whole]


SENSELESS = {
    "": "valid-filter",
    '<C:comp-filter name="VEVENT"/>': "valid-filter",
    EVENTS.format('<C:time-range start="2027-03-11"/>'): "valid-filter",
    EVENTS.format("<C:time-range/>"): "valid-filter",
    EVENTS.format(
        '<C:time-range start="20270311T000000Z" end="20270310T000000Z"/>'
    ): "valid-filter",
    EVENTS.format("<C:prop-filter/>"): "valid-filter",
    EVENTS.format(words("SUMMARY", "a", collation="i;x")): "supported-collation",
}


def test_filter_that_makes_no_sense_is_refused(member, room):
    for filters, expected in SENSELESS.items():
        answer = member.report(room, "C:calendar-query", f"<C:filter>{filters}</C:filter>")
        assert (answer.status_code, condition(answer)) == (403, expected)


def test_data_of_another_kind_is_refused(member, room):
    asked = '<prop><C:calendar-data content-type="application/json"/></prop>'
    answer = member.report(
        room, "C:calendar-query", f"{asked}<C:filter>{EVENTS.format('')}</C:filter>"
    )

    assert (answer.status_code, condition(answer)) == (403, "supported-calendar-data")


def test_free_busy_says_when_and_not_a_word_more(member, stranger, house, room):
    house.add_booking(house.delta, title="Held", start=9, end=10, state=State.CONFIRMED)
    house.add_booking(house.cedar, title="Asked", start=12, end=13, state=State.REQUESTED)

    def busy(space):
        path = stranger.home(f"space-{space.id}/")
        answer = stranger.report(path, "C:free-busy-query", MARCH_11)
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert "METHOD" not in answer.text
        assert not re.search("SUMMARY|Choir|Hidden|Member", answer.text)
        return re.findall("FREEBUSY;FBTYPE=(.*)\r", answer.text)

    assert busy(house.atlas) == [
        "BUSY:20270311T090000Z/20270311T100000Z",
        "BUSY:20270311T150000Z/20270311T160000Z",
    ]
    # Set-up and clean-up count: nobody else can have that time.
    assert busy(house.delta) == ["BUSY:20270311T074500Z/20270311T091500Z"]
    assert busy(house.cedar) == ["BUSY-TENTATIVE:20270311T110000Z/20270311T120000Z"]
    assert busy(house.birch) == []


def test_room_for_two_is_busy_when_both_places_are_taken(member, house):
    dock = house.add_space("Dock", lanes=2)
    house.add_booking(dock)
    answer = member.report(member.home(f"space-{dock.id}/"), "C:free-busy-query", MARCH_11)

    assert "FREEBUSY" not in answer.text.replace("VFREEBUSY", "")


def test_own_free_busy(member, house, room):
    path = member.home(f"person-{house.member.person_id}/")
    answer = member.report(path, "C:free-busy-query", MARCH_11)

    assert re.findall("FREEBUSY;FBTYPE=(.*)\r", answer.text) == [
        "BUSY:20270311T090000Z/20270311T100000Z"
    ]


@pytest.mark.parametrize("bookings", [1, 12])
def test_statements_stay_the_same(member, house, count, bookings):
    for day in range(bookings):
        house.add_booking(house.atlas, days=(day,))
    room = member.home(f"space-{house.atlas.id}/")
    member.ask("PROPFIND", room, Depth="0")  # the last use of the password is noted

    def statements(ask):
        with count() as made:
            ask()
        return len(made)

    assert {
        "query": statements(lambda: member.query(room, EVENTS.format(""))),
        "again": statements(lambda: member.query(room, EVENTS.format(""))),
        "sync": statements(lambda: member.sync(room)),
        "home": statements(lambda: member.properties(member.home(), "sync-token", depth="1")),
        "file": statements(lambda: member.ask("GET", room)),
    } == {"query": 6, "again": 5, "sync": 6, "home": 6, "file": 8}
