"""Calendar objects become bookings, and change them, by the rules of the browser."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from booking.actions import bookings
from booking.actions.bookings.change import as_request
from booking.actions.bookings.extend import extend_series
from booking.actions.objects import delete_object, move_object
from booking.core.errors import Conflicted, InvalidRequest, NotAllowed, Stale, UidTaken
from booking.core.requests import CancelRequest, ChangeRequest
from booking.core.series import by_date
from booking.core.values import Door, Policy, State, Visibility
from booking.db import db
from booking.models import Audit, Booking, CalendarObject
from booking.queries import agenda
from tests.support.factories import NOW
from tests.support.objects import calendar, put, put_back, single, vevent, written
from tests.support.statements import count_statements

WEEKLY = "FREQ=WEEKLY;COUNT=4"


def stored(session, booking_id):
    """Return a booking as it is stored by now."""
    session.rollback()
    return agenda.booking(session, booking_id)


def starts(session, booking_id):
    """Return when the open dates of a booking begin, and where, in UTC order."""
    found = stored(session, booking_id).occurrences
    return [(f"{x.interval.start:%m-%d %H:%M}", x.space_id) for x in found if x.state.is_open]


def delete(house, booking_id, **more):
    """Delete the object of a booking as the member."""
    return delete_object(house.member, door=Door.DAV, booking_id=booking_id, now=NOW, **more)


def test_new_event_is_booked_in_the_room_of_its_calendar(session, house):
    done = put(house, single(DESCRIPTION="Bring water"), href="a.ics")

    booking = stored(session, done.booking_id)
    assert (done.state, done.created, done.version) == (State.CONFIRMED, True, 1)
    assert done.changed  # it has a place by now
    assert (booking.uid, booking.title, booking.note) == ("one@example.org", "Choir", "Bring water")
    assert booking.organisation_id == house.ours
    assert starts(session, done.booking_id) == [("03-11 09:00", house.atlas.id)]
    assert session.scalars(select(Audit.door)).all() == ["dav"]
    assert session.scalars(select(CalendarObject.href)).all() == ["a.ics"]


def test_event_that_says_all_is_not_changed(session, house):
    assert not put(house, single(LOCATION="Atlas, The House")).changed


def test_place_names_the_room_in_a_calendar_of_ones_own(session, house):
    done = put(house, single(LOCATION="birch"), space_id=None)

    assert starts(session, done.booking_id) == [("03-11 09:00", house.birch.id)]
    with pytest.raises(InvalidRequest, match="event_place_unknown"):
        put(house, single("two", LOCATION="The garden"), space_id=None)


def test_room_that_needs_approval_is_requested(session, house):
    done = put(house, single(LOCATION="Cedar"), space_id=house.cedar.id)

    assert (done.state, done.changed) == (State.REQUESTED, True)


def test_taken_time_is_refused_with_alternatives(session, house):
    house.add_booking()

    with pytest.raises(Conflicted) as refused:
        put(house, single())
    assert refused.value.alternatives


def test_same_object_again_changes_nothing(session, house):
    first = put(house, single(), href="a.ics")
    again = put(house, single(), href="a.ics")

    assert (again.booking_id, again.version, again.stored) == (first.booking_id, 1, False)
    assert session.scalars(select(Booking.id)).all() == [first.booking_id]


def test_uid_of_another_object_is_refused(session, house):
    first = put(house, single(), href="a.ics")

    with pytest.raises(UidTaken) as refused:
        put(house, single(), href="b.ics")
    assert refused.value.booking_id == first.booking_id
    with pytest.raises(UidTaken) as refused:
        put(house, single(), by=house.stranger)
    assert refused.value.booking_id is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("T100000", "T140000", ("03-11 13:00", "atlas")),
        ("20270311T110000", "20270311T120000", ("03-11 09:00", "atlas")),
        ("LOCATION:Atlas", "LOCATION:Birch", ("03-11 09:00", "birch")),
    ],
)
def test_single_booking_moves(session, house, old, new, expected):
    first = put(house, single())

    text = written(session, first.booking_id).decode().replace(old, new)
    text = text.replace("T110000", "T150000") if "T140000" in new else text
    done = put(house, text.encode(), space_id=None, booking_id=first.booking_id, expected=1)

    assert not done.changed
    assert (done.booking_id, done.version) == (first.booking_id, 2)
    assert starts(session, first.booking_id) == [(expected[0], getattr(house, expected[1]).id)]


def test_title_note_and_privacy_change(session, house):
    first = put(house, single())
    put_back(house, first.booking_id, old="SUMMARY:Choir", new="SUMMARY:Band\r\nDESCRIPTION:Loud")
    put_back(house, first.booking_id, old="CLASS:CONFIDENTIAL", new="CLASS:PRIVATE")

    booking = stored(session, first.booking_id)
    assert (booking.title, booking.note) == ("Band", "Loud")
    assert booking.visibility is Visibility.PRIVATE


def test_stale_version_is_refused(session, house):
    first = put(house, single())
    put_back(house, first.booking_id, old="SUMMARY:Choir", new="SUMMARY:Band")

    with pytest.raises(Stale):
        put(house, single(), booking_id=first.booking_id, expected=1)


def test_booking_of_somebody_else_is_refused(session, house):
    first = put(house, single())

    with pytest.raises(NotAllowed):
        put(house, single(SUMMARY="Mine"), by=house.stranger, booking_id=first.booking_id)
    with pytest.raises(NotAllowed):
        delete_object(house.stranger, door=Door.DAV, booking_id=first.booking_id, now=NOW)


def test_cancelled_event_and_deleted_one_give_the_time_back(session, house):
    for uid, give_up in (
        ("one", lambda key: put(house, single("one", STATUS="CANCELLED"), booking_id=key)),
        ("two", lambda key: delete(house, key)),
    ):
        made = put(house, single(uid))
        assert give_up(made.booking_id).state is State.CANCELLED
        assert not give_up(made.booking_id).stored
        assert starts(session, made.booking_id) == []


def test_deleted_event_that_is_put_again_is_booked_again(session, house):
    first = put(house, single(), href="a.ics")
    delete(house, first.booking_id)

    again = put(house, single(), href="a.ics")

    assert again.created
    assert stored(session, again.booking_id).uid == "one@example.org"
    assert stored(session, first.booking_id).uid == f"one@example.org~{first.booking_id}"


def test_room_of_several_is_given_back_alone(session, house):
    made = put(house, single(LOCATION="Atlas, Birch"), space_id=None)

    delete(house, made.booking_id, space_id=house.atlas.id)
    assert starts(session, made.booking_id) == [("03-11 09:00", house.birch.id)]
    assert delete(house, made.booking_id, space_id=house.birch.id).state is State.CANCELLED


def test_object_moves_into_the_calendar_of_another_room(session, house):
    made = put(house, single(), href="a.ics")
    asked = {"door": Door.DAV, "booking_id": made.booking_id, "now": NOW, "expected": 1}
    rooms = {"from_space_id": house.atlas.id, "to_space_id": house.birch.id}

    done = move_object(house.member, href="b.ics", **rooms, **asked)

    assert (done.booking_id, done.version) == (made.booking_id, 2)
    assert starts(session, made.booking_id) == [("03-11 09:00", house.birch.id)]
    assert session.scalars(select(CalendarObject.href)).all() == ["b.ics"]
    house.add_booking(by=house.stranger)
    rooms = {"from_space_id": house.birch.id, "to_space_id": house.atlas.id}
    session.rollback()
    with pytest.raises(Conflicted):
        move_object(house.member, **rooms, **(asked | {"expected": 2}))


def test_object_is_put_into_another_room_and_changed_at_once(session, house):
    made = put(house, calendar(vevent(f"RRULE:{WEEKLY}")), href="a.ics")
    later = calendar(
        vevent(
            f"RRULE:{WEEKLY}",
            DTSTART=";TZID=Europe/Paris:20270311T140000",
            DTEND=";TZID=Europe/Paris:20270311T150000",
        )
    )
    asked = {"space_id": house.birch.id, "booking_id": made.booking_id, "href": "b.ics"}
    blocked = house.add_booking(house.birch, by=house.stranger, start=14, end=15, days=(7,))

    with pytest.raises(Conflicted):
        put(house, later, moves=True, **asked)
    assert {room for _at, room in starts(session, made.booking_id)} == {house.atlas.id}
    bookings.cancel(CancelRequest(blocked, 1), house.stranger, now=NOW)
    with pytest.raises(Stale):
        put(house, later, moves=True, expected=7, **asked)
    done = put(house, later, moves=True, expected=1, **asked)

    assert (done.booking_id, done.created) == (made.booking_id, False)
    found = starts(session, made.booking_id)
    assert found[:2] == [("03-11 13:00", house.birch.id), ("03-18 13:00", house.birch.id)]
    assert len(found) == 4
    assert session.scalars(select(CalendarObject.href)).all() == ["b.ics"]


def test_what_its_old_calendar_would_still_show_is_not_moved(session, house):
    """Programs delete it there next: that would cancel it."""
    both = put(house, single("two", LOCATION="Cedar, Delta"), space_id=None).booking_id

    with pytest.raises(UidTaken) as refused:
        put(house, single("two"), space_id=house.birch.id, booking_id=both, moves=True)

    assert refused.value.booking_id == both
    assert stored(session, both).version == 1


TEN = "03-11 09:00"


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({"DTSTART": "20270311T090000Z", "DTEND": "20270311T100000Z"}, TEN),
        ({"DTSTART": "20270311T100000", "DTEND": "", "DURATION": "PT1H"}, TEN),
        ({"DTSTART": ";TZID=Romance Standard Time:20270311T100000"}, TEN),
        ({"DTSTART": ";TZID=Europe/London:20270311T090000"}, TEN),
        ({"DTSTART": ";VALUE=DATE:20270311", "DTEND": ";VALUE=DATE:20270312"}, "03-10 23:00"),
    ],
)
def test_times_are_understood_however_they_are_written(session, house, times, expected):
    made = put(house, single(**times))

    assert [x for x, _ in starts(session, made.booking_id)] == [expected]
    again = put(house, written(session, made.booking_id), booking_id=made.booking_id)
    assert (again.version, again.changed) == (1, False)


def test_request_that_is_put_back_is_what_it_is(session, house):
    made = put(house, single(LOCATION="Cedar"), space_id=None)
    again = put_back(house, made.booking_id, old="Choir", new="Choir", space_id=None)

    assert (again.state, again.version, again.changed) == (State.REQUESTED, 1, False)


def test_series_without_an_end_stays_one_when_it_comes_back_with_an_end(session, house):
    made = put(house, calendar(vevent(RRULE="FREQ=WEEKLY")))
    key = made.booking_id

    assert "UNTIL" in written(session, key).decode()
    assert put_back(house, key, old="Choir", new="Choir").version == 1
    put_back(house, key, old="T110000", new="T113000")
    assert stored(session, key).rule == "FREQ=WEEKLY"


def test_series_without_an_end_goes_as_far_as_its_room_can_be_booked(session, house):
    room = house.add_space("Narrow", policy=Policy(ahead=timedelta(days=60)))
    here = {"space_id": room.id}
    made = put(house, calendar(vevent(RRULE="FREQ=WEEKLY")), **here)
    key, before = made.booking_id, starts(session, made.booking_id)
    assert len(before) == 9

    assert put_back(house, key, old="Choir", new="Choir", **here).version == 1
    put_back(house, key, old="T110000", new="T113000", **here)

    assert starts(session, key) == before
    assert stored(session, key).rule == "FREQ=WEEKLY"


OUT = "EXDATE;TZID=Europe/Paris:20270513T100000"  # nine weeks from its first date


def night(days):
    """Let endless series go on, so many days later."""
    extend_series(now=NOW + timedelta(days=days))


def state_on(session, booking_id, day):
    views = stored(session, booking_id).occurrences
    return {x.state for x in views if x.recurrence_id.isoformat()[:10] == day}


def test_date_beyond_what_is_stored_is_left_out_when_the_series_comes_to_it(session, house):
    room = house.add_space("Narrow", policy=Policy(ahead=timedelta(days=60)))
    here = {"space_id": room.id}
    made = put(house, calendar(vevent(OUT, RRULE="FREQ=WEEKLY")), **here)
    key = made.booking_id
    assert (state_on(session, key, "2027-05-06"), state_on(session, key, "2027-05-13")) == (
        {State.CONFIRMED},
        set(),
    )
    assert OUT.encode() in written(session, key)
    assert put_back(house, key, old="Choir", new="Choir", **here).version == 1

    night(3)
    assert state_on(session, key, "2027-05-13") == {State.SKIPPED}
    assert stored(session, key).exdates_beyond == ()
    night(14)
    assert state_on(session, key, "2027-05-20") == {State.CONFIRMED}


def test_date_beyond_what_is_stored_is_asked_for_again(session, house):
    room = house.add_space("Narrow", policy=Policy(ahead=timedelta(days=60)))
    here = {"space_id": room.id}
    key = put(house, calendar(vevent(RRULE="FREQ=WEEKLY")), **here).booking_id

    put(house, calendar(vevent(OUT, RRULE="FREQ=WEEKLY")), booking_id=key, **here)
    assert stored(session, key).exdates_beyond == (datetime.fromisoformat("2027-05-13T10:00"),)
    put(house, calendar(vevent(RRULE="FREQ=WEEKLY")), booking_id=key, **here)
    assert stored(session, key).exdates_beyond == ()

    night(3)
    assert state_on(session, key, "2027-05-13") == {State.CONFIRMED}


def test_series_that_is_split_still_leaves_out_what_it_was_asked_to(session, house):
    room = house.add_space("Narrow", policy=Policy(ahead=timedelta(days=60)))
    here = {"space_id": room.id}
    key = put(house, calendar(vevent(OUT, RRULE="FREQ=WEEKLY")), **here).booking_id
    before = stored(session, key)
    since = datetime.fromisoformat("2027-03-25T10:00")
    lasts = before.ends_at - before.starts_at
    wish = replace(as_request(before), start=since, end=since + lasts, title="Band")
    request = ChangeRequest(key, before.version, wish, since=since)
    apart = bookings.change(request, house.member, now=NOW).booking_id
    assert apart != key

    night(3)
    assert state_on(session, apart, "2027-05-13") == {State.SKIPPED}


def test_dates_in_other_rooms_are_left_alone_from_the_calendar_of_a_room(session, house):
    elsewhere = vevent(RECURRENCE_ID=";TZID=Europe/Paris:20270318T100000", LOCATION="Birch")
    elsewhere = elsewhere.replace("20270311", "20270318")
    made = put(house, calendar(vevent(RRULE=WEEKLY, LOCATION="Atlas"), elsewhere), space_id=None)
    before = starts(session, made.booking_id)
    assert before[1] == ("03-18 09:00", house.birch.id)

    out = vevent("EXDATE;TZID=Europe/Paris:20270318T100000", RRULE=WEEKLY, SUMMARY="Band")
    put(house, calendar(out), booking_id=made.booking_id)

    assert starts(session, made.booking_id) == before
    assert stored(session, made.booking_id).title == "Band"


def test_days_off_stay_left_out_and_can_be_taken_back(session, house):
    wish = house.request(rule="FREQ=WEEKLY;BYDAY=MO;COUNT=4", day=11, leaves_out={"public"})
    key = bookings.book(wish, house.member, now=NOW).booking_id
    dates = [x for x, _ in starts(session, key)]
    assert dates == ["03-22 09:00", "04-05 08:00", "04-12 08:00"]  # the 29th is Easter Monday
    assert put_back(house, key, old="Choir", new="Choir").version == 1

    out = "EXDATE;TZID=Europe/Paris:20270329T100000\r\n"
    put_back(house, key, old=out, new="")
    assert [x for x, _ in starts(session, key)] == [dates[0], "03-29 08:00", *dates[1:]]
    assert put_back(house, key, old="Choir", new="Choir").changed is False


def series(house, *dates, **more):
    """Put a weekly series of four dates, with dates of its own."""
    return put(house, calendar(vevent(RRULE=WEEKLY), *dates), **more)


def test_new_series_with_exceptions_is_one_booking(session, house):
    own = vevent(
        DTSTART=";TZID=Europe/Paris:20270318T160000",
        DTEND=";TZID=Europe/Paris:20270318T170000",
        RECURRENCE_ID=";TZID=Europe/Paris:20270318T100000",
        SUMMARY="Late choir",
    )
    whole = vevent("EXDATE;TZID=Europe/Paris:20270325T100000", RRULE=WEEKLY)
    done = put(house, calendar(whole, own))

    found = stored(session, done.booking_id)
    assert [x for x, _ in starts(session, done.booking_id)] == [
        "03-11 09:00",
        "03-18 15:00",
        "04-01 08:00",
    ]
    assert found.occurrences[1].title == "Late choir"


def test_object_as_the_house_writes_it_changes_nothing(session, house):
    own = vevent(
        DTSTART=";TZID=Europe/Paris:20270318T160000",
        DTEND=";TZID=Europe/Paris:20270318T170000",
        RECURRENCE_ID=";TZID=Europe/Paris:20270318T100000",
        SUMMARY="Late choir",
    )
    whole = vevent("EXDATE;TZID=Europe/Paris:20270325T100000", RRULE=WEEKLY)
    made = put(house, calendar(whole, own))

    text = written(session, made.booking_id)
    done = put(house, text, booking_id=made.booking_id, space_id=None)
    assert (done.version, done.changed) == (1, False)


def test_dates_that_clash_are_left_out_and_wait(session, house):
    house.add_booking(by=house.stranger, days=(7,))

    with pytest.raises(Conflicted):
        series(house)
    done = series(house, clashes="skip")

    assert done.skipped == (datetime(2027, 3, 18, 10),)  # noqa: DTZ001
    assert done.changed
    assert len(starts(session, done.booking_id)) == 3


def test_one_date_is_moved_cancelled_and_brought_back(session, house):
    made = series(house)
    key = made.booking_id
    whole = vevent(RRULE=WEEKLY)
    own = vevent(
        DTSTART=";TZID=Europe/Paris:20270319T120000",
        DTEND=";TZID=Europe/Paris:20270319T130000",
        RECURRENCE_ID=";TZID=Europe/Paris:20270318T100000",
    )
    out = "EXDATE;TZID=Europe/Paris:20270325T100000"

    moved = put(house, calendar(whole, own), booking_id=key)
    assert starts(session, key)[1] == ("03-19 11:00", house.atlas.id)
    gone = put(house, calendar(vevent(out, RRULE=WEEKLY), own), booking_id=key)
    assert len(starts(session, key)) == 3
    back = put(house, calendar(whole), booking_id=key)

    assert [each.booking_id for each in (moved, gone, back)] == [key] * 3
    dates = [x for x, _ in starts(session, key)]
    assert dates == ["03-11 09:00", "03-18 09:00", "03-25 09:00", "04-01 08:00"]
    states = {x[0].state for x in by_date(stored(session, key)).values()}
    assert states == {State.CONFIRMED}


def test_whole_series_moves_and_is_renamed(session, house):
    key = series(house).booking_id
    later = {
        "DTSTART": ";TZID=Europe/Paris:20270311T150000",
        "DTEND": ";TZID=Europe/Paris:20270311T160000",
    }
    done = put(house, calendar(vevent(RRULE=WEEKLY, SUMMARY="Band", **later)), booking_id=key)

    assert done.booking_id == key
    assert [x[-5:] for x, _ in starts(session, key)] == ["14:00", "14:00", "14:00", "13:00"]
    assert stored(session, key).title == "Band"


def test_what_was_cancelled_in_the_browser_is_no_conflict(session, house):
    made = put(house, single())
    bookings.cancel(CancelRequest(made.booking_id, 1), house.member, now=NOW)

    assert put(house, single()).booking_id != made.booking_id


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"hello", "calendar_unreadable"),
        (calendar(), "object_no_event"),
        (calendar("BEGIN:VTODO\nUID:1\nEND:VTODO\n"), "object_no_event"),
        (calendar(vevent(), vevent(uid="two")), "object_several"),
        (calendar(vevent(DTEND=";VALUE=DATE:20270312")), "object_times_mixed"),
        (calendar(vevent(RRULE="FREQ=HOURLY")), "unsupported_rule"),
        (single(DTSTART="99981231T230000Z", DTEND="", DURATION="P364D"), "time_out_of_range"),
        (calendar(vevent(RRULE="FREQ=DAILY;COUNT=2000")), "count_out_of_range"),
        (b"BEGIN:VCALENDAR\n" + b"X" * 1024 * 1024, "calendar_too_big"),
    ],
)
def test_bad_object_is_refused_with_a_reason(session, house, data, code):
    key = put(house, single()).booking_id
    session.rollback()
    with pytest.raises(InvalidRequest) as refused:
        put(house, data, booking_id=key)
    assert [each.code for each in refused.value.messages] == [code]
    assert stored(session, key).version == 1


def test_statements_are_as_many_for_a_date_as_for_many(session, house):
    counts = []
    for number, (hour, dates) in enumerate(((10, 2), (14, 40))):
        uid, rule = f"uid-{number}", f"FREQ=WEEKLY;COUNT={dates}"
        at = {
            "DTSTART": f";TZID=Europe/Paris:20270311T{hour}0000",
            "DTEND": f";TZID=Europe/Paris:20270311T{hour + 1}0000",
        }
        later = {**at, "DTEND": f";TZID=Europe/Paris:20270311T{hour + 2}0000"}
        made = [single(uid, RRULE=rule, **at), single(uid, RRULE=rule, **later)]
        for data in (made[0], made[0], made[1]):
            with count_statements(db.engine) as seen:
                put(house, data)
            counts.append(len(seen))
    assert counts[:3] == counts[3:]
    assert counts[0] == 15
    assert counts[1] <= 10
