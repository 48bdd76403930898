"""Workers that read one mailbox at once, and answers that meet a change."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy.orm import Session

from booking.actions.bookings import cancel
from booking.config import Config
from booking.core.invitees import Answer, Given
from booking.core.requests import CancelRequest
from booking.queries.invitees import invitees
from tests.support.dovecot import deliver, make_maildir
from tests.support.factories import NOW, House
from tests.support.mail_in import MAILS, answer_at_once, became, invited, read_at_once, settings
from tests.support.racing import Attempt, race

WORKERS = 4
MAILS_IN_BOX = 12


def test_workers_read_each_mail_once(
    house: House, engine_url: str, session: Session, tmp_path: Path
) -> None:
    booking_id, _anna = invited(house)
    box = make_maildir(tmp_path / "box")
    raw = (MAILS / "plain.eml").read_bytes()
    for number in range(MAILS_IN_BOX):
        other = raw.replace(b"<1@", b"<%d@" % number).replace(b"T1000", b"T1%02d0" % number)
        deliver(box, other, f"{number:03}.a.b")
    config = replace(Config(), mail_in=settings(box))
    [outcomes] = race(engine_url, [Attempt(read_at_once, config, house.member)] * WORKERS)
    assert {each.kind for each in outcomes} == {"won"}, outcomes
    assert sum(each.result for each in outcomes) == MAILS_IN_BOX
    assert len(became(session)) == MAILS_IN_BOX
    assert [each.answer.value for each in invitees(session, booking_id)] == ["accepted"]
    assert len(list((box / ".Handled" / "cur").iterdir())) == MAILS_IN_BOX


def test_an_answer_that_meets_a_cancellation_comes_before_or_after(
    house: House, engine_url: str, session: Session
) -> None:
    booking_id, anna = invited(house)
    given = Given(Answer.ACCEPTED, 2, NOW)
    outcomes = race(
        engine_url,
        [
            Attempt(answer_at_once, (anna, given), house.member),
            Attempt(cancel, CancelRequest(booking_id, 1), house.member),
        ],
    )[0]
    assert {each.kind for each in outcomes} == {"won"}, outcomes
    [found] = invitees(session, booking_id)
    expected = {"": "accepted", "answer_cancelled": "needs-action"}
    assert found.answer.value == expected[outcomes[0].result]
