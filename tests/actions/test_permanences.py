"""Permanences: a series with words for visitors, changed as one, and what becomes of a day."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.actions import permanences
from booking.actions.bookings import book, cancel, change, change_date
from booking.core.errors import (
    Conflicted,
    InvalidRequest,
    NotAllowed,
    NotFound,
)
from booking.core.permanences import (
    DayAsked,
    Details,
    LateRequest,
    PermanenceChange,
    PermanenceDate,
    PermanenceRequest,
    Standing,
)
from booking.core.requests import CancelRequest, ChangeRequest, DateRequest
from booking.core.values import Actor, State, Visibility
from booking.db import db
from booking.models import Audit, Notice
from booking.queries import agenda
from booking.queries.permanences import Days, details_of, public_dates
from booking.queries.permanences import permanences as stored_ones
from tests.support.factories import House
from tests.support.racing import Attempt, race

pytestmark = pytest.mark.usefixtures("session")
WORDS = Details(text="Bring your papers", phone="+33 4 75 00 00 00", link="https://example.org/x")


def wish(house: House, details: Details = WORDS, **more: object) -> PermanenceRequest:
    """Ask for Thursdays 9:00-12:00 in Atlas, five times, in the name of ours."""
    usual = {"start": 9, "end": 12, "rule": "FREQ=WEEKLY;COUNT=5", "title": "Advice"}
    asked = house.request(**{**usual, "organisation_id": house.ours, **more})
    return PermanenceRequest(asked, details)


def made(house: House, by: Actor | None = None, **more: object) -> int:
    return permanences.make(wish(house, **more), by or house.manager, now=house.now).booking_id


def day(house: House, booking_id: int, number: int = 0) -> DayAsked:
    """Return one date of it."""
    booking = agenda.booking(db.session(), booking_id)
    return DayAsked(booking_id, booking.occurrences[number].occurrence_id)


def seen(
    house: House, session: Session, *, weeks: int = 1, now: datetime | None = None
) -> list[PermanenceDate]:
    """Return what visitors may expect from the first Thursday on."""
    session.rollback()
    now, first = now or house.now, house.at(0).date()
    asked = Days.of(
        house.site,
        [each.id for each in house.rooms],
        first,
        first + timedelta(weeks=weeks),
        now=now,
    )
    return public_dates(session, asked, now=now)


def test_permanence_is_a_public_series_with_words(house: House, session: Session) -> None:
    booking_id = made(house)
    booking = agenda.booking(session, booking_id)
    assert (booking.category, booking.visibility) == ("permanence", Visibility.PUBLIC)
    assert len(booking.occurrences) == 5
    [found] = seen(house, session)
    assert (found.title, found.organisation_name, found.details) == ("Advice", "Ours", WORDS)
    assert found.space_ids == (house.atlas.id,)
    assert (found.is_elsewhere, found.is_at_other_time, found.expected_at) == (False, False, None)
    assert found.standing(house.now) is Standing.COMING
    assert found.standing(found.interval.start) is Standing.HERE
    assert found.standing(found.interval.end) is Standing.OVER


@pytest.mark.parametrize("who", ["member", "stranger", "approver"])
def test_only_managers_and_administrators_make_one(house: House, who: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        made(house, getattr(house, who))
    assert refused.value.messages[0].code == "permanence_not_yours"


def test_administrators_make_one_for_anybody(house: House, session: Session) -> None:
    made(house, house.admin, organisation_id=house.theirs)
    assert [each.organisation_name for each in stored_ones(session, now=house.now)] == ["Theirs"]
    assert stored_ones(session, now=house.now, organisation_ids=[house.ours]) == []


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"rule": None}, "permanence_once", "repeat"),
        ({"organisation_id": None}, "organisation_missing", "organisation"),
        ({"title": " "}, "title_missing", "title"),
        ({"details": Details(link="http://example.org")}, "link_invalid", "link"),
        ({"details": Details(link="javascript:alert(1)")}, "link_invalid", "link"),
        ({"details": Details(link="https://a b")}, "link_invalid", "link"),
        ({"details": Details(link="https://who@example.org/")}, "link_invalid", "link"),
        ({"details": Details(link="https://[x")}, "link_invalid", "link"),
        ({"details": Details(phone="call me")}, "phone_invalid", "phone"),
        ({"details": Details(email="a@b")}, "email_invalid", "email"),
        ({"details": Details(text="x" * 1001)}, "text_too_long", "text"),
        ({"details": Details(by_appointment=True)}, "appointment_unreachable", "appointment_link"),
    ],
)
def test_what_makes_no_sense_is_refused(
    house: House, session: Session, more: dict, code: str, field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        made(house, **more)
    assert [(each.code, each.field) for each in refused.value.messages] == [(code, field)]
    assert seen(house, session) == []


def test_link_of_appointments_that_are_not_asked_for_is_dropped(
    house: House, session: Session
) -> None:
    link = "https://example.org/when"
    made(house, details=Details(appointment_link=link))
    assert seen(house, session)[0].details == Details()
    by_phone = Details(by_appointment=True, phone="0475000000")
    made(house, details=by_phone, start=14, end=15)
    assert seen(house, session)[1].details == by_phone


def test_taken_office_is_told_with_what_is_free(house: House, session: Session) -> None:
    house.add_booking(house.atlas, start=10, end=11, days=(7,), by=house.stranger)
    with pytest.raises(Conflicted) as refused:
        made(house)
    assert [each.recurrence_id for each in refused.value.clashes] == [house.at(9, day=7)]
    assert refused.value.alternatives
    assert stored_ones(session, now=house.now) == []


def test_same_form_sent_twice_makes_one(house: House, session: Session) -> None:
    first = made(house, request_key="twice")
    assert made(house, request_key="twice") == first
    assert len(stored_ones(session, now=house.now)) == 1


def test_words_change_without_the_dates(house: House, session: Session) -> None:
    booking_id = made(house)
    ids = [each.allocation_id for each in agenda.booking(session, booking_id).occurrences]
    session.rollback()
    words = Details(text="By appointment", by_appointment=True, phone="04 75 00 00 00")
    asked = ChangeRequest(booking_id, 1, wish(house).wanted)
    permanences.change(PermanenceChange(asked, words), house.manager, now=house.now)

    booking = agenda.booking(session, booking_id)
    assert [each.allocation_id for each in booking.occurrences] == ids
    assert (booking.version, booking.sequence) == (2, 0)
    assert seen(house, session)[0].details == words
    audit = session.execute(select(Audit.verb, Audit.old, Audit.new).order_by(Audit.id.desc()))
    verb, old, new = audit.first() or ("", None, None)
    assert (verb, old["text"], new["text"]) == ("change_words", WORDS.text, words.text)
    assert "email" not in new


def test_begun_permanence_that_changes_goes_on_with_its_words(
    house: House, session: Session
) -> None:
    booking_id = made(house)
    later = house.now + timedelta(days=9)
    booking = agenda.booking(session, booking_id)
    session.rollback()
    words = Details(text="New words")
    asked = ChangeRequest(booking_id, booking.version, wish(house, start=14, end=17).wanted)
    done = permanences.change(PermanenceChange(asked, words), house.manager, now=later)

    assert done.booking_id != booking_id
    assert details_of(session, booking_id) == WORDS
    assert details_of(session, done.booking_id) == words
    shown = seen(house, session, weeks=3, now=later)
    assert [each.details.text for each in shown] == [WORDS.text, WORDS.text, words.text]


def test_series_that_is_changed_elsewhere_stays_a_permanence(
    house: House, session: Session
) -> None:
    booking_id = made(house)
    later = house.now + timedelta(days=9)
    asked = ChangeRequest(
        booking_id, 1, wish(house, start=14, end=17, visibility=Visibility.PUBLIC).wanted
    )
    done = change(asked, house.manager, now=later)
    assert details_of(session, done.booking_id) == WORDS


def test_who_may_not_change(house: House, session: Session) -> None:
    booking_id = made(house)
    asked = PermanenceChange(ChangeRequest(booking_id, 1, wish(house).wanted), WORDS)
    for who in (house.member, house.stranger):
        with pytest.raises(NotAllowed):
            permanences.change(asked, who, now=house.now)
    plain = book(wish(house, start=15, end=16).wanted, house.manager, now=house.now).booking_id
    with pytest.raises(NotFound):
        permanences.change(
            PermanenceChange(ChangeRequest(plain, 1, wish(house).wanted), WORDS),
            house.manager,
            now=house.now,
        )


def test_not_today_frees_the_office_and_is_read(house: House, session: Session) -> None:
    booking_id = made(house)
    permanences.stay_away(day(house, booking_id), house.member, now=house.now)
    [found] = seen(house, session)
    assert found.standing(house.now) is Standing.AWAY
    assert len(seen(house, session, weeks=2)) == 2
    session.rollback()
    notices = session.execute(select(Notice.person_id, Notice.code)).all()
    assert notices == [(house.manager.person_id, "notice_cancelled")]
    session.rollback()
    other = book(house.request(start=9, end=12), house.stranger, now=house.now)
    assert other.state is State.CONFIRMED


def test_saying_it_twice_is_saying_it_once(house: House, session: Session) -> None:
    asked = day(house, made(house))
    session.rollback()
    first = permanences.stay_away(asked, house.member, now=house.now)
    assert permanences.stay_away(asked, house.member, now=house.now) == first
    back = permanences.come_after_all(asked, house.member, now=house.now)
    assert permanences.come_after_all(asked, house.member, now=house.now) == back
    assert seen(house, session)[0].standing(house.now) is Standing.COMING
    assert not seen(house, session)[0].is_at_other_time


def test_day_that_somebody_else_has_by_now_does_not_come_back(
    house: House, session: Session
) -> None:
    asked = day(house, made(house))
    session.rollback()
    permanences.stay_away(asked, house.member, now=house.now)
    book(house.request(start=11, end=12), house.stranger, now=house.now)
    with pytest.raises(Conflicted):
        permanences.come_after_all(asked, house.member, now=house.now)
    assert seen(house, session)[0].standing(house.now) is Standing.AWAY


def test_late_is_read_until_then(house: House, session: Session) -> None:
    asked = day(house, made(house))
    session.rollback()
    start = house.interval(9, 12).start
    permanences.be_late(LateRequest(asked, time(9, 30)), house.member, now=start)
    [found] = seen(house, session)
    assert found.late_until == start + timedelta(minutes=30)
    assert found.standing(start) is Standing.LATE
    assert found.standing(start + timedelta(minutes=30)) is Standing.HERE
    session.rollback()
    permanences.be_late(LateRequest(asked, None), house.member, now=start)
    assert seen(house, session)[0].standing(start) is Standing.HERE


@pytest.mark.parametrize("expected", [time(9), time(12), time(8, 30), time(18)])
def test_late_is_within_the_time(house: House, session: Session, expected: time) -> None:
    asked = day(house, made(house))
    session.rollback()
    with pytest.raises(InvalidRequest) as refused:
        permanences.be_late(LateRequest(asked, expected), house.member, now=house.now)
    assert refused.value.messages[0].code == "expected_outside"


@pytest.mark.parametrize("verb", [permanences.stay_away, permanences.come_after_all])
def test_others_say_nothing_about_it(house: House, session: Session, verb) -> None:
    booking_id = made(house)
    asked = day(house, booking_id)
    session.rollback()
    with pytest.raises(NotAllowed):
        verb(asked, house.stranger, now=house.now)
    with pytest.raises(NotFound):
        verb(DayAsked(booking_id, asked.occurrence_id + 100), house.member, now=house.now)
    with pytest.raises(InvalidRequest):
        verb(asked, house.member, now=house.interval(9, 12).end)


def test_moved_day_is_read_in_both_places(house: House, session: Session) -> None:
    booking_id = made(house)
    date_asked = day(house, booking_id, 1)
    session.rollback()
    moved = DateRequest(
        booking_id,
        date_asked.occurrence_id,
        1,
        house.at(14, day=8),
        house.at(17, day=8),
        (house.birch.id,),
    )
    change_date(moved, house.manager, now=house.now)
    found = seen(house, session, weeks=2)[1]
    assert (found.is_elsewhere, found.is_at_other_time) == (True, True)
    assert found.usual == house.interval(9, 12, day=7)
    assert found.usual_space_ids == (house.atlas.id,)
    # On its usual day alone it is still told.
    first = house.at(0, day=7).date()
    asked = Days.of(
        house.site, [house.atlas.id, house.birch.id], first, _next(first), now=house.now
    )
    assert [each.occurrence_id for each in public_dates(session, asked, now=house.now)] == [
        date_asked.occurrence_id
    ]


def _next(day: date) -> date:
    return day + timedelta(days=1)


def test_what_is_not_public_is_not_told(house: House, session: Session) -> None:
    made(house, house.admin)
    house.add_booking(house.birch, days=(0, 1), visibility="private", title="Secret")
    assert [each.title for each in seen(house, session)] == ["Advice"]


def test_ended_permanence_is_told_no_more(house: House, session: Session) -> None:
    booking_id = made(house)
    cancel(CancelRequest(booking_id, 1), house.manager, now=house.now)
    assert seen(house, session, weeks=5) == []
    assert stored_ones(session, now=house.now) == []


def test_two_permanences_at_once_in_one_office(house: House, engine_url: str) -> None:
    """Whoever comes second is told; nothing is half made."""
    attempts = [
        Attempt(permanences.make, wish(house), who) for who in (house.manager, house.admin) * 2
    ]
    [outcomes] = race(engine_url, attempts)
    assert sorted(each.kind for each in outcomes) == ["Conflicted"] * 3 + ["won"]


def test_not_today_from_several_phones(house: House, session: Session, engine_url: str) -> None:
    asked = day(house, made(house))
    session.remove()
    people = [house.add_person(f"Person{number}", organisation=house.ours) for number in range(4)]
    [outcomes] = race(engine_url, [Attempt(permanences.stay_away, asked, who) for who in people])
    assert [each.kind for each in outcomes] == ["won"] * 4
    assert len({each.result.version for each in outcomes}) == 1


def test_the_form_of_bookings_does_not_hide_a_permanence(house: House) -> None:
    booking_id = made(house)
    asked = wish(house, visibility=Visibility.PRIVATE, category="permanence").wanted

    with pytest.raises(InvalidRequest) as caught:
        change(ChangeRequest(booking_id, 1, asked), house.manager, now=house.now)

    assert [(each.code, each.field) for each in caught.value.messages] == [
        ("permanence_is_public", "visibility")
    ]
    assert agenda.booking(db.session(), booking_id).visibility is Visibility.PUBLIC
