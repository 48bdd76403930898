"""Change and move: what stays, what moves, what is split off, what is refused."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from booking.actions import approvals
from booking.actions.bookings import book, cancel, change, move
from booking.actions.bookings.change import as_request
from booking.core.errors import Conflicted, InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.requests import (
    BookingRequest,
    CancelRequest,
    ChangeRequest,
    DecisionRequest,
    MoveRequest,
)
from booking.core.values import BookingView, State, Visibility
from booking.db import db
from booking.models import Allocation, Audit, Booking, Change, Collection, Hold, Notice
from booking.queries import agenda
from tests.support.factories import NOW, House

Db = scoped_session[Session]
WEEKLY = "FREQ=WEEKLY;COUNT=4"
# Between the second date of a weekly series and the third.
MIDWAY = NOW + timedelta(days=12)


def booked(house: House, wish: BookingRequest | None = None) -> BookingView:
    """Let the member book; return the booking as it is stored."""
    done = book(wish or house.request(organisation_id=house.ours), house.member, now=NOW)
    return read(done.booking_id)


def read(booking_id: int) -> BookingView:
    return agenda.booking(db.session(), booking_id)


def altered(booking: BookingView, **more: object) -> ChangeRequest:
    wanted = replace(as_request(booking), **more)  # type: ignore[arg-type]
    return ChangeRequest(booking.id, booking.version, wanted)


def states(booking: BookingView) -> list[State]:
    return [each.state for each in booking.occurrences]


def last_audit(session: Db) -> Audit:
    return session.execute(select(Audit).order_by(Audit.id.desc())).scalars().first()  # type: ignore[return-value]


# --- texts


def test_change_texts_keeps_time_and_rows(session: Db, house: House) -> None:
    before = booked(house)
    done = change(altered(before, title="Band", note="loud"), house.member, now=NOW)

    after = read(done.booking_id)
    assert (after.title, after.note, after.version, after.sequence) == ("Band", "loud", 2, 0)
    assert after.occurrences[0].allocation_id == before.occurrences[0].allocation_id
    audit = last_audit(session)
    assert (audit.old, audit.new) == (
        {"title": "Choir", "note": ""},
        {"title": "Band", "note": "loud"},
    )


def test_change_texts_of_a_booking_that_is_over(session: Db, house: House) -> None:
    """How many came is known afterwards."""
    before = booked(house)
    done = change(altered(before, attendance=9), house.member, now=NOW + timedelta(days=5))
    assert read(done.booking_id).attendance == 9


def test_change_visibility_is_a_change_of_every_calendar(session: Db, house: House) -> None:
    before = booked(house, house.request(visibility=Visibility.PUBLIC))
    change(altered(before, visibility=Visibility.PRIVATE), house.member, now=NOW)

    rows = session.execute(
        select(Collection.kind, Change.gone)
        .join(Change, Change.collection_id == Collection.id)
        .where(Change.revision == Collection.revision)
    )
    assert {row.kind: row.gone for row in rows} == {
        "space": False,
        "person": False,
        "programme": True,
    }


# --- time and rooms


def test_change_time_moves_the_hold_and_counts_up_the_sequence(session: Db, house: House) -> None:
    before = booked(house)
    wish = altered(before, start=house.at(14), end=house.at(16))
    done = change(wish, house.member, now=NOW)

    after = read(done.booking_id)
    assert (after.id, after.version, after.sequence) == (before.id, 2, 1)
    assert after.occurrences[0].interval == house.interval(14, 16)
    assert after.occurrences[0].occurrence_id == before.occurrences[0].occurrence_id
    hold = session.execute(select(Hold)).scalar_one()
    assert (hold.start, hold.end) == (house.interval(14, 16).start, house.interval(14, 16).end)


def test_change_to_an_overlapping_time_does_not_collide_with_itself(
    session: Db, house: House
) -> None:
    before = booked(house)
    done = change(altered(before, end=house.at(12)), house.member, now=NOW)
    assert read(done.booking_id).occurrences[0].interval == house.interval(10, 12)


def test_change_rooms(session: Db, house: House) -> None:
    before = booked(house)
    rooms = (house.birch.id, house.cedar.id)
    done = change(altered(before, space_ids=rooms), house.member, now=NOW)
    after = read(done.booking_id)
    assert {each.space_id: each.state for each in after.occurrences} == {
        house.birch.id: State.CONFIRMED,
        house.cedar.id: State.REQUESTED,
    }
    revised = session.execute(select(Collection.owner_id).where(Collection.kind == "space"))
    assert set(revised.scalars()) == {house.atlas.id, *rooms}


def test_change_to_a_taken_time_is_refused_with_alternatives_and_keeps_all(
    session: Db, house: House
) -> None:
    book(house.request(title="Yoga", start=14, end=15), house.stranger, now=NOW)
    before = booked(house)
    with pytest.raises(Conflicted) as error:
        change(altered(before, start=house.at(14), end=house.at(15)), house.member, now=NOW)

    assert [each.occurrence.title for each in error.value.clashes if each.occurrence] == ["Yoga"]
    # Its own present time is free for it.
    assert house.interval(13, 14) in {each.interval for each in error.value.alternatives}
    assert read(before.id) == before


def test_change_single_into_series_and_back(session: Db, house: House) -> None:
    before = booked(house)
    series = change(altered(before, rule=WEEKLY), house.member, now=NOW)
    assert series.booking_id == before.id
    assert len(read(before.id).occurrences) == 4

    single = read(before.id)
    change(altered(single, rule=None), house.member, now=NOW)
    after = read(before.id)
    assert (after.rule, [each.interval for each in after.occurrences]) == (
        None,
        [house.interval(10, 11)],
    )
    assert session.execute(select(func.count()).select_from(Hold)).scalar_one() == 1


def test_change_of_an_approved_time_asks_again_unless_it_shrinks(session: Db, house: House) -> None:
    before = booked(house, house.request(house.cedar, start=10, end=12))
    approvals.approve(DecisionRequest(before.id, 1, "Welcome"), house.approver, now=NOW)

    shorter = altered(read(before.id), end=house.at(11))
    assert change(shorter, house.member, now=NOW).state is State.CONFIRMED
    kept = session.execute(select(Allocation)).scalar_one()
    assert (kept.reason, kept.decided_by_id) == ("Welcome", house.approver.person_id)

    longer = altered(read(before.id), end=house.at(12))
    assert change(longer, house.member, now=NOW).state is State.REQUESTED


# --- who may, and when


def test_change_by_the_manager_tells_the_organiser(session: Db, house: House) -> None:
    before = booked(house)
    change(altered(before, start=house.at(9), end=house.at(10)), house.manager, now=NOW)
    notice = session.execute(select(Notice)).scalar_one()
    assert (notice.person_id, notice.code) == (house.member.person_id, "notice_changed")


def test_change_hands_over_and_tells_both(session: Db, house: House) -> None:
    before = booked(house)
    wanted = replace(as_request(before), organiser_id=house.manager.person_id)
    change(ChangeRequest(before.id, before.version, wanted), house.admin, now=NOW)

    told = set(session.execute(select(Notice.person_id)).scalars())
    assert told == {house.member.person_id, house.manager.person_id}


@pytest.mark.parametrize("who", ["stranger", "approver"])
def test_change_by_others_is_refused(session: Db, house: House, who: str) -> None:
    before = booked(house)
    with pytest.raises(NotAllowed, match="not_your_booking"):
        change(altered(before, title="Mine"), getattr(house, who), now=NOW)
    assert read(before.id) == before


def test_change_with_an_old_version_is_stale(session: Db, house: House) -> None:
    before = booked(house)
    change(altered(before, title="One"), house.member, now=NOW)
    with pytest.raises(Stale) as error:
        change(altered(before, title="Two"), house.manager, now=NOW)
    assert error.value.current == 2
    assert read(before.id).title == "One"


def test_change_of_what_is_not_there(session: Db, house: House) -> None:
    with pytest.raises(NotFound):
        change(ChangeRequest(999, 1, house.request()), house.member, now=NOW)


def test_change_of_a_cancelled_booking_is_refused(session: Db, house: House) -> None:
    before = booked(house)
    cancel(CancelRequest(before.id, 1), house.member, now=NOW)
    with pytest.raises(InvalidRequest, match="not_open"):
        change(altered(read(before.id), title="Again"), house.member, now=NOW)


def test_change_of_time_after_the_end_is_refused(session: Db, house: House) -> None:
    before = booked(house)
    wish = altered(before, start=house.at(10, day=9), end=house.at(11, day=9))
    with pytest.raises(InvalidRequest, match="not_open"):
        change(wish, house.member, now=NOW + timedelta(days=5))


def test_change_into_the_past_is_refused(session: Db, house: House) -> None:
    wish = altered(booked(house), start=house.at(10, day=-3), end=house.at(11, day=-3))
    with pytest.raises(NotAllowed, match="in_the_past"):
        change(wish, house.member, now=NOW)


def test_change_hands_over_within_the_organisation_only(session: Db, house: House) -> None:
    before = booked(house)
    wish = altered(before, organiser_id=house.stranger.person_id)
    with pytest.raises(NotAllowed, match="person_not_of_organisation"):
        change(wish, house.member, now=NOW)
    change(altered(before, organiser_id=house.manager.person_id), house.member, now=NOW)
    assert read(before.id).organiser_id == house.manager.person_id


# --- series


def series(house: House, **more: object) -> BookingView:
    return booked(house, house.request(organisation_id=house.ours, rule=WEEKLY, **more))


def test_change_series_that_has_not_begun_keeps_its_rows(session: Db, house: House) -> None:
    before = series(house)
    wish = altered(before, start=house.at(14), end=house.at(15))
    done = change(wish, house.member, now=NOW)
    after = read(done.booking_id)
    assert after.id == before.id
    assert [each.occurrence_id for each in after.occurrences] == [
        each.occurrence_id for each in before.occurrences
    ]
    assert {each.recurrence_id.hour for each in after.occurrences} == {14}


def test_change_series_keeps_cancelled_dates_cancelled(session: Db, house: House) -> None:
    before = series(house)
    second = before.occurrences[1].occurrence_id
    cancel(CancelRequest(before.id, 1, occurrence_id=second), house.member, now=NOW)
    book(house.request(start=14, end=15, day=7), house.stranger, now=NOW)

    wish = altered(read(before.id), start=house.at(14), end=house.at(15))
    change(wish, house.member, now=NOW)
    assert states(read(before.id)) == [
        State.CONFIRMED,
        State.CANCELLED,
        State.CONFIRMED,
        State.CONFIRMED,
    ]


def test_change_series_conflict_does_not_offer_cancelled_dates(session: Db, house: House) -> None:
    before = series(house)
    second = before.occurrences[1].occurrence_id
    cancel(CancelRequest(before.id, 1, occurrence_id=second), house.member, now=NOW)
    book(house.request(start=14, end=15, day=7), house.stranger, now=NOW)
    book(house.request(start=14, end=15, day=14), house.stranger, now=NOW)

    wish = altered(read(before.id), start=house.at(14), end=house.at(15))
    with pytest.raises(Conflicted) as error:
        change(wish, house.member, now=NOW)
    assert [each.recurrence_id for each in error.value.clashes] == [house.at(14, day=14)]


def test_change_begun_series_splits_off_what_comes(session: Db, house: House) -> None:
    before = series(house)
    wish = altered(before, start=house.at(14), end=house.at(15))
    done = change(wish, house.member, now=MIDWAY)

    old, new = read(before.id), read(done.booking_id)
    assert done.booking_id != before.id
    assert [each.recurrence_id for each in old.occurrences] == [
        house.at(10),
        house.at(10, day=7),
    ]
    assert [each.recurrence_id for each in new.occurrences] == [
        house.at(14, day=14),
        house.at(14, day=21),
    ]
    assert (new.follows_id, new.rule) == (old.id, "FREQ=WEEKLY;COUNT=2")
    assert old.rule is not None
    assert "UNTIL=" in old.rule
    assert session.execute(select(func.count()).select_from(Hold)).scalar_one() == 4


def test_change_texts_of_a_begun_series_does_not_split_it(session: Db, house: House) -> None:
    before = series(house)
    done = change(altered(before, title="Band"), house.member, now=MIDWAY)
    assert done.booking_id == before.id
    assert session.execute(select(func.count()).select_from(Booking)).scalar_one() == 1


def test_change_begun_series_in_conflict_tells_so(session: Db, house: House) -> None:
    """Its first date is over, which is no reason to refuse the others."""
    before = series(house)
    book(house.request(title="Yoga", start=14, end=15, day=21), house.stranger, now=NOW)
    wish = altered(before, start=house.at(14), end=house.at(15))
    with pytest.raises(Conflicted) as error:
        change(wish, house.member, now=MIDWAY)
    assert [each.recurrence_id for each in error.value.clashes] == [house.at(14, day=21)]
    assert error.value.alternatives
    assert read(before.id) == before

    skipped = altered(
        before,
        start=house.at(14),
        end=house.at(15),
        skip=frozenset({house.at(14, day=21)}),
    )
    done = change(skipped, house.member, now=MIDWAY)
    assert states(read(done.booking_id)) == [State.CONFIRMED, State.SKIPPED]


def test_change_lengthens_a_series_that_is_over(session: Db, house: House) -> None:
    before = series(house)
    wish = altered(before, rule="FREQ=WEEKLY;COUNT=6")
    done = change(wish, house.member, now=NOW + timedelta(days=25))
    assert [each.recurrence_id for each in read(done.booking_id).occurrences] == [
        house.at(10, day=28),
        house.at(10, day=35),
    ]
    assert len(read(before.id).occurrences) == 4


def test_change_series_rule_shortens_it(session: Db, house: House) -> None:
    before = series(house)
    change(altered(before, rule="FREQ=WEEKLY;COUNT=2"), house.member, now=NOW)
    assert len(read(before.id).occurrences) == 2
    assert session.execute(select(func.count()).select_from(Hold)).scalar_one() == 2


# --- move


def test_move_to_another_time_and_room_keeps_the_texts(session: Db, house: House) -> None:
    before = booked(house)
    wish = MoveRequest(
        before.id,
        before.version,
        house.at(15),
        house.at(16),
        space_from=house.atlas.id,
        space_to=house.birch.id,
    )
    done = move(wish, house.member, now=NOW)
    after = read(done.booking_id)
    assert (after.title, after.space_ids) == ("Choir", (house.birch.id,))
    assert after.occurrences[0].interval == house.interval(15, 16)


def test_move_one_of_two_rooms(session: Db, house: House) -> None:
    before = booked(house, house.request(house.atlas, house.birch))
    cedar = house.add_space("Elder")
    wish = MoveRequest(before.id, 1, before.starts_at, before.ends_at, house.birch.id, cedar.id)
    move(wish, house.member, now=NOW)
    assert read(before.id).space_ids == (house.atlas.id, cedar.id)


def test_move_onto_a_room_of_the_same_booking_is_refused(session: Db, house: House) -> None:
    before = booked(house, house.request(house.atlas, house.birch))
    rooms = {"space_from": house.atlas.id, "space_to": house.birch.id}
    onto = MoveRequest(before.id, before.version, before.starts_at, before.ends_at, **rooms)
    with pytest.raises(InvalidRequest, match="space_twice"):
        move(onto, house.member, now=NOW)
    assert read(before.id).space_ids == (house.atlas.id, house.birch.id)


def test_move_of_a_series_is_refused(session: Db, house: House) -> None:
    before = series(house)
    with pytest.raises(InvalidRequest, match="series_cannot_move"):
        move(MoveRequest(before.id, 1, house.at(15), house.at(16)), house.member, now=NOW)


@pytest.mark.parametrize(
    ("space_from", "space_to"), [("birch", "cedar"), ("atlas", None)], ids=["not its", "unknown"]
)
def test_move_between_rooms_that_make_no_sense(
    session: Db, house: House, space_from: str, space_to: str | None
) -> None:
    before = booked(house)
    target = getattr(house, space_to).id if space_to else 9999
    wish = MoveRequest(
        before.id, 1, house.at(15), house.at(16), getattr(house, space_from).id, target
    )
    with pytest.raises(InvalidRequest, match="space_unknown"):
        move(wish, house.member, now=NOW)


def test_move_by_others_with_old_versions_or_onto_others_is_refused(
    session: Db, house: House
) -> None:
    before = booked(house)
    book(house.request(start=15, end=16), house.stranger, now=NOW)
    wish = MoveRequest(before.id, 1, house.at(15), house.at(16))
    with pytest.raises(NotAllowed):
        move(wish, house.stranger, now=NOW)
    with pytest.raises(Stale):
        move(replace(wish, version=9), house.member, now=NOW)
    with pytest.raises(Conflicted) as error:
        move(wish, house.member, now=NOW)
    assert error.value.alternatives
    assert read(before.id) == before


def test_move_keeps_a_booking_that_has_begun_movable(session: Db, house: House) -> None:
    """Half an hour longer, while it runs."""
    before = booked(house)
    half_past: datetime = house.interval(10.5, 11).start
    wish = MoveRequest(before.id, 1, house.at(10), house.at(11.5))
    move(wish, house.member, now=half_past)
    assert read(before.id).occurrences[0].interval == house.interval(10, 11.5)


def test_change_tells_those_who_decide_that_a_request_waits_otherwise(
    session: Db, house: House
) -> None:
    booking_id = book(house.request(house.cedar), house.member, now=house.now).booking_id
    wish = replace(as_request(agenda.booking(session(), booking_id)), end=house.at(12))
    session.rollback()

    change(ChangeRequest(booking_id, 1, wish), house.member, now=house.now)
    change(ChangeRequest(booking_id, 2, replace(wish, title="Other")), house.member, now=house.now)

    query = select(Notice.code).where(Notice.person_id == house.approver.person_id)
    assert [*session.scalars(query.order_by(Notice.id))] == [
        "notice_requested",
        "notice_request_changed",
    ]
