"""People who are invited: the list, what they are told after a change, and which answers count."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.actions.bookings import book, cancel, change
from booking.actions.bookings.change import as_request
from booking.actions.invitees import answer, answer_now, invite, told, uninvite
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.invitees import MOST_A_DAY, MOST_INVITEES, Answer, Given, Named
from booking.core.requests import CancelRequest, ChangeRequest
from booking.db import transact
from booking.models import Invitee, InviteeDate, Job
from booking.queries import agenda
from booking.queries.invitees import invitees
from tests.support.factories import House

ANNA, BEN = Named("Anna@Example.org", "Anna Martin"), Named("ben@example.com")
LATER = timedelta(minutes=5)


@pytest.fixture
def made(session: Session, house: House) -> int:
    """A series of three days to which Anna and Ben are invited, and know it."""
    wish = house.request(rule="FREQ=DAILY;COUNT=3", invite=(ANNA, BEN))
    booking_id = book(wish, house.member, now=house.now).booking_id
    for each in invitees(session, booking_id):
        told(each.id, "request", 0, 1)
    transact(lambda session: session.query(Job).delete())
    return booking_id


def who(session: Session, booking_id: int) -> dict[str, int]:
    session.rollback()
    return {each.email: each.id for each in invitees(session, booking_id)}


def said(session: Session, booking_id: int) -> dict[str, str]:
    session.rollback()
    return {each.email: each.answer.value for each in invitees(session, booking_id)}


def jobs(session: Session) -> list[dict[str, object]]:
    session.rollback()
    found = session.scalars(select(Job).where(Job.kind == "invite").order_by(Job.id))
    return [dict(each.payload) for each in found]


def change_to(session: Session, house: House, booking_id: int, **wish: object) -> None:
    session.rollback()
    before = agenda.booking(session, booking_id)
    wanted = replace(as_request(before), **wish)
    change(ChangeRequest(booking_id, before.version, wanted), house.member, now=house.now)


def test_a_booking_invites_and_each_gets_a_mail(session: Session, house: House) -> None:
    wish = house.request(invite=(ANNA, BEN, ANNA))
    booking_id = book(wish, house.member, now=house.now).booking_id
    ids = who(session, booking_id)
    assert list(ids) == ["ben@example.com", "anna@example.org"]
    assert [each["invitee"] for each in jobs(session)] == sorted(ids.values())


def test_who_is_invited_already_is_not_invited_again(
    session: Session, house: House, made: int
) -> None:
    assert invite(made, [BEN, Named("eve@example.org")], house.member, now=house.now) == 1
    assert len(jobs(session)) == 1


def test_an_account_of_the_house_is_recognised(session: Session, house: House, made: int) -> None:
    invite(made, [Named(house.email(house.stranger))], house.member, now=house.now)
    session.rollback()
    people = {each.person_id for each in invitees(session, made)}
    assert people == {None, house.stranger.person_id}


def test_only_the_bookings_people_invite(session: Session, house: House, made: int) -> None:
    with pytest.raises(NotAllowed):
        invite(made, [Named("eve@example.org")], house.stranger, now=house.now)
    with pytest.raises(NotAllowed):
        uninvite(made, next(iter(who(session, made).values())), house.stranger, now=house.now)


def test_limits_are_kept(session: Session, house: House, made: int) -> None:
    many = [Named(f"p{n}@example.org") for n in range(MOST_INVITEES)]
    with pytest.raises(InvalidRequest, match="invitees_too_many"):
        invite(made, many, house.member, now=house.now)
    with pytest.raises(InvalidRequest, match="invitee_invalid"):
        invite(made, [Named("anna at home")], house.member, now=house.now)
    for day in range(1, MOST_A_DAY // MOST_INVITEES):
        book(house.request(day=day + 5, invite=tuple(many)), house.member, now=house.now)
    invite(made, many[: MOST_INVITEES - 2], house.member, now=house.now)
    last = house.request(day=20, invite=(ANNA,))
    with pytest.raises(NotAllowed, match="invitees_rate"):
        book(last, house.member, now=house.now)
    book(last, house.member, now=house.now + timedelta(days=1))


def test_nobody_is_invited_to_what_is_over(session: Session, house: House, made: int) -> None:
    with pytest.raises(NotAllowed, match="booking_over"):
        invite(made, [Named("eve@e.org")], house.member, now=house.now + timedelta(days=9))


def test_whoever_is_removed_is_told_and_may_come_back(
    session: Session, house: House, made: int
) -> None:
    anna = who(session, made)["anna@example.org"]
    answer_now(anna, Answer.ACCEPTED, now=house.now)
    uninvite(made, anna, house.member, now=house.now)
    assert [each["invitee"] for each in jobs(session)] == [anna]
    assert "anna@example.org" not in who(session, made)
    with pytest.raises(NotFound):
        uninvite(made, anna, house.member, now=house.now)
    why = answer_now(anna, Answer.ACCEPTED, now=house.now)
    assert why is not None
    assert why.code == "answer_uninvited"
    invite(made, [ANNA], house.member, now=house.now)
    assert said(session, made)["anna@example.org"] == "needs-action"
    row = session.get_one(Invitee, anna)
    assert (row.ahead, row.asked_sequence) == (2, 2)  # above the SEQUENCE of what was taken back


def test_a_new_time_asks_again_a_new_title_does_not(
    session: Session, house: House, made: int
) -> None:
    anna = who(session, made)["anna@example.org"]
    answer_now(anna, Answer.ACCEPTED, now=house.now)
    change_to(session, house, made, title="Band")
    assert said(session, made)["anna@example.org"] == "accepted"
    assert len(jobs(session)) == 2
    change_to(session, house, made, start=house.at(14), end=house.at(15))
    assert said(session, made)["anna@example.org"] == "needs-action"
    assert len(jobs(session)) == 4


def test_a_cancelled_date_is_told_as_such(session: Session, house: House, made: int) -> None:
    date = agenda.booking(session, made).occurrences[1]
    wish = CancelRequest(made, 1, occurrence_id=date.occurrence_id)
    cancel(wish, house.member, now=house.now)
    gone = date.recurrence_id.isoformat(timespec="minutes")
    assert [(each["gone"], each["version"]) for each in jobs(session)] == [(gone, 2)] * 2


def test_what_goes_on_with_a_series_invites_the_same_people(
    session: Session, house: House, made: int
) -> None:
    session.rollback()
    before = agenda.booking(session, made)
    wanted = replace(as_request(before), start=house.at(14, day=1), end=house.at(15, day=1))
    since = before.occurrences[1].recurrence_id
    done = change(ChangeRequest(made, 1, wanted, since=since), house.member, now=house.now)
    assert done.booking_id != made
    assert list(who(session, done.booking_id)) == list(who(session, made))


NOW_STAMP = datetime.fromisoformat("2027-03-10T10:00:00+00:00")


def given(said: Answer, sequence: int = 0, *, stamp: datetime = NOW_STAMP, **more) -> Given:
    return Given(said, sequence, stamp, **more)


def test_the_newest_answer_counts(session: Session, house: House, made: int) -> None:
    anna = who(session, made)["anna@example.org"]
    assert answer(anna, given(Answer.TENTATIVE), now=house.now) is None
    assert answer(anna, given(Answer.ACCEPTED, stamp=NOW_STAMP + LATER), now=house.now) is None
    again = answer(anna, given(Answer.TENTATIVE), now=house.now)
    assert again is not None
    assert again.code == "answer_repeated"
    assert said(session, made)["anna@example.org"] == "accepted"


def test_answers_to_what_it_was_or_never_was_do_not_count(
    session: Session, house: House, made: int
) -> None:
    anna = who(session, made)["anna@example.org"]
    change_to(session, house, made, start=house.at(14), end=house.at(15))  # SEQUENCE 1
    for sequence, code in ((0, "answer_old"), (2, "answer_ahead")):
        why = answer(anna, given(Answer.ACCEPTED, sequence), now=house.now)
        assert why is not None
        assert why.code == code
    change_to(session, house, made, title="Duo")
    assert answer(anna, given(Answer.ACCEPTED, 1), now=house.now) is None
    cancel(CancelRequest(made, 3), house.member, now=house.now)
    why = answer(anna, given(Answer.ACCEPTED, 2), now=house.now)
    assert why is not None
    assert why.code == "answer_cancelled"


def test_one_date_has_an_answer_of_its_own(session: Session, house: House, made: int) -> None:
    anna = who(session, made)["anna@example.org"]
    at = house.at(10, day=1)
    assert answer(anna, given(Answer.DECLINED, recurrence_id=at), now=house.now) is None
    nowhere = answer(anna, given(Answer.DECLINED, recurrence_id=house.at(9)), now=house.now)
    assert nowhere is not None
    assert nowhere.code == "answer_no_date"
    session.rollback()
    [found] = [each for each in invitees(session, made) if each.id == anna]
    assert (found.answer, found.dates) == (Answer.PENDING, ((at, Answer.DECLINED),))
    answer(anna, given(Answer.ACCEPTED, stamp=NOW_STAMP + LATER), now=house.now)
    session.rollback()
    assert session.scalars(select(InviteeDate)).all() == []


def test_an_older_mail_that_leaves_late_takes_nothing_back(
    session: Session, house: House, made: int
) -> None:
    anna = who(session, made)["anna@example.org"]
    transact(lambda session: session.execute(update(Invitee).values(told_sequence=5)))
    told(anna, "cancel", 4, 9)
    row = session.get_one(Invitee, anna)
    assert (row.told_method, row.told_sequence) == ("request", 5)
