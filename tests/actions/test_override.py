"""An administrator books over what others have: they are told why, and offered what is free."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from booking.actions.approvals import approve
from booking.actions.bookings import book, cancel, change, move
from booking.actions.bookings.change import as_request
from booking.actions.closures import close
from booking.actions.offers import accept_offer
from booking.actions.override import displaced_by, override
from booking.actions.waiting import accept
from booking.core.errors import Conflicted, InvalidRequest, NotAllowed, Stale
from booking.core.requests import (
    BookingRequest,
    CancelRequest,
    ChangeRequest,
    ClosureRequest,
    DateRequest,
    DecisionRequest,
    MoveRequest,
    Over,
    OverrideRequest,
)
from booking.core.values import Actor, BookingView, Grant, Role, State
from booking.jobs import HANDLERS, work_once
from booking.models import Audit, Hold, Notice, Offer, Want
from booking.queries import agenda
from tests.support.factories import House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]
WHY = "The mayor comes."


def over(
    house: House, wish: BookingRequest | ChangeRequest, by: Actor | None = None
) -> OverrideRequest:
    """Return the request of an administrator who agrees to displace all that is in the way."""
    gone = displaced_by(wish, by or house.admin, now=house.now)
    return OverrideRequest(wish, WHY, frozenset(each.allocation_id for each in gone))


def stored(session: Db, booking_id: int) -> BookingView:
    found = agenda.booking(session(), booking_id)
    session.rollback()
    return found


def states(session: Db, booking_id: int) -> list[State]:
    return [each.state for each in stored(session, booking_id).occurrences]


def told(session: Db, person: Actor) -> list[str]:
    query = select(Notice.code).where(Notice.person_id == person.person_id).order_by(Notice.id)
    found = [*session.scalars(query)]
    session.rollback()
    return found


def test_what_is_in_the_way_gives_up_its_time(session: Db, house: House) -> None:
    theirs = book(house.request(title="Yoga"), house.stranger, now=house.now).booking_id

    done = override(over(house, house.request(start=10.5, end=12)), house.admin, now=house.now)

    assert done.state is State.CONFIRMED
    gone = stored(session, theirs)
    assert (gone.state, gone.cancel_reason, gone.sequence) == (State.CANCELLED, WHY, 1)
    assert [each.reason for each in gone.occurrences] == [WHY]
    assert session.scalar(select(func.count()).select_from(Hold)) == 1


def test_the_displaced_one_is_told_and_takes_what_is_offered(session: Db, house: House) -> None:
    theirs = book(house.request(title="Yoga"), house.stranger, now=house.now).booking_id
    override(over(house, house.request()), house.admin, now=house.now)

    notice = session.scalars(select(Notice)).one()
    assert (notice.person_id, notice.code, notice.booking_id) == (
        house.stranger.person_id,
        "notice_displaced_offered",
        theirs,
    )
    assert (notice.params["reason"], notice.params["instead"]) == (WHY, "Atlas")
    offer = session.scalars(select(Offer)).one()
    assert (offer.booking_id, offer.made_by_id, offer.state) == (theirs, None, "open")
    offer_id = offer.id
    session.rollback()

    taken = accept_offer(offer_id, house.stranger, now=house.now)

    after = stored(session, taken.booking_id)
    assert (after.title, after.space_ids, after.state) == (
        "Yoga",
        (house.atlas.id,),
        State.CONFIRMED,
    )
    assert after.starts_at == house.at(9)


def test_both_sides_are_written_down(session: Db, house: House) -> None:
    theirs = book(house.request(), house.stranger, now=house.now).booking_id
    done = override(over(house, house.request()), house.admin, now=house.now)

    rows = session.execute(select(Audit.verb, Audit.entity_id, Audit.new).order_by(Audit.id)).all()
    verbs = [(row.verb, row.entity_id) for row in rows]
    assert verbs == [
        ("book", theirs),
        ("book", done.booking_id),
        ("displace", theirs),
        ("override", done.booking_id),
    ]
    assert rows[2].new["for"] == done.booking_id
    assert rows[3].new == {"reason": WHY, "displaced": [theirs]}


def test_other_dates_of_a_displaced_series_stay(session: Db, house: House) -> None:
    weekly = house.request(rule="FREQ=WEEKLY;COUNT=4")
    theirs = book(weekly, house.stranger, now=house.now).booking_id

    override(over(house, house.request(day=7)), house.admin, now=house.now)

    kept, gone = State.CONFIRMED, State.CANCELLED
    assert states(session, theirs) == [kept, gone, kept, kept]
    assert told(session, house.stranger) == ["notice_displaced_offered"]
    assert session.scalars(select(Offer.occurrence_id)).one() is not None


def test_a_series_displaces_dates_of_several(session: Db, house: House) -> None:
    series = book(house.request(rule="FREQ=WEEKLY;COUNT=3"), house.stranger, now=house.now)
    single = book(house.request(day=1), house.member, now=house.now)

    wish = house.request(rule="FREQ=DAILY;COUNT=9", title="Works")
    override(over(house, wish), house.admin, now=house.now)

    gone, kept = State.CANCELLED, State.CONFIRMED
    assert states(session, series.booking_id) == [gone, gone, kept]
    assert states(session, single.booking_id) == [gone]
    assert told(session, house.stranger) == ["notice_dates_displaced"]
    assert session.scalar(select(func.count()).select_from(Offer)) == 3


def test_only_the_space_in_the_way_is_taken_of_a_booking(session: Db, house: House) -> None:
    both = book(house.request(house.atlas, house.birch), house.stranger, now=house.now)

    override(over(house, house.request(house.atlas)), house.admin, now=house.now)

    after = stored(session, both.booking_id)
    assert {each.space_id: each.state for each in after.occurrences} == {
        house.atlas.id: State.CANCELLED,
        house.birch.id: State.CONFIRMED,
    }
    assert after.cancel_reason == ""
    assert told(session, house.stranger) == ["notice_displaced_offered"]


def test_what_only_the_buffers_need_is_displaced_too(session: Db, house: House) -> None:
    before = book(house.request(house.delta, start=9, end=10), house.admin, now=house.now)

    override(over(house, house.request(house.delta)), house.admin, now=house.now)

    assert states(session, before.booking_id) == [State.CANCELLED]
    assert told(session, house.admin) == []


def test_parts_and_the_whole_displace_each_other(session: Db, house: House) -> None:
    whole = house.add_space("Whole", parts=(house.atlas, house.birch))
    large = book(house.request(whole), house.stranger, now=house.now).booking_id
    small = override(over(house, house.request(house.birch)), house.admin, now=house.now)
    assert states(session, large) == [State.CANCELLED]
    assert book(house.request(house.atlas), house.member, now=house.now)

    again = override(over(house, house.request(whole)), house.admin, now=house.now)

    assert states(session, small.booking_id) == [State.CANCELLED]
    assert stored(session, again.booking_id).state is State.CONFIRMED


def test_of_lanes_only_as_many_as_needed(session: Db, house: House) -> None:
    dock = house.add_space("Dock", lanes=2)
    early = book(house.request(dock, start=9, end=10), house.member, now=house.now)
    long = book(house.request(dock, start=9, end=12), house.stranger, now=house.now)
    late = book(house.request(dock, start=10.5, end=11), house.member, now=house.now)

    override(over(house, house.request(dock, start=9, end=11)), house.admin, now=house.now)

    assert states(session, long.booking_id) == [State.CANCELLED]
    for each in (early, late):
        assert states(session, each.booking_id) == [State.CONFIRMED]


def test_a_request_that_holds_its_time_gives_way(session: Db, house: House) -> None:
    asked = book(house.request(house.cedar), house.member, now=house.now)

    override(over(house, house.request(house.cedar)), house.admin, now=house.now)

    assert states(session, asked.booking_id) == [State.CANCELLED]
    with pytest.raises(Exception, match="already_decided"):
        approve(DecisionRequest(asked.booking_id, 1), house.approver, now=house.now)


def test_a_booking_is_changed_over_others(session: Db, house: House) -> None:
    theirs = book(house.request(start=14, end=15), house.stranger, now=house.now).booking_id
    mine = book(house.request(), house.admin, now=house.now).booking_id
    asked = over(house, ChangeRequest(mine, 1, house.request(start=14, end=15)))

    done = override(asked, house.admin, now=house.now)

    assert done.booking_id == mine
    assert stored(session, mine).starts_at == house.at(14)
    assert states(session, theirs) == [State.CANCELLED]
    with pytest.raises(Stale):
        override(asked, house.admin, now=house.now)


def test_a_closure_is_not_overridden(session: Db, house: House) -> None:
    theirs = book(house.request(), house.stranger, now=house.now).booking_id
    works = ClosureRequest(
        house.site.id, house.at(9), house.at(12), "Works", space_id=house.atlas.id, over=Over.KEEP
    )
    close(works, house.admin, now=house.now)

    # The booking was kept, and its time is the closure's next.
    assert displaced_by(house.request(), house.admin, now=house.now) == ()
    ids = frozenset(each.allocation_id for each in stored(session, theirs).occurrences)
    for wish in (house.request(), house.request(start=9, end=11)):
        with pytest.raises(Conflicted):
            override(OverrideRequest(wish, WHY, ids), house.admin, now=house.now)
    assert states(session, theirs) == [State.CONFIRMED]


def test_what_the_administrator_did_not_see_stays(session: Db, house: House) -> None:
    theirs = book(house.request(), house.stranger, now=house.now).booking_id
    with pytest.raises(Conflicted) as refused:
        override(OverrideRequest(house.request(), WHY, frozenset()), house.admin, now=house.now)
    assert refused.value.alternatives
    assert states(session, theirs) == [State.CONFIRMED]
    assert told(session, house.stranger) == []


def test_what_is_over_is_not_displaced(session: Db, house: House) -> None:
    """Only the time to clear away after it is in the way."""
    theirs = book(house.request(house.delta), house.admin, now=house.now).booking_id
    just_after = house.interval(11, 12).start + timedelta(minutes=5)
    wish = house.request(house.delta, start=11.25, end=12)
    ids = frozenset(each.allocation_id for each in stored(session, theirs).occurrences)

    assert displaced_by(wish, house.admin, now=just_after) == ()
    with pytest.raises(Conflicted):
        override(OverrideRequest(wish, WHY, ids), house.admin, now=just_after)


@pytest.mark.parametrize("who", ["member", "manager", "approver", "elsewhere"])
def test_only_whoever_runs_the_site_may(session: Db, house: House, who: str) -> None:
    theirs = book(house.request(), house.stranger, now=house.now).booking_id
    other_site = frozenset({Grant(Role.ADMIN, site_id=house.site.id + 1)})
    elsewhere = replace(house.admin, grants=other_site)
    actor = elsewhere if who == "elsewhere" else getattr(house, who)
    with pytest.raises(NotAllowed):
        override(over(house, house.request(), actor), actor, now=house.now)
    assert states(session, theirs) == [State.CONFIRMED]


def test_a_reason_is_needed(session: Db, house: House) -> None:
    theirs = book(house.request(), house.stranger, now=house.now).booking_id
    ids = frozenset(each.allocation_id for each in stored(session, theirs).occurrences)
    with pytest.raises(InvalidRequest, match="reason_missing"):
        override(OverrideRequest(house.request(), " ", ids), house.admin, now=house.now)


def test_nothing_in_the_way_is_an_ordinary_booking(session: Db, house: House) -> None:
    done = override(over(house, house.request()), house.admin, now=house.now)
    assert done.state is State.CONFIRMED
    assert [*session.scalars(select(Audit.verb))] == ["book"]


def test_the_same_form_twice_displaces_once(session: Db, house: House) -> None:
    book(house.request(), house.stranger, now=house.now)
    asked = over(house, house.request(request_key="form"))
    first = override(asked, house.admin, now=house.now)
    again = override(asked, house.admin, now=house.now)
    assert (again.booking_id, again.repeated) == (first.booking_id, True)


def test_two_administrators_displace_once(house: House, engine_url: str, session: Db) -> None:
    others = [house.add_person(f"Admin{each}", grants=(Grant(Role.ADMIN),)) for each in range(4)]
    rounds = []
    for day in range(3):
        house.add_booking(days=(day,), by=house.stranger)
        asked = over(house, house.request(day=day))
        session.rollback()
        rounds.append([Attempt(override, asked, each) for each in others])
    for outcomes in race(engine_url, *rounds):
        kinds = sorted(each.kind for each in outcomes)
        assert kinds == ["Conflicted"] * 3 + ["won"], outcomes
    assert session.scalar(select(func.count()).select_from(Hold)) == 3


@pytest.mark.parametrize("verb", ["cancel", "change", "move", "approve"])
def test_displacing_meets_another_verb(
    house: House, engine_url: str, session: Db, verb: str
) -> None:
    """Whoever comes second meets what the first one left; nothing is lost, nothing doubled."""
    rounds = []
    for day in range(4):
        waits = {"state": State.REQUESTED} if verb == "approve" else {}
        room = house.cedar if verb == "approve" else house.atlas
        booking_id = house.add_booking(room, days=(day,), by=house.member, **waits)
        asked = over(house, house.request(room, day=day))
        if verb == "cancel":
            theirs = Attempt(cancel, CancelRequest(booking_id, 1), house.member)
        elif verb == "change":
            wish = as_request(agenda.booking(session(), booking_id))
            longer = house.request(day=day, end=12, organiser_id=wish.organiser_id)
            theirs = Attempt(change, ChangeRequest(booking_id, 1, longer), house.member)
        elif verb == "move":
            away = MoveRequest(booking_id, 1, house.at(15, day=day), house.at(16, day=day))
            theirs = Attempt(move, away, house.member)
        else:
            theirs = Attempt(approve, DecisionRequest(booking_id, 1), house.approver)
        session.rollback()
        rounds.append([Attempt(override, asked, house.admin), theirs])
    for ours, other in race(engine_url, *rounds):
        assert ours.kind in {"won", "Conflicted"}, ours
        assert other.kind in {"won", "Stale", "AlreadyDecided", "InvalidRequest"}, other
        assert "won" in {ours.kind, other.kind}


def test_a_series_may_lose_the_date_that_was_displaced(session: Db, house: House) -> None:
    """What was offered for the date goes with it."""
    weekly = house.request(rule="FREQ=WEEKLY;COUNT=3", organisation_id=house.theirs)
    theirs = book(weekly, house.stranger, now=house.now).booking_id
    override(over(house, house.request(day=14)), house.admin, now=house.now)
    assert session.scalars(select(Offer.state)).all() == ["open"]
    session.rollback()
    shorter = replace(weekly, rule="FREQ=WEEKLY;COUNT=2", organiser_id=house.stranger.person_id)

    change(ChangeRequest(theirs, 2, shorter), house.stranger, now=house.now)

    assert states(session, theirs) == [State.CONFIRMED] * 2
    assert session.scalars(select(Offer)).all() == []


def place_of(session: Db, person: Actor) -> tuple[str, str]:
    """Return mode and state of the one place that somebody has in the waiting list."""
    row = session.execute(
        select(Want.mode, Want.state).where(Want.person_id == person.person_id)
    ).one()
    session.rollback()
    return row.mode, row.state


def work(now: datetime) -> None:
    """Do all jobs that are due."""
    while work_once(HANDLERS, clock=lambda: now):
        pass


def test_the_lost_time_is_offered_again_and_the_booking_is_back(session: Db, house: House) -> None:
    theirs = book(house.request(title="Yoga"), house.stranger, now=house.now).booking_id
    ours = override(over(house, house.request()), house.admin, now=house.now)
    work(house.now)
    assert place_of(session, house.stranger) == ("offer", "waiting")

    cancel(CancelRequest(ours.booking_id, ours.version), house.admin, now=house.now)
    work(house.now)

    assert place_of(session, house.stranger) == ("offer", "offered")
    assert "notice_slot_offered" in told(session, house.stranger)
    want_id = session.scalars(select(Want.id)).one()
    session.rollback()
    assert accept(want_id, house.stranger, now=house.now).booking_id == theirs
    after = stored(session, theirs)
    assert (after.state, after.cancel_reason) == (State.CONFIRMED, "")
    assert after.starts_at == house.at(10)


def test_displaced_dates_of_a_series_wait_until_the_rest_is_given_up(
    session: Db, house: House
) -> None:
    weekly = house.request(rule="FREQ=WEEKLY;COUNT=4")
    theirs = book(weekly, house.stranger, now=house.now).booking_id
    last_two = house.request(rule="FREQ=WEEKLY;COUNT=2", day=14)
    ours = override(over(house, last_two), house.admin, now=house.now)
    work(house.now)
    query = select(Want.state).order_by(Want.start)
    assert session.scalars(query).all() == ["waiting", "waiting"]
    session.rollback()

    # One of them becomes free, and is offered: what was lost was not given up.
    date = stored(session, ours.booking_id).occurrences[0].occurrence_id
    wish = CancelRequest(ours.booking_id, ours.version, occurrence_id=date)
    cancel(wish, house.admin, now=house.now)
    work(house.now)
    assert session.scalars(query).all() == ["offered", "waiting"]
    session.rollback()
    want_id = session.scalars(select(Want.id).order_by(Want.start)).first()
    session.rollback()
    accept(want_id or 0, house.stranger, now=house.now)
    kept, gone = State.CONFIRMED, State.CANCELLED
    assert states(session, theirs) == [kept, kept, kept, gone]


def test_who_takes_what_is_offered_instead_waits_no_more(session: Db, house: House) -> None:
    book(house.request(title="Yoga"), house.stranger, now=house.now)
    ours = override(over(house, house.request()), house.admin, now=house.now)
    offer_id = session.scalars(select(Offer.id)).one()
    session.rollback()
    accept_offer(offer_id, house.stranger, now=house.now)
    cancel(CancelRequest(ours.booking_id, ours.version), house.admin, now=house.now)
    work(house.now)
    assert place_of(session, house.stranger) == ("offer", "gone")
    assert "notice_slot_offered" not in told(session, house.stranger)


def test_one_date_of_a_series_displaces_what_is_in_its_way(session: Db, house: House) -> None:
    weekly = house.request(house.birch, rule="FREQ=WEEKLY;COUNT=3")
    series = book(weekly, house.admin, now=house.now)
    theirs = book(house.request(start=14, end=16, day=7), house.stranger, now=house.now)
    date = stored(session, series.booking_id).occurrences[1].occurrence_id
    to = house.request(start=15, end=17, day=7)
    wish = DateRequest(series.booking_id, date, 1, to.start, to.end, to.space_ids, title="Choir")
    with pytest.raises(Conflicted):
        override(OverrideRequest(wish, WHY, frozenset()), house.admin, now=house.now)

    done = override(over(house, wish), house.admin, now=house.now)

    assert done.booking_id == series.booking_id
    after = stored(session, series.booking_id).occurrences
    assert [each.space_id for each in after] == [house.birch.id, house.atlas.id, house.birch.id]
    assert states(session, theirs.booking_id) == [State.CANCELLED]
    assert told(session, house.stranger) == ["notice_displaced_offered"]
    with pytest.raises(Stale):
        override(OverrideRequest(wish, WHY, frozenset()), house.admin, now=house.now)
