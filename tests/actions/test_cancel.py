"""Cancel: the time goes back, of a whole booking or of one date."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import Booked, book, cancel
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.requests import CancelRequest
from booking.core.values import State
from booking.models import Audit, Change, Collection, Hold, Notice
from booking.queries import agenda
from tests.support.factories import NOW, House

Db = scoped_session[Session]
WEEKLY = "FREQ=WEEKLY;COUNT=4"
MIDWAY = NOW + timedelta(days=12)


def booked(house: House, **more: object) -> Booked:
    return book(house.request(organisation_id=house.ours, **more), house.member, now=NOW)


def holds(session: Db) -> int:
    return session.execute(select(func.count()).select_from(Hold)).scalar_one()


def states(session: Db, booking_id: int) -> list[State]:
    return [each.state for each in agenda.booking(session, booking_id).occurrences]


def test_cancel_gives_the_time_back(session: Db, house: House) -> None:
    before = booked(house)
    done = cancel(CancelRequest(before.booking_id, 1, " Nobody\ncomes "), house.member, now=NOW)

    assert (done.state, done.version) == (State.CANCELLED, 2)
    after = agenda.booking(session, before.booking_id)
    assert (after.cancel_reason, after.sequence) == ("Nobody comes", 1)
    assert holds(session) == 0
    assert book(house.request(), house.stranger, now=NOW).state is State.CONFIRMED


def test_cancel_writes_audit_and_revisions(session: Db, house: House) -> None:
    before = booked(house)
    cancel(CancelRequest(before.booking_id, 1, "Ill"), house.member, now=NOW)

    audit = session.execute(select(Audit).order_by(Audit.id.desc())).scalars().first()
    assert audit is not None
    assert audit.verb == "cancel"
    assert audit.new == {
        "dates": 0,
        "state": "cancelled",
        "reason": "Ill",
        "cancelled": [house.at(10).isoformat(timespec="minutes")],
    }
    rows = session.execute(select(Collection.kind, Collection.revision))
    assert {row.kind: row.revision for row in rows} == {
        "space": 2,
        "person": 2,
        "organisation": 2,
    }
    # A cancelled date stays in the feeds for a while.
    assert set(session.execute(select(Change.gone)).scalars()) == {False}


def test_cancel_one_date_of_a_series(session: Db, house: House) -> None:
    before = booked(house, rule=WEEKLY)
    dates = agenda.booking(session, before.booking_id).occurrences
    wish = CancelRequest(before.booking_id, 1, "Holiday", occurrence_id=dates[1].occurrence_id)
    done = cancel(wish, house.member, now=NOW)

    assert done.state is State.CONFIRMED
    assert states(session, before.booking_id) == [
        State.CONFIRMED,
        State.CANCELLED,
        State.CONFIRMED,
        State.CONFIRMED,
    ]
    assert agenda.booking(session, before.booking_id).cancel_reason == ""
    assert holds(session) == 3


def test_cancel_series_keeps_what_is_over(session: Db, house: House) -> None:
    before = booked(house, rule=WEEKLY)
    cancel(CancelRequest(before.booking_id, 1), house.member, now=MIDWAY)
    assert states(session, before.booking_id) == [
        State.CONFIRMED,
        State.CONFIRMED,
        State.CANCELLED,
        State.CANCELLED,
    ]


def test_cancel_series_with_skipped_dates_is_cancelled(session: Db, house: House) -> None:
    before = booked(house, rule=WEEKLY, skip=frozenset({house.at(10, day=7)}))
    done = cancel(CancelRequest(before.booking_id, 1), house.member, now=NOW)
    assert done.state is State.CANCELLED


def test_cancel_request_that_waits(session: Db, house: House) -> None:
    before = book(house.request(house.cedar), house.member, now=NOW)
    assert cancel(CancelRequest(before.booking_id, 1), house.member, now=NOW).state is (
        State.CANCELLED
    )
    assert holds(session) == 0


def test_cancel_both_rooms(session: Db, house: House) -> None:
    before = book(house.request(house.atlas, house.birch), house.member, now=NOW)
    cancel(CancelRequest(before.booking_id, 1), house.member, now=NOW)
    assert states(session, before.booking_id) == [State.CANCELLED] * 2


def test_cancel_by_the_manager_tells_the_organiser(session: Db, house: House) -> None:
    before = booked(house)
    cancel(CancelRequest(before.booking_id, 1, "Floor works"), house.manager, now=NOW)
    notice = session.execute(select(Notice)).scalar_one()
    assert (notice.person_id, notice.code) == (house.member.person_id, "notice_cancelled")
    assert notice.params["reason"] == "Floor works"


def test_cancel_by_oneself_tells_nobody(session: Db, house: House) -> None:
    cancel(CancelRequest(booked(house).booking_id, 1), house.member, now=NOW)
    assert session.execute(select(func.count()).select_from(Notice)).scalar_one() == 0


@pytest.mark.parametrize("who", ["stranger", "approver"])
def test_cancel_by_others_is_refused(session: Db, house: House, who: str) -> None:
    before = booked(house)
    with pytest.raises(NotAllowed, match="not_your_booking"):
        cancel(CancelRequest(before.booking_id, 1), getattr(house, who), now=NOW)
    assert holds(session) == 1


def test_cancel_with_an_old_version_is_stale(session: Db, house: House) -> None:
    before = booked(house, rule=WEEKLY)
    date = agenda.booking(session, before.booking_id).occurrences[0].occurrence_id
    cancel(CancelRequest(before.booking_id, 1, occurrence_id=date), house.member, now=NOW)
    with pytest.raises(Stale):
        cancel(CancelRequest(before.booking_id, 1), house.manager, now=NOW)


def test_cancel_twice_is_refused(session: Db, house: House) -> None:
    before = booked(house)
    cancel(CancelRequest(before.booking_id, 1), house.member, now=NOW)
    with pytest.raises(InvalidRequest, match="not_open"):
        cancel(CancelRequest(before.booking_id, 2), house.member, now=NOW)


def test_cancel_what_is_over_is_refused(session: Db, house: House) -> None:
    before = booked(house)
    with pytest.raises(InvalidRequest, match="not_open"):
        cancel(CancelRequest(before.booking_id, 1), house.member, now=MIDWAY)


def test_cancel_a_date_of_another_booking_is_refused(session: Db, house: House) -> None:
    before, other = booked(house), booked(house, start=14, end=15)
    date = agenda.booking(session, other.booking_id).occurrences[0].occurrence_id
    with pytest.raises(InvalidRequest, match="not_open"):
        cancel(CancelRequest(before.booking_id, 1, occurrence_id=date), house.member, now=NOW)
    assert holds(session) == 2


def test_cancel_what_is_not_there(session: Db, house: House) -> None:
    with pytest.raises(NotFound):
        cancel(CancelRequest(999, 1), house.member, now=NOW)


def test_cancel_with_a_long_reason_is_refused(session: Db, house: House) -> None:
    before = booked(house)
    with pytest.raises(InvalidRequest, match="reason_too_long"):
        cancel(CancelRequest(before.booking_id, 1, "x" * 501), house.member, now=NOW)
