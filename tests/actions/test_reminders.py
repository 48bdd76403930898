"""Reminders before a booking: for those who want them, once, on time."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.actions.accounts import MailChoice, choose_mails
from booking.actions.reminders import remind
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.values import OPERATOR, State
from booking.models import Job, Notice
from tests.support.factories import House

MEETING = 10
DAY = timedelta(hours=24)


@pytest.fixture
def wants(house: House, session: Session) -> House:
    """Return the house whose member wants to be reminded a day before."""
    choose_mails(MailChoice(remind_hours=24), house.member, known=())
    return house


def told(session: Session) -> list[tuple[int, object]]:
    rows = session.execute(select(Notice.person_id, Notice.params).order_by(Notice.id))
    return [(row.person_id, row.params["start"]) for row in rows]


def test_reminded_once_within_the_last_day(wants: House, session: Session) -> None:
    wants.add_booking(wants.atlas, wants.birch, days=(1, 2))
    first = wants.interval(MEETING, 11, day=1).start

    assert remind(now=first - DAY - timedelta(seconds=1)) == 0
    assert remind(now=first - DAY) == 1
    assert remind(now=first - DAY + timedelta(minutes=10)) == 0
    assert remind(now=first) == 1  # the next date of the series
    assert told(session) == [
        (wants.member.person_id, wants.at(MEETING, day=1).isoformat()),
        (wants.member.person_id, wants.at(MEETING, day=2).isoformat()),
    ]
    (params, *_) = session.execute(select(Notice.params)).scalars()
    assert params["space"] == "Atlas, Birch"
    assert len(session.execute(select(Job.id)).all()) == 2


def test_late_worker_still_reminds_but_not_of_what_has_begun(wants: House) -> None:
    wants.add_booking(wants.atlas, days=(1,))
    start = wants.interval(MEETING, 11, day=1).start

    assert remind(now=start) == 0
    assert remind(now=start - timedelta(minutes=5)) == 1


def test_whoever_booked_later_than_that_needs_no_reminder(wants: House) -> None:
    start = wants.interval(MEETING, 11, day=1).start
    wants.add_booking(wants.atlas, days=(1,), created_at=start - timedelta(hours=3))

    assert remind(now=start - timedelta(hours=1)) == 0


@pytest.mark.parametrize("state", [each for each in State if each is not State.CONFIRMED])
def test_only_what_is_confirmed(wants: House, state: State) -> None:
    wants.add_booking(wants.atlas, days=(1,), state=state)

    assert remind(now=wants.interval(MEETING, 11, day=1).start - DAY) == 0


def test_nobody_is_reminded_who_did_not_ask(house: House, session: Session) -> None:
    house.add_booking(house.atlas, days=(1,))

    assert remind(now=house.interval(MEETING, 11, day=1).start - DAY) == 0


def test_wishes_that_are_not_offered_are_refused(house: House, session: Session) -> None:
    with pytest.raises(InvalidRequest):
        choose_mails(MailChoice(remind_hours=7), house.member, known=())
    with pytest.raises(InvalidRequest):
        choose_mails(MailChoice(off=frozenset({"everything"})), house.member, known=["notice_x"])
    with pytest.raises(NotAllowed):
        choose_mails(MailChoice(), OPERATOR, known=())
