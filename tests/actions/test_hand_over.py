"""Hand over: a booking becomes another person's, and nothing else of it changes."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import book, cancel, hand_over
from booking.actions.spaces import set_site_policy
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.requests import CancelRequest, HandOverRequest
from booking.core.values import (
    Actor,
    BookingView,
    FairUse,
    Limits,
    SitePolicy,
    Stance,
    State,
)
from booking.db import transact
from booking.models import Allocation, Audit, Change, Collection, Notice, Occurrence, Person
from booking.queries import agenda
from tests.support.factories import House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]
WEEKLY = "FREQ=WEEKLY;COUNT=3"


def booked(house: House, by: Actor | None = None, **more: object) -> int:
    wish = house.request(**{"organisation_id": house.ours, **more})
    return book(wish, by or house.member, now=house.now).booking_id


def to(person: Actor, booking_id: int, words: str = "", version: int = 1) -> HandOverRequest:
    return HandOverRequest(booking_id, version, person.person_id or 0, words)


def stored(session: Db, booking_id: int) -> BookingView:
    found = agenda.booking(session(), booking_id)
    session.rollback()
    return found


def told(session: Db) -> list[tuple[int, str]]:
    rows = session.execute(select(Notice.person_id, Notice.code).order_by(Notice.id))
    found = [(row.person_id, row.code) for row in rows]
    session.rollback()
    return found


def revisions(session: Db, *people: Actor) -> list[int]:
    ids = [each.person_id for each in people]
    query = select(Collection.owner_id, Collection.revision).where(Collection.kind == "person")
    found = dict(session.execute(query).all())
    session.rollback()
    return [found.get(each or 0, 0) for each in ids]


def test_it_is_theirs_then(session: Db, house: House) -> None:
    booking_id = booked(house)
    before = revisions(session, house.member, house.manager)

    done = hand_over(to(house.manager, booking_id, "I move away."), house.member, now=house.now)

    after = stored(session, booking_id)
    assert (after.organiser_id, after.created_by_id) == (house.manager.person_id,) * 2
    assert (after.state, after.sequence, done.version) == (State.CONFIRMED, 0, 2)
    was = [each + 1 for each in before]
    assert revisions(session, house.member, house.manager) == was
    gone = session.execute(
        select(Collection.owner_id, Change.gone)
        .join(Change, Change.collection_id == Collection.id)
        .where(Collection.kind == "person")
        .order_by(Change.at, Change.revision.desc())
    )
    assert (house.member.person_id, True) in gone.all()
    with pytest.raises(NotAllowed):
        cancel(CancelRequest(booking_id, 2), house.member, now=house.now)


def test_whoever_gets_it_is_told(session: Db, house: House) -> None:
    booking_id = booked(house)
    hand_over(to(house.manager, booking_id, "I move away."), house.member, now=house.now)
    assert told(session) == [(house.manager.person_id, "notice_handed_over")]
    params = session.scalars(select(Notice.params)).one()
    assert (params["actor"], params["words"]) == ("Member", "I move away.")


def test_both_are_told_where_somebody_else_does_it(session: Db, house: House) -> None:
    booking_id = booked(house)
    hand_over(to(house.stranger, booking_id), house.admin, now=house.now)
    assert told(session) == [
        (house.stranger.person_id, "notice_handed_over"),
        (house.member.person_id, "notice_handed_on"),
    ]


def test_whoever_made_it_for_somebody_keeps_an_eye_on_it(session: Db, house: House) -> None:
    third = house.add_person("Third", organisation=house.ours)
    booking_id = booked(house, by=house.manager, organiser_id=house.member.person_id)
    hand_over(to(third, booking_id), house.member, now=house.now)
    after = stored(session, booking_id)
    assert (after.organiser_id, after.created_by_id) == (
        third.person_id,
        house.manager.person_id,
    )


def test_dates_stay_as_they_are_one_by_one(session: Db, house: House) -> None:
    booking_id = booked(house, rule=WEEKLY)
    dates = stored(session, booking_id).occurrences
    cancel(
        CancelRequest(booking_id, 1, occurrence_id=dates[0].occurrence_id),
        house.member,
        now=house.now,
    )
    own = update(Occurrence).where(Occurrence.id == dates[1].occurrence_id)
    transact(lambda session: session.execute(own.values(title="Dress rehearsal")))
    before = stored(session, booking_id).occurrences
    rows = _rows(session)

    hand_over(to(house.manager, booking_id, version=2), house.member, now=house.now)

    after = stored(session, booking_id)
    assert [(each.allocation_id, each.title, each.state) for each in after.occurrences] == [
        (each.allocation_id, each.title, each.state) for each in before
    ]
    assert _rows(session) == rows


def _rows(session: Db) -> Sequence[object]:
    rows = session.execute(select(Allocation.__table__).order_by(Allocation.id)).all()
    session.rollback()
    return rows


def test_it_is_written_down(session: Db, house: House) -> None:
    booking_id = booked(house)
    hand_over(to(house.manager, booking_id, "Yours"), house.member, now=house.now)
    audit = session.scalars(select(Audit).order_by(Audit.id.desc())).first()
    assert audit is not None
    assert (audit.verb, audit.old, audit.new) == (
        "hand_over",
        {"organiser_id": house.member.person_id},
        {"organiser_id": house.manager.person_id, "words": "Yours"},
    )


def test_the_same_form_again_is_not_the_successors(session: Db, house: House) -> None:
    """The key of a form is its sender's: whoever gets the booking may have the same one."""
    mine = booked(house, request_key="form")
    booked(house, by=house.manager, day=1, request_key="form")
    hand_over(to(house.manager, mine), house.member, now=house.now)
    assert stored(session, mine).created_by_id == house.manager.person_id


def test_a_request_waits_on(session: Db, house: House) -> None:
    wish = house.request(house.cedar, organisation_id=house.ours)
    asked = book(wish, house.member, now=house.now).booking_id
    hand_over(to(house.manager, asked), house.member, now=house.now)
    assert stored(session, asked).state is State.REQUESTED


def test_to_whom(session: Db, house: House) -> None:
    booking_id = booked(house)
    with pytest.raises(NotAllowed, match="person_not_of_organisation"):
        hand_over(to(house.stranger, booking_id), house.member, now=house.now)
    with pytest.raises(InvalidRequest, match="handed_over_already"):
        hand_over(to(house.member, booking_id), house.member, now=house.now)
    with pytest.raises(InvalidRequest, match="not_found"):
        hand_over(HandOverRequest(booking_id, 1, 9_999), house.admin, now=house.now)
    archived = update(Person).where(Person.id == house.manager.person_id)
    transact(lambda session: session.execute(archived.values(archived_at=house.now)))
    for actor in (house.member, house.admin):
        with pytest.raises(InvalidRequest, match="not_found"):
            hand_over(to(house.manager, booking_id), actor, now=house.now)
    # An administrator chooses anybody, also of no organisation.
    assert hand_over(to(house.approver, booking_id), house.admin, now=house.now).version == 2


def test_of_no_organisation_it_goes_to_ones_own_people(session: Db, house: House) -> None:
    booking_id = booked(house, organisation_id=None)
    with pytest.raises(NotAllowed):
        hand_over(to(house.stranger, booking_id), house.member, now=house.now)
    hand_over(to(house.manager, booking_id), house.member, now=house.now)
    assert stored(session, booking_id).organiser_id == house.manager.person_id


def test_what_is_over_or_somebody_elses_or_changed_stays(session: Db, house: House) -> None:
    booking_id = booked(house)
    with pytest.raises(NotAllowed, match="not_your_booking"):
        hand_over(to(house.manager, booking_id), house.stranger, now=house.now)
    with pytest.raises(Stale):
        hand_over(to(house.manager, booking_id, version=2), house.member, now=house.now)
    with pytest.raises(NotFound):
        hand_over(to(house.manager, 9_999), house.member, now=house.now)
    later = house.now + timedelta(days=2)
    with pytest.raises(InvalidRequest, match="not_open"):
        hand_over(to(house.manager, booking_id), house.member, now=later)
    cancel(CancelRequest(booking_id, 1), house.member, now=house.now)
    with pytest.raises(InvalidRequest, match="not_open"):
        hand_over(to(house.manager, booking_id, version=2), house.member, now=house.now)
    assert told(session) == []


def test_handed_over_to_two_at_once_goes_to_one(house: House, engine_url: str) -> None:
    third = house.add_person("Third", organisation=house.ours)
    rounds = []
    for day in range(3):
        booking_id = house.add_booking(days=(day,))
        rounds.append(
            [
                Attempt(hand_over, to(each, booking_id), house.member)
                for each in (house.manager, third)
            ]
        )
    for outcomes in race(engine_url, *rounds):
        kinds = sorted(each.kind for each in outcomes)
        # The second one is not its person any more, or saw what is no longer so.
        assert kinds in (["Stale", "won"], ["NotAllowed", "won"]), outcomes


@pytest.mark.parametrize("over", [Stance.REFUSE, Stance.ASK])
def test_not_more_than_the_person_may_have(session: Db, house: House, over: Stance) -> None:
    mine = booked(house, organisation_id=None)
    people = Limits(month_dates=1, over=over)
    policy = SitePolicy(fair_use=FairUse(is_on=True, people=people))
    set_site_policy(house.site.id, policy, house.admin, version=1, now=house.now)
    booked(house, by=house.manager, day=1, organisation_id=None)
    with pytest.raises(NotAllowed, match="use_month_dates"):
        hand_over(to(house.manager, mine), house.member, now=house.now)
    assert stored(session, mine).organiser_id == house.member.person_id
    third = house.add_person("Third", organisation=house.ours)
    assert hand_over(to(third, mine), house.member, now=house.now).version == 2
