"""Book: what is stored, what is refused, what stands in the way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import book, preview
from booking.core.errors import Conflicted, InvalidRequest, NotAllowed
from booking.core.requests import BookingRequest
from booking.core.values import OPERATOR, State, Visibility
from booking.db import db
from booking.models import (
    Allocation,
    Audit,
    Booking,
    Change,
    Collection,
    Hold,
    Notice,
    Occurrence,
    Organisation,
    Person,
)
from booking.models import Space as SpaceRow
from booking.queries import agenda
from tests.support.databases import writing
from tests.support.factories import NOW, House
from tests.support.statements import count_statements

Db = scoped_session[Session]
WEEKLY = "FREQ=WEEKLY;COUNT=4"


def count(session: Db, model: type) -> int:
    return session.execute(select(func.count()).select_from(model)).scalar_one()


def stored(session: Db, booking_id: int) -> Booking:
    return session.execute(select(Booking).where(Booking.id == booking_id)).scalar_one()


def refusal(error: pytest.ExceptionInfo[InvalidRequest] | pytest.ExceptionInfo[NotAllowed]) -> set:
    return {(each.code, each.field) for each in error.value.messages}


# --- what is stored


def test_book_stores_everything_that_was_asked(session: Db, house: House) -> None:
    wish = house.request(
        title="Choir",
        organisation_id=house.ours,
        attendance=7,
        note="Chairs in a circle",
        visibility=Visibility.PRIVATE,
        request_key="k",
    )
    booked = book(wish, house.member, now=NOW)

    assert (booked.state, booked.version, booked.repeated) == (State.CONFIRMED, 1, False)
    found = agenda.booking(session, booked.booking_id)
    assert (found.title, found.note, found.attendance) == ("Choir", "Chairs in a circle", 7)
    assert (found.organiser_id, found.created_by_id) == (house.member.person_id,) * 2
    assert (found.organisation_id, found.visibility) == (house.ours, Visibility.PRIVATE)
    assert (found.starts_at, found.ends_at, found.zone) == (wish.start, wish.end, "Europe/Paris")
    assert [each.interval for each in found.occurrences] == [house.interval(10, 11)]
    assert count(session, Hold) == 1


def test_book_takes_eleven_statements(session: Db, house: House) -> None:
    with count_statements(db.engine) as seen:
        book(house.request(organisation_id=house.ours), house.member, now=NOW)
    assert len(seen) == 11


def test_book_several_rooms_at_once(session: Db, house: House) -> None:
    booked = book(house.request(house.birch, house.atlas), house.member, now=NOW)
    found = agenda.booking(session, booked.booking_id)
    assert found.space_ids == (house.atlas.id, house.birch.id)
    assert (count(session, Occurrence), count(session, Allocation), count(session, Hold)) == (
        1,
        2,
        2,
    )


def test_book_series_stores_each_date_at_the_same_wall_clock(session: Db, house: House) -> None:
    """The clocks go forward between the third date and the fourth."""
    booked = book(house.request(rule=WEEKLY), house.member, now=NOW)
    found = agenda.booking(session, booked.booking_id)
    assert found.rule == WEEKLY
    assert [each.interval for each in found.occurrences] == [
        house.interval(10, 11, day=day) for day in (0, 7, 14, 21)
    ]
    assert [each.recurrence_id for each in found.occurrences] == [
        house.at(10, day=day) for day in (0, 7, 14, 21)
    ]


def test_book_series_begins_at_the_first_date_of_its_rule(session: Db, house: House) -> None:
    """The request is for a Thursday, the rule for Tuesdays."""
    wish = house.request(rule="FREQ=WEEKLY;BYDAY=TU;COUNT=2")
    found = agenda.booking(session, book(wish, house.member, now=NOW).booking_id)
    assert found.starts_at == house.at(10, day=5)
    assert [each.recurrence_id for each in found.occurrences] == [
        house.at(10, day=5),
        house.at(10, day=12),
    ]


def test_book_overnight_and_over_days(session: Db, house: House) -> None:
    night = book(house.request(start=22, end=26), house.member, now=NOW)
    days = book(house.request(house.birch, start=9, end=24 * 3 + 17), house.member, now=NOW)
    assert agenda.booking(session, night.booking_id).ends_at == house.at(2, day=1)
    assert agenda.booking(session, days.booking_id).occurrences[0].interval.length == timedelta(
        days=3, hours=8
    )


def test_book_all_day_in_spring_lasts_23_hours(session: Db, house: House) -> None:
    """28 March has 23 hours."""
    wish = house.request(start=0, end=24, day=17, all_day=True)
    found = agenda.booking(session, book(wish, house.member, now=NOW).booking_id)
    assert found.all_day
    assert found.occurrences[0].interval.length == timedelta(hours=23)


def test_book_blocks_the_buffers_of_the_room(session: Db, house: House) -> None:
    book(house.request(house.delta), house.admin, now=NOW)
    hold = session.execute(select(Hold)).scalar_one()
    quarter = timedelta(minutes=15)
    asked = house.interval(10, 11)
    assert (hold.start, hold.end) == (asked.start - quarter, asked.end + quarter)


def test_book_combined_space_holds_each_part(session: Db, house: House) -> None:
    both = house.add_space("Both", parts=(house.atlas, house.birch))
    book(house.request(both), house.member, now=NOW)
    assert set(session.execute(select(Hold.part_id)).scalars()) == {house.atlas.id, house.birch.id}


def test_book_part_of_a_wanted_combined_space_is_not_asked_for_twice(
    session: Db, house: House
) -> None:
    both = house.add_space("Both", parts=(house.atlas, house.birch))
    booked = book(house.request(both, house.atlas), house.member, now=NOW)
    assert agenda.booking(session, booked.booking_id).space_ids == (both.id,)


@pytest.mark.parametrize(("room", "holds"), [("cedar", 1), ("delta", 0)])
def test_book_room_on_request_waits_and_holds_as_the_room_says(
    session: Db, house: House, room: str, holds: int
) -> None:
    booked = book(house.request(getattr(house, room)), house.member, now=NOW)
    assert booked.state is State.REQUESTED
    assert count(session, Hold) == holds


def test_book_free_room_and_room_on_request_together(session: Db, house: House) -> None:
    booked = book(house.request(house.atlas, house.delta), house.member, now=NOW)
    found = agenda.booking(session, booked.booking_id)
    assert {each.space_id: each.state for each in found.occurrences} == {
        house.atlas.id: State.CONFIRMED,
        house.delta.id: State.REQUESTED,
    }
    assert booked.state is State.REQUESTED


def test_book_writes_audit_and_revisions(session: Db, house: House) -> None:
    wish = house.request(organisation_id=house.ours, visibility=Visibility.PUBLIC)
    booked = book(wish, house.member, now=NOW)

    audit = session.execute(select(Audit)).scalar_one()
    assert (audit.verb, audit.entity_id, audit.old) == ("book", booked.booking_id, None)
    assert audit.new is not None
    assert (audit.new["title"], audit.new["dates"]) == ("Choir", 1)
    rows = session.execute(select(Collection.kind, Collection.owner_id, Collection.revision))
    assert {tuple(row) for row in rows} == {
        ("space", house.atlas.id, 1),
        ("person", house.member.person_id, 1),
        ("organisation", house.ours, 1),
        ("programme", house.site.id, 1),
    }
    assert set(session.execute(select(Change.gone)).scalars()) == {False}


# --- the same form twice


def test_book_same_form_twice_books_once(session: Db, house: House) -> None:
    wish = house.request(request_key="one")
    first = book(wish, house.member, now=NOW)
    again = book(wish, house.member, now=NOW)
    assert (again.booking_id, again.repeated) == (first.booking_id, True)
    assert count(session, Booking) == 1


def test_book_same_key_of_two_people_books_twice(session: Db, house: House) -> None:
    book(house.request(request_key="one"), house.member, now=NOW)
    other = book(house.request(house.birch, request_key="one"), house.stranger, now=NOW)
    assert not other.repeated
    assert count(session, Booking) == 2


# --- for whom


def test_book_for_a_colleague_tells_the_colleague(session: Db, house: House) -> None:
    wish = house.request(organisation_id=house.ours, organiser_id=house.manager.person_id)
    booked = book(wish, house.member, now=NOW)
    found = agenda.booking(session, booked.booking_id)
    assert (found.organiser_id, found.created_by_id) == (
        house.manager.person_id,
        house.member.person_id,
    )
    notice = session.execute(select(Notice)).scalar_one()
    assert (notice.person_id, notice.code) == (house.manager.person_id, "notice_booked_for_you")


def test_book_for_oneself_tells_nobody(session: Db, house: House) -> None:
    book(house.request(organiser_id=house.member.person_id), house.member, now=NOW)
    assert count(session, Notice) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param(lambda house: {"organisation_id": house.theirs}, "organisation", id="theirs"),
        pytest.param(
            lambda house: {
                "organisation_id": house.ours,
                "organiser_id": house.stranger.person_id,
            },
            "organiser",
            id="a stranger",
        ),
        pytest.param(
            lambda house: {"organiser_id": house.manager.person_id},
            "organiser",
            id="a colleague, of no organisation",
        ),
    ],
)
def test_book_refuses_people_and_organisations_of_others(
    session: Db, house: House, change: Callable[[House], dict[str, int]], field: str
) -> None:
    with pytest.raises(NotAllowed) as error:
        book(house.request(**change(house)), house.member, now=NOW)
    assert {each.field for each in error.value.messages} == {field}
    assert count(session, Booking) == 0


def test_book_admin_may_book_for_anybody(session: Db, house: House) -> None:
    wish = house.request(organisation_id=house.theirs, organiser_id=house.member.person_id)
    booked = book(wish, house.admin, now=NOW)
    assert agenda.booking(session, booked.booking_id).organiser_id == house.member.person_id


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"organisation_id": 999}, "organisation"), ({"organiser_id": 999}, "organiser")],
)
@pytest.mark.parametrize("earlier", [True, False])
def test_book_admin_names_somebody_who_is_not_there(
    session: Db, house: House, wrong: dict[str, int], field: str, earlier: bool
) -> None:
    """Never answered with an earlier booking of the same person."""
    if earlier:
        book(house.request(), house.admin, now=NOW)
    with pytest.raises(InvalidRequest) as error:
        book(house.request(house.birch, **wrong), house.admin, now=NOW)
    assert refusal(error) == {("not_found", field)}


def test_book_for_whoever_was_archived_is_refused(session: Db, house: House) -> None:
    with writing(house.engine) as connection:
        connection.execute(
            update(Person).where(Person.id == house.manager.person_id).values(archived_at=NOW)
        )
        connection.execute(
            update(Organisation).where(Organisation.id == house.theirs).values(archived_at=NOW)
        )
    wish = house.request(organisation_id=house.ours, organiser_id=house.manager.person_id)
    with pytest.raises(InvalidRequest) as error:
        book(wish, house.member, now=NOW)
    assert refusal(error) == {("not_found", "organiser")}
    with pytest.raises(InvalidRequest) as error:
        book(house.request(organisation_id=house.theirs), house.stranger, now=NOW)
    assert refusal(error) == {("not_found", "organisation")}


def test_book_by_the_operator_is_nobodys(session: Db, house: House) -> None:
    booked = book(house.request(), OPERATOR, now=NOW)
    assert agenda.booking(session, booked.booking_id).organiser_id is None


# --- what makes no sense


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        pytest.param({"space_ids": (9999,)}, "space_unknown", "space", id="unknown room"),
        pytest.param({"rule": "FREQ=SECONDLY"}, "unsupported_rule", "repeat", id="secondly"),
        pytest.param({"rule": "nonsense"}, "malformed_rule", "repeat", id="nonsense"),
        pytest.param({"rule": "FREQ=DAILY;COUNT=999"}, "beyond_edge", "repeat", id="past edge"),
    ],
)
def test_book_refuses_what_makes_no_sense(
    session: Db, house: House, change: dict[str, object], code: str, field: str
) -> None:
    with pytest.raises(InvalidRequest) as error:
        book(replace(house.request(), **change), house.member, now=NOW)  # type: ignore[arg-type]
    assert refusal(error) == {(code, field)}
    assert count(session, Booking) == 0


@pytest.mark.parametrize(
    ("hours", "field"), [((2.5, 4), "start"), ((1, 2.5), "end")], ids=["start", "end"]
)
def test_book_refuses_the_hour_that_spring_leaves_out(
    session: Db, house: House, hours: tuple[float, float], field: str
) -> None:
    with pytest.raises(InvalidRequest) as error:
        book(house.request(start=hours[0], end=hours[1], day=17), house.member, now=NOW)
    assert refusal(error) == {("time_in_gap", field)}


def test_book_across_the_spring_gap_is_one_hour_shorter(session: Db, house: House) -> None:
    booked = book(house.request(start=1, end=4, day=17), house.member, now=NOW)
    found = agenda.booking(session, booked.booking_id)
    assert found.occurrences[0].interval.length == timedelta(hours=2)


def test_book_rooms_that_share_a_part_are_refused(session: Db, house: House) -> None:
    one = house.add_space("One", parts=(house.atlas, house.birch))
    two = house.add_space("Two", parts=(house.birch, house.cedar))
    with pytest.raises(InvalidRequest) as error:
        book(house.request(one, two), house.member, now=NOW)
    assert refusal(error) == {("spaces_share_parts", "space")}


@pytest.mark.parametrize("year", [1, 9999])
@pytest.mark.parametrize("rule", [None, "FREQ=DAILY;COUNT=2"])
def test_book_at_the_ends_of_the_calendar_is_refused(
    session: Db, house: House, year: int, rule: str | None
) -> None:
    start = datetime(year, 12 if year > 1 else 1, 31 if year > 1 else 1, 0)  # noqa: DTZ001
    wish = replace(house.request(), start=start, end=start + timedelta(hours=1), rule=rule)
    with pytest.raises(InvalidRequest, match="time_out_of_range"):
        book(wish, house.member, now=NOW)


def test_book_in_the_past_and_beyond_the_horizon_is_refused(session: Db, house: House) -> None:
    with pytest.raises(NotAllowed, match="in_the_past"):
        book(house.request(day=-2), house.member, now=NOW)
    with pytest.raises(NotAllowed, match="beyond_horizon"):
        book(house.request(day=500), house.member, now=NOW)


@pytest.mark.parametrize("column", [{"bookable": False}, {"archived_at": NOW}], ids=str)
def test_book_space_that_is_closed_to_bookings_is_refused(
    session: Db, house: House, column: dict[str, object]
) -> None:
    with writing(house.engine) as connection:
        connection.execute(update(SpaceRow).where(SpaceRow.id == house.atlas.id).values(**column))
    with pytest.raises(NotAllowed, match="space_not_bookable"):
        book(house.request(), house.member, now=NOW)


# --- conflicts


def test_book_taken_time_tells_who_and_what_is_free(session: Db, house: House) -> None:
    book(house.request(title="Yoga", organisation_id=house.theirs), house.stranger, now=NOW)
    with pytest.raises(Conflicted) as error:
        book(house.request(start=10.5, end=11.5), house.member, now=NOW)

    (clash,) = error.value.clashes
    assert clash.occurrence is not None
    assert (clash.occurrence.title, clash.occurrence.organisation_name) == ("Yoga", "Theirs")
    first = error.value.alternatives[0]
    assert (first.space_ids, first.interval) == ((house.atlas.id,), house.interval(11, 12))
    assert (house.birch.id,) in {each.space_ids for each in error.value.alternatives}
    assert count(session, Booking) == 1


def test_book_private_booking_in_the_way_is_only_busy(session: Db, house: House) -> None:
    secret = house.request(title="Secret", visibility=Visibility.PRIVATE, note="hush")
    book(secret, house.stranger, now=NOW)
    with pytest.raises(Conflicted) as error:
        book(house.request(), house.member, now=NOW)
    occurrence = error.value.clashes[0].occurrence
    assert occurrence is not None
    assert (occurrence.redacted, occurrence.title, occurrence.organiser_name) == (True, "", "")


def test_book_neighbours_touch_without_conflict(session: Db, house: House) -> None:
    book(house.request(start=10, end=11), house.member, now=NOW)
    book(house.request(start=11, end=12), house.stranger, now=NOW)
    assert count(session, Booking) == 2


def test_book_buffers_count_against_neighbours(session: Db, house: House) -> None:
    book(house.request(house.delta, start=10, end=11), house.admin, now=NOW)
    with pytest.raises(Conflicted):
        book(house.request(house.delta, start=11.25, end=12), house.admin, now=NOW)
    book(house.request(house.delta, start=11.5, end=12), house.admin, now=NOW)


def test_book_second_room_taken_refuses_both(session: Db, house: House) -> None:
    book(house.request(house.birch), house.stranger, now=NOW)
    with pytest.raises(Conflicted) as error:
        book(house.request(house.atlas, house.birch), house.member, now=NOW)
    assert [each.space_id for each in error.value.clashes] == [house.birch.id]
    assert count(session, Hold) == 1


def test_book_request_that_holds_is_in_the_way_and_one_that_does_not_is_not(
    session: Db, house: House
) -> None:
    book(house.request(house.cedar), house.member, now=NOW)
    with pytest.raises(Conflicted):
        book(house.request(house.cedar), house.stranger, now=NOW)
    book(house.request(house.delta), house.member, now=NOW)
    assert book(house.request(house.delta), house.stranger, now=NOW).state is State.REQUESTED


def test_book_series_lists_every_taken_date(session: Db, house: House) -> None:
    for day in (7, 21):
        book(house.request(day=day), house.stranger, now=NOW)
    with pytest.raises(Conflicted) as error:
        book(house.request(rule=WEEKLY), house.member, now=NOW)
    taken = [each.recurrence_id for each in error.value.clashes]
    assert taken == [house.at(10, day=7), house.at(10, day=21)]

    wish = house.request(rule=WEEKLY, skip=frozenset(taken))
    booked = book(wish, house.member, now=NOW)
    found = agenda.booking(session, booked.booking_id)
    assert [each.state for each in found.occurrences] == [
        State.CONFIRMED,
        State.SKIPPED,
        State.CONFIRMED,
        State.SKIPPED,
    ]
    assert booked.state is State.CONFIRMED


def test_book_series_without_any_date_left_is_refused(session: Db, house: House) -> None:
    skip = frozenset(house.at(10, day=day) for day in (0, 7, 14, 21))
    with pytest.raises(InvalidRequest, match="all_dates_skipped"):
        book(house.request(rule=WEEKLY, skip=skip), house.member, now=NOW)


def test_book_space_with_lanes_admits_so_many_at_a_time(session: Db, house: House) -> None:
    store = house.add_space("Store", lanes=2)
    for _ in range(2):
        book(house.request(store), house.member, now=NOW)
    with pytest.raises(Conflicted) as error:
        book(house.request(store), house.member, now=NOW)
    assert len(error.value.clashes) == 2


@pytest.mark.parametrize("first", ["combined", "part"])
def test_book_combined_space_has_all_lanes_of_its_parts_for_itself(
    session: Db, house: House, first: str
) -> None:
    desks = house.add_space("Desks", lanes=2)
    floor = house.add_space("Floor", parts=(house.atlas, desks))
    one, other = (floor, desks) if first == "combined" else (desks, floor)
    book(house.request(one), house.member, now=NOW)
    with pytest.raises(Conflicted):
        book(house.request(other), house.stranger, now=NOW)


# --- preview


def test_preview_tells_dates_clashes_and_who_decides_and_stores_nothing(
    session: Db, house: House
) -> None:
    book(house.request(house.cedar, day=7), house.admin, now=NOW)
    found = preview(house.request(house.cedar, rule=WEEKLY), house.member, now=NOW)
    assert found.recurrence_ids == tuple(house.at(10, day=day) for day in (0, 7, 14, 21))
    assert [each.recurrence_id for each in found.clashes] == [house.at(10, day=7)]
    assert frozenset(found.asks) == {house.cedar.id}
    assert count(session, Booking) == 1


def test_preview_and_commit_agree(session: Db, house: House) -> None:
    book(house.request(day=14), house.stranger, now=NOW)
    wish: BookingRequest = house.request(rule=WEEKLY)
    told = preview(wish, house.member, now=NOW).clashes
    with pytest.raises(Conflicted) as error:
        book(wish, house.member, now=NOW)
    assert error.value.clashes == told


def test_book_refuses_more_dates_than_one_verb_may_take(session: Db, house: House) -> None:
    rooms = [house.add_space(f"Room {number}") for number in range(6)]
    daily = house.request(*rooms, rule="FREQ=DAILY;COUNT=340")
    with pytest.raises(InvalidRequest, match="too_many_dates") as raised:
        book(daily, house.member, now=NOW)
    assert raised.value.messages[0].params["most"] == 333
