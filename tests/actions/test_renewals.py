"""Endless series keep their place from season to season: asked, warned, kept, given back, ended."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from booking.actions import renewals
from booking.actions.bookings import book, change
from booking.actions.bookings.change import as_request
from booking.actions.bookings.extend import extend_series
from booking.actions.spaces import set_site_policy
from booking.actions.waiting import wait
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.renewals import Step
from booking.core.requests import ChangeRequest
from booking.core.values import Actor, BookingView, Seasons, SitePolicy, State, WaitMode
from booking.db import db
from booking.jobs import HANDLERS, work_once
from booking.models import Audit, Hold, Job, Notice, Want
from booking.models import Renewal as RenewalRow
from booking.queries import agenda
from tests.support.factories import NOW, House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]
pytestmark = pytest.mark.usefixtures("session")
LAST = date(2027, 8, 31)


def on(month: int, day: int, year: int = 2027) -> datetime:
    return datetime(year, month, day, 7, tzinfo=UTC)


ASKED, WARNED, ENDED = on(6, 3), on(7, 18), on(8, 2)


@pytest.fixture(autouse=True)
def seasons(house: House, session: Session) -> None:
    """The season ends on 31 August; one is asked 90 days before, and has until 1 August."""
    policy = SitePolicy(seasons=Seasons())
    set_site_policy(house.site.id, policy, house.admin, version=1, now=NOW)


def read(booking_id: int) -> BookingView:
    db.session.rollback()
    return agenda.booking(db.session(), booking_id)


def booked(house: House, *spaces: object, now: datetime = NOW, **more: object) -> int:
    wish = {"rule": "FREQ=WEEKLY", "organisation_id": house.ours, **more}
    return book(house.request(*spaces, **wish), house.member, now=now).booking_id  # type: ignore[arg-type]


def pass_time(now: datetime) -> None:
    """Do what the ticker does at a moment."""
    extend_series(now=now)
    renewals.plan_renewals(now=now)
    while work_once(HANDLERS, clock=lambda: now):
        pass


def codes(session: Session) -> list[tuple[int, str]]:
    session.rollback()
    rows = session.execute(select(Notice.person_id, Notice.code).order_by(Notice.id))
    return [(row.person_id, row.code) for row in rows if "season" in row.code]


def states(session: Session) -> list[tuple[str, str]]:
    session.rollback()
    rows = session.execute(select(RenewalRow.season, RenewalRow.state).order_by(RenewalRow.season))
    return [(row.season, row.state) for row in rows]


def last_day(booking: BookingView) -> date:
    return max(each.recurrence_id.date() for each in booking.occurrences)


def test_silence_ends_a_series_with_its_season(house: House, session: Db) -> None:
    made = booked(house)
    before = read(made)
    for at in (on(5, 1), ASKED, on(6, 10), WARNED, on(7, 25), on(8, 1)):
        pass_time(at)
    assert states(session) == [("2027-08-31", "warned")]
    pass_time(ENDED)
    pass_time(on(8, 3))
    after = read(made)
    assert states(session) == [("2027-08-31", "ended")]
    assert last_day(after) == date(2027, 8, 26)
    assert after.rule == "FREQ=WEEKLY;UNTIL=20270831T235959"
    assert after.sequence == before.sequence + 1
    assert {each.state for each in after.occurrences} == {State.CONFIRMED}
    holds = session.execute(select(Hold.end).order_by(Hold.end.desc())).scalars().first()
    assert holds == after.occurrences[-1].interval.end
    told = ["notice_season_asked", "notice_season_warned", "notice_season_ended"]
    assert codes(session) == [(house.member.person_id, each) for each in told]
    # Nothing brings it back by itself.
    pass_time(on(6, 3, 2028))
    assert len(states(session)) == 1


def test_who_keeps_the_place_is_asked_again_next_year(house: House, session: Db) -> None:
    made = booked(house)
    pass_time(ASKED)
    before = read(made)
    renewals.keep_place(made, house.member, now=on(6, 4))
    renewals.keep_place(made, house.member, now=on(6, 4))
    assert read(made) == before
    for at in (WARNED, ENDED, on(9, 1)):
        pass_time(at)
    assert states(session) == [("2027-08-31", "kept")]
    assert last_day(read(made)) > date(2028, 8, 31)
    assert codes(session) == [(house.member.person_id, "notice_season_asked")]
    pass_time(on(6, 2, 2028))
    assert states(session) == [("2027-08-31", "kept"), ("2028-08-31", "asked")]
    verbs = session.execute(select(Audit.verb, Audit.actor_id).order_by(Audit.id)).all()
    assert ("keep_season", house.member.person_id) in [tuple(each) for each in verbs]


def test_given_back_place_is_free_for_others_at_once(house: House, session: Db) -> None:
    made = booked(house)
    day = (date(2027, 9, 2) - house.at(0).date()).days
    wait(house.request(day=day), WaitMode.CLAIM, house.stranger, now=on(5, 1))
    pass_time(ASKED)
    renewals.give_place_back(made, house.member, now=on(6, 4))
    after = read(made)
    assert (after.rule, last_day(after)) == (
        "FREQ=WEEKLY;UNTIL=20270831T235959",
        date(2027, 8, 26),
    )
    pass_time(on(6, 4))
    assert session.execute(select(Want.state)).scalars().all() == ["served"]
    with pytest.raises(InvalidRequest):
        renewals.keep_place(made, house.member, now=on(6, 5))


def test_kept_place_can_be_given_back_after_all(house: House, session: Db) -> None:
    made = booked(house)
    pass_time(ASKED)
    renewals.keep_place(made, house.member, now=on(6, 4))
    renewals.give_place_back(made, house.member, now=on(8, 20))
    assert states(session) == [("2027-08-31", "given_back")]
    assert last_day(read(made)) == date(2027, 8, 26)


def test_manager_answers_for_the_own_people_who_are_told(house: House, session: Db) -> None:
    kept, back = booked(house), booked(house, house.birch)
    pass_time(ASKED)
    with pytest.raises(NotAllowed):
        renewals.keep_place(kept, house.stranger, now=ASKED)
    renewals.keep_place(kept, house.manager, now=ASKED)
    renewals.give_place_back(back, house.manager, now=ASKED)
    told = [(house.member.person_id, f"notice_season_{each}") for each in ("kept", "given_back")]
    assert codes(session)[2:] == told


@pytest.mark.parametrize(
    "more",
    [
        {"rule": None},
        {"rule": "FREQ=WEEKLY;COUNT=20"},
        {"day": (date(2027, 9, 2) - date(2027, 3, 11)).days},  # for the next season already
        {"now": on(6, 2)},  # booked while the others are asked
    ],
    ids=["single", "with an end", "begins later", "booked meanwhile"],
)
def test_who_is_not_asked(house: House, session: Db, more: dict[str, object]) -> None:
    made = booked(house, **{"day": 100, **more})
    pass_time(ASKED)
    assert states(session) == []
    with pytest.raises(InvalidRequest):
        renewals.keep_place(made, house.member, now=ASKED)


def test_house_without_seasons_asks_nobody(house: House, session: Db) -> None:
    made = booked(house)
    pass_time(ASKED)
    set_site_policy(house.site.id, SitePolicy(), house.admin, version=2, now=ASKED)
    for at in (WARNED, ENDED, on(9, 1)):
        pass_time(at)
    assert states(session) == [("2027-08-31", "asked")]
    with pytest.raises(InvalidRequest):
        renewals.give_place_back(made, house.member, now=ENDED)


def test_question_goes_along_when_a_series_is_split(house: House, session: Db) -> None:
    made = booked(house)
    pass_time(ASKED)
    before = read(made)
    hour = timedelta(hours=1)
    wish = replace(as_request(before), start=before.starts_at + hour, end=before.ends_at + hour)
    following = change(ChangeRequest(made, before.version, wish), house.member, now=on(6, 4))
    assert following.booking_id != made
    for at in (WARNED, ENDED):
        pass_time(at)
    assert states(session) == [("2027-08-31", "ended")]
    assert last_day(read(following.booking_id)) == date(2027, 8, 26)
    assert last_day(read(made)) == date(2027, 6, 3)


def test_service_that_stood_still_warns_before_it_ends_anything(house: House, session: Db) -> None:
    made = booked(house)
    pass_time(ASKED)
    pass_time(on(9, 20))
    assert states(session) == [("2027-08-31", "warned")]
    pass_time(on(10, 4))
    assert states(session) == [("2027-08-31", "warned")]
    pass_time(on(10, 5))
    assert states(session) == [("2027-08-31", "ended")]
    # What took place after the season stays.
    assert last_day(read(made)) == date(2027, 9, 30)
    assert read(made).rule == "FREQ=WEEKLY;UNTIL=20270930T100000"


def test_work_that_is_planned_twice_is_done_once(house: House, session: Db) -> None:
    made = booked(house)
    assert renewals.plan_renewals(now=ASKED) == 1
    assert renewals.plan_renewals(now=ASKED) == 1
    jobs = session.execute(select(Job.kind).where(Job.kind == "renew")).scalars().all()
    assert jobs == ["renew"]
    assert renewals.renew(made, now=ASKED) is Step.ASK
    assert renewals.renew(made, now=ASKED) is None
    assert renewals.renew(made + 99, now=ASKED) is None
    assert len(codes(session)) == 1


def renew(booking_id: int, _actor: Actor, *, now: datetime) -> bool:
    """Do the work of the ticker, as a verb of the race."""
    return renewals.renew(booking_id, now=now) is not None


def test_answer_against_the_work_at_the_same_second(
    house: House, engine_url: str, session: Db
) -> None:
    """One of the two is first: the place is kept, or the series has ended, never both."""
    made = [booked(house, start=9 + each, end=10 + each) for each in range(4)]
    for at in (ASKED, WARNED):
        pass_time(at)
    rounds = [
        [
            Attempt(renewals.keep_place, each, house.member, ENDED),
            Attempt(renew, each, house.admin, ENDED),
        ]
        * 2
        for each in made
    ]
    for outcomes in race(engine_url, *rounds):
        assert {each.kind for each in outcomes} <= {"won", "InvalidRequest"}, outcomes
    for each in made:
        after = read(each)
        state = session.execute(
            select(RenewalRow.state).where(RenewalRow.booking_id == each)
        ).scalar_one()
        is_endless = "UNTIL" not in (after.rule or "")
        assert (state, is_endless) in [("kept", True), ("ended", False)]
        assert (last_day(after) > LAST) is is_endless


def test_twenty_series_are_looked_at_in_as_many_statements_as_one(
    house: House, session: Db, count: object
) -> None:
    def looked() -> int:
        with count() as statements:  # type: ignore[operator]
            renewals.plan_renewals(now=on(5, 1))
        return len(statements)

    booked(house)
    one = looked()
    for each in range(3):
        booked(house, house.birch, start=9 + each, end=10 + each)
    assert looked() == one > 0


def test_days_are_those_of_the_house(house: House, session: Db) -> None:
    booked(house)
    late = datetime(2027, 6, 1, 22, 30, tzinfo=UTC)  # half past midnight in Paris
    assert renewals.plan_renewals(now=late - timedelta(hours=1)) == 0
    assert renewals.plan_renewals(now=late) == 1
