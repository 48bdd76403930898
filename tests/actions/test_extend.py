"""Endless series: they take the days that bookings open next, the older one first."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session, scoped_session

from booking.actions.approvals import approve
from booking.actions.bookings import book, cancel, change
from booking.actions.bookings.change import as_request
from booking.actions.bookings.extend import AHEAD, extend_series
from booking.actions.expiry import expire_requests
from booking.core import hours
from booking.core.errors import NotAllowed
from booking.core.requests import CancelRequest, ChangeRequest, DecisionRequest
from booking.core.values import BookingView, Policy, Stance, State
from booking.db import db
from booking.ical import component, event_of
from booking.models import Audit, Notice, Occurrence
from booking.queries import agenda, feed
from tests.ical.samples import WORDS
from tests.support.databases import writing
from tests.support.factories import NOW, House

Db = scoped_session[Session]
MONTH = timedelta(days=30)
SHORT = timedelta(days=60)
pytestmark = pytest.mark.usefixtures("session")


def read(booking_id: int) -> BookingView:
    return agenda.booking(db.session(), booking_id)


def booked(house: House, *spaces: object, now: datetime = NOW, **more: object) -> BookingView:
    wish = house.request(*spaces, **{"rule": "FREQ=WEEKLY", **more})  # type: ignore[arg-type]
    return read(book(wish, house.member, now=now).booking_id)


def last(booking: BookingView) -> date:
    return booking.occurrences[-1].recurrence_id.date()


def edge(house: House, now: datetime) -> date:
    """Return the last day that series hold."""
    return hours.last_bookable_day(house.site, now + AHEAD)


def written(booking: BookingView) -> str:
    (found,) = feed.bookings(db.session(), feed.alone(booking.id))
    event = event_of(found, replace(WORDS, locate=lambda _ids: "Atlas"))
    assert event is not None
    return component(event).text


def test_series_goes_on_to_the_edge_and_a_little_beyond(house: House) -> None:
    before = booked(house)
    assert extend_series(now=NOW + MONTH) == 1
    after = read(before.id)
    assert last(after) == last(before) + timedelta(days=28)
    assert edge(house, NOW + MONTH) - last(after) < timedelta(days=7)
    assert {each.state for each in after.occurrences} == {State.CONFIRMED}
    assert (after.sequence, after.updated_at) == (before.sequence, before.updated_at)
    assert after.version == before.version + 1
    assert extend_series(now=NOW + MONTH) == 0


def test_series_goes_as_far_as_its_room_can_be_booked(house: House) -> None:
    room = house.add_space("Narrow", policy=Policy(ahead=SHORT))
    before = booked(house, room)
    assert timedelta(days=53) < last(before) - NOW.date() <= SHORT
    assert extend_series(now=NOW + timedelta(hours=1)) == 0
    assert extend_series(now=NOW + MONTH) == 1
    after = read(before.id)
    assert timedelta(days=53) < last(after) - (NOW + MONTH + AHEAD).date() <= SHORT
    assert {each.state for each in after.occurrences} == {State.CONFIRMED}


def test_series_of_whoever_runs_the_house_goes_as_far_as_the_house(house: House) -> None:
    room = house.add_space("Narrow", policy=Policy(ahead=SHORT))
    wish = house.request(room, rule="FREQ=WEEKLY")
    made = read(book(wish, house.admin, now=NOW).booking_id)
    assert last(made) - NOW.date() > 2 * SHORT


def test_series_that_begins_too_far_ahead_is_refused(house: House) -> None:
    room = house.add_space("Narrow", policy=Policy(ahead=SHORT))
    with pytest.raises(NotAllowed) as refused:
        booked(house, room, day=70)
    assert [each.code for each in refused.value.messages] == ["too_early_here"]


def test_feed_ends_later_without_a_new_sequence(house: House) -> None:
    before = booked(house)
    first = written(before)
    extend_series(now=NOW + MONTH)
    changed = set(written(before).splitlines()) ^ set(first.splitlines())
    assert {each.partition(":")[0] for each in changed} == {"RRULE"}


def test_series_that_cannot_go_on_keeps_no_other_from_it(house: House) -> None:
    before, other = booked(house), booked(house, start=14, end=15)
    at = before.occurrences[-1].recurrence_id + timedelta(days=7)
    with writing(house.engine) as connection:  # a row that no verb makes
        values = {"booking_id": before.id, "start_s": NOW, "end_s": NOW + MONTH}
        connection.execute(insert(Occurrence).values(recurrence_id=at, **values))
    assert extend_series(now=NOW + MONTH) == 1
    assert last(read(other.id)) > last(other)


def test_series_with_an_end_stays(house: House) -> None:
    booked(house, rule="FREQ=WEEKLY;COUNT=5")
    booked(house, start=14, end=15, rule="FREQ=WEEKLY;UNTIL=20270601T235959")
    booked(house, start=16, end=17, rule=None)
    assert extend_series(now=NOW + MONTH) == 0


def test_rhythm_stays_over_what_is_left_out(house: House) -> None:
    before = booked(house, rule="FREQ=WEEKLY", leaves_out=frozenset({"public"}))
    for week in range(1, 30):
        extend_series(now=NOW + timedelta(weeks=week))
    after = read(before.id)
    days = [each.recurrence_id.date() for each in after.occurrences]
    days += [each.date() for each in after.exdates]
    gaps = {later - day for day, later in zip(sorted(days), sorted(days)[1:], strict=False)}
    assert gaps == {timedelta(days=7)}
    assert len(after.exdates) > len(before.exdates)
    assert len(after.occurrences) > len(before.occurrences) + 25


YEARLY = "FREQ=YEARLY"
SECOND_SUNDAY = "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"  # in 2029 the 11th, the other's day


@pytest.mark.parametrize(
    ("first", "second"), [(YEARLY, SECOND_SUNDAY), (SECOND_SUNDAY, YEARLY)], ids=["one", "other"]
)
def test_where_two_series_meet_the_older_wins(house: House, first: str, second: str) -> None:
    older = booked(house, rule=first)
    younger = booked(house, rule=second, title="Band", now=NOW + timedelta(minutes=1))
    assert extend_series(now=NOW + timedelta(days=340)) == 2
    won, lost = (read(each.id).occurrences[-1] for each in (older, younger))
    assert won.recurrence_id == lost.recurrence_id
    assert won.recurrence_id.date() == date(2029, 3, 11)
    assert (won.state, lost.state) == (State.CONFIRMED, State.CONFLICT)


def test_date_that_is_taken_becomes_a_conflict(session: Db, house: House) -> None:
    before = booked(house, house.atlas, house.birch)
    now = NOW + timedelta(days=7)
    taken = last(before) + timedelta(days=7)
    day = (taken - house.at(0).date()).days
    other = book(house.request(house.birch, day=day), house.stranger, now=now)
    assert extend_series(now=now) == 1
    after = read(before.id)
    lost = [each for each in after.occurrences if each.recurrence_id.date() == taken]
    assert [each.state for each in lost] == [State.CONFLICT, State.CONFLICT]
    assert read(other.booking_id).state is State.CONFIRMED
    told = session.execute(select(Notice).where(Notice.code == "notice_conflict")).scalar_one()
    assert told.person_id == house.member.person_id
    assert told.params["number"] == 1
    entry = session.execute(select(Audit).where(Audit.verb == "extend")).scalar_one()
    assert entry.new == {"conflicts": [f"{taken}T10:00"]}
    later = now + timedelta(days=7)
    assert extend_series(now=later) == 1
    assert read(before.id).occurrences[-1].state is State.CONFIRMED


@pytest.mark.parametrize("whole", [True, False])
def test_cancelled_series_has_ended_and_a_cancelled_date_is_one_date(
    house: House, whole: bool
) -> None:
    before = booked(house)
    occurrence = None if whole else before.occurrences[-1].occurrence_id
    cancel(CancelRequest(before.id, 1, occurrence_id=occurrence), house.member, now=NOW)
    assert extend_series(now=NOW + MONTH) == (0 if whole else 1)


def test_request_that_waits_goes_on_as_a_request(house: House) -> None:
    before = booked(house, house.cedar, house.delta)
    extend_series(now=NOW + MONTH)
    assert {each.state for each in read(before.id).occurrences} == {State.REQUESTED}
    wish = DecisionRequest(before.id, read(before.id).version, space_id=house.cedar.id)
    approve(wish, house.approver, now=NOW + MONTH)
    extend_series(now=NOW + 2 * MONTH)
    new = read(before.id).occurrences[-2:]
    assert [each.state for each in new] == [State.CONFIRMED, State.REQUESTED]


def test_date_of_its_own_and_further_ones_do_not_move_the_rhythm(house: House) -> None:
    before = booked(house, rdates=(house.at(10, day=390),))
    extend_series(now=NOW + MONTH)
    after = read(before.id)
    weekdays = {each.recurrence_id.weekday() for each in after.occurrences[-4:]}
    assert weekdays == {before.starts_at.weekday()}
    assert after.rdates == before.rdates


def test_begun_series_that_is_changed_goes_on_as_the_new_one(house: House) -> None:
    before = booked(house)
    wanted = replace(as_request(before), space_ids=(house.birch.id,))
    done = change(ChangeRequest(before.id, 1, wanted), house.member, now=NOW + MONTH)
    assert extend_series(now=NOW + MONTH) <= 1
    extend_series(now=NOW + 2 * MONTH)
    assert last(read(done.booking_id)) > edge(house, NOW + 2 * MONTH) - timedelta(days=7)
    assert last(read(before.id)) < (NOW + MONTH).date()


def goes_on(house: House, session: Db, **limits: object) -> list[BookingView]:
    """Let two series of an organisation go on for a week under limits; return them."""
    more = {"organisation_id": house.ours}
    made = [booked(house, **more), booked(house, start=14, end=16, **more)]
    house.count_use(**limits)
    assert extend_series(now=NOW + timedelta(days=7)) == 2
    return [read(each.id) for each in made]


def told(session: Db) -> list[tuple[int, str]]:
    session.rollback()
    rows = session.execute(select(Notice.person_id, Notice.code).order_by(Notice.id))
    return [(row.person_id, row.code) for row in rows]


def test_date_that_is_over_a_limit_is_not_booked(session: Db, house: House) -> None:
    # Both have dates in the month that comes into reach, and one is all that there may be.
    first, second = goes_on(house, session, month_dates=1)
    states = [each.occurrences[-1].state for each in (first, second)]
    assert State.CONFLICT in states
    assert (house.member.person_id, "notice_over_limit") in told(session)
    assert "notice_conflict" not in dict(told(session)).values()


def test_date_that_is_over_a_limit_is_asked_for_where_the_limit_says_so(
    session: Db, house: House
) -> None:
    first, _second = goes_on(house, session, month_dates=0, over=Stance.ASK)
    assert first.occurrences[-1].state is State.REQUESTED
    assert first.occurrences[-2].state is State.CONFIRMED
    # It has its days to be decided in, from now on.
    assert first.updated_at == NOW + timedelta(days=7)
    assert (house.approver.person_id, "notice_requested") in told(session)
    assert expire_requests(now=NOW + timedelta(days=8)) == 0


def test_who_runs_the_house_goes_on_over_its_limits(session: Db, house: House) -> None:
    made = book(house.request(rule="FREQ=WEEKLY"), house.admin, now=NOW)
    house.count_use(month_dates=0)
    extend_series(now=NOW + timedelta(days=7))
    assert read(made.booking_id).occurrences[-1].state is State.CONFIRMED
    assert told(session) == []
